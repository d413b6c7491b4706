//! The repository's chores: `cargo xtask …`.

mod crowd;
mod demo;
mod engine;
mod lint;
mod process;
mod repository;
mod schema;
mod soundness;
mod test;
#[cfg(test)]
mod tidy;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// The repository's chores.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Build the example image and run its tools; sets up whatever is missing.
    Demo {
        /// Use the private engine even if the user's own Docker is good enough.
        #[arg(long)]
        private: bool,
    },
    /// Run every test, including those on the private engine.
    Test {
        /// Leave out the tests that need an engine.
        #[arg(long)]
        offline: bool,
        /// Only tests whose name contains this.
        filter: Option<String>,
    },
    /// Check formatting, lints, documentation and shell scripts.
    Lint,
    /// Write docs/schema.json and docs/extension.schema.json.
    Schema,
    /// Compare isolated packages with one installation of all packages, for many sets.
    Soundness(soundness::Arguments),
    /// Compare images that are built at once with those of a quiet engine.
    Crowd(crowd::Arguments),
    /// The private engine that builds and tests run on.
    Engine {
        #[command(subcommand)]
        action: engine::Action,
    },
}

fn main() -> Result<ExitCode> {
    match Arguments::parse().chore {
        Chore::Demo { private } => demo::run(private),
        Chore::Test { offline, filter } => test::run(offline, filter.as_deref()),
        Chore::Lint => lint::run(),
        Chore::Schema => schema::write(),
        Chore::Soundness(arguments) => soundness::run(&arguments),
        Chore::Crowd(arguments) => crowd::run(&arguments),
        Chore::Engine { action } => engine::run(&action),
    }
}
