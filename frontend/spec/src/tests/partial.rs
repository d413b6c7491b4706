//! What is read of a file that has errors: everything except the parts that were reported.

use std::collections::BTreeMap;

use source::{Code, Diagnostics, Reported, Sources};

use crate::tests::{File, Read, read};
use crate::{Extension, Image, ParameterName, Used, parse_image_with};

fn partial_image(text: &str) -> Image {
    with_errors(File::Image, text).image.unwrap()
}

fn partial_extension(text: &str) -> Extension {
    with_errors(File::Extension, text).extension.unwrap()
}

fn with_errors(file: File, text: &str) -> Read {
    let read = read(file, text);
    assert!(read.errors() > 0, "it has an error: {text}");
    read
}

#[test]
fn a_file_without_its_first_key_gives_nothing() {
    for text in [
        "",
        "text",
        "- base: x",
        "base: [x]",
        "base: X",
        "base:",
        "extensions: [uv]",
        "base: x\nlabels: {a: \"x",
        "base: a:${TAG}\narguments: {TAG: {}}",
    ] {
        assert!(with_errors(File::Image, text).image.is_none(), "{text}");
    }
    for text in ["", "name: X", "requires: [x]", "name: x\npath: ["] {
        let read = with_errors(File::Extension, text);
        assert!(read.extension.is_none(), "{text}");
    }
}

#[test]
fn a_spec_keeps_what_was_not_reported() {
    let image = partial_image(
        "base: x
extentions: []
extensions: [uv, [a], UV, {node: {version: [1], channel: lts}}]
packages: onion
environment: {A: b, 1B: c, C: [d]}
path: [/a, b]
workdir: c
labels: {x: y, z: []}",
    );
    assert_eq!(image.base.value.as_str(), "x");
    let [uv, node] = &image.extensions[..] else {
        panic!("{:?}", image.extensions)
    };
    assert!(matches!(&uv.used, Used::Named(name) if name.value.as_str() == "uv"));
    let with: Vec<&str> = node.with.keys().map(ParameterName::as_str).collect();
    assert_eq!(with, ["channel"]);
    assert_eq!(image.environment.len(), 1);
    assert_eq!(image.path.len(), 1);
    assert_eq!(image.workdir, None);
    assert_eq!(image.labels.len(), 1);
}

#[test]
fn an_extension_with_errors_stays_in_the_list_by_its_name() {
    let image = partial_image(
        "base: x
extensions:
  - name: site
    instal: {}
    requires: [uv, UV]
  - name: lone
  - name: Wrong
    requires: [uv]",
    );
    let names: Vec<(&str, usize)> = image
        .extensions
        .iter()
        .map(|used| match &used.used {
            Used::Inline(inline) => (inline.name.value.as_str(), inline.requires.len()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(names, [("site", 1), ("lone", 0)]);
}

#[test]
fn parameters_stay_declared() {
    let extension = partial_extension(
        "name: x
parameters: {a: [1], b: {default: [1]}, c: {defualt: x}, d: , e: ok, Bad: x}
environment: {A: '${a}', B: '${b}', C: '${c}', D: '${d}', E: '${e}'}",
    );
    let declared: Vec<(&str, Option<&str>)> = extension
        .parameters
        .iter()
        .map(|(name, parameter)| {
            let default = parameter.default.as_ref();
            (name.as_str(), default.map(|text| text.value.as_str()))
        })
        .collect();
    let expected = [
        ("a", None),
        ("b", None),
        ("c", None),
        ("d", None),
        ("e", Some("ok")),
    ];
    assert_eq!(declared, expected);
    assert_eq!(extension.environment.len(), 5);
}

#[test]
fn an_extension_keeps_what_was_not_reported() {
    let extension = partial_extension(
        "name: x
build:
  sources: [{context: a, to: a}, {context: ../b, to: b}, {contxt: c, to: c}]
  steps: [make, [make], {run: ' '}, {run: install, network: nnoe}]
  outputs: [/a, b]
install:
  packages: [jq, JQ]
  files: [{text: a, to: /a}, {text: b, to: b}, {text: c, to: /c, mode: x}]
tests: [uv, {expect: x}]
path: [/a, b]",
    );
    let build = extension.build.unwrap();
    assert_eq!((build.sources.len(), build.steps.len()), (1, 2));
    assert_eq!(build.outputs.unwrap().len(), 1);
    assert_eq!(extension.install.packages.len(), 1);
    assert_eq!(extension.install.files.len(), 2);
    assert_eq!((extension.tests.len(), extension.path.len()), (1, 1));
}

/// Unlike a broken text, one that uses YAML which this format does not allow is read.
#[test]
fn yaml_that_is_not_allowed_is_left_out() {
    let text = "base: x\nworkdir: *a\nlabels: {a: b, a: c}\n---\nbase: y\n";
    let read = with_errors(File::Image, text);
    assert_eq!(
        read.codes(),
        [Code::Yaml, Code::DuplicateKey, Code::Yaml],
        "{}",
        read.shown()
    );
    let image = read.image.unwrap();
    assert_eq!(image.workdir, None);
    assert_eq!(image.labels["a"].value, "b");
}

#[test]
fn an_argument_that_was_given_stays_declared() {
    let text = "base: a:${TAG}\narguments: {TAG: [x], LEFT: [y], MORE: {default: [z]}}\nlabels: {x: '${LEFT}', y: '${MORE}', z: w}";
    let mut sources = Sources::new();
    let id = sources.add("inlay.yaml", text);
    let parse = |given: &[(&str, &str)]| -> (Result<Image, Reported>, usize) {
        let given = given
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<BTreeMap<_, _>>();
        let mut diagnostics = Diagnostics::new();
        let image = parse_image_with(&mut diagnostics, &sources, id, &given);
        (image, diagnostics.errors().count())
    };
    let (image, errors) = parse(&[("TAG", "1")]);
    let image = image.unwrap();
    assert_eq!((image.base.value.as_str(), errors), ("a:1", 3));
    assert_eq!((image.arguments.len(), image.labels.len()), (1, 1));
    assert_eq!(parse(&[]), (Err(Reported), 3));
}
