//! What the user asks for besides the spec: the options of the build, read once.

pub(crate) mod arguments;
mod commands;
mod go;
mod location;
mod lock_mode;
mod named_contexts;
mod platforms;
mod sessions;
mod values;

use std::collections::BTreeMap;

use buildkit_llb::Platform;
use compile::{Commands, Epoch, ProxyEnvironment, Rerun, ResolveMode};
use gateway::{CacheImport, Evaluation, Failure, Options};
use plan::Plan;
use source::closest;
use spec::WarningRules;

pub(crate) use location::Location;
pub(crate) use lock_mode::LockMode;
pub(crate) use named_contexts::NamedContexts;
pub(crate) use platforms::Shape;
pub(crate) use sessions::Sessions;

/// The options of a build.
#[derive(Debug)]
pub(crate) struct BuildRequest {
    pub(crate) location: Location,
    pub(crate) sessions: Sessions,
    pub(crate) named_contexts: NamedContexts,
    /// What is built for, in the order asked for, each once; at least one.
    pub(crate) platforms: Vec<Platform>,
    pub(crate) shape: Shape,
    /// The value of `--target`; empty means the whole image.
    pub(crate) target: String,
    /// How the engine is to look for images.
    pub(crate) resolve_mode: ResolveMode,
    pub(crate) labels: BTreeMap<String, String>,
    /// Values given to arguments of the spec.
    pub(crate) arguments: BTreeMap<String, String>,
    pub(crate) proxy: Option<ProxyEnvironment>,
    pub(crate) commands: Commands,
    /// `SOURCE_DATE_EPOCH`.
    pub(crate) epoch: Option<Epoch>,
    pub(crate) rerun: Rerun,
    /// Whether newer package lists are asked for: with `--pull`, and if everything runs again.
    pub(crate) renews_packages: bool,
    pub(crate) cache_imports: Vec<CacheImport>,
    /// Which warnings are shown, if the request says so rather than the spec.
    pub(crate) warning_rules: Option<WarningRules>,
    pub(crate) wants_sbom: bool,
    /// Whether it is a question about a build (`--call`), for which clients make no inputs.
    pub(crate) is_question: bool,
    /// Who evaluates the graph: the frontend, which can then tell failures in the user's words, or, with
    /// `INLAY_DEBUG=1`, the client after the frontend has answered, whose debugger can then step through it.
    pub(crate) evaluation: Evaluation,
    /// How the lock beside the spec is used.
    pub(crate) lock: LockMode,
}

/// Options that would change the image and that this version does not support: ignoring them would
/// build something else than was asked for. The key, and the flag that people know.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("cpuperiod", "--resource cpu-period"),
    ("cpuquota", "--resource cpu-quota"),
    ("cpusetcpus", "--resource cpuset-cpus"),
    ("cpusetmems", "--resource cpuset-mems"),
    ("cpushares", "--resource cpu-shares"),
    ("memory", "--resource memory"),
    ("memswap", "--resource memory-swap"),
];

impl BuildRequest {
    /// Reads the options.
    ///
    /// # Errors
    /// When one cannot be understood: the message names the option, its value and the accepted form.
    pub(crate) fn read(options: &Options) -> Result<Self, Failure> {
        refuse_unsupported(options)?;
        let platforms = platforms::read_platforms(options)?;
        let resolve_mode = values::read_resolve_mode(options)?;
        let rerun = values::read_rerun(options)?;
        let (evaluation, lock) = values::read_own(options)?;
        Ok(Self {
            location: Location::read(options)?,
            sessions: Sessions::read(options),
            named_contexts: NamedContexts::read(options),
            shape: platforms::read_shape(options, &platforms)?,
            platforms,
            target: options.get("target").unwrap_or_default().to_lowercase(),
            resolve_mode,
            renews_packages: resolve_mode == ResolveMode::Pull
                || rerun == Rerun::All
                || lock.upgrades_all(),
            labels: options
                .with_prefix("label:")
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
            arguments: arguments::read_given(options),
            proxy: values::read_proxy(options),
            commands: commands::read_commands(options)?,
            epoch: values::read_epoch(options)?,
            rerun,
            cache_imports: options.cache_imports()?,
            warning_rules: values::read_warning_rules(options)?,
            wants_sbom: values::wants_sbom(options),
            is_question: options.get("requestid").is_some_and(|id| !id.is_empty()),
            evaluation,
            lock,
        })
    }

    /// Refuses names of extensions to run again that the image does not have.
    pub(crate) fn require_known(&self, plan: &Plan) -> Result<(), Failure> {
        let Rerun::Extensions(names) = &self.rerun else {
            return Ok(());
        };
        let known: Vec<&str> = plan
            .extensions
            .iter()
            .map(|extension| extension.name.as_str())
            .collect();
        let unknown = names.iter().find(|name| !known.contains(&name.as_str()));
        let Some(name) = unknown else { return Ok(()) };
        let help = match closest(name.as_str(), known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => "it has none".to_owned(),
            None => format!("it has `{}`", known.join("`, `")),
        };
        Err(Failure::new(format!(
            "--no-cache-filter `{name}`: the image has no such extension; {help}"
        )))
    }
}

fn refuse_unsupported(options: &Options) -> Result<(), Failure> {
    for (key, flag) in UNSUPPORTED {
        if let Some(value) = options.get(key).filter(|value| !value.is_empty()) {
            return Err(Failure::new(format!(
                "{flag} (`{value}`) is not supported by this version of inlay"
            )));
        }
    }
    // The whole value of `# syntax=`, which begins with the image
    // (frontend/dockerfile/builder/build.go).
    let syntax = options.get("cmdline").unwrap_or_default();
    match syntax.split_whitespace().nth(1) {
        None => Ok(()),
        Some(word) => Err(Failure::new(format!(
            "`# syntax={syntax}`: inlay takes no options after its image, such as `{word}`"
        ))),
    }
}
