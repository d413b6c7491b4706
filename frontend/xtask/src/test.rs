//! `cargo xtask test`: every test, with an engine under them, and the runner's summary at the end.

use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result};
use integration::{Data, Engine, Status, Suite, make_base, make_frontend};

use crate::process::{self, cargo, say};

/// Runs all tests. Without `offline` the private engine is brought up first, and taken down again
/// if it was down before. The last line is the runner's summary.
pub(crate) fn run(offline: bool, filter: Option<&str>) -> Result<ExitCode> {
    if filter.is_none() {
        say("examples in the documentation");
        process::run(&mut cargo(&["test", "--quiet", "--workspace", "--doc"]))?;
    }
    if offline {
        return Ok(tests(offline, filter)?.0);
    }
    let was_up = Status::read()?.is_up();
    say("the private engine, its bases and the frontend; the first time takes minutes");
    let outcome = prepare().and_then(|()| tests(offline, filter));
    if !was_up {
        Engine::down(Data::Kept)?;
    }
    let (code, summary) = outcome?;
    eprintln!("{summary}");
    Ok(code)
}

/// Makes once what every engine test needs, rather than in the first that asks.
fn prepare() -> Result<()> {
    let engine = Engine::up()?;
    for suite in Suite::ALL {
        make_base(&engine, suite)?;
    }
    make_frontend(&engine)?;
    Ok(())
}

/// Runs the tests and gives the runner's last summary line.
fn tests(offline: bool, filter: Option<&str>) -> Result<(ExitCode, String)> {
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

/// Runs a command, hands its words on as they come, and keeps the summary among them.
fn watch(mut command: Command, marker: &str) -> Result<(ExitCode, String)> {
    // nextest speaks on stderr, cargo's own runner on stdout; the other stream goes through as it is.
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
    let code = if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    };
    Ok((
        code,
        if on_stderr {
            summaries.pop().unwrap_or_default()
        } else {
            summaries.join("\n")
        },
    ))
}
