//! What people can do at a terminal: `inlay check` and `inlay graph` without an engine, and `inlay lock` with one.

mod arguments;
mod locking;
mod syntax;

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser as _;
use compile::{Assembly, outline};
use gateway::Failure;
use plan::Plan;
use source::{Reported, render, shown};
use spec::ignore_patterns;

use crate::context::lock_names;
use crate::convert::{Conversion, Converted, Images, Packages, Purpose};
use crate::finder::disk::{Disk, read};
use crate::findings::Findings;
use crate::offline::arguments::{Arguments, Command, GraphArguments, On};
use crate::report::WARNINGS_ARE_ERRORS;
use crate::request::BuildRequest;

/// The result of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// For standard output.
    pub output: String,
    /// For standard error.
    pub messages: String,
    /// 0 when the spec is sound, 1 when it is not, 2 for what cannot be read or understood.
    pub status: u8,
}

/// Runs the command that the arguments of this process name, and prints its result.
pub fn main() -> ExitCode {
    let outcome = run(std::env::args_os());
    eprint!("{}", outcome.messages);
    // A reader may close the pipe before it has read everything.
    let _ = std::io::stdout().write_all(outcome.output.as_bytes());
    ExitCode::from(outcome.status)
}

/// Runs the command that the arguments name. The first argument is the name of the program.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Outcome {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        // Help and the version come this way too.
        Err(said) if said.use_stderr() => return refuse(said.to_string()),
        Err(said) => {
            return Outcome {
                output: said.to_string(),
                messages: String::new(),
                status: 0,
            };
        }
    };
    let outcome = match &arguments.command {
        Command::Check(on) => check(on),
        Command::Graph(arguments) => graph(arguments),
        Command::Lock(arguments) => locking::lock(arguments),
    };
    outcome.unwrap_or_else(|failure| refuse(write_error(&failure)))
}

/// The plan of a spec, made from the files of this machine, for an architecture of Linux.
///
/// # Errors
/// What is wrong with the spec, rendered, or what cannot be read.
pub fn plan_of(
    file: &Path,
    context: &Path,
    extensions: &Path,
    architecture: &str,
) -> Result<Plan, String> {
    let on = On {
        file: file.to_owned(),
        context: context.to_owned(),
        extensions: Some(extensions.to_owned()),
        arguments: Vec::new(),
        platform: format!("linux/{architecture}"),
    };
    plan_on(&on).unwrap_or_else(|failure| Err(failure.message))
}

/// Says everything that is wrong with a spec.
fn check(on: &On) -> Result<Outcome, Failure> {
    let request = on.request()?;
    let mut conversion = read_spec(on, &request)?;
    let note = syntax::write_note(conversion.text());
    let converted = convert(&mut conversion, Purpose::Check)?;
    let findings = &conversion.findings;
    let messages = describe(findings) + &note;
    let Ok(converted) = converted else {
        return Ok(fail(findings, messages));
    };
    if findings.refuses_warnings() {
        let refusal = write_error(&Failure::new(WARNINGS_ARE_ERRORS));
        return Ok(fail(findings, messages + &refusal));
    }
    let plan = &converted.platforms[0].plan;
    let extensions = match plan.extensions.len() {
        1 => "1 extension".to_owned(),
        count => format!("{count} extensions"),
    };
    let output = format!(
        "{}: no errors; {extensions} on {}\n",
        on.file.display(),
        plan.base.value
    );
    Ok(Outcome {
        output,
        messages,
        status: 0,
    })
}

/// Shows what an image is made of, or the graph that a build would hand to an engine that can merge.
fn graph(arguments: &GraphArguments) -> Result<Outcome, Failure> {
    let on = &arguments.on;
    let request = on.request()?;
    let mut conversion = read_spec(on, &request)?;
    let converted = convert(&mut conversion, Purpose::Question)?;
    let messages = describe(&conversion.findings);
    let Ok(converted) = converted else {
        return Ok(fail(&conversion.findings, messages));
    };
    let dumps = converted.platforms.iter().map(|platform_plan| {
        if !arguments.raw {
            return outline(&platform_plan.plan);
        }
        let images = Images::new();
        let compiled = conversion.compile(
            &converted,
            platform_plan,
            images,
            Assembly::Merge,
            &Packages::default(),
        );
        compiled.graph.dump(compiled.root)
    });
    Ok(Outcome {
        output: shown(&dumps.collect::<String>()),
        messages,
        status: 0,
    })
}

/// The plan for the first platform; the inner `Err` is what is wrong with the spec, rendered.
fn plan_on(on: &On) -> Result<Result<Plan, String>, Failure> {
    let request = on.request()?;
    let mut conversion = read_spec(on, &request)?;
    let converted = convert(&mut conversion, Purpose::Question)?;
    let converted = converted.map_err(|Reported| describe(&conversion.findings));
    Ok(converted.map(|mut converted| converted.platforms.remove(0).plan))
}

/// Reads the spec.
fn read_spec<'a>(on: &On, request: &'a BuildRequest) -> Result<Conversion<'a, Disk>, Failure> {
    let filename = on.file.display().to_string();
    let text = read(&on.file)?;
    let text = text.ok_or_else(|| Failure::new(format!("there is no `{filename}`")))?;
    let finder = Disk {
        context: on.context.clone(),
        catalogue: on.catalogue(),
        ignore: read_ignore_file(on)?,
    };
    let lock = read_lock(&filename)?;
    Ok(Conversion::new(request, finder, filename, text).with_lock(lock))
}

/// The lock beside the spec: its name and its text.
fn read_lock(spec: &str) -> Result<Option<(String, String)>, Failure> {
    for name in lock_names(spec) {
        if let Some(text) = read(Path::new(&name))? {
            return Ok(Some((name, text)));
        }
    }
    Ok(None)
}

/// The patterns of the ignore file beside the spec, or else of that in the build context.
fn read_ignore_file(on: &On) -> Result<Vec<String>, Failure> {
    let mut beside = on.file.clone().into_os_string();
    beside.push(".dockerignore");
    let text = match read(Path::new(&beside))? {
        Some(text) => Some(text),
        None => read(&on.context.join(".dockerignore"))?,
    };
    Ok(text.map_or_else(Vec::new, |text| ignore_patterns(&text)))
}

/// Converts the spec; the inner `Err` if something is wrong with it.
fn convert(
    conversion: &mut Conversion<'_, Disk>,
    purpose: Purpose,
) -> Result<Result<Converted, Reported>, Failure> {
    // Reading the disk never waits, so the runtime needs neither timers nor I/O.
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| Failure::new(format!("cannot start: {error}")))?;
    let target = &conversion.request.target;
    Ok(runtime.block_on(conversion.convert(purpose, target)))
}

/// Everything that was found, for people.
fn describe(findings: &Findings) -> String {
    let sources = &findings.sources;
    let diagnostics = findings.shown_diagnostics().map(|one| render(sources, one));
    let failures = findings.failures().iter().map(write_error);
    diagnostics.chain(failures).collect()
}

fn write_error(failure: &Failure) -> String {
    format!("error: {}\n", shown(&failure.message))
}

fn fail(findings: &Findings, messages: String) -> Outcome {
    Outcome {
        output: String::new(),
        messages,
        status: if findings.failures().is_empty() { 1 } else { 2 },
    }
}

fn refuse(messages: String) -> Outcome {
    Outcome {
        output: String::new(),
        messages,
        status: 2,
    }
}
