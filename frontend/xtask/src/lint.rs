//! `cargo xtask lint`: formatting, clippy, documentation, and, where they are installed, licenses
//! and spelling.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::process::{self, cargo, root, say};

/// Runs them one after another, the quickest first; fails at the first that does.
pub(crate) fn run() -> Result<ExitCode> {
    process::run(&mut cargo(&["fmt", "--all", "--check"]))?;
    process::run(&mut cargo(&[
        "clippy",
        "--quiet",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))?;
    let mut documentation = cargo(&["doc", "--quiet", "--workspace", "--no-deps"]);
    process::run(documentation.env("RUSTDOCFLAGS", "-D warnings"))?;
    for (program, arguments) in [
        // The advisories' database is on a host that not every machine reaches.
        (
            "cargo-deny",
            ["check", "bans", "licenses", "sources"].as_slice(),
        ),
        ("typos", [].as_slice()),
    ] {
        let mut command = Command::new(program);
        let is_installed = Command::new(program)
            .arg("--version")
            .output()
            .is_ok_and(|output| output.status.success());
        if is_installed {
            process::run(command.args(arguments).current_dir(root()))?;
        } else {
            say(&format!("{program} is not installed: not run"));
        }
    }
    Ok(ExitCode::SUCCESS)
}
