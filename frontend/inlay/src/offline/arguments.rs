//! The arguments of the commands, and the request of a build that they amount to.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use gateway::{Failure, Options};

use crate::catalogue::CatalogueFiles;
use crate::request::BuildRequest;

/// Images of many tools, where changing one tool rebuilds only that tool.
///
/// In a build, BuildKit runs this program for the line `# syntax=` of a spec. `check` and `graph` work without an engine.
#[derive(Parser)]
#[command(name = "inlay", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Say what is wrong with a spec and the extensions it uses
    Check(On),
    /// Show what an image is made of: each extension with its parts
    Graph(GraphArguments),
    /// Write the lock of a spec, with the engine that docker uses
    Lock(LockArguments),
}

/// Which lock is written, and how.
#[derive(Args)]
pub(crate) struct LockArguments {
    /// The spec
    pub(crate) file: PathBuf,
    /// The build context
    #[arg(long, default_value = ".")]
    pub(crate) context: PathBuf,
    /// Take the newest of everything, or of the packages of these extensions
    #[arg(long, value_name = "NAME,…", num_args = 0..=1, default_missing_value = "")]
    pub(crate) upgrade: Option<String>,
    /// Flags for `docker buildx build`, such as `--builder`, after `--`
    #[arg(last = true)]
    pub(crate) flags: Vec<OsString>,
}

/// What is shown of what.
#[derive(Args)]
pub(crate) struct GraphArguments {
    #[command(flatten)]
    pub(crate) on: On,
    /// Show the graph as it is handed to the engine: one vertex a line
    #[arg(long)]
    pub(crate) raw: bool,
}

/// What a command works on.
#[derive(Args)]
pub(crate) struct On {
    /// The spec
    pub(crate) file: PathBuf,
    /// The build context, in which folders and files of extensions are looked up
    #[arg(long, default_value = ".")]
    pub(crate) context: PathBuf,
    /// A folder of extensions to use instead of the catalogue
    #[arg(long)]
    pub(crate) extensions: Option<PathBuf>,
    /// A value for an argument of the spec, as `docker buildx build` takes it
    #[arg(long = "build-arg", value_name = "NAME=VALUE")]
    pub(crate) arguments: Vec<String>,
    /// The platform to build for
    #[arg(long, default_value = concat!("linux/", "amd64"))]
    pub(crate) platform: String,
}

impl On {
    /// The request of a build with these arguments.
    pub(crate) fn request(&self) -> Result<BuildRequest, Failure> {
        let mut options = vec![("platform".to_owned(), self.platform.clone())];
        for argument in &self.arguments {
            let (name, value) = match argument.split_once('=') {
                Some((name, value)) => (name, value.to_owned()),
                // docker takes the value from the environment, and leaves out what is not there.
                None => match std::env::var(argument) {
                    Ok(value) => (argument.as_str(), value),
                    Err(_) => continue,
                },
            };
            if name.is_empty() {
                return Err(Failure::new(format!(
                    "--build-arg `{argument}` is not of the form `NAME=value`"
                )));
            }
            options.push((format!("build-arg:{name}"), value));
        }
        BuildRequest::read(&Options::from_values(options))
    }

    /// The catalogue to use.
    pub(crate) fn catalogue(&self) -> CatalogueFiles {
        match &self.extensions {
            Some(folder) => CatalogueFiles::in_folder(folder),
            None => CatalogueFiles::of_frontend(),
        }
    }
}
