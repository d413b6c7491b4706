//! Several calls to the engine at once.

use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

/// A future and, as soon as it is complete, its result.
type Running<F> = (Pin<Box<F>>, Option<<F as Future>::Output>);

/// Runs futures concurrently in this task, and returns their results in the order of the futures.
pub(crate) async fn run_together<F: Future>(
    futures: impl IntoIterator<Item = F>,
) -> Vec<F::Output> {
    let mut running: Vec<Running<F>> = futures
        .into_iter()
        .map(|future| (Box::pin(future), None))
        .collect();
    std::future::poll_fn(|context| {
        let mut is_waiting = false;
        for (future, output) in &mut running {
            if output.is_none() {
                match future.as_mut().poll(context) {
                    Poll::Ready(value) => *output = Some(value),
                    Poll::Pending => is_waiting = true,
                }
            }
        }
        if is_waiting {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
    running
        .into_iter()
        .filter_map(|(_, output)| output)
        .collect()
}

/// Runs a future, and another beside it for as long as the first is not complete.
pub(crate) async fn run_beside<F: Future>(main: F, beside: impl Future<Output = ()>) -> F::Output {
    let (mut main, mut beside) = (Box::pin(main), Box::pin(beside));
    let mut is_over = false;
    std::future::poll_fn(|context| {
        is_over = is_over || beside.as_mut().poll(context).is_ready();
        main.as_mut().poll(context)
    })
    .await
}
