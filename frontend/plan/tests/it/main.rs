//! Tests of [`plan::resolve`]: each resolves several files, written as one text, to a plan or diagnostics.

#![expect(
    clippy::unwrap_used,
    reason = "a test's own helpers fail as the test does"
)]

mod bind;
mod checksums;
mod clashes;
mod closure;
mod conflicts;
mod dump;
mod forms;
mod images;
mod members;
mod narrow;
mod order;
mod properties;
mod waves;

use source::Code;

use crate::dump::dump;
use fixtures::{Fixture, Resolved};

fn resolved(text: &str) -> Resolved {
    Fixture::read(text).resolve("amd64")
}

/// The diagnostics of a text, then its plan, if there is one.
fn check(text: &str) -> String {
    let resolved = resolved(text);
    let plan = resolved.plan.as_ref().map(dump).unwrap_or_default();
    resolved.problems() + &plan
}

fn codes(text: &str) -> Vec<Code> {
    let resolved = resolved(text);
    resolved.diagnostics.iter().map(|one| one.code).collect()
}
