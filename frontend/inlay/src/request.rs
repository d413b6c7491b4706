//! What the user asked for beside the spec: the options of the build, read once.

use std::collections::{BTreeMap, BTreeSet};

use buildkit_llb::Platform;
use compile::{Commands, Epoch, ProxyEnvironment, Rerun, ResolveMode};
use gateway::{CacheImport, Failure, Options};
use plan::Plan;
use source::closest;
use spec::{ExtensionName, WarningRules};

pub(crate) mod arguments;
mod commands;

/// A build's options.
#[derive(Debug, Clone)]
pub(crate) struct BuildRequest {
    /// The name of the spec's file.
    pub(crate) filename: String,
    /// The name of the local source that holds the spec.
    pub(crate) spec_source: String,
    /// The platform that is built for at the moment, one of `platforms`.
    pub(crate) platform: Platform,
    /// What is built for, in the order asked for, each once.
    pub(crate) platforms: Vec<Platform>,
    pub(crate) shape: Shape,
    /// What is asked for with `--target`; the image if empty.
    pub(crate) target: String,
    pub(crate) resolve_mode: ResolveMode,
    /// `resolve_mode` in BuildKit's words, for calls.
    pub(crate) resolve_mode_word: String,
    pub(crate) labels: BTreeMap<String, String>,
    /// Values given to arguments of the spec.
    pub(crate) arguments: BTreeMap<String, String>,
    pub(crate) proxy: Option<ProxyEnvironment>,
    pub(crate) commands: Commands,
    /// `SOURCE_DATE_EPOCH`.
    pub(crate) epoch: Option<Epoch>,
    pub(crate) rerun: Rerun,
    pub(crate) cache_imports: Vec<CacheImport>,
    /// Which warnings are shown, where it is not left to the spec.
    pub(crate) warning_rules: Option<WarningRules>,
}

/// The shape of a build's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One image.
    Single,
    /// An image for each platform, be it for one only.
    Map,
}

/// Options that would change the image and that this version does not honor: saying nothing would
/// build something else than was asked for. The key, and the flag people know.
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
    /// Reads the options; the error names the option, its value and the accepted form.
    pub(crate) fn read(options: &Options) -> Result<Self, Failure> {
        for (key, flag) in UNSUPPORTED {
            if let Some(value) = options.get(key).filter(|value| !value.is_empty()) {
                return Err(Failure::new(format!(
                    "{flag} (`{value}`) is not supported by this version of inlay"
                )));
            }
        }
        // The whole value of `# syntax=`, the image first (frontend/dockerfile/builder/build.go).
        let syntax = options.get("cmdline").unwrap_or_default();
        if let Some(word) = syntax.split_whitespace().nth(1) {
            return Err(Failure::new(format!(
                "`# syntax={syntax}`: inlay takes no words behind its image, such as `{word}`"
            )));
        }
        let (resolve_mode, word) = resolve_mode(options)?;
        let platforms = platforms(options)?;
        Ok(Self {
            filename: options.get("filename").unwrap_or("inlay.yaml").to_owned(),
            spec_source: options
                .get("dockerfilekey")
                .unwrap_or("dockerfile")
                .to_owned(),
            platform: platforms[0].clone(),
            shape: shape(options, &platforms)?,
            platforms,
            target: options.get("target").unwrap_or_default().to_lowercase(),
            resolve_mode,
            resolve_mode_word: word.to_owned(),
            labels: options
                .with_prefix("label:")
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
            arguments: arguments::given(options),
            proxy: proxy(options),
            commands: commands::commands(options)?,
            epoch: epoch(options)?,
            rerun: rerun(options)?,
            cache_imports: options.cache_imports()?,
            warning_rules: warning_rules(options)?,
        })
    }

    /// Refuses names of extensions to run again that the image does not have.
    pub(crate) fn require_known(&self, plan: &Plan) -> Result<(), Failure> {
        let Rerun::Extensions(names) = &self.rerun else {
            return Ok(());
        };
        let known = || {
            plan.extensions
                .iter()
                .map(|extension| extension.name.as_str())
        };
        let unknown = names
            .iter()
            .find(|name| known().all(|known| known != name.as_str()));
        let Some(name) = unknown else { return Ok(()) };
        let help = match closest(name.as_str(), known()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it has {}", known().collect::<Vec<_>>().join(", ")),
        };
        Err(Failure::new(format!(
            "--no-cache-filter `{name}`: the image has no such extension; {help}"
        )))
    }
}

/// The platforms asked for, else the engine's own; at least one.
fn platforms(options: &Options) -> Result<Vec<Platform>, Failure> {
    let mut platforms: Vec<Platform> = Vec::new();
    let asked = options.get("platform").unwrap_or_default();
    for text in asked
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty())
    {
        let platform = text.parse().map_err(|_| {
            Failure::new(format!(
                "--platform `{text}` is not of the form `linux/amd64`"
            ))
        })?;
        if !platforms.contains(&platform) {
            platforms.push(platform);
        }
    }
    if platforms.is_empty() {
        let own = options.default_platform();
        let own = own.map(|own| Platform::new(&own.os, &own.architecture, &own.variant));
        platforms.push(own.unwrap_or_else(|| Platform::new("linux", std::env::consts::ARCH, "")));
    }
    Ok(platforms)
}

