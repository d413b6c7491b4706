//! The program that runs in the joint: it reads a job, plans, and changes the merged root.
//!
//! It is called as `reconcile [--root FOLDER] JOB`. The variable `EPOCH` is the time, in seconds since 1970,
//! that everything changed gets. Nothing else has an influence. The program writes one line to standard
//! error for everything that it does, and one with the times at the end. A refusal ends it with status 1
//! before it changes anything.
//!
//! `reconcile --sbom JOB` writes a bill of materials instead: see [`sbom`].

#![expect(
    clippy::disallowed_methods,
    reason = "the crate's list of disallowed methods is for its library; the program does I/O"
)]

mod apply;
mod commands;
mod failure;
mod root;
mod sbom;
mod snapshot;
mod states;
mod times;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use crate::failure::Failure;

/// The options on the command line and in the environment.
struct Options {
    root: PathBuf,
    job: PathBuf,
    epoch_seconds: i64,
}

impl Options {
    fn read() -> Result<Self, Failure> {
        let usage = |text: &str| Failure::Usage(text.to_owned());
        let mut root = PathBuf::from("/");
        let mut job: Option<OsString> = None;
        let mut arguments = std::env::args_os().skip(1);
        while let Some(argument) = arguments.next() {
            if argument == "--root" {
                root = arguments
                    .next()
                    .ok_or_else(|| usage("`--root` needs a folder"))?
                    .into();
            } else if job.replace(argument).is_some() {
                return Err(usage("more than one job is given"));
            }
        }
        let epoch = std::env::var("EPOCH").map_err(|_| usage("`EPOCH` is not set"))?;
        let epoch_seconds = epoch
            .parse()
            .map_err(|_| usage("`EPOCH` must be a whole number"))?;
        let job = job.ok_or_else(|| usage("no job is given"))?.into();
        Ok(Self {
            root,
            job,
            epoch_seconds,
        })
    }
}

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == "--sbom") {
        return match sbom::write(arguments.next()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                eprintln!("inlay: bill of materials: {failure}");
                ExitCode::FAILURE
            }
        };
    }
    match Options::read().and_then(|options| run_joint(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Refused(reasons)) => {
            eprintln!("{reasons}");
            ExitCode::FAILURE
        }
        Err(failure) => {
            eprintln!("inlay: joint: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the joint of a job.
fn run_joint(options: &Options) -> Result<(), Failure> {
    let clock = times::Clock::start();
    let begin = Instant::now();
    let job = states::read_job(&options.job)?;
    let (base, layers) = states::read_states(&job)?;
    let read_ms = begin.elapsed().as_millis();
    let plan = reconcile::plan(&base, &layers, &job.architecture).map_err(|refusals| {
        let texts: Vec<String> = refusals.iter().map(ToString::to_string).collect();
        Failure::Refused(texts.join("\n"))
    })?;
    let planned_ms = begin.elapsed().as_millis() - read_ms;
    for warning in &plan.warnings {
        eprintln!("inlay: joint: warning: {warning}");
    }
    clock.wait_for_a_tick();
    let root = root::Root::new(&options.root);
    let mut changed = apply::apply(&root, &plan)?;
    let written_ms = begin.elapsed().as_millis() - read_ms - planned_ms;
    let count = changed.len();
    let mut ran_ms = 0;
    if plan.runs_commands() {
        let snapshot = snapshot::Snapshot::take(&root, &base.listing)?;
        commands::run(&root, &plan)?;
        ran_ms = begin.elapsed().as_millis() - read_ms - planned_ms - written_ms;
        changed.extend(times::find_changed(&root, &clock)?);
        snapshot.restore(&root, &mut changed)?;
    }
    times::set_fixed_time(&root, &changed, options.epoch_seconds)?;
    let found_ms = begin.elapsed().as_millis() - read_ms - planned_ms - written_ms - ran_ms;
    eprintln!(
        "inlay: joint: read {read_ms} ms, planned {planned_ms} ms, wrote {count} files {written_ms} ms, \
         ran commands {ran_ms} ms, found {} changed paths {found_ms} ms",
        changed.len()
    );
    Ok(())
}
