//! `cargo xtask test`: every test, those on a real engine included, with the runner's summary as last line.

use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result};
use integration::{Data, Engine, Status, Suite, make_base, make_frontend};

use crate::process::{self, cargo, say};

/// Runs all tests. Unless `offline`, the private engine is started first, and stopped again if it was
/// down before. Without a filter, a skipped test is then a failure. The last line is the runner's summary.
pub(crate) fn run(offline: bool, filter: Option<&str>) -> Result<ExitCode> {
    if filter.is_none() {
        say("examples in the documentation");
        process::run(&mut cargo(&["test", "--quiet", "--workspace", "--doc"]))?;
    }
    if offline {
        return Ok(run_tests(offline, filter)?.code());
    }
    let was_up = Status::read()?.is_up();
    say("the private engine, its bases and the frontend; the first time takes minutes");
    let outcome = prepare().and_then(|()| run_tests(offline, filter));
    if !was_up {
        Engine::down(Data::Kept)?;
    }
    let mut outcome = outcome?;
    // Given a filter, a runner also counts the tests that the filter leaves out.
    if outcome.succeeded && filter.is_none() && count_skipped(&outcome.summary) != Some(0) {
        say("this run is a failure: its summary does not say that no test was skipped");
        outcome.succeeded = false;
    }
    eprintln!("{}", outcome.summary);
    Ok(outcome.code())
}

/// What a runner came to.
struct Outcome {
    succeeded: bool,
    /// Its last summary line, or one line for each binary.
    summary: String,
}

impl Outcome {
    fn code(&self) -> ExitCode {
        if self.succeeded {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

/// Makes once what every engine test needs, rather than in the first test that asks for it.
fn prepare() -> Result<()> {
    let engine = Engine::up()?;
    for suite in Suite::ALL {
        make_base(&engine, suite)?;
    }
    make_frontend(&engine)?;
    Ok(())
}

fn run_tests(offline: bool, filter: Option<&str>) -> Result<Outcome> {
    let has_nextest = cargo(&["nextest", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    let mut command = if has_nextest {
        cargo(&["nextest", "run", "--workspace", "--no-fail-fast"])
    } else {
        cargo(&[
            "test",
            "--workspace",
            "--lib",
            "--bins",
            "--tests",
            "--no-fail-fast",
        ])
    };
    command.args(filter).env("INSTA_UPDATE", "no");
    // The summary is read as plain text.
    command.env("CARGO_TERM_COLOR", "never");
    if offline {
        command.env_remove("RUN_ENGINE_TESTS");
    } else {
        command.env("RUN_ENGINE_TESTS", "1");
    }
    watch(
        command,
        if has_nextest {
            "Summary ["
        } else {
            "test result:"
        },
    )
}

/// Runs a command, passes its words on as they come, and keeps the summary among them.
fn watch(mut command: Command, marker: &str) -> Result<Outcome> {
    // nextest writes to stderr and cargo's own runner to stdout. The other stream is passed on untouched.
    let on_stderr = marker.starts_with("Summary");
    if on_stderr {
        command.stderr(Stdio::piped());
    } else {
        command.stdout(Stdio::piped());
    }
    let mut child = command.spawn().context("cannot run cargo")?;
    let mut summaries: Vec<String> = Vec::new();
    let mut follow = |stream: &mut dyn BufRead| -> Result<()> {
        for line in stream.lines() {
            let line = line?;
            if line.contains(marker) {
                summaries.push(line.clone());
            }
            eprintln!("{line}");
        }
        Ok(())
    };
    if let Some(stream) = child.stderr.take() {
        follow(&mut BufReader::new(stream))?;
    }
    if let Some(stream) = child.stdout.take() {
        follow(&mut BufReader::new(stream))?;
    }
    let status = child.wait().context("cannot wait for cargo")?;
    let summary = if on_stderr {
        summaries.pop().unwrap_or_default()
    } else {
        summaries.join("\n")
    };
    Ok(Outcome {
        succeeded: status.success(),
        summary,
    })
}

/// How many tests a summary says were skipped (nextest) or ignored (cargo's own runner). `None` when it
/// says nothing about them.
fn count_skipped(summary: &str) -> Option<usize> {
    let words: Vec<&str> = summary.split_whitespace().collect();
    let counts = words.windows(2).filter_map(|pair| {
        let is_about_skipping = ["skipped", "ignored"].contains(&pair[1].trim_end_matches(';'));
        is_about_skipping.then_some(pair[0])?.parse().ok()
    });
    counts.reduce(|sum: usize, count| sum + count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skipped_tests_are_counted() {
        let nextest = "     Summary [   0.435s] 51 tests run: 51 passed (2 slow), 124 skipped";
        assert_eq!(count_skipped(nextest), Some(124));
        assert_eq!(count_skipped(&nextest.replace("124", "0")), Some(0));
        let one = "test result: ok. 50 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out";
        assert_eq!(count_skipped(&format!("{one}\n{one}")), Some(4));
        assert_eq!(count_skipped(&one.replace('2', "0")), Some(0));
        assert_eq!(count_skipped(""), None);
    }
}
