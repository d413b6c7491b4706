//! `cargo xtask crowd`: are images that are built at once the same as on a quiet engine?

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use integration::{Engine, make_flags, make_frontend, try_at_once};

use crate::process::say;

/// How many builds to try.
#[derive(Args)]
pub(crate) struct Arguments {
    /// How many builds at once.
    #[arg(long, default_value_t = 10)]
    builds: usize,
    /// How often.
    #[arg(long, default_value_t = 20)]
    rounds: usize,
}

/// Builds images one after another, then all at once. Fails if one differs.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let engine = Engine::up()?;
    let flags = make_flags(&engine, &make_frontend(&engine)?)?;
    let Arguments { builds, rounds } = arguments;
    say(&format!("building {builds} images one after another"));
    try_at_once(&engine, &flags, *builds, *rounds, |round| {
        say(&format!(
            "round {}/{rounds}: all {builds} images are the same",
            round + 1
        ));
    })?;
    Ok(ExitCode::SUCCESS)
}
