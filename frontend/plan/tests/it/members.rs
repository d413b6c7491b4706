//! Which extensions are members of the union.

use crate::resolved;

/// The members of the union in a spec, and the packages of the union.
fn union(spec: &str) -> String {
    let resolved = resolved(&format!("//- image.yaml\nbase: debian:bookworm\n{spec}"));
    let plan = resolved.plan.expect("the spec is sound");
    let members = plan.union_members();
    let names = members.map(|extension| extension.name.as_str());
    let packages = plan.union_packages();
    let packages = packages.keys().map(spec::PackageName::as_str);
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
fn an_extension_that_asks_is_a_member() {
    assert_eq!(union(THREE), "a: jq");
}

#[test]
fn all_are_members_if_the_spec_says_so() {
    assert_eq!(
        union(&format!("packages: union\n{THREE}")),
        "a b c: curl git jq"
    );
}

#[test]
fn an_extension_between_two_members_is_a_member() {
    let spec = THREE.replace("[curl]", "[curl], union: because");
    assert_eq!(union(&spec), "a b c: curl git jq");
}

#[test]
fn a_requirement_of_a_member_stays_alone() {
    let spec = "extensions:
  - { name: a, install: { packages: [jq] } }
  - { name: b, requires: [a], install: { packages: [git], union: because } }
";
    assert_eq!(union(spec), "b: git");
}
