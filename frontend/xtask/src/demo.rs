//! `cargo xtask demo`: the example image, built and used.

use std::io::IsTerminal;
use std::process::{Command, ExitCode};

use anyhow::Result;
use integration::{Engine, Kind, make_flag_line};

use crate::process::{self, say};
use crate::repository::root;

const EXAMPLE: &str = "docs/examples/tools";
const IMAGE: &str = "inlay-demo";

/// Shown in a container of the image: one line a tool.
const SHOW: &str = "for tool in curl git jq uv ruff node npm rg; do \
     printf '%-5s ' \"$tool\"; \"$tool\" --version | head -n 1; done; greet";

/// Builds the example on the user's Docker if it is good enough, else on a private engine that is
/// fetched and started, and runs the tools in a container of the image.
pub(crate) fn run(private: bool) -> Result<ExitCode> {
    let own = if private { None } else { Engine::user()? };
    let engine = if let Some(engine) = own {
        say("using the Docker of this machine (`--private` for an engine of the project's own)");
        engine
    } else {
        say("using an engine of the project's own, in .engine; the first time takes minutes");
        Engine::up()?
    };
    // The line is quoted for a shell, which is also how a person would use it.
    let arguments = make_flag_line(&engine)?;
    let progress = if std::io::stderr().is_terminal() {
        "auto"
    } else {
        "plain"
    };
    say(&format!("building {EXAMPLE}/inlay.yaml"));
    let line = format!(
        "docker buildx build {arguments} --progress={progress} --tag {IMAGE} --load -f inlay.yaml ."
    );
    let mut build = shell(&engine, &line);
    process::run(build.current_dir(root().join(EXAMPLE)))?;
    say(&format!("in a container of `{IMAGE}`:"));
    process::run(&mut engine.docker(["run", "--rm", IMAGE, "sh", "-e", "-c", SHOW]))?;
    say(&format!(
        "add or remove a line of {EXAMPLE}/inlay.yaml and run this again: only it is built"
    ));
    if engine.kind() == Kind::Private {
        say(
            "the engine stays up: `eval \"$(cargo xtask engine env)\"` for its docker, \
             `cargo xtask engine down` to end it",
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// A shell in which `docker` means the engine.
fn shell(engine: &Engine, line: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-e", "-c", &format!("{}\n{line}", engine.environment())]);
    command
}
