//! The repository's chores: `cargo xtask …`.

mod engine;

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
    /// The private engine that builds and tests run on.
    Engine {
        #[command(subcommand)]
        action: engine::Action,
    },
}

fn main() -> Result<ExitCode> {
    match Arguments::parse().chore {
        Chore::Engine { action } => engine::run(&action),
    }
}
