//! Decodes a spec.

use std::collections::BTreeMap;

use source::{Diagnostics, Reported, Spanned};

use crate::decode::arguments::arguments;
use crate::decode::extension::{TextOf, variables};
use crate::decode::fields::fields;
use crate::decode::scalar::{bad_value, word};
use crate::decode::uses::used;
use crate::decode::value::{Value, list_of, mapping};
use crate::keys;
use crate::{Image, Packages};

/// A spec without what was reported; an error when it has no valid base.
pub(crate) fn image(
    diagnostics: &mut Diagnostics,
    value: Value<'_>,
    given: &BTreeMap<String, String>,
) -> Result<Image, Reported> {
    let fields = fields(diagnostics, value, &keys::IMAGE)?;
    let (declared, arguments) = arguments(diagnostics, fields.get("arguments"), given);
    let text = |diagnostics: &mut Diagnostics, value: Value<'_>| arguments.text(diagnostics, value);
    let base = fields
        .required("base")
        .and_then(|value| arguments.name(diagnostics, value));
    let extensions = list_of(
        diagnostics,
        fields.get("extensions"),
        |diagnostics, entry| used(diagnostics, entry, &text),
    );
    let packages = fields.optional("packages", |value| {
        word(diagnostics, value, fields.words("packages"))
    });
    let environment = variables(diagnostics, fields.get("environment"), text);
    let path = list_of(diagnostics, fields.get("path"), |diagnostics, entry| {
        arguments.name(diagnostics, entry)
    });
    let workdir = fields.optional("workdir", |value| arguments.name(diagnostics, value));
    let labels = labels(diagnostics, fields.get("labels"), &text);
    Ok(Image {
        arguments: declared,
        base: base?,
        extensions,
        packages: match packages {
            Some("union") => Packages::Union,
            _ => Packages::Isolated,
        },
        environment,
        path,
        workdir,
        labels,
    })
}

fn labels(
    diagnostics: &mut Diagnostics,
    value: Option<Value<'_>>,
    text: TextOf<'_>,
) -> BTreeMap<String, Spanned<String>> {
    let mut labels = BTreeMap::new();
    let Some(Ok(entries)) = value.map(|value| mapping(diagnostics, value)) else {
        return labels;
    };
    for entry in entries {
        if entry.key.value.trim().is_empty() {
            let message = "a label has an empty name";
            bad_value(diagnostics, entry.key.span, message, "name the label");
        }
        if let Ok(content) = text(diagnostics, Value::of(entry)) {
            labels.insert(entry.key.value.clone(), content);
        }
    }
    labels
}
