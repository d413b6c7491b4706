//! What people can do at a terminal, without an engine: `inlay check` and `inlay graph`.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use buildkit_llb::Platform;
use clap::{Args, Parser, Subcommand};
use compile::{
    Assembly, ClientFolder, Commands, Context, Request, Rerun, ResolveMode, Target, compile,
};
use plan::{Catalogue, Found, Origin, Plan, Resolution, Wanted, resolve};
use source::{Diagnostics, Reported, Sources, render};
use spec::{Image, is_reserved_argument, parse_extension, parse_image_with};

use crate::catalogue::{DEFINITION, Folder, Looked};
use crate::request::arguments;

/// Images of many tools, where changing one tool rebuilds only that tool.
///
/// In a build, BuildKit runs this program for the line `# syntax=` of a spec. These commands work
/// without an engine.
#[derive(Parser)]
#[command(name = "inlay", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Say what is wrong with a spec and the extensions it uses
    Check(On),
    /// Show the graph that a build would hand to the engine
    Graph(On),
}

#[derive(Args)]
struct On {
    /// The spec
    file: PathBuf,
    /// The build context, in which folders of extensions are looked up
    #[arg(long, default_value = ".")]
    context: PathBuf,
    /// The catalogue of extensions [default: /extensions, else ./extensions]
    #[arg(long)]
    extensions: Option<PathBuf>,
    /// A value for an argument of the spec, as `docker buildx build` takes it
    #[arg(long = "build-arg", value_name = "NAME=VALUE")]
    arguments: Vec<String>,
    /// The platform to build for
    #[arg(long, default_value = concat!("linux/", "amd64"))]
    platform: String,
}

/// What a command says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// For standard output.
    pub output: String,
    /// For standard error.
    pub messages: String,
    /// 0 when the spec is sound, 1 when it is not, 2 for what cannot be read or understood.
    pub status: u8,
}

/// Runs the command that the process's arguments name, and says what it says.
pub fn main() -> ExitCode {
    let outcome = run(std::env::args_os());
    eprint!("{}", outcome.messages);
    // A closed pipe is the reader's choice.
    let _ = std::io::stdout().write_all(outcome.output.as_bytes());
    ExitCode::from(outcome.status)
}

/// Runs the command that the arguments name; the first is the program's name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Outcome {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        // Help and the version come this way too.
        Err(said) if said.use_stderr() => return refused(said.to_string()),
        Err(said) => {
            return Outcome {
                output: said.to_string(),
                messages: String::new(),
                status: 0,
            };
        }
    };
    let said = match &arguments.command {
        Command::Check(on) => told(on, false),
        Command::Graph(on) => told(on, true),
    };
    said.unwrap_or_else(|message| refused(format!("error: {message}\n")))
}

fn refused(messages: String) -> Outcome {
    Outcome {
        output: String::new(),
        messages,
        status: 2,
    }
}

fn told(on: &On, wants_graph: bool) -> Result<Outcome, String> {
    let platform: Platform = on.platform.parse().map_err(|_| {
        format!(
            "--platform `{}` is not of the form `linux/amd64`",
            on.platform
        )
    })?;
    let (sources, diagnostics, plan) = read_plan(on, &platform.architecture)?;
    let messages: String = diagnostics
        .iter()
        .map(|one| render(&sources, one))
        .collect();
    let status = u8::from(plan.is_none());
    let output = match plan {
        Some(plan) if wants_graph => {
            let compiled = compile(&plan, &sources, &offline_request(platform));
            compiled.graph.dump(compiled.root)
        }
        Some(plan) => format!(
            "{}: no problems; {} extensions on {}\n",
            on.file.display(),
            plan.extensions.len(),
            plan.base.value
        ),
        None => String::new(),
    };
    Ok(Outcome {
        output,
        messages,
        status,
    })
}

/// The plan of a spec, by the files of this machine: what a build from them would be made of.
///
/// # Errors
/// What is wrong with the spec, rendered, or what could not be read.
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
        platform: String::new(),
    };
    let (sources, diagnostics, plan) = read_plan(&on, architecture)?;
    plan.ok_or_else(|| {
        diagnostics
            .iter()
            .map(|one| render(&sources, one))
            .collect()
    })
}

