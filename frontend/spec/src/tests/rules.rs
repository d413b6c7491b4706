//! The rules and words of the table: the decoder follows them, and the schema agrees.

use std::collections::BTreeSet;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::extension_schema;
use crate::keys::{FILE, IMAGE, Object, Rule, SECRET, SOURCE, STEP};
use crate::schema::define;
use crate::tests::{File, read};

const DIGITS: &str = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";

/// A valid value for each key of the objects that have rules.
fn value(key: &str) -> &'static str {
    match key {
        "pypi" => "a==1",
        "npm" | "crate" => "a@1.0.0",
        "url" | "git" => "https://example.org/a",
        "commit" => "0123456789abcdef0123456789abcdef01234567",
        "image" => "debian",
        "sha256" => DIGITS,
        "unverified" => "true",
        "path" => "/a",
        "to" => "/a/b",
        "mode" => "0644",
        "owner" => "0:0",
        _ => "a",
    }
}

/// Entries with every combination of up to five keys of an object.
fn entries(object: &Object) -> Vec<Value> {
    let names: Vec<&str> = object.names().collect();
    (0u32..1 << names.len())
        .filter(|chosen| chosen.count_ones() <= 5)
        .map(|chosen| {
            let is_chosen = |(index, _): &(usize, _)| chosen & (1 << index) != 0;
            let names = names.iter().enumerate().filter(is_chosen);
            names
                .map(|(_, name)| {
                    let to_source = *name == "to" && object.name == "source";
                    let value = if to_source { "a" } else { value(name) };
                    ((*name).to_owned(), json!(value))
                })
                .collect::<Map<_, _>>()
                .into()
        })
        .collect()
}

/// Whether the decoder accepts an extension that has the entry.
fn is_decoded(object: &Object, entry: &Value) -> bool {
    let file = match object.name {
        "source" => json!({ "name": "x", "build": { "steps": ["x"], "sources": [entry] } }),
        _ => json!({ "name": "x", "install": { "files": [entry] } }),
    };
    read(File::Extension, &file.to_string()).errors() == 0
}

fn validator(object: &'static Object) -> Validator {
    let mut definitions = std::collections::BTreeMap::new();
    define(&mut definitions, object);
    let reference = format!("#/$defs/{}", object.name);
    let schema = json!({ "$ref": reference, "$defs": definitions });
    jsonschema::draft202012::new(&schema).unwrap()
}

/// Compares the decoder with a schema; the error is an entry on which they disagree.
fn agrees(object: &'static Object, validator: &Validator) -> Result<(), Value> {
    let mut entries = entries(object).into_iter();
    let disagrees = |entry: &Value| is_decoded(object, entry) != validator.is_valid(entry);
    entries.find(disagrees).map_or(Ok(()), Err)
}

#[test]
fn the_decoder_and_the_schema_have_the_same_rules() {
    for object in [&SOURCE, &FILE] {
        assert_eq!(agrees(object, &validator(object)), Ok(()));
    }
}

/// Without any one of its rules, the schema accepts an entry that the decoder refuses.
#[test]
fn a_forgotten_rule_is_noticed() {
    for object in [&SOURCE, &FILE] {
        for forgotten in 0..object.rules.len() {
            let kept = object.rules.iter().enumerate();
            let kept = kept.filter(|(index, _)| *index != forgotten);
            let rules: Vec<Rule> = kept.map(|(_, rule)| copy(rule)).collect();
            let mutant: &'static Object = Box::leak(Box::new(Object {
                rules: rules.leak(),
                ..*object
            }));
            let rule = &object.rules[forgotten];
            assert!(agrees(object, &validator(mutant)).is_err(), "{rule:?}");
        }
    }
}

/// A copy of a rule for the schema, to which it does not matter how a mistake is reported.
fn copy(rule: &Rule) -> Rule {
    match *rule {
        Rule::OneOf(names) => Rule::OneOf(names),
        Rule::Needs { keys, one_of, .. } => Rule::Needs {
            keys,
            one_of,
            missing: None,
        },
        Rule::OnlyWith { keys, one_of } => Rule::OnlyWith { keys, one_of },
    }
}

/// If the decoder did not know a word of the table, it would give the word the meaning of another.
#[test]
fn each_word_means_something_else() {
    let step = |step: Value| {
        let file = json!({ "name": "x", "build": { "steps": [step] } });
        let read = read(File::Extension, &file.to_string());
        assert_eq!(read.errors(), 0, "{}", read.shown());
        let step = read.extension.unwrap().build.unwrap().steps.remove(0);
        format!(
            "{:?} {:?}",
            step.network,
            step.secrets.first().map(|one| one.need)
        )
    };
    let packages = |word: &str| {
        let read = read(
            File::Image,
            &json!({ "base": "x", "packages": word }).to_string(),
        );
        format!("{:?}", read.image.unwrap().packages)
    };
    let words = |object: &Object, key: &str| object.key(key).unwrap().shape.words();
    let meanings: [BTreeSet<String>; 3] = [
        words(&IMAGE, "packages")
            .iter()
            .map(|word| packages(word))
            .collect(),
        words(&STEP, "network")
            .iter()
            .map(|word| step(json!({ "run": "x", "network": word })))
            .collect(),
        words(&SECRET, "required")
            .iter()
            .map(|word| step(json!({ "run": "x", "secrets": [{ "id": "a", "required": word }] })))
            .collect(),
    ];
    assert_eq!(meanings.map(|meanings| meanings.len()), [2, 2, 2]);
}

#[test]
fn a_planned_mapping_is_not_in_the_schema() {
    let outputs = &extension_schema()["$defs"]["build"]["properties"]["outputs"];
    assert_eq!(outputs["type"], "array");
}

/// One mistake is one error, whatever rules it breaks.
#[test]
fn a_misspelled_key_is_not_missing_too() {
    let text =
        "name: x\nbuild:\n  steps: [x]\n  sources:\n    - { url: https://x.y/z, sha265: a, to: z }";
    insta::assert_snapshot!(read(File::Extension, text).shown(), @"
    E0101 5:29 [sha265] unknown key `sha265`
      help: did you mean `sha256`?
    ");
}
