//! Decodes an extension's `build`.

use source::{Diagnostics, Spanned};

use crate::decode::install::filled_path;
use crate::decode::scalar::{Scope, bad_value, filled_text, image_path, named, names, word};
use crate::decode::secrets;
use crate::decode::source::sources;
use crate::decode::value::{Value, fields, list};
use crate::keys;
use crate::{
    Build, BuilderBase, CacheMount, ImagePath, ImageReference, Network, PackageName, Step,
};

/// What runs on the builder base.
pub(crate) fn build(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    value: &Value<'_>,
) -> Option<Build> {
    let fields = fields(diagnostics, value, &keys::BUILD)?;
    let on = fields
        .get("on")
        .and_then(|value| named(diagnostics, &value, "builder base", builder_base));
    let package_name = |name: &str| PackageName::new(name);
    let packages = names(diagnostics, fields.get("packages"), "package", package_name);
    let sources = fields
        .get("sources")
        .map(|value| sources(diagnostics, scope, &value))
        .unwrap_or_default();
    let steps = fields
        .get("steps")
        .map(|value| steps(diagnostics, &value))
        .unwrap_or_default();
    secrets::check_parameters(diagnostics, scope, &steps);
    let outputs = fields
        .get("outputs")
        .and_then(|value| outputs(diagnostics, &value));
    Some(Build {
        on,
        packages,
        sources,
        steps,
        outputs,
        span: value.whole(),
    })
}

fn builder_base(written: &str) -> Result<BuilderBase, String> {
    match written {
        "default" => Ok(BuilderBase::Default),
        "base" => Ok(BuilderBase::Base),
        image => ImageReference::new(image)
            .map(BuilderBase::Image)
            .map_err(|reason| format!("`default`, `base`, or an image as {reason}")),
    }
}

/// Commands, of a builder or on the user's base.
pub(crate) fn steps(diagnostics: &mut Diagnostics, value: &Value<'_>) -> Vec<Step> {
    list(diagnostics, value)
        .iter()
        .filter_map(|entry| step(diagnostics, entry))
        .collect()
}

fn step(diagnostics: &mut Diagnostics, value: &Value<'_>) -> Option<Step> {
    if !value.is_mapping() {
        return Some(Step {
            run: filled_text(diagnostics, value)?,
            network: Network::default(),
            cache: Vec::new(),
            secrets: Vec::new(),
            agents: Vec::new(),
            span: value.node.span,
        });
    }
    let fields = fields(diagnostics, value, &keys::STEP)?;
    let run = fields
        .get("run")
        .and_then(|value| filled_text(diagnostics, &value));
    let network = fields
        .get("network")
        .and_then(|value| word(diagnostics, &value, &["default", "none"]));
    let cache = fields
        .get("cache")
        .map(|value| caches(diagnostics, &value))
        .unwrap_or_default();
    let secrets = fields
        .get("secrets")
        .map(|value| secrets::secrets(diagnostics, &value))
        .unwrap_or_default();
    let agents = fields
        .get("ssh")
        .map(|value| secrets::agents(diagnostics, &value))
        .unwrap_or_default();
    secrets::check_places(diagnostics, &cache, &secrets);
    Some(Step {
        run: run?,
        network: match network {
            Some("none") => Network::None,
            _ => Network::Default,
        },
        cache,
        secrets,
        agents,
        span: value.node.span,
    })
}

fn caches(diagnostics: &mut Diagnostics, value: &Value<'_>) -> Vec<CacheMount> {
    list(diagnostics, value)
        .iter()
        .filter_map(|entry| {
            let fields = fields(diagnostics, entry, &keys::CACHE)?;
            let id = fields
                .get("id")
                .and_then(|value| filled_text(diagnostics, &value));
            let path = fields
                .get("path")
                .and_then(|value| image_path(diagnostics, &value));
            Some(CacheMount {
                id: id?,
                path: path?,
            })
        })
        .collect()
}

fn outputs(diagnostics: &mut Diagnostics, value: &Value<'_>) -> Option<Vec<Spanned<ImagePath>>> {
    if value.is_mapping() {
        let message = "`outputs` as a mapping is planned and not in this version";
        let diagnostic = source::Diagnostic::new(source::Code::PlannedKey, value.place, message);
        diagnostics.push(diagnostic.help("write a list of paths, or leave it out"));
        return None;
    }
    let outputs = list(diagnostics, value)
        .iter()
        .filter_map(|entry| output(diagnostics, entry))
        .collect();
    Some(outputs)
}

/// A path below `$OUT`. It is looked up there as it is written, so a path through one of the
/// base's links must be written as what it leads to.
fn output(diagnostics: &mut Diagnostics, value: &Value<'_>) -> Option<Spanned<ImagePath>> {
    let written = crate::decode::value::text(diagnostics, value)?;
    let path = filled_path(
        diagnostics,
        value,
        "leave `outputs` out to take all of `$OUT`",
    )?;
    let first = written
        .value
        .split('/')
        .find(|part| !part.is_empty() && *part != ".");
    let canonical = path.value.as_str();
    if canonical.starts_with("/usr/") && first != Some("usr") {
        let first = first.unwrap_or_default();
        let message = format!("`/{first}` is a link to `/usr/{first}` on every base");
        let help = format!("write `{canonical}`, and install it to `$OUT{canonical}`");
        bad_value(diagnostics, written.span, message, help);
        return None;
    }
    Some(path)
}
