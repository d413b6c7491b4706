//! The patterns of the schema accept what the constructors of the decoder accept.

use proptest::prelude::{ProptestConfig, Strategy, prop_assert, prop_assert_eq, proptest};
use serde_json::{Value, json};

use crate::decode::scalar::{parse_mode, parse_owner, parse_relative_path};
use crate::decode::secrets::parse_variable;
use crate::keys::{Form, forms};
use crate::schema::text;
use crate::tests::{File, read};
use crate::{
    AgentId, ArgumentName, CacheId, ExtensionName, ImagePath, ImageReference, PackageName,
    ParameterName, SecretId, Sha256, SourceName, VariableName,
};

/// How far the pattern of a form and its constructor agree.
#[derive(Clone, Copy, PartialEq)]
enum Agreement {
    /// They agree on every text.
    Whole,
    /// The constructor accepts nothing that the pattern refuses.
    OneWay,
}

type Check = fn(&str) -> bool;

/// Every form that has a constructor, with a check by that constructor.
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
        (&forms::SNAPSHOT_TIME, OneWay, |text| {
            is_filled(&json!({ "base": "x", "snapshot": text }))
        }),
        (&forms::VARIABLE_NAME, Whole, |text| {
            VariableName::new(text).is_ok() && text != "PATH"
        }),
        (&forms::SECRET_VARIABLE, Whole, |text| {
            parse_variable(text).is_ok()
        }),
        (&forms::PACKAGE_NAME, Whole, |text| {
            PackageName::new(text).is_ok()
        }),
        (&forms::SOURCE_NAME, Whole, |text| {
            let is_taken = SourceName::new(text).is_ok();
            assert_eq!(AgentId::new(text).is_ok(), is_taken);
            is_taken
        }),
        (&forms::SECRET_ID, Whole, |text| SecretId::new(text).is_ok()),
        (&forms::CACHE_ID, OneWay, |text| CacheId::new(text).is_ok()),
        (&forms::IMAGE_REFERENCE, OneWay, |text| {
            ImageReference::new(text).is_ok()
        }),
        (&forms::SHA256, Whole, |text| Sha256::new(text).is_ok()),
        (&forms::IMAGE_PATH, Whole, |text| {
            ImagePath::new(text).is_ok()
        }),
        (&forms::RELATIVE_PATH, Whole, |text| {
            parse_relative_path(text).is_ok()
        }),
        (&forms::MODE, Whole, |text| parse_mode(text).is_ok()),
        (&forms::OWNER, OneWay, |text| parse_owner(text).is_ok()),
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
            // JSON is YAML, apart from some characters in its strings.
            read(File::Extension, &file.to_string()).errors() == 0
        }),
        (&forms::OUTPUT_PATH, Whole, |text| {
            let file = json!({ "name": "x", "build": { "steps": ["x"], "outputs": [text] } });
            read(File::Extension, &file.to_string()).errors() == 0
        }),
    ]
}

/// Whether an extension is valid when its only source has `text` as the value of `kind`.
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

/// Whether an extension is valid when its only repository has `value` as the value of `key`.
fn is_repository(key: &str, value: &Value) -> bool {
    let mut repository = json!({ "url": "https://example.org", "key": "a.asc" });
    repository[key] = value.clone();
    let install = json!({ "repositories": [repository] });
    let file = json!({ "name": "x", "parameters": { "a": "1" }, "install": install });
    read(File::Extension, &file.to_string()).errors() == 0
}

/// Whether a spec is valid when an argument is added to it.
fn is_filled(spec: &Value) -> bool {
    let mut spec = spec.clone();
    spec["arguments"] = json!({ "a": "1" });
    read(File::Image, &spec.to_string()).errors() == 0
}

fn is_used(text: &str) -> bool {
    if text.contains('/') {
        parse_relative_path(text).is_ok()
    } else {
        ExtensionName::new(text).is_ok()
    }
}

/// Texts that are close to what forms accept.
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
        "inlay",
        "GIT_AUTH_TOKEN",
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

/// The property notices a wrong pattern: without the end of the name, it refuses `/etc/hostsx`.
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
