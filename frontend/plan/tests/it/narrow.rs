//! An image that is narrowed to one of its extensions.

use fixtures::Fixture;
use plan::{Catalogue, Plan, Resolution, narrow, resolve};

const TEXT: &str = "\
//- image.yaml
base: ubuntu:24.04
extensions:
  - c: { level: \"3\" }
  - ./tools/a
  - { name: b, environment: { B: x }, install: { packages: [jq] } }
environment: { OWN: x }
//- context/tools/a/extension.yaml
name: a
requires: [c, d]
environment: { A: x }
//- extensions/c/extension.yaml
name: c
parameters: { level: \"1\" }
environment: { C: \"${level}\" }
//- extensions/d/extension.yaml
name: d
environment: { D: x }
//- extensions/e/extension.yaml
name: e
";

/// The plan of an image whose extensions are all in the catalogue.
fn plan(fixture: &mut Fixture, catalogue: &Catalogue, image: &spec::Image) -> Plan {
    match resolve(&mut fixture.diagnostics, image, catalogue, "amd64") {
        Ok(Resolution::Ready(plan)) => *plan,
        other => panic!("{other:?}"),
    }
}

/// The names, variables and union of the plan that is narrowed to one extension.
fn alone(name: &str) -> String {
    let mut fixture = Fixture::read(TEXT);
    let mut catalogue = fixture.catalogue();
    for (wanted, found) in &fixture.known {
        catalogue.found(wanted.clone(), found.clone());
    }
    let image = fixture.image.clone().unwrap();
    let whole = plan(&mut fixture, &catalogue, &image);
    let extension = whole
        .extensions
        .iter()
        .find(|extension| extension.name.as_str() == name);
    let narrowed = narrow(&image, &catalogue, extension.unwrap());
    let plan = plan(&mut fixture, &catalogue, &narrowed);
    // The extensions that are left have the same parameters as in the whole image.
    for extension in &plan.extensions {
        let in_whole = whole
            .extensions
            .iter()
            .find(|other| other.name == extension.name);
        assert_eq!(
            in_whole.map(|whole| &whole.parameters),
            Some(&extension.parameters)
        );
    }
    let names: Vec<&str> = plan
        .extensions
        .iter()
        .map(|extension| extension.name.as_str())
        .collect();
    format!(
        "{names:?} {:?} {:?}",
        plan.environment,
        plan.union_packages().keys().collect::<Vec<_>>()
    )
}

#[test]
fn requirements_stay_and_keep_their_parameters() {
    insta::assert_snapshot!(alone("a"), @r#"["c", "d", "a"] {"A": "x", "C": "3", "D": "x", "OWN": "x"} []"#);
}

#[test]
fn other_extensions_are_left_out() {
    insta::assert_snapshot!(alone("b"), @r#"["b"] {"B": "x", "OWN": "x"} []"#);
    insta::assert_snapshot!(alone("c"), @r#"["c"] {"C": "3", "OWN": "x"} []"#);
}

#[test]
fn a_mere_requirement_can_be_chosen() {
    insta::assert_snapshot!(alone("d"), @r#"["d"] {"D": "x", "OWN": "x"} []"#);
}
