//! What the user asked for beside the spec: the options of the build, read once.

use std::collections::{BTreeMap, BTreeSet};

use buildkit_llb::Platform;
use compile::{ProxyEnvironment, Rerun, ResolveMode};
use gateway::{CacheImport, Failure, Options};
use source::closest;
use spec::ExtensionName;

/// A build's options.
#[derive(Debug, Clone)]
pub(crate) struct BuildRequest {
    /// The name of the spec's file.
    pub(crate) filename: String,
    /// The name of the local source that holds the spec.
    pub(crate) spec_source: String,
    pub(crate) platform: Platform,
    pub(crate) resolve_mode: ResolveMode,
    /// `resolve_mode` in BuildKit's words, for calls.
    pub(crate) resolve_mode_word: String,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) proxy: Option<ProxyEnvironment>,
    pub(crate) rerun: Rerun,
    pub(crate) cache_imports: Vec<CacheImport>,
}

/// Options that would change the image and that this version does not honor: saying nothing would
/// build something else than was asked for. The key, and the flag people know.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("add-hosts", "--add-host"),
    (
        "build-arg:BUILDKIT_SANDBOX_HOSTNAME",
        "--build-arg BUILDKIT_SANDBOX_HOSTNAME",
    ),
    ("cgroup-parent", "--cgroup-parent"),
    ("force-network-mode", "--network"),
    ("hostname", "--build-arg BUILDKIT_SANDBOX_HOSTNAME"),
    ("shm-size", "--shm-size"),
    ("target", "--target"),
    ("ulimit", "--ulimit"),
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
        arguments(options)?;
        let (resolve_mode, word) = resolve_mode(options)?;
        Ok(Self {
            filename: options.get("filename").unwrap_or("inlay.yaml").to_owned(),
            spec_source: options
                .get("dockerfilekey")
                .unwrap_or("dockerfile")
                .to_owned(),
            platform: platform(options)?,
            resolve_mode,
            resolve_mode_word: word.to_owned(),
            labels: options
                .with_prefix("label:")
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
            proxy: proxy(options),
            rerun: rerun(options)?,
            cache_imports: options.cache_imports()?,
        })
    }
}

fn platform(options: &Options) -> Result<Platform, Failure> {
    let asked = options.get("platform").filter(|text| !text.is_empty());
    if let Some(text) = asked {
        if text.contains(',')
            || options
                .get("multi-platform")
                .is_some_and(|value| value == "true")
        {
            return Err(Failure::new(format!(
                "--platform `{text}`: this version of inlay builds one platform at a time"
            )));
        }
        return text.parse().map_err(|_| {
            Failure::new(format!(
                "--platform `{text}` is not of the form `linux/amd64`"
            ))
        });
    }
    let own = options.default_platform();
    let own = own.map(|own| Platform::new(&own.os, &own.architecture, &own.variant));
    Ok(own.unwrap_or_else(|| Platform::new("linux", std::env::consts::ARCH, "")))
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

/// Refuses build arguments nobody reads; those with a meaning of their own are never refused
/// (BuildKit's `frontend/dockerui`).
fn arguments(options: &Options) -> Result<(), Failure> {
    const PROXIES: &[&str] = &[
        "http_proxy",
        "https_proxy",
        "ftp_proxy",
        "no_proxy",
        "all_proxy",
    ];
    for (name, _) in options.with_prefix("build-arg:") {
        let is_reserved = name.starts_with("BUILDKIT_")
            || name == "SOURCE_DATE_EPOCH"
            || PROXIES.contains(&name.to_lowercase().as_str());
        if !is_reserved {
            let known = [
                "SOURCE_DATE_EPOCH",
                "BUILDKIT_SYNTAX",
                "BUILDKIT_INLINE_CACHE",
            ];
            let help = match closest(name, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "give values as parameters in the spec: `- node: { version: \"24\" }`"
                    .to_owned(),
            };
            return Err(Failure::new(format!(
                "--build-arg `{name}`: this version of inlay has no build arguments of its own; {help}"
            )));
        }
    }
    Ok(())
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
