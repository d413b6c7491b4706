//! Decodes an extension's `build`.

use source::{Diagnostics, Reported, Spanned};

use crate::decode::fields::fields;
use crate::decode::install::filled_path;
use crate::decode::mounts::check_variables;
use crate::decode::scalar::{bad_value, form, names};
use crate::decode::source::sources;
use crate::decode::step::step;
use crate::decode::template::Scope;
use crate::decode::value::{Value, list, list_of, text};
use crate::keys;
use crate::{Build, BuilderBase, ImagePath, ImageReference};

/// What runs on the builder base.
pub(crate) fn build(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    value: Value<'_>,
) -> Result<Build, Reported> {
    let fields = fields(diagnostics, value, &keys::BUILD)?;
    let on = fields.optional("on", |value| {
        form(diagnostics, value, "builder base", builder_base)
    });
    let packages = names(diagnostics, fields.get("packages"));
    let sources = sources(diagnostics, scope, fields.get("sources"));
    let steps = list_of(diagnostics, fields.get("steps"), step);
    check_variables(diagnostics, scope, &steps);
    let outputs = fields.optional("outputs", |value| {
        let entries = list(diagnostics, value)?;
        let outputs = entries.filter_map(|entry| output(diagnostics, entry).ok());
        Ok(outputs.collect())
    });
    Ok(Build {
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
            .map_err(|reason| format!("unless it is `default` or `base`, {reason}")),
    }
}

/// A path below `$OUT`. It is looked up there as it is written, so a path through one of the
/// base's links must be written as what the link leads to.
fn output(diagnostics: &mut Diagnostics, value: Value<'_>) -> Result<Spanned<ImagePath>, Reported> {
    let written = text(diagnostics, value)?;
    let help = "leave `outputs` out to take all of `$OUT`";
    let path = filled_path(diagnostics, value, help)?;
    let first = written
        .value
        .split('/')
        .find(|part| !part.is_empty() && *part != ".");
    let canonical = path.value.as_str();
    if canonical.starts_with("/usr/") && first != Some("usr") {
        let first = first.unwrap_or_default();
        let message = format!("`/{first}` is a link to `/usr/{first}` on every base");
        let help = format!("write `{canonical}`, and install it to `$OUT{canonical}`");
        return Err(bad_value(diagnostics, written.span, message, help));
    }
    Ok(path)
}
