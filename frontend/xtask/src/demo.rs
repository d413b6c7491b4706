//! `cargo xtask demo`: builds the example image and uses it.

use std::io::IsTerminal;
use std::process::{Command, ExitCode};

use anyhow::Result;
use integration::{Engine, Kind, make_flag_line};

use crate::process::{self, say};
use crate::repository::root;

const EXAMPLE: &str = "docs/examples/tools";
const IMAGE: &str = "inlay-demo";

/// Prints one line per tool, in a container of the image.
const SHOW: &str = "for tool in curl git jq uv ruff node npm rg; do \
     printf '%-5s ' \"$tool\"; \"$tool\" --version | head -n 1; done; greet";

/// Builds the example and runs its tools in a container of the image. It uses the user's Docker if that is
/// good enough, and otherwise fetches and starts a private engine.
pub(crate) fn run(private: bool) -> Result<ExitCode> {
    let own = if private { None } else { Engine::user()? };
    let engine = if let Some(engine) = own {
        say("using the Docker of this machine (use `--private` for a private engine)");
        engine
    } else {
        say("using a private engine in .engine; the first time takes minutes");
        Engine::up()?
    };
    // The line is quoted for a shell, because a person would use it in one.
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
        "add or remove a line of {EXAMPLE}/inlay.yaml and run this again: only that line is built"
    ));
    if engine.kind() == Kind::Private {
        say(
            "the engine stays up: use its docker with `eval \"$(cargo xtask engine env)\"`, and stop it \
             with `cargo xtask engine down`",
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// A shell command in which `docker` means the engine.
fn shell(engine: &Engine, line: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-e", "-c", &format!("{}\n{line}", engine.environment())]);
    command
}