/// The texts, all that is to be said about them, and the plan if none of that is an error.
fn read_plan(on: &On, architecture: &str) -> Result<(Sources, Diagnostics, Option<Plan>), String> {
    let text = read(&on.file)?.ok_or_else(|| format!("there is no `{}`", on.file.display()))?;
    let mut sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let id = sources.add(on.file.display().to_string(), text);
    let given = given(&on.arguments)?;
    let image = parse_image_with(&mut diagnostics, &sources, id, &given);
    let undeclared = image
        .as_ref()
        .ok()
        .and_then(|image| arguments::undeclared(image, &given));
    if let Some(undeclared) = undeclared {
        return Err(undeclared.message);
    }
    let plan = match image {
        Err(Reported) => None,
        Ok(image) => plan(on, &mut diagnostics, &mut sources, &image, architecture)?,
    };
    let plan = plan.filter(|_| !diagnostics.has_errors());
    Ok((sources, diagnostics, plan))
}

/// The values of arguments; one without a value is taken from the environment, as docker does.
fn given(arguments: &[String]) -> Result<BTreeMap<String, String>, String> {
    let mut given = BTreeMap::new();
    for argument in arguments {
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) => (name, value.to_owned()),
            None => match std::env::var(argument) {
                Ok(value) => (argument.as_str(), value),
                // docker leaves out what the environment does not have.
                Err(_) => continue,
            },
        };
        if name.is_empty() {
            return Err(format!(
                "--build-arg `{argument}` is not of the form `NAME=value`"
            ));
        }
        if !is_reserved_argument(name) {
            given.insert(name.to_owned(), value);
        }
    }
    Ok(given)
}

/// A request that no engine made: images stay as they are written.
fn offline_request(platform: Platform) -> Request {
    Request {
        platform,
        images: BTreeMap::new(),
        resolve_mode: ResolveMode::Default,
        context: Context::Client(ClientFolder {
            name: "context".to_owned(),
            session: String::new(),
            exclude: Vec::new(),
            key_hint: "context".to_owned(),
        }),
        extension_contexts: BTreeMap::new(),
        frontend: None,
        assembly: Assembly::Merge,
        target: Target::Image,
        proxy: None,
        commands: Commands::default(),
        epoch: None,
        rerun: Rerun::Extensions(BTreeSet::new()),
        wants_sbom: false,
        is_one_of_several: false,
        labels: BTreeMap::new(),
    }
}

fn plan(
    on: &On,
    diagnostics: &mut Diagnostics,
    sources: &mut Sources,
    image: &Image,
    architecture: &str,
) -> Result<Option<Plan>, String> {
    let folder = Folder::new(match &on.extensions {
        Some(path) => path.clone(),
        None if Path::new("/extensions").is_dir() => PathBuf::from("/extensions"),
        None => PathBuf::from("extensions"),
    });
    let mut catalogue = Catalogue::new(folder.names());
    loop {
        let wanted = match resolve(diagnostics, image, &catalogue, architecture) {
            Err(Reported) => return Ok(None),
            Ok(Resolution::Ready(plan)) => return Ok(Some(*plan)),
            Ok(Resolution::Need(wanted)) => wanted,
        };
        for wanted in wanted {
            let found = match &wanted {
                Wanted::Named(name) => {
                    let looked = folder.look(diagnostics, sources, name);
                    match looked
                        .map_err(|error| format!("cannot read extension `{name}`: {error}"))?
                    {
                        Looked::Absent => None,
                        Looked::Found(found) => Some(found.map(|found| *found)),
                    }
                }
                Wanted::Folder(path) => {
                    let file = on.context.join(path).join(DEFINITION);
                    read(&file)?.map(|text| {
                        let id = sources.add(format!("{path}/{DEFINITION}"), text);
                        let extension = parse_extension(diagnostics, sources, id).ok()?;
                        Some(Found {
                            extension,
                            origin: Origin::Folder(path.clone()),
                        })
                    })
                }
            };
            match found {
                None => catalogue.absent(wanted),
                Some(Some(found)) => catalogue.found(wanted, found),
                Some(None) => catalogue.broken(wanted),
            }
        }
    }
}

/// The text of a file; `None` when there is none.
fn read(path: &Path) -> Result<Option<String>, String> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("cannot read `{}`: {error}", path.display())),
    }
}
