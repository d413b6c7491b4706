//! Commands that chores run, and what the chores say about them.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::repository::root;

/// A command of the cargo that runs this program, in the repository's root.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

/// Tells the user what happens next, on stderr: stdout belongs to answers.
pub(crate) fn say(words: &str) {
    eprintln!("xtask: {words}");
}

/// Runs a command to its end at our own terminal; fails when it does.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_owned();
    let status = command
        .status()
        .with_context(|| format!("cannot run `{}`", program.display()))?;
    if !status.success() {
        bail!("`{}` failed: {status}", program.display());
    }
    Ok(())
}

/// Whether an optional program is installed; says so when it is not.
pub(crate) fn is_installed(program: &str) -> bool {
    let is_installed = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .is_ok_and(|output| output.status.success());
    if !is_installed {
        say(&format!(
            "{program} is not installed, so its checks do not run"
        ));
    }
    is_installed
}
