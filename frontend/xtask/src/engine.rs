//! `cargo xtask engine …`: the private engine, for people and scripts.
//!
//! Answers go to stdout, so that `$(…)` takes them; what is being done goes to stderr.

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use integration::{Data, Engine, Status, Suite, make_base, make_flag_line, make_frontend};

/// What to do with the private engine.
#[derive(Subcommand)]
pub(crate) enum Action {
    /// Fetch it if needed, and start it.
    Up,
    /// End it. Images and caches are kept.
    Down {
        /// Remove images, caches, bases and programs as well.
        #[arg(long)]
        purge: bool,
    },
    /// Say how it is; fails when it is down.
    Status,
    /// Print shell text that makes `docker` mean it: eval "$(cargo xtask engine env)".
    Env,
    /// Make a plain Debian image, and print its reference.
    Base {
        /// bookworm or trixie.
        suite: Suite,
    },
    /// Build the frontend's image, and print its reference.
    Frontend,
    /// Print the flags of `docker buildx build` that let a public spec build on it.
    Args,
}

/// Does it. The code is that of the process.
///
/// # Errors
/// As the [`Engine`]'s.
pub(crate) fn run(action: &Action) -> Result<ExitCode> {
    let answer = match action {
        Action::Up => {
            Engine::up()?;
            Status::read()?.to_string()
        }
        Action::Down { purge } => {
            Engine::down(if *purge { Data::Purged } else { Data::Kept })?;
            String::new()
        }
        Action::Status => {
            let status = Status::read()?;
            print(&status.to_string());
            return Ok(if status.is_up() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            });
        }
        Action::Env => Engine::up()?.environment(),
        Action::Base { suite } => make_base(&Engine::up()?, *suite)? + "\n",
        Action::Frontend => make_frontend(&Engine::up()?)? + "\n",
        Action::Args => make_flag_line(&Engine::up()?)? + "\n",
    };
    print(&answer);
    Ok(ExitCode::SUCCESS)
}

#[expect(
    clippy::print_stdout,
    reason = "an answer is what the command is run for"
)]
fn print(answer: &str) {
    print!("{answer}");
}
