//! `cargo xtask lint`: formatting, clippy, documentation, and, where the programs are installed, licenses,
//! spelling and shell scripts.

mod shell;

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::process::{self, cargo, is_installed};
use crate::repository::root;

/// Runs the checks one after another, the quickest first, and stops at the first that fails.
pub(crate) fn run() -> Result<ExitCode> {
    process::run(&mut cargo(&["fmt", "--all", "--check"]))?;
    shell::check()?;
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
        if is_installed(program) {
            let mut command = Command::new(program);
            process::run(command.args(arguments).current_dir(root()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
