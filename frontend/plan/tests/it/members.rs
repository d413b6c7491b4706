//! Whose packages are installed as one set.

use crate::resolved;

/// The extensions of a spec whose packages are of the one set, and the set.
fn united(spec: &str) -> String {
    let resolved = resolved(&format!("//- image.yaml\nbase: debian:bookworm\n{spec}"));
    let plan = resolved.plan.expect("the spec is sound");
    let names = plan
        .extensions
        .iter()
        .filter(|extension| extension.is_united)
        .map(|extension| extension.name.as_str());
    let packages = plan.packages.keys().map(spec::PackageName::as_str);
    format!(
        "{}: {}",
        names.collect::<Vec<_>>().join(" "),
        packages.collect::<Vec<_>>().join(" ")
    )
}

const THREE: &str = "extensions:
  - { name: a, install: { packages: [jq], union: because } }
  - { name: b, requires: [a], install: { packages: [git] } }
  - { name: c, requires: [b], install: { packages: [curl] } }
";

#[test]
fn those_that_ask_for_it() {
    assert_eq!(united(THREE), "a: jq");
}

#[test]
fn all_where_the_spec_says_so() {
    assert_eq!(
        united(&format!("packages: union\n{THREE}")),
        "a b c: curl git jq"
    );
}

#[test]
fn what_lies_between_two_that_ask() {
    let spec = THREE.replace("[curl]", "[curl], union: because");
    assert_eq!(united(&spec), "a b c: curl git jq");
}

#[test]
fn what_is_required_stays_alone() {
    let spec = "extensions:
  - { name: a, install: { packages: [jq] } }
  - { name: b, requires: [a], install: { packages: [git], union: because } }
";
    assert_eq!(united(spec), "b: git");
}
