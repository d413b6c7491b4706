//! Many builds at once on one engine: each image must be the one that it is on a quiet engine.
//!
//! All specs share an extension with packages, and each has one on top of it whose step takes a while. So the engine
//! merges the shared layer for some builds while commands of others run on it.

use std::thread;

use anyhow::{Result, ensure};

use crate::build::Build;
use crate::engine::Engine;

/// The spec of one of the builds. The word `TOKEN` is not in it: all rounds make the same images.
fn spec(number: usize) -> String {
    let wait = number % 4;
    format!(
        "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: shared
    install: {{ packages: [git], steps: ['echo shared > /etc/shared'] }}
  - name: one-{number}
    requires: [shared]
    install: {{ steps: ['sleep {wait}; git --version > /srv/one; touch /etc/one-{number}; sleep 1'] }}
  - name: two-{number}
    requires: [shared]
    install:
      packages: [jq]
      files: [{{ to: /etc/two-{number}, text: two }}]
      steps: ['sleep 1; useradd --system two-{number}; sed -i s/shared/{number}/ /etc/shared; sleep {wait}']
"
    )
}

/// Builds `count` images one after another, then all at once in each of `rounds` rounds, always without a cache.
/// `flags` are those of [`make_flags`](crate::make_flags). `tell` is told of each round.
///
/// # Errors
/// When a build fails, or an image differs from the one of the quiet engine.
pub fn try_at_once(
    engine: &Engine,
    flags: &[String],
    count: usize,
    rounds: usize,
    mut tell: impl FnMut(usize),
) -> Result<()> {
    let builds: Vec<Build<'_>> = (0..count)
        .map(|number| {
            let build = Build::new(engine, flags).spec(&spec(number));
            build.digest_only().arguments(["--no-cache"])
        })
        .collect();
    let digest = |build: &Build<'_>| -> Result<String> {
        let outcome = build.run();
        ensure!(
            outcome.succeeded,
            "a build failed:\n{}\n{}",
            outcome.progress.logs(),
            outcome.text()
        );
        Ok(outcome.digest().to_owned())
    };
    let quiet: Vec<String> = builds.iter().map(digest).collect::<Result<_>>()?;
    for round in 0..rounds {
        let crowd: Vec<Result<String>> = thread::scope(|scope| {
            let running: Vec<_> = builds
                .iter()
                .map(|build| scope.spawn(|| digest(build)))
                .collect();
            let ended = running.into_iter();
            ended
                .map(|running| running.join().expect("a build does not panic"))
                .collect()
        });
        for (number, (crowded, quiet)) in crowd.into_iter().zip(&quiet).enumerate() {
            let crowded = crowded?;
            ensure!(
                crowded == *quiet,
                "in round {round}, image {number} is {crowded}, and {quiet} on a quiet engine"
            );
        }
        tell(round);
    }
    Ok(())
}
