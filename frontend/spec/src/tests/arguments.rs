//! Arguments of a spec: how they are declared, and where their values go.

use std::collections::BTreeMap;

use source::{Diagnostics, Sources};

use crate::tests::image;
use crate::{Image, Used, parse_image_with};

fn filled(text: &str, given: &[(&str, &str)]) -> Image {
    let mut sources = Sources::new();
    let id = sources.add("inlay.yaml", text);
    let mut diagnostics = Diagnostics::new();
    let given: BTreeMap<String, String> = given
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let image = parse_image_with(&mut diagnostics, &sources, id, &given);
    image.unwrap_or_else(|_| panic!("{:?}", diagnostics.iter().collect::<Vec<_>>()))
}

const SPEC: &str = "\
base: a:${TAG}
arguments: { TAG: one, FOLDER: { default: /opt, description: x }, LEFT: out }
extensions:
  - uv: { version: \"1.${TAG}\", sha256: x }
  - ./tools/a: { level: \"${TAG}${TAG}\" }
  - name: here
    parameters: { plain: \"${TAG}\", more: { default: \"<${TAG}>\" } }
    environment: { OWN: \"${plain}\" }
path: [\"${FOLDER}/bin\"]
workdir: \"${FOLDER}/$$x\"
environment: { TAG: \"${TAG}\" }
labels: { \"${TAG}\": \"${TAG}\" }
";

#[test]
fn values_go_into_data() {
    for (given, tag) in [(&[][..], "one"), (&[("TAG", "2")], "2")] {
        let image = filled(SPEC, given);
        assert_eq!(image.base.value.as_str(), format!("a:{tag}"));
        let with = |index: usize| {
            let with = image.extensions[index].with.values();
            with.map(|value| value.value.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(with(0), ["x", &format!("1.{tag}")]);
        assert_eq!(with(1), [tag.repeat(2)]);
        let Used::Inline(here) = &image.extensions[2].used else {
            panic!("it is defined here")
        };
        let defaults = here.parameters.values();
        let defaults: Vec<_> = defaults
            .map(|parameter| parameter.default.as_ref().unwrap().value.as_str())
            .collect();
        assert_eq!(defaults, [&format!("<{tag}>"), tag]);
        assert_eq!(image.path[0].value.as_str(), "/opt/bin");
        assert_eq!(image.workdir.unwrap().value.as_str(), "/opt/$x");
        assert_eq!(image.environment.values().next().unwrap().value, tag);
        // Names are not data, so values are not put into them.
        let (name, label) = image.labels.iter().next().unwrap();
        assert_eq!((name.as_str(), label.value.as_str()), ("${TAG}", tag));
    }
}

#[test]
fn a_value_is_taken_as_it_is() {
    let image = filled(SPEC, &[("FOLDER", "/${TAG}$$")]);
    assert_eq!(image.path[0].value.as_str(), "/${TAG}$$/bin");
    let arguments: Vec<_> = image
        .arguments
        .iter()
        .map(|(name, argument)| format!("{name}={}", argument.value))
        .collect();
    assert_eq!(arguments, ["FOLDER=/${TAG}$$", "LEFT=out", "TAG=one"]);
}

#[test]
fn an_empty_value_is_a_value() {
    assert_eq!(
        filled(
            "base: a\narguments: { X: y }\nlabels: { x: \"<${X}>\" }\n",
            &[("X", "")]
        )
        .labels["x"]
            .value,
        "<>"
    );
}

#[test]
fn e0120_argument_without_a_value() {
    insta::assert_snapshot!(image("base: a:${TAG}
arguments:
  TAG: {}
  USER: { description: who }
labels: { x: \"${TAG}\" }
"), @"
    E0120 3:3 [TAG] argument `TAG` has no default and was not given a value
      help: build with `--build-arg TAG=…`, or write a default
    E0120 4:3 [USER] argument `USER` has no default and was not given a value
      help: build with `--build-arg USER=…`, or write a default
    ");
}

#[test]
fn e0107_argument_that_is_not_declared() {
    insta::assert_snapshot!(image("base: a:${TAGS}
arguments: { TAG: x }
extensions: [{ uv: { version: \"${version}\" } }]
labels: { x: $TAG, y: \"${TAG\", z: \"$${TAG}\" }
"), @r#"
    E0107 1:7 [a:${TAGS}] `TAGS` is not an argument of this spec
      help: did you mean `${TAG}`?
    E0107 3:31 ["${version}"] `version` is not an argument of this spec
      help: declare it in `arguments`, or write `$${version}` for the text `${version}`
    E0107 4:14 [$TAG] a single `$`: write `${name}` for an argument, or `$$` for a dollar sign
    E0107 4:23 ["${TAG"] `${` without a closing `}`
    "#);
}

#[test]
fn names_that_buildkit_reads_are_refused() {
    insta::assert_snapshot!(image("base: a
arguments: { HTTP_PROXY: x, BUILDKIT_X: x, SOURCE_DATE_EPOCH: x, 1X: x, X: [] }
"), @"
    E0104 2:14 [HTTP_PROXY] `HTTP_PROXY` is not a valid argument name: arguments of this name are read by BuildKit or inlay itself
    E0104 2:29 [BUILDKIT_X] `BUILDKIT_X` is not a valid argument name: arguments of this name are read by BuildKit or inlay itself
    E0104 2:44 [SOURCE_DATE_EPOCH] `SOURCE_DATE_EPOCH` is not a valid argument name: arguments of this name are read by BuildKit or inlay itself
    E0104 2:66 [1X] `1X` is not a valid argument name: it must consist of letters, digits and `_`, and not begin with a digit
    E0103 2:76 [[]] `X` must be a default or `{}`, not a list
    ");
}

/// A broken declaration is reported once, and not again where it is used.
#[test]
fn uses_of_broken_declarations_are_not_reported() {
    insta::assert_snapshot!(image("base: a:${TAG}
arguments: [TAG]
labels: { x: \"${X}\" }
"), @"E0103 2:12 [[TAG]] `arguments` must be a mapping, not a list");
}
