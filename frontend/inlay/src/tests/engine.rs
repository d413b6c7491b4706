//! Builds on an engine that refuses, is slow, or dies, at each of the calls of a build.

use std::fmt::Write as _;
use std::time::Duration;

use gateway::fake::{Fake, Interruption};
use gateway::{Error, Failure};
use tokio::time::Instant;

use crate::CatalogueFiles;
use crate::tests::{options, script};

/// The calls of a build, in order.
const CALLS: [&str; 6] = [
    "Ping",
    "Inputs",
    "Solve",
    "ReadFile",
    "ResolveSourceMeta",
    "Return",
];

/// Serves a build. Returns what the engine was given in the end, whether the process succeeds, and how
/// long it took.
async fn serve(
    call: &'static str,
    interruption: Interruption,
) -> (Vec<String>, Result<(), Error>, Duration) {
    let fake = Fake::new(script("base: ubuntu:24.04\n").with_interruption(call, interruption));
    let grpc = fake.connect().await.unwrap();
    let options = options(&[("platform", "linux/amd64")]);
    let catalogue = CatalogueFiles::in_folder("/nowhere");
    let started = Instant::now();
    let delivered = gateway::serve(&grpc, async || {
        Box::pin(crate::answer(&grpc, &options, &catalogue)).await
    });
    let delivered = delivered.await;
    let took = started.elapsed();
    let returns = fake.record().returns.into_iter();
    let said = returns.map(|answer| match answer.error {
        Some(status) => status.message,
        None => "an image".to_owned(),
    });
    (said.collect(), delivered, took)
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_passed_on_once() {
    let mut shown = String::new();
    for call in CALLS {
        let status = Failure::new("the disk is full").to_status();
        let (said, delivered, took) = serve(call, Interruption::Refuse(status)).await;
        assert!(took < Duration::from_secs(5), "{call}: {took:?}");
        writeln!(
            shown,
            "{call}: {} {}",
            said.join(" | "),
            match delivered {
                Ok(()) => "[0]".to_owned(),
                Err(error) => format!("[1] {error}"),
            }
        )
        .unwrap();
    }
    insta::assert_snapshot!(shown, @"
    Ping: the disk is full [0]
    Inputs: the disk is full [0]
    Solve: the disk is full [0]
    ReadFile: the disk is full [0]
    ResolveSourceMeta: the disk is full [0]
    Return:  [1] the disk is full
    ");
}

#[tokio::test(start_paused = true)]
async fn a_dead_engine_ends_the_process_with_a_failure() {
    for call in CALLS {
        let (said, delivered, took) = serve(call, Interruption::Vanish).await;
        assert_eq!(said, [""; 0], "{call}");
        assert!(
            matches!(delivered, Err(Error::Gone { .. })),
            "{call}: {delivered:?}"
        );
        assert!(took <= Duration::from_secs(5), "{call}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_engine_is_waited_for() {
    for call in CALLS {
        let slow = Interruption::Delay(Duration::from_secs(4));
        let (said, delivered, _) = serve(call, slow).await;
        assert_eq!(
            (said, delivered),
            (vec!["an image".to_owned()], Ok(())),
            "{call}"
        );
    }
    // A solve may take any time; `Ping` is answered at once or not at all.
    let hour = Interruption::Delay(Duration::from_hours(1));
    assert_eq!(serve("Solve", hour.clone()).await.1, Ok(()));
    let (said, delivered, took) = serve("Ping", hour).await;
    assert_eq!(
        said,
        ["lost the connection to BuildKit in `Ping`: no answer within 5 seconds"]
    );
    assert_eq!(delivered, Ok(()));
    assert_eq!(took.as_secs(), 5);
}
