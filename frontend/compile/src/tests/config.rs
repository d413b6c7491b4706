//! The image's configuration.

use serde_json::{Value, json};
use spec::ImageReference;

use crate::tests::request;
use crate::{ImageSource, Platform, ResolvedImage, compile};
use fixtures::resolve_sound;

/// The configuration of a spec on a base with the configuration `base`.
fn config(text: &str, base: &Value) -> Value {
    let (plan, sources) = resolve_sound(text);
    let mut request = request(&plan);
    request.platform = Platform::new("linux", "arm", "v7");
    let resolved = ResolvedImage {
        source: ImageSource::Reference("docker.io/library/ubuntu:24.04@sha256:1".to_owned()),
        config: base.clone(),
    };
    let reference = ImageReference::new("ubuntu:24.04").unwrap();
    request.images.insert(reference, resolved);
    compile(&plan, &sources, &request).config
}

fn environment(config: &Value) -> Vec<&str> {
    let environment = config["config"]["Env"].as_array().unwrap();
    environment
        .iter()
        .map(|pair| pair.as_str().unwrap())
        .collect()
}

const PLAIN: &str = "//- image.yaml\nbase: ubuntu:24.04\n";

#[test]
fn a_base_without_a_configuration() {
    insta::assert_snapshot!(format!("{:#}", config(PLAIN, &Value::Null)), @r#"
{
  "architecture": "arm",
  "config": {
    "Env": [
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    ]
  },
  "created": "1980-01-01T00:00:00Z",
  "history": [],
  "os": "linux",
  "rootfs": {
    "type": "layers"
  },
  "variant": "v7"
}
"#);
}

#[test]
fn everything_is_inherited_from_the_base() {
    let base = json!({
        "author": "somebody", "variant": "v8", "os.version": "1", "unknown": { "deep": [1, null] },
        "config": {
            "Cmd": ["bash"], "User": "ubuntu", "Entrypoint": null, "Unknown": 1.5,
            "Labels": { "of": "base", "k": "base" }, "WorkingDir": "/home", "Env": ["A=b"],
        },
        "history": [{ "created_by": "base", "empty_layer": true }],
        "rootfs": { "type": "layers", "diff_ids": ["sha256:1"] },
    });
    let spec = format!("{PLAIN}labels: {{ k: v }}\n");
    let config = config(&spec, &base);
    for key in ["author", "os.version", "unknown"] {
        assert_eq!(config[key], base[key], "{key}");
    }
    for key in ["Cmd", "User", "Entrypoint", "Unknown", "WorkingDir"] {
        assert_eq!(config["config"][key], base["config"][key], "{key}");
    }
    assert_eq!(
        config["config"]["Labels"],
        json!({ "of": "base", "k": "v" })
    );
    assert_eq!(config["history"], base["history"]);
    assert_eq!(
        (&config["architecture"], &config["variant"]),
        (&json!("arm"), &json!("v7"))
    );
    // The exporter adds the layers.
    assert_eq!(config["rootfs"], json!({ "type": "layers" }));
}

#[test]
fn folders_come_before_the_base_s_path_and_only_once() {
    let base = json!({ "config": { "Env": ["X=1", "PATH=/usr/bin:/opt/b:/bin", "PATH2=x"] } });
    let spec =
        format!("{PLAIN}path: [/opt/a, /opt/b]\nextensions: [{{ name: e, path: [/opt/e] }}]\n");
    let config = config(&spec, &base);
    let expected = ["X=1", "PATH=/opt/a:/opt/b:/opt/e:/usr/bin:/bin", "PATH2=x"];
    assert_eq!(environment(&config), expected);
}

#[test]
fn a_base_without_a_search_path_gets_the_usual_one() {
    let config = config(&format!("{PLAIN}path: [/opt/a]\n"), &json!({}));
    let expected = format!("PATH=/opt/a:{}", crate::PATH_OF_NONE);
    assert_eq!(environment(&config), [expected]);
}

#[test]
fn variables_keep_the_base_s_order_and_the_spec_s_values_win() {
    let base = json!({ "config": { "Env": ["Z=1", "A=2", "EMPTY"] } });
    let spec = format!(
        "{PLAIN}environment: {{ A: spec, M: spec }}\n\
         extensions: [{{ name: e, environment: {{ A: e, B: \"=\" }} }}]\n"
    );
    let config = config(&spec, &base);
    let shown = environment(&config);
    let path = format!("PATH={}", crate::PATH_OF_NONE);
    assert_eq!(shown, ["Z=1", "A=spec", "EMPTY=", &path, "B==", "M=spec"]);
}

#[test]
fn labels_of_the_request_win() {
    let (plan, sources) = resolve_sound(&format!("{PLAIN}labels: {{ k: spec, other: spec }}\n"));
    let mut request = request(&plan);
    request.labels.insert("k".to_owned(), "request".to_owned());
    let config = compile(&plan, &sources, &request).config;
    assert_eq!(
        config["config"]["Labels"],
        json!({ "k": "request", "other": "spec" })
    );
}

#[test]
fn history_has_an_entry_for_each_layer() {
    let spec = "\
//- image.yaml
base: ubuntu:24.04
extensions: [b, a]
//- extensions/a/extension.yaml
name: a
build: { steps: [make] }
install: { packages: [jq], files: [{ text: x, to: /etc/a }] }
//- extensions/b/extension.yaml
name: b
shell: { bash: x }
";
    let config = config(spec, &json!({}));
    let history = config["history"].as_array().unwrap();
    let texts: Vec<&str> = history
        .iter()
        .map(|entry| entry["created_by"].as_str().unwrap())
        .collect();
    insta::assert_snapshot!(texts.join("\n"), @"
    a: packages
    a: output of its builder
    a: files
    b: files
    joint of packages and steps
    joint: what layers hide from each other
    ");
}
