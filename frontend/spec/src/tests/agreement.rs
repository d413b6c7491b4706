//! The decoder and the schema say the same: of each fixture, of each key, of each form.

use std::fmt::Write as _;

use proptest::prelude::{ProptestConfig, Strategy, prop_assert, prop_assert_eq, proptest};
use serde_json::{Map, Value, json};
use source::{Code, Diagnostics, Sources};

use crate::decode::scalar::{mode, owner, relative_path};
use crate::decode::secrets::variable;
use crate::keys::forms;
use crate::keys::{EXTENSION, Form, IMAGE, Object, Presence};
use crate::schema::{schema, text};
use crate::tests::fixtures::FIXTURES;
use crate::tests::{File, read};
use crate::yaml::tree::{Kind, Node};
use crate::{
    AgentId, ArgumentName, ExtensionName, ImagePath, ImageReference, PackageName, ParameterName,
    SecretId, Sha256, SourceName, VariableName, extension_schema, yaml,
};

/// What a schema cannot say: bad files that are valid to it.
const BEYOND_A_SCHEMA: &[&str] = &[
    // Two keys of one name: a schema sees a tree that has one of them.
    "bad_duplicate_key",
    // Two entries of one list that clash with each other.
    "bad_same_name",
    "bad_secret_places",
    // Steps that run as one, of which one has a network and another has none.
    "bad_mixed_network",
    // A key that says something about another that is not there.
    "bad_union",
    // A template names a parameter that another key declares.
    "bad_undeclared",
];

