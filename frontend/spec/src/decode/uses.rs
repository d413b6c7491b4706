//! Decodes the entries of a spec's `extensions`.

use std::collections::BTreeMap;

use source::{Code, Diagnostic, Diagnostics, Reported, Spanned};

use crate::decode::extension::{TextOf, read_extension};
use crate::decode::phrase::shorten;
use crate::decode::scalar::{
    construct, construct_name, parse_relative_path, read_name, read_names,
};
use crate::decode::value::{Value, read_mapping, read_text};
use crate::keys;
use crate::yaml::tree::{Entry, Kind};
use crate::{ExtensionName, ParameterName, Use, Used};

/// Reads an entry of `extensions`: text, one key with parameters, or the definition of an extension.
///
/// `text_of_value` reads the values of parameters and puts arguments into them.
pub(crate) fn read_use(
    diagnostics: &mut Diagnostics,
    value: Value<'_>,
    text_of_value: TextOf<'_>,
) -> Result<Use, Reported> {
    let mut with = BTreeMap::new();
    let mut after = Vec::new();
    let used = match &value.node.kind {
        Kind::Mapping(entries) if is_definition(entries) => {
            if let [entry] = entries.as_slice() {
                report_lone_name(diagnostics, entry);
            }
            Used::Inline(Box::new(read_extension(diagnostics, value, text_of_value)?))
        }
        Kind::Mapping(entries) => match entries.as_slice() {
            [entry] => {
                let place = read_place(diagnostics, &entry.key);
                (with, after) = read_parameters(diagnostics, entry, text_of_value);
                place?
            }
            entries => return Err(report_several(diagnostics, entries, value)),
        },
        _ => {
            let written = read_text(diagnostics, value)?;
            read_place(diagnostics, &written)?
        }
    };
    Ok(Use {
        used,
        with,
        after,
        span: value.node.span,
    })
}

/// Whether a mapping is meant as the definition of an extension, because it has a key of one. A mapping
/// with a single key uses the extension of that name, unless the key is `name`.
fn is_definition(entries: &[Entry]) -> bool {
    match entries {
        [entry] => entry.key.value == "name",
        entries => entries
            .iter()
            .any(|entry| keys::EXTENSION.key(&entry.key.value).is_some()),
    }
}

fn read_place(diagnostics: &mut Diagnostics, written: &Spanned<String>) -> Result<Used, Reported> {
    if written.value.contains('/') {
        let kind = "path of a folder in the build context";
        construct(diagnostics, written, kind, parse_relative_path).map(Used::Folder)
    } else {
        construct_name(diagnostics, written).map(Used::Named)
    }
}

fn read_parameters(
    diagnostics: &mut Diagnostics,
    entry: &Entry,
    text_of_value: TextOf<'_>,
) -> (
    BTreeMap<ParameterName, Spanned<String>>,
    Vec<Spanned<ExtensionName>>,
) {
    let value = Value::of(entry);
    let mut with = BTreeMap::new();
    let mut after = Vec::new();
    if value.is_absent() {
        return (with, after);
    }
    if let (Kind::Scalar { text, .. }, name) = (&entry.value.kind, &entry.key.value) {
        let message = format!("`{name}` must be a mapping of parameters, not text");
        let help = format!(
            "name the parameter, such as `{name}: {{ version: \"{}\" }}`",
            shorten(text)
        );
        let diagnostic = Diagnostic::new(Code::WrongKind, entry.value.span, message);
        diagnostics.push(diagnostic.help(help));
        return (with, after);
    }
    for entry in read_mapping(diagnostics, value).unwrap_or_default() {
        if entry.key.value == "after" {
            after = read_after(diagnostics, Value::of(entry));
            continue;
        }
        if keys::RESERVED.contains(&entry.key.value.as_str()) {
            let message = format!(
                "`{}` is planned, but not available in this version",
                entry.key.value
            );
            let diagnostic = Diagnostic::new(Code::PlannedKey, entry.key.span, message);
            diagnostics.push(diagnostic.help("leave it out"));
            continue;
        }
        let name = construct_name(diagnostics, &entry.key);
        let given = text_of_value(diagnostics, Value::of(entry));
        if let (Ok(name), Ok(given)) = (name, given) {
            with.insert(name.value, given);
        }
    }
    (with, after)
}

/// Reads the value of `after`: a name, or a list of names.
fn read_after(diagnostics: &mut Diagnostics, value: Value<'_>) -> Vec<Spanned<ExtensionName>> {
    if value.is_scalar() && !value.is_absent() {
        return read_name(diagnostics, value).into_iter().collect();
    }
    read_names(diagnostics, Some(value))
}

/// Reports `- name: uv`: either the extension should be used, or its definition is incomplete.
fn report_lone_name(diagnostics: &mut Diagnostics, entry: &Entry) {
    let help = match &entry.value.kind {
        Kind::Scalar { text, .. } if ExtensionName::new(text.as_str()).is_ok() => {
            format!(
                "write `- {text}` to use the extension of that name, or add what it needs, such as `install`"
            )
        }
        _ => "add what it needs, such as `install`".to_owned(),
    };
    let message = "an extension that is defined here has no content";
    diagnostics.push(Diagnostic::new(Code::MissingKey, entry.key.span, message).help(help));
}

/// Reports a mapping without keys, or with several keys of which none is a key of an extension.
fn report_several(diagnostics: &mut Diagnostics, entries: &[Entry], value: Value<'_>) -> Reported {
    let [first, rest @ ..] = entries else {
        return value.report_wrong_kind(diagnostics, "the name of an extension");
    };
    let name = &first.key.value;
    let message = "an entry of `extensions` can only name one extension";
    let help = if Value::of(first).is_absent() {
        let second = rest
            .first()
            .map_or("the lines", |entry| entry.key.value.as_str());
        format!("indent `{second}` further than `{name}` if it is its parameter")
    } else {
        "begin each extension with `- `".to_owned()
    };
    diagnostics.push(Diagnostic::new(Code::WrongKind, first.key.span, message).help(help));
    Reported
}
