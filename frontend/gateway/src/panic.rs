//! Turns a panic inside a future into a text for the user.
//!
//! Standard error goes to the engine's own log (frontend/gateway/gateway.go), so users never see a
//! panic that is only printed. The hook records where the panic happened, because the payload holds
//! only the text. The previous hook still runs and prints to standard error; standard output is the
//! wire.

use std::{
    any::Any,
    cell::Cell,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::Once,
    task::Poll,
};

thread_local! {
    static PLACE: Cell<Option<String>> = const { Cell::new(None) };
}

static HOOK: Once = Once::new();

/// Runs a future. If it panics, fails with the text and the place of the panic.
pub(crate) async fn catch_panic<F: Future>(future: F) -> Result<F::Output, String> {
    HOOK.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |information| {
            PLACE.set(information.location().map(ToString::to_string));
            previous(information);
        }));
    });
    let mut future = pin!(future);
    // The future is never polled again after a panic, so nobody sees an invariant that it broke.
    std::future::poll_fn(move |context| {
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(polled) => polled.map(Ok),
            Err(payload) => Poll::Ready(Err(describe(payload.as_ref()))),
        }
    })
    .await
}

fn describe(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text");
    match PLACE.take() {
        Some(place) => format!("{text} ({place})"),
        None => text.to_owned(),
    }
}
