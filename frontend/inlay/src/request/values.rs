//! Options of one value each.

use std::collections::BTreeSet;

use compile::{Epoch, ProxyEnvironment, Rerun, ResolveMode};
use gateway::{Evaluation, Failure, Options};
use source::closest;
use spec::{ExtensionName, WarningRules};

use crate::request::{LockMode, go};

pub(crate) fn read_resolve_mode(options: &Options) -> Result<ResolveMode, Failure> {
    match options.get("image-resolve-mode").unwrap_or("default") {
        "" | "default" => Ok(ResolveMode::Default),
        "pull" => Ok(ResolveMode::Pull),
        "local" => Ok(ResolveMode::Local),
        other => Err(Failure::new(format!(
            "image-resolve-mode must be `default`, `pull` or `local`, not `{other}`"
        ))),
    }
}

/// The proxies of commands; build arguments of either case name them.
pub(crate) fn read_proxy(options: &Options) -> Option<ProxyEnvironment> {
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

/// The warning rules for all files of a project, which win over those in a spec.
pub(crate) fn read_warning_rules(options: &Options) -> Result<Option<WarningRules>, Failure> {
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

/// The time of what is built. docker/dockerfile also takes words, such as `context`; they mean
/// nothing without a remote build context.
pub(crate) fn read_epoch(options: &Options) -> Result<Option<Epoch>, Failure> {
    let given = options
        .get("build-arg:SOURCE_DATE_EPOCH")
        .unwrap_or_default();
    if given.is_empty() {
        return Ok(None);
    }
    let epoch = given.parse().ok().and_then(Epoch::new);
    epoch.map(Some).ok_or_else(|| {
        Failure::new(format!(
            "--build-arg SOURCE_DATE_EPOCH `{given}` is not a whole number of seconds since 1970, \
             such as `$(git log -1 --format=%ct)`"
        ))
    })
}

/// What runs again: `no-cache` is empty for everything, or names extensions.
pub(crate) fn read_rerun(options: &Options) -> Result<Rerun, Failure> {
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
                            "--no-cache-filter `{name}` is not a valid extension name: {form}"
                        ))
                    })
                })
                .collect();
            Ok(Rerun::Extensions(names?))
        }
    }
}

/// Whether inlay is to make a bill of materials: one is asked for, and no generator is named for it.
pub(crate) fn wants_sbom(options: &Options) -> bool {
    let asked = options.get("attest:sbom");
    asked.is_some_and(|value| {
        !value
            .split(',')
            .any(|field| field.starts_with("generator="))
    })
}

/// The build arguments that inlay reads itself begin with this; no spec declares one of that name.
const OWN_ARGUMENTS: &str = "build-arg:INLAY_";

/// The names of these arguments.
const OWN_NAMES: [&str; 2] = ["INLAY_DEBUG", "INLAY_LOCK"];

/// Who evaluates the graph: `INLAY_DEBUG` leaves it to the client. How the lock is used: `INLAY_LOCK`. Other arguments of
/// inlay's own do not exist.
pub(crate) fn read_own(options: &Options) -> Result<(Evaluation, LockMode), Failure> {
    let mut evaluation = Evaluation::Now;
    let mut lock = LockMode::Used;
    for (name, value) in options.with_prefix(OWN_ARGUMENTS) {
        match (name, go::parse_boolean(value)) {
            ("DEBUG", Some(true)) => evaluation = Evaluation::Lazy,
            ("DEBUG", Some(false)) => evaluation = Evaluation::Now,
            ("DEBUG", None) => {
                return Err(Failure::new(format!(
                    "--build-arg INLAY_DEBUG must be `true` or `false`, not `{value}`"
                )));
            }
            ("LOCK", _) => lock = LockMode::read(value)?,
            _ => {
                let name = format!("INLAY_{name}");
                let help = match closest(&name, OWN_NAMES) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there are `{}`", OWN_NAMES.join("` and `")),
                };
                return Err(Failure::new(format!(
                    "--build-arg `{name}`: inlay has no such option; {help}"
                )));
            }
        }
    }
    Ok((evaluation, lock))
}
