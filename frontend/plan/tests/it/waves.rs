//! Everything that can be found wrong in one pass is reported in one pass.

use crate::{check, codes};
use fixtures::random::SHA256;
use source::Code;

/// Three extensions, each with a mistake of another kind, and one that does not exist.
#[test]
fn mistakes_of_different_extensions() {
    let text = format!(
        "//- image.yaml\nbase: ubuntu:24.04\nextensions:\n  - a: {{ levle: \"2\" }}\n  - b: {{ version: \"x y\" }}\n  - gone\n  - {{ name: c, install: {{ files: [{{ from: x, to: /tmp/x }}] }} }}\n\
         //- extensions/a/extension.yaml\nname: a\nparameters: {{ level: \"1\" }}\n\
         //- extensions/b/extension.yaml\nname: b\nparameters: {{ version: \"1\" }}\nbuild:\n  \
         sources: [{{ pypi: \"uv==${{version}}\", sha256: {SHA256}, to: x }}]\n  steps: [make]\n"
    );
    assert_eq!(
        codes(&text),
        [
            Code::UnknownExtension,
            Code::UnknownParameter,
            Code::BadValue,
            Code::BadValue
        ]
    );
}

#[test]
fn a_wrong_parameter_and_a_value_of_the_wrong_form() {
    let text = format!(
        "//- image.yaml\nbase: ubuntu:24.04\nextensions:\n  - a: {{ levle: \"2\", version: \"x y\", sha256: {SHA256} }}\n\
         //- extensions/a/extension.yaml\nname: a\nparameters: {{ version: \"1\" }}\nbuild:\n  \
         sources: [{{ pypi: \"uv==${{version}}\", sha256: {SHA256}, to: x }}]\n  steps: [make]\n"
    );
    assert_eq!(codes(&text), [Code::UnknownParameter, Code::BadValue]);
}

/// A circle leaves extensions without an order, but the mistakes within each are still reported.
#[test]
fn a_circle_hides_nothing() {
    let text = "\
//- image.yaml
base: ubuntu:24.04
extensions: [a: { levle: x }]
//- extensions/a/extension.yaml
name: a
requires: [b]
//- extensions/b/extension.yaml
name: b
requires: [a]
";
    assert_eq!(codes(text), [Code::UnknownParameter, Code::Cycle]);
}

#[test]
fn w0005_a_parameter_in_shell_text() {
    insta::assert_snapshot!(check(
        "\
//- image.yaml
base: ubuntu:24.04
extensions:
  - name: a
    parameters: { version: \"1\" }
    install: { steps: [\"echo ${version}\", \"echo $VERSION\"] }
"
    ), @r#"
    warning[W0005]: `${version}` is empty here: no variable `version` is set in shell text
     --> image.yaml:5:24
      |
    5 |     install: { steps: ["echo ${version}", "echo $VERSION"] }
      |                        ^^^^^^^^^^^^^^^^^
      |
      = help: in shell text the parameter is `$VERSION`
    base ubuntu:24.04
    a
      installs "echo ${version}" Default
      installs "echo $VERSION" Default
      parameter version=1
    "#);
}
