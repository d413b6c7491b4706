//! Decodes a spec.

use std::collections::BTreeMap;

use source::{Code, Diagnostic, Diagnostics, Reported, Spanned};

use crate::decode::arguments::arguments;
use crate::decode::extension::{TextOf, extension, variables};
use crate::decode::scalar::{bad_value, construct, relative_path, unknown_word};
use crate::decode::value::{Value, fields, list, mapping, shortened, text};
use crate::keys;
use crate::yaml::{Entry, Kind};
use crate::{ExtensionName, Image, ImageReference, Packages, ParameterName, Use, Used};

/// A spec without what was reported; an error when it has no valid base.
pub(crate) fn image(
    diagnostics: &mut Diagnostics,
    value: &Value<'_>,
    given: &BTreeMap<String, String>,
) -> Result<Image, Reported> {
    let fields = fields(diagnostics, value, &keys::IMAGE).ok_or(Reported)?;
    let (declared, arguments) = arguments(diagnostics, fields.get("arguments"), given);
    let text =
        |diagnostics: &mut Diagnostics, value: &Value<'_>| arguments.text(diagnostics, value);
    let base = fields.get("base").and_then(|value| {
        arguments.named(diagnostics, &value, "image", |name| {
            ImageReference::new(name)
        })
    });
    let extensions = fields
        .get("extensions")
        .map(|value| list(diagnostics, &value))
        .unwrap_or_default()
        .iter()
        .filter_map(|entry| used(diagnostics, entry, &text))
        .collect();
    let packages = fields
        .get("packages")
        .and_then(|value| packages(diagnostics, &value));
    let environment = fields
        .get("environment")
        .map(|value| variables(diagnostics, &value, text))
        .unwrap_or_default();
    let path = fields
        .get("path")
        .map(|value| list(diagnostics, &value))
        .unwrap_or_default()
        .iter()
        .filter_map(|entry| arguments.path(diagnostics, entry))
        .collect();
    let workdir = fields
        .get("workdir")
        .and_then(|value| arguments.path(diagnostics, &value));
    let labels = fields
        .get("labels")
        .map(|value| labels(diagnostics, &value, &text))
        .unwrap_or_default();
    Ok(Image {
        arguments: declared,
        base: base.ok_or(Reported)?,
        extensions,
        packages: packages.unwrap_or_default(),
        environment,
        path,
        workdir,
        labels,
    })
}

fn packages(diagnostics: &mut Diagnostics, value: &Value<'_>) -> Option<Packages> {
    let written = text(diagnostics, value)?;
    match written.value.as_str() {
        "union" => Some(Packages::Union),
        "isolated" => Some(Packages::Isolated),
        _ => {
            unknown_word(diagnostics, value.label, &written, &["union", "isolated"]);
            None
        }
    }
}

fn labels(
    diagnostics: &mut Diagnostics,
    value: &Value<'_>,
    text: TextOf<'_>,
) -> BTreeMap<String, Spanned<String>> {
    let mut labels = BTreeMap::new();
    for entry in mapping(diagnostics, value) {
        if entry.key.value.trim().is_empty() {
            bad_value(
                diagnostics,
                entry.key.span,
                "a label without a name",
                "name it",
            );
        }
        if let Some(content) = text(diagnostics, &Value::of(entry)) {
            labels.insert(entry.key.value.clone(), content);
        }
    }
    labels
}

/// An entry of `extensions`: text, one key with parameters, or a definition.
fn used(
    diagnostics: &mut Diagnostics,
    value: &Value<'_>,
    text_of_value: TextOf<'_>,
) -> Option<Use> {
    let Kind::Mapping(entries) = &value.node.kind else {
        let written = text(diagnostics, value)?;
        return Some(Use {
            used: place(diagnostics, &written)?,
            with: BTreeMap::new(),
            span: value.node.span,
        });
    };
    let (used, with) = match entries.as_slice() {
        [entry] if entry.key.value != "name" => (
            place(diagnostics, &entry.key),
            parameters(diagnostics, entry, text_of_value),
        ),
        entries if is_definition(entries) => {
            if let [entry] = entries {
                lone_name(diagnostics, entry);
            }
            let inline = extension(diagnostics, value, text_of_value).ok()?;
            (Some(Used::Inline(Box::new(inline))), BTreeMap::new())
        }
        entries => {
            several(diagnostics, entries, value);
            return None;
        }
    };
    Some(Use {
        used: used?,
        with,
        span: value.node.span,
    })
}

/// Whether a mapping is meant as an extension: any of its keys is one of an extension's.
fn is_definition(entries: &[Entry]) -> bool {
    entries
        .iter()
        .any(|entry| keys::EXTENSION.key(&entry.key.value).is_some())
}

fn place(diagnostics: &mut Diagnostics, written: &Spanned<String>) -> Option<Used> {
    if written.value.contains('/') {
        let path = construct(
            diagnostics,
            written,
            "folder of the build context",
            relative_path,
        )?;
        return Some(Used::Folder(path));
    }
    let name = construct(diagnostics, written, "extension's name", |name| {
        ExtensionName::new(name)
    })?;
    Some(Used::Named(name))
}

fn parameters(
    diagnostics: &mut Diagnostics,
    entry: &Entry,
    text_of_value: TextOf<'_>,
) -> BTreeMap<ParameterName, Spanned<String>> {
    let value = Value::of(entry);
    let mut with = BTreeMap::new();
    if value.is_absent() {
        return with;
    }
    if let (Kind::Scalar { text, .. }, name) = (&entry.value.kind, &entry.key.value) {
        let message = format!("`{name}` is text, where a mapping of parameters belongs");
        let help = format!(
            "name the parameter, such as `{name}: {{ version: \"{}\" }}`",
            shortened(text)
        );
        let diagnostic = Diagnostic::new(Code::WrongKind, entry.value.span, message);
        diagnostics.push(diagnostic.help(help));
        return with;
    }
    for entry in mapping(diagnostics, &value) {
        let name = construct(diagnostics, &entry.key, "parameter's name", |name| {
            ParameterName::new(name)
        });
        let given = text_of_value(diagnostics, &Value::of(entry));
        if let (Some(name), Some(given)) = (name, given) {
            with.insert(name.value, given);
        }
    }
    with
}

/// `- name: uv`: either more was meant, or less.
fn lone_name(diagnostics: &mut Diagnostics, entry: &Entry) {
    let help = match &entry.value.kind {
        Kind::Scalar { text, .. } if ExtensionName::new(text.as_str()).is_ok() => {
            format!("write `- {text}` to use the extension of that name, or add what it brings")
        }
        _ => "add what it brings, such as `install`".to_owned(),
    };
    let message = "an extension that is defined here brings nothing";
    diagnostics.push(Diagnostic::new(Code::MissingKey, entry.key.span, message).help(help));
}

/// Several keys, none of which is an extension's.
fn several(diagnostics: &mut Diagnostics, entries: &[Entry], value: &Value<'_>) {
    let [first, rest @ ..] = entries else {
        value.wrong_kind(diagnostics, "an extension's name");
        return;
    };
    let name = &first.key.value;
    let message = "an entry of `extensions` names one extension";
    let help = if Value::of(first).is_absent() {
        let second = rest
            .first()
            .map_or("the lines", |entry| entry.key.value.as_str());
        format!("indent `{second}` further than `{name}` if it is its parameter")
    } else {
        "begin each extension with `- `".to_owned()
    };
    diagnostics.push(Diagnostic::new(Code::WrongKind, first.key.span, message).help(help));
}
