//! `cargo xtask engine …`: the private engine, for people and scripts.
//!
//! Answers go to stdout, so that `$(…)` receives them. Progress goes to stderr.

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use integration::{Data, Engine, Status, Suite, make_base, make_flag_line, make_frontend};

/// What to do with the private engine.
#[derive(Subcommand)]
pub(crate) enum Action {
    /// Fetch the engine if needed, and start it.
    Up,
    /// Stop the engine. Images and caches are kept.
    Down {
        /// Also remove images, caches, bases and programs.
        #[arg(long)]
        purge: bool,
    },
    /// Print the status; fails when the engine is down.
    Status,
    /// Print shell text that makes `docker` mean this engine: eval "$(cargo xtask engine env)".
    Env,
    /// Make a plain Debian image, and print its reference.
    Base {
        /// The release: bookworm or trixie.
        suite: Suite,
    },
    /// Build the frontend's image, and print its reference.
    Frontend,
    /// Print the flags of `docker buildx build` with which a public spec builds on this engine.
    Args,
}

/// Does what was asked, and returns the exit code of the process.
///
/// # Errors
/// As the functions of [`integration`].
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

#[expect(clippy::print_stdout, reason = "the command is run for its answer")]
fn print(answer: &str) {
    print!("{answer}");
}
