//! The program that runs in the joint: it reads a job, plans, and changes the merged root.
//!
//! It is called as `reconcile [--root FOLDER] JOB`. The variable `EPOCH` is the time, in seconds since 1970,
//! that everything changed gets. Nothing else has an influence. The program writes one line to standard
//! error for everything that it does, and one with the times at the end. A refusal ends it with status 1
//! before it changes anything.
//!
//! `reconcile --sbom JOB` writes a bill of materials instead: see [`sbom`]. `reconcile --hook` only adds the hook of
//! bash to the root that it runs in: see [`hook`]. `reconcile --capture` writes the state of a layer or a base: see
//! [`capture`]. `reconcile --place` puts content into a root: see [`place`].

#![expect(
    clippy::disallowed_methods,
    reason = "the crate's list of disallowed methods is for its library; the program does I/O"
)]

mod apply;
mod attributes;
mod capture;
mod commands;
mod copies;
mod failure;
mod guests;
mod hook;
mod one_root;
mod place;
mod root;
mod sbom;
mod snapshot;
mod states;
mod times;
mod tree;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use reconcile::{Job, Layer, State};

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
        let epoch_seconds = read_epoch()?;
        let job = job.ok_or_else(|| usage("no job is given"))?.into();
        Ok(Self {
            root,
            job,
            epoch_seconds,
        })
    }
}

/// The time that everything changed gets.
fn read_epoch() -> Result<i64, Failure> {
    let usage = |text: &str| Failure::Usage(text.to_owned());
    let epoch = std::env::var("EPOCH").map_err(|_| usage("`EPOCH` is not set"))?;
    epoch
        .parse()
        .map_err(|_| usage("`EPOCH` must be a whole number"))
}

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1).peekable();
    let modes = ["--capture", "--hook", "--place", "--sbom"];
    let mode = arguments.next_if(|first| modes.iter().any(|mode| first == mode));
    let (what, result) = match mode.as_deref().and_then(|mode| mode.to_str()) {
        Some("--capture") => ("state", capture::write(arguments)),
        Some("--hook") => ("hook of bash", read_epoch().and_then(hook::add_alone)),
        Some("--place") => ("content", place::run(arguments)),
        Some(_) => ("bill of materials", sbom::write(arguments.next())),
        None => (
            "joint",
            Options::read().and_then(|options| run_joint(&options)),
        ),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Refused(reasons)) => {
            eprintln!("{reasons}");
            ExitCode::FAILURE
        }
        Err(failure) => {
            eprintln!("inlay: {what}: {failure}");
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
    if job.is_one_root {
        return settle_one_root(options, &job, &base, layers);
    }
    let mut plan = reconcile::plan(&base, &layers, &job.architecture)
        .map_err(|refusals| Failure::refused(&refusals))?;
    let trees = job.layers.iter().map(|layer| PathBuf::from(&layer.tree));
    let trees: copies::Trees = trees.collect();
    let planned_ms = begin.elapsed().as_millis() - read_ms;
    for warning in &plan.warnings {
        eprintln!("inlay: joint: warning: {warning}");
    }
    clock.wait_for_a_tick();
    let root = root::Root::new(&options.root);
    let mut changed = root::Changed::new();
    copies::copy_into_root(&root, &plan, &trees, &mut changed)?;
    apply::apply(&root, &plan, &mut changed)?;
    if job.needs_hook {
        hook::add(&root, &mut plan, &trees, &mut changed)?;
    }
    if let Some(folder) = &job.above {
        copies::write_above(Path::new(folder), &plan, &trees, options.epoch_seconds)?;
    }
    let written_ms = begin.elapsed().as_millis() - read_ms - planned_ms;
    let count = changed.len();
    let mut ran_ms = 0;
    if plan.runs_commands() {
        let snapshot = snapshot::Snapshot::take(&root, &base.listing)?;
        let guests = guests::Guests::invite(&root, &plan, &trees)?;
        commands::run(&root, &plan)?;
        guests.dismiss(&root)?;
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

/// Decides about the paths of an image that is made in one root.
fn settle_one_root(
    options: &Options,
    job: &Job,
    base: &State,
    layers: Vec<Layer>,
) -> Result<(), Failure> {
    let mut plan =
        reconcile::plan_one_root(base, layers).map_err(|refusals| Failure::refused(&refusals))?;
    for warning in &plan.warnings {
        eprintln!("inlay: joint: warning: {warning}");
    }
    let trees = job.layers.iter().map(|layer| PathBuf::from(&layer.tree));
    let trees: copies::Trees = trees.collect();
    let root = root::Root::new(&options.root);
    let mut changed = root::Changed::new();
    one_root::settle(&root, &mut plan, &trees, &mut changed)?;
    if job.needs_hook {
        hook::add(&root, &mut plan, &trees, &mut changed)?;
    }
    times::set_fixed_time(&root, &changed, options.epoch_seconds)?;
    eprintln!("inlay: joint: changed {} paths", changed.len());
    Ok(())
}
