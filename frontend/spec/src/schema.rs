//! The format as JSON Schema (2020-12), made from the table that the decoder uses.
//!
//! Editors show the descriptions of keys from it, check forms and mark unknown keys. Only the decoder
//! finds what a schema cannot express, such as parameters that are not declared or two sources with one
//! name.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::keys::{EXTENSION, Form, IMAGE, Key, Object, Presence, Rule, Shape};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of a spec; `docs/schema.json` is its text.
pub fn schema() -> Value {
    document(&IMAGE, "inlay: a spec")
}

/// The schema of an extension's file; `docs/extension.schema.json` is its text.
pub fn extension_schema() -> Value {
    document(&EXTENSION, "inlay: an extension")
}

fn document(root: &'static Object, title: &str) -> Value {
    let mut definitions = BTreeMap::new();
    define(&mut definitions, root);
    let definitions: Map<String, Value> = definitions
        .into_iter()
        .map(|(name, definition)| (name.to_owned(), definition))
        .collect();
    json!({
        "$schema": DIALECT,
        "title": title,
        "$ref": reference(root),
        "$defs": definitions,
    })
}

fn reference(object: &Object) -> String {
    format!("#/$defs/{}", object.name)
}

/// Adds an object and the objects in it to the definitions.
pub(crate) fn define(definitions: &mut BTreeMap<&'static str, Value>, object: &'static Object) {
    if definitions.contains_key(object.name) {
        return;
    }
    definitions.insert(object.name, Value::Null);
    let present = || {
        let present = |key: &&Key| key.presence != Presence::Planned;
        object.keys.iter().filter(present)
    };
    let properties: Map<String, Value> = present()
        .map(|key| {
            let mut value = shape(definitions, &key.shape);
            value["description"] = key.description.into();
            (key.name.to_owned(), value)
        })
        .collect();
    let mut definition = json!({
        "type": "object",
        "description": object.description,
        "additionalProperties": false,
        "properties": properties,
    });
    let required: Vec<&str> = present()
        .filter(|key| key.presence == Presence::Required)
        .map(|key| key.name)
        .collect();
    if !required.is_empty() {
        definition["required"] = required.into();
    }
    for rule in object.rules {
        match rule {
            Rule::OneOf(keys) => definition["oneOf"] = one_of(keys),
            Rule::Needs {
                keys,
                one_of: others,
                ..
            }
            | Rule::OnlyWith {
                keys,
                one_of: others,
            } => {
                for key in *keys {
                    match others {
                        [other] => definition["dependentRequired"][*key] = json!([other]),
                        others => {
                            definition["dependentSchemas"][*key] =
                                json!({ "oneOf": one_of(others) });
                        }
                    }
                }
            }
        }
    }
    definitions.insert(object.name, definition);
}

fn one_of(keys: &[&str]) -> Value {
    keys.iter()
        .map(|key| json!({ "required": [key] }))
        .collect()
}

fn shape(definitions: &mut BTreeMap<&'static str, Value>, of: &'static Shape) -> Value {
    match of {
        Shape::Text => json!({ "type": ["string", "number", "boolean"] }),
        Shape::Form(form) => text(form),
        Shape::Word(words) => json!({ "enum": words }),
        // In quotes it means the same.
        Shape::True => json!({ "enum": [true, "true"] }),
        Shape::Boolean => json!({ "enum": [true, false, "true", "false"] }),
        Shape::List(entry) => json!({ "type": "array", "items": shape(definitions, entry) }),
        Shape::Filled(entry) => {
            json!({ "type": "array", "items": shape(definitions, entry), "minItems": 1 })
        }
        Shape::Object(object) => {
            define(definitions, object);
            json!({ "$ref": reference(object) })
        }
        Shape::Map(keys, values) => json!({
            "type": "object",
            "propertyNames": { "pattern": keys.pattern },
            "additionalProperties": shape(definitions, values),
        }),
        Shape::Open(form, values, keys) => {
            let properties: Map<String, Value> = keys
                .iter()
                .map(|key| {
                    let mut value = shape(definitions, &key.shape);
                    value["description"] = key.description.into();
                    (key.name.to_owned(), value)
                })
                .collect();
            json!({
                "type": "object",
                "properties": properties,
                "patternProperties": { form.pattern: shape(definitions, values) },
                "additionalProperties": false,
            })
        }
        Shape::Each(keys, values) => {
            let value = shape(definitions, values);
            let properties: Map<String, Value> = keys
                .iter()
                .map(|key| ((*key).to_owned(), value.clone()))
                .collect();
            json!({
                "type": "object",
                "additionalProperties": false,
                "minProperties": 1,
                "properties": properties,
            })
        }
        Shape::Single(key, value) => json!({
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "propertyNames": { "pattern": key.pattern },
            "additionalProperties": { "anyOf": [shape(definitions, value), { "type": "null" }] },
        }),
        Shape::AtLeast(count, object) => {
            define(definitions, object);
            json!({ "$ref": reference(object), "minProperties": count })
        }
        Shape::Any(shapes) => {
            let present = shapes.iter().filter(|of| !of.plans_mapping());
            let mut present: Vec<Value> = present.map(|of| shape(definitions, of)).collect();
            match present.len() {
                1 => present.remove(0),
                _ => json!({ "anyOf": present }),
            }
        }
        Shape::PlannedMapping => unreachable!("`Any` leaves out what is planned"),
    }
}

/// YAML turns some text without quotes into numbers and booleans; the decoder reads the text itself.
pub(crate) fn text(form: &Form) -> Value {
    if form.loose {
        json!({ "type": ["string", "number", "boolean"], "pattern": form.pattern })
    } else {
        json!({ "type": "string", "pattern": form.pattern })
    }
}
