//! Decodes a spec.

use std::collections::BTreeMap;

use source::{Diagnostics, Reported, Spanned};

use crate::decode::arguments::read_arguments;
use crate::decode::extension::{TextOf, read_variables};
use crate::decode::fields::read_fields;
use crate::decode::scalar::{read_word, report_bad_value};
use crate::decode::uses::read_use;
use crate::decode::value::{Value, read_list_of, read_mapping};
use crate::keys;
use crate::{Image, Packages};

/// Reads a spec, without the parts that were reported. Without a valid base, it is an error.
pub(crate) fn read_image(
    diagnostics: &mut Diagnostics,
    value: Value<'_>,
    given: &BTreeMap<String, String>,
) -> Result<Image, Reported> {
    let fields = read_fields(diagnostics, value, &keys::IMAGE)?;
    let (declared, arguments) = read_arguments(diagnostics, fields.get("arguments"), given);
    let text =
        |diagnostics: &mut Diagnostics, value: Value<'_>| arguments.read_text(diagnostics, value);
    let base = fields
        .required("base")
        .and_then(|value| arguments.read_name(diagnostics, value));
    let extensions = read_list_of(
        diagnostics,
        fields.get("extensions"),
        |diagnostics, entry| read_use(diagnostics, entry, &text),
    );
    let packages = fields.optional("packages", |value| {
        read_word(diagnostics, value, fields.words("packages"))
    });
    let snapshot = fields.optional("snapshot", |value| arguments.read_name(diagnostics, value));
    let environment = read_variables(diagnostics, fields.get("environment"), text);
    let path = read_list_of(diagnostics, fields.get("path"), |diagnostics, entry| {
        arguments.read_name(diagnostics, entry)
    });
    let workdir = fields.optional("workdir", |value| arguments.read_name(diagnostics, value));
    let labels = read_labels(diagnostics, fields.get("labels"), &text);
    Ok(Image {
        arguments: declared,
        base: base?,
        extensions,
        packages: match packages {
            Some("union") => Packages::Union,
            _ => Packages::Isolated,
        },
        snapshot,
        environment,
        path,
        workdir,
        labels,
    })
}

fn read_labels(
    diagnostics: &mut Diagnostics,
    value: Option<Value<'_>>,
    text: TextOf<'_>,
) -> BTreeMap<String, Spanned<String>> {
    let mut labels = BTreeMap::new();
    let Some(Ok(entries)) = value.map(|value| read_mapping(diagnostics, value)) else {
        return labels;
    };
    for entry in entries {
        if entry.key.value.trim().is_empty() {
            let message = "a label has an empty name";
            report_bad_value(diagnostics, entry.key.span, message, "name the label");
        }
        if let Ok(content) = text(diagnostics, Value::of(entry)) {
            labels.insert(entry.key.value.clone(), content);
        }
    }
    labels
}
