//! Decodes an extension's `build`.

use source::{Diagnostics, Reported, Spanned};

use crate::decode::fields::read_fields;
use crate::decode::install::read_filled_path;
use crate::decode::mounts::check_variables;
use crate::decode::scalar::{read_form, read_names, report_bad_value};
use crate::decode::source::read_sources;
use crate::decode::step::read_step;
use crate::decode::template::Scope;
use crate::decode::value::{Value, read_list, read_list_of, read_text};
use crate::keys;
use crate::{Build, BuilderBase, ImagePath, ImageReference};

/// Reads what runs on the builder base.
pub(crate) fn read_build(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    value: Value<'_>,
) -> Result<Build, Reported> {
    let fields = read_fields(diagnostics, value, &keys::BUILD)?;
    let on = fields.optional("on", |value| {
        read_form(diagnostics, value, "builder base", parse_builder_base)
    });
    let packages = read_names(diagnostics, fields.get("packages"));
    let sources = read_sources(diagnostics, scope, fields.get("sources"));
    let steps = read_list_of(diagnostics, fields.get("steps"), read_step);
    check_variables(diagnostics, scope, &steps);
    let outputs = fields.optional("outputs", |value| {
        let entries = read_list(diagnostics, value)?;
        let outputs = entries.filter_map(|entry| read_output(diagnostics, entry).ok());
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

fn parse_builder_base(written: &str) -> Result<BuilderBase, String> {
    match written {
        "default" => Ok(BuilderBase::Default),
        "base" => Ok(BuilderBase::Base),
        image => ImageReference::new(image)
            .map(BuilderBase::Image)
            .map_err(|reason| format!("unless it is `default` or `base`, {reason}")),
    }
}

/// Reads a path below `$OUT`. It is looked up there as it is written, so a path must not go through one
/// of the links of the base.
fn read_output(
    diagnostics: &mut Diagnostics,
    value: Value<'_>,
) -> Result<Spanned<ImagePath>, Reported> {
    let written = read_text(diagnostics, value)?;
    let help = "leave `outputs` out to take all of `$OUT`";
    let path = read_filled_path(diagnostics, value, help)?;
    let first = written
        .value
        .split('/')
        .find(|part| !part.is_empty() && *part != ".");
    let canonical = path.value.as_str();
    if canonical.starts_with("/usr/") && first != Some("usr") {
        let first = first.unwrap_or_default();
        let message = format!("`/{first}` is a link to `/usr/{first}` on every base");
        let help = format!("write `{canonical}`, and install it to `$OUT{canonical}`");
        return Err(report_bad_value(diagnostics, written.span, message, help));
    }
    Ok(path)
}