/// The tree as an editor's YAML reader has it: text without quotes may be a number or a boolean.
fn as_editors_read(node: &Node) -> Value {
    match &node.kind {
        Kind::Scalar { text, plain: true } => match text.as_str() {
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
        let is_well = !decoded.diagnostics.has_errors() || BEYOND_A_SCHEMA.contains(name);
        if validator.is_valid(&tree) != is_well {
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

/// The decoder takes a value of each key: a list of lists, which no key takes, is an error there.
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
            let about = format!("`{key}` is ");
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
    reason = "it compares a committed file with what makes it"
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
            "docs/{name} is old: run `cargo xtask schema`"
        );
    }
}

/// How much the pattern of a form and the constructor agree.
#[derive(Clone, Copy, PartialEq)]
enum Agreement {
    /// On every text.
    Whole,
    /// The constructor takes nothing that the pattern refuses.
    OneWay,
}

type Check = fn(&str) -> bool;

/// Each form that has a constructor, with it.
fn checked() -> Vec<(&'static Form, Agreement, Check)> {
    use Agreement::{OneWay, Whole};
    vec![
        (&forms::EXTENSION_NAME, Whole, |text| {
            ExtensionName::new(text).is_ok()
        }),
        (&forms::PARAMETER_NAME, Whole, |text| {
            ParameterName::new(text).is_ok()
        }),
        (&forms::ARGUMENT_NAME, Whole, |text| {
            ArgumentName::new(text).is_ok()
        }),
        (&forms::FILLED_REFERENCE, OneWay, |text| {
            is_filled(&json!({ "base": text }))
        }),
        (&forms::FILLED_IMAGE_PATH, OneWay, |text| {
            is_filled(&json!({ "base": "x", "workdir": text }))
        }),
        (&forms::VARIABLE_NAME, Whole, |text| {
            VariableName::new(text).is_ok() && text != "PATH"
        }),
        (&forms::SECRET_VARIABLE, Whole, |text| {
            variable(text).is_ok()
        }),
        (&forms::PACKAGE_NAME, Whole, |text| {
            PackageName::new(text).is_ok()
        }),
        (&forms::SOURCE_NAME, Whole, |text| {
            let is_taken = SourceName::new(text).is_ok();
            assert_eq!(SecretId::new(text).is_ok(), is_taken);
            assert_eq!(AgentId::new(text).is_ok(), is_taken);
            is_taken
        }),
        (&forms::IMAGE_REFERENCE, OneWay, |text| {
            ImageReference::new(text).is_ok()
        }),
        (&forms::SHA256, Whole, |text| Sha256::new(text).is_ok()),
        (&forms::IMAGE_PATH, Whole, |text| {
            ImagePath::new(text).is_ok()
        }),
        (&forms::RELATIVE_PATH, Whole, |text| {
            relative_path(text).is_ok()
        }),
        (&forms::MODE, Whole, |text| mode(text).is_ok()),
        (&forms::OWNER, OneWay, |text| owner(text).is_ok()),
        (&forms::USED, Whole, is_used),
        (&forms::USED_AS_KEY, Whole, |text| {
            text != "name" && is_used(text)
        }),
        (&forms::PYPI, OneWay, |text| is_source("pypi", text)),
        (&forms::NPM, OneWay, |text| is_source("npm", text)),
        (&forms::CRATE, OneWay, |text| is_source("crate", text)),
        (&forms::URL, OneWay, |text| is_source("url", text)),
        (&forms::SUITE, OneWay, |text| {
            is_repository("suite", &json!(text))
        }),
        (&forms::COMPONENT, Whole, |text| {
            is_repository("components", &json!([text]))
        }),
        (&forms::KEY_FILE, Whole, |text| {
            is_repository("key", &json!(text))
        }),
        (&forms::COMMIT, OneWay, |text| is_source("commit", text)),
        (&forms::NOT_EMPTY, OneWay, |text| is_source("git", text)),
        (&forms::FILLED_PATH, Whole, |text| {
            let file =
                json!({ "name": "x", "install": { "files": [{ "text": "x", "to": text }] } });
            // JSON is YAML, but for what its strings may have.
            read(File::Extension, &file.to_string()).errors() == 0
        }),
        (&forms::OUTPUT_PATH, Whole, |text| {
            let file = json!({ "name": "x", "build": { "steps": ["x"], "outputs": [text] } });
            read(File::Extension, &file.to_string()).errors() == 0
        }),
    ]
}

/// Whether an extension is well whose one source has `text` as its `kind`.
fn is_source(kind: &str, text: &str) -> bool {
    let mut source = json!({ "to": "x", kind: text });
    match kind {
        "git" => source["commit"] = json!("${a}"),
        "commit" => source["git"] = json!("https://example.org"),
        "image" | "context" => {}
        _ => source["unverified"] = json!(true),
    }
    let build = json!({ "steps": ["x"], "sources": [source] });
    let file = json!({ "name": "x", "parameters": { "a": "1" }, "build": build });
    read(File::Extension, &file.to_string()).errors() == 0
}

/// Whether an extension is well whose one repository has `value` as its `key`.
fn is_repository(key: &str, value: &Value) -> bool {
    let mut repository = json!({ "url": "https://example.org", "key": "a.asc" });
    repository[key] = value.clone();
    let install = json!({ "repositories": [repository] });
    let file = json!({ "name": "x", "parameters": { "a": "1" }, "install": install });
    read(File::Extension, &file.to_string()).errors() == 0
}

/// Whether a spec is well that has an argument.
fn is_filled(spec: &Value) -> bool {
    let mut spec = spec.clone();
    spec["arguments"] = json!({ "a": "1" });
    read(File::Image, &spec.to_string()).errors() == 0
}

fn is_used(text: &str) -> bool {
    if text.contains('/') {
        relative_path(text).is_ok()
    } else {
        ExtensionName::new(text).is_ok()
    }
}

/// Texts that are near to what forms take.
fn near() -> impl Strategy<Value = String> {
    let word = proptest::sample::select(vec![
        "/",
        "/",
        "..",
        ".",
        "a",
        "A",
        "0",
        "9",
        "-",
        "_",
        ":",
        "@",
        "=",
        "+",
        "~",
        " ",
        "\t",
        "é",
        "usr",
        "bin",
        "lib64",
        "proc",
        "run",
        "dev",
        "etc",
        "hosts",
        "resolv.conf",
        ".dockerenv",
        "path",
        "PATH",
        "==",
        "==",
        "@",
        "1.0.0",
        "${a}",
        "https://",
        "home",
        "OUT",
        "SSH_AUTH_SOCK",
        "name",
        ".asc",
        "a.gpg",
        "0644",
        "777",
        "1000",
        "BUILDKIT_",
        "SOURCE_DATE_EPOCH",
        "_PROXY",
        "sha256",
        "localhost",
        "x.y:5000",
        "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
    ]);
    proptest::collection::vec(word, 0..7).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn patterns_take_what_constructors_take(text in near()) {
        for (form, agreement, check) in checked() {
            let is_taken = check(&text);
            let matches = is_match(form, &text);
            match agreement {
                Agreement::Whole => prop_assert_eq!(is_taken, matches, "{:?} {}", text, form.pattern),
                Agreement::OneWay => prop_assert!(!is_taken || matches, "{:?} {}", text, form.pattern),
            }
        }
    }
}

thread_local! {
    static COMPILED: std::cell::RefCell<std::collections::BTreeMap<&'static str, jsonschema::Validator>> =
        const { std::cell::RefCell::new(std::collections::BTreeMap::new()) };
}

fn is_match(form: &'static Form, written: &str) -> bool {
    COMPILED.with_borrow_mut(|compiled| {
        compiled
            .entry(form.pattern)
            .or_insert_with(|| jsonschema::draft202012::new(&text(form)).unwrap())
            .is_valid(&json!(written))
    })
}

/// The property notices a pattern that is wrong: without its end, `/etc/hostsx` is refused.
#[test]
fn a_wrong_pattern_is_noticed() {
    static WRONG: Form = Form {
        pattern: "^/(?!etc/hosts)[a-z/]*$",
        loose: false,
    };
    let (_, _, check) = checked()
        .into_iter()
        .find(|(form, ..)| form.pattern == forms::FILLED_PATH.pattern)
        .unwrap();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let outcome = runner.run(&near(), |text| {
        prop_assert_eq!(check(&text), is_match(&WRONG, &text));
        Ok(())
    });
    assert!(outcome.is_err());
}