/// Whether a map of platforms is wanted though there is one (frontend/dockerui/config.go).
fn shape(options: &Options, platforms: &[Platform]) -> Result<Shape, Failure> {
    const NAMES: [(&str, &str); 2] = [
        (
            "build-arg:BUILDKIT_MULTI_PLATFORM",
            "--build-arg BUILDKIT_MULTI_PLATFORM",
        ),
        ("multi-platform", "multi-platform"),
    ];
    let given = NAMES.iter().find_map(|(key, name)| {
        let value = options.get(key).filter(|value| !value.is_empty())?;
        Some((*name, value))
    });
    let has_several = platforms.len() > 1;
    match given {
        None if has_several => Ok(Shape::Map),
        None => Ok(Shape::Single),
        // As Go reads booleans.
        Some((_, "1" | "t" | "T" | "true" | "TRUE" | "True")) => Ok(Shape::Map),
        Some((name, value @ ("0" | "f" | "F" | "false" | "FALSE" | "False"))) => {
            if has_several {
                return Err(Failure::new(format!(
                    "{name} `{value}` and several platforms exclude each other: leave one out"
                )));
            }
            Ok(Shape::Single)
        }
        Some((name, value)) => Err(Failure::new(format!(
            "{name} `{value}` is none of `true` and `false`"
        ))),
    }
}

fn resolve_mode(options: &Options) -> Result<(ResolveMode, &str), Failure> {
    match options.get("image-resolve-mode").unwrap_or("default") {
        "" | "default" => Ok((ResolveMode::Default, "default")),
        "pull" => Ok((ResolveMode::Pull, "pull")),
        "local" => Ok((ResolveMode::Local, "local")),
        other => Err(Failure::new(format!(
            "image-resolve-mode `{other}` is none of `default`, `pull` and `local`"
        ))),
    }
}

fn proxy(options: &Options) -> Option<ProxyEnvironment> {
    let value = |name: &str| {
        let upper = name.to_uppercase();
        let found = options.get(&format!("build-arg:{upper}"));
        found
            .or_else(|| options.get(&format!("build-arg:{name}")))
            .unwrap_or_default()
            .to_owned()
    };
    let proxy = ProxyEnvironment {
        http: value("http_proxy"),
        https: value("https_proxy"),
        ftp: value("ftp_proxy"),
        none: value("no_proxy"),
        all: value("all_proxy"),
    };
    let all = [
        &proxy.http,
        &proxy.https,
        &proxy.ftp,
        &proxy.none,
        &proxy.all,
    ];
    all.iter().any(|value| !value.is_empty()).then_some(proxy)
}

/// An argument for all files of a project; it wins over what a file says itself.
fn warning_rules(options: &Options) -> Result<Option<WarningRules>, Failure> {
    let given = options.get("build-arg:BUILDKIT_DOCKERFILE_CHECK");
    let Some(text) = given.filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    let rules = WarningRules::parse(text).map_err(|reason| {
        Failure::new(format!(
            "--build-arg BUILDKIT_DOCKERFILE_CHECK `{text}`: {reason}"
        ))
    })?;
    Ok(Some(rules))
}

/// The time that is given to what is made; docker/dockerfile has words for it too, which mean nothing
/// without a remote build context.
fn epoch(options: &Options) -> Result<Option<Epoch>, Failure> {
    let given = options
        .get("build-arg:SOURCE_DATE_EPOCH")
        .unwrap_or_default();
    if given.is_empty() {
        return Ok(None);
    }
    let epoch = given.parse().ok().and_then(Epoch::new);
    epoch.map(Some).ok_or_else(|| {
        Failure::new(format!(
            "--build-arg SOURCE_DATE_EPOCH `{given}` is no whole number of seconds since 1970, such as \
             `$(git log -1 --format=%ct)`"
        ))
    })
}

/// `no-cache` is empty for everything, or names what runs again.
fn rerun(options: &Options) -> Result<Rerun, Failure> {
    match options.get("no-cache") {
        None => Ok(Rerun::Extensions(BTreeSet::new())),
        Some("") => Ok(Rerun::All),
        Some(names) => {
            let names = names
                .split(',')
                .map(str::trim)
                .filter(|name| !name.is_empty());
            let names: Result<_, _> = names
                .map(|name| {
                    ExtensionName::new(name.to_lowercase()).map_err(|form| {
                        Failure::new(format!(
                            "--no-cache-filter `{name}` is no extension's name: {form}"
                        ))
                    })
                })
                .collect();
            Ok(Rerun::Extensions(names?))
        }
    }
}
