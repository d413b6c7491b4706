//! The decoder and the schema agree about every fixture and every key.

use std::fmt::Write as _;

use serde_json::{Map, Value};
use source::{Code, Diagnostics, Sources};

use crate::keys::{EXTENSION, IMAGE, Object, Presence};
use crate::schema::schema;
use crate::tests::fixtures::FIXTURES;
use crate::tests::{File, read};
use crate::yaml::tree::{Kind, Node};
use crate::{extension_schema, yaml};

/// Bad files that the schema accepts, because it cannot express what is wrong with them.
const BEYOND_A_SCHEMA: &[&str] = &[
    // A duplicate key: the schema sees a tree that has only one of the two.
    "bad_duplicate_key",
    // Two entries of one list that conflict.
    "bad_same_name",
    "bad_secret_places",
    // Steps that run as one command, of which only some have a network.
    "bad_mixed_network",
    // `union` without packages.
    "bad_union",
    // A template with a parameter that is not declared.
    "bad_undeclared",
];

/// The tree as an editor reads it: text without quotes can become a number or a boolean.
fn as_editors_read(node: &Node) -> Value {
    match &node.kind {
        Kind::Scalar {
            text, plain: true, ..
        } => match text.as_str() {
            "" | "~" | "null" | "Null" | "NULL" => Value::Null,
            "true" | "True" | "TRUE" => Value::Bool(true),
            "false" | "False" | "FALSE" => Value::Bool(false),
            number => number
                .parse::<i64>()
                .map(Value::from)
                .or_else(|_| number.parse::<f64>().map(Value::from))
                .unwrap_or_else(|_| number.into()),
        },
        Kind::Scalar { text, .. } => text.as_str().into(),
        Kind::Sequence(nodes) => nodes.iter().map(as_editors_read).collect(),
        Kind::Mapping(entries) => entries
            .iter()
            .map(|entry| (entry.key.value.clone(), as_editors_read(&entry.value)))
            .collect::<Map<String, Value>>()
            .into(),
        Kind::Reported => Value::Null,
    }
}

#[test]
fn fixtures_are_valid_to_the_schema_as_they_are_to_the_decoder() {
    let image = jsonschema::draft202012::new(&schema()).unwrap();
    let extension = jsonschema::draft202012::new(&extension_schema()).unwrap();
    let mut disagreements = String::new();
    for (file, name, text) in FIXTURES {
        let mut sources = Sources::new();
        let id = sources.add(*name, *text);
        let tree = yaml::parse(&mut Diagnostics::new(), id, text);
        let tree = as_editors_read(&tree.root.unwrap());
        let validator = match file {
            File::Image => &image,
            File::Extension => &extension,
        };
        let decoded = read(*file, text);
        let is_valid = !decoded.diagnostics.has_errors() || BEYOND_A_SCHEMA.contains(name);
        if validator.is_valid(&tree) != is_valid {
            writeln!(
                disagreements,
                "{name}: the schema says {:?}",
                validator.validate(&tree)
            )
            .unwrap();
        }
    }
    assert_eq!(disagreements, "");
}

#[test]
fn every_key_of_the_table_is_a_property_of_the_schema() {
    for (object, schema) in [(&IMAGE, schema()), (&EXTENSION, extension_schema())] {
        let definitions = schema["$defs"].as_object().unwrap();
        assert!(definitions.contains_key(object.name));
        for object in objects() {
            let Some(definition) = definitions.get(object.name) else {
                let is_of_specs = ["image", "argument"].contains(&object.name);
                assert!(
                    is_of_specs,
                    "an extension has a definition of `{}`",
                    object.name
                );
                continue;
            };
            let properties = definition["properties"].as_object().unwrap();
            let mut names: Vec<&str> = object.names().collect();
            names.sort_unstable();
            assert_eq!(
                properties.keys().collect::<Vec<_>>(),
                names,
                "{}",
                object.name
            );
            assert_eq!(definition["additionalProperties"], false);
        }
    }
}

/// Every object of the table.
fn objects() -> [&'static Object; 14] {
    use crate::keys::{
        ARGUMENT, BUILD, CACHE, FILE, INSTALL, PARAMETER, REPOSITORY, SECRET, SHELL, SOURCE, STEP,
        TEST,
    };
    [
        &IMAGE,
        &EXTENSION,
        &PARAMETER,
        &BUILD,
        &SOURCE,
        &STEP,
        &SECRET,
        &CACHE,
        &INSTALL,
        &FILE,
        &SHELL,
        &REPOSITORY,
        &TEST,
        &ARGUMENT,
    ]
}

#[test]
fn planned_keys_are_reported_and_not_in_the_schema() {
    for (file, object) in [(File::Image, &IMAGE), (File::Extension, &EXTENSION)] {
        for key in object.keys {
            let text = format!("name: x\nbase: x\n{}: x\n", key.name);
            let is_planned = read(file, &text).codes().contains(&Code::PlannedKey);
            assert_eq!(
                is_planned,
                key.presence == Presence::Planned,
                "{}",
                key.name
            );
        }
    }
}

/// The decoder reads every key: a list of lists, which no key allows, is reported as its value.
#[test]
fn every_key_is_decoded() {
    for object in objects() {
        for key in object.names() {
            let with = match key {
                "sha256" | "unverified" => "url: x, ",
                "commit" => "git: x, ",
                "path" if object.name == "source" => "image: x, ",
                _ => "",
            };
            let text = format!("{{{with}{key}: [[[]]]}}");
            let (file, text) = match object.name {
                "image" => (File::Image, text),
                "argument" => (File::Image, format!("arguments: {{x: {text}}}")),
                "extension" => (File::Extension, text),
                "parameter" => (File::Extension, format!("parameters: {{x: {text}}}")),
                "source" | "step" => (
                    File::Extension,
                    format!("build: {{{}s: [{text}]}}", object.name),
                ),
                "cache" => (
                    File::Extension,
                    format!("build: {{steps: [{{cache: [{text}]}}]}}"),
                ),
                "secret" => (
                    File::Extension,
                    format!("build: {{steps: [{{secrets: [{text}]}}]}}"),
                ),
                "file" => (File::Extension, format!("install: {{files: [{text}]}}")),
                "repository" => (
                    File::Extension,
                    format!("install: {{repositories: [{text}]}}"),
                ),
                "test" => (File::Extension, format!("tests: [{text}]")),
                name => (File::Extension, format!("{name}: {text}")),
            };
            let decoded = read(file, &text);
            let about = format!("`{key}` must be ");
            let is_about = |line: &str| line.starts_with("E0103") && line.contains(&about);
            assert!(
                decoded.shown().lines().any(is_about),
                "{text}: {}",
                decoded.shown()
            );
        }
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the test compares a committed file with what generates it"
)]
fn schema_is_current() {
    for (name, schema) in [
        ("schema.json", schema()),
        ("extension.schema.json", extension_schema()),
    ] {
        let path = format!("{}/../../docs/{name}", env!("CARGO_MANIFEST_DIR"));
        let generated = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if std::env::var("WRITE_SCHEMA").is_ok() {
            std::fs::write(&path, &generated).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == generated,
            "docs/{name} is outdated: run `cargo xtask schema`"
        );
    }
}
