//! Which extensions an image has, and in which order.

use std::collections::BTreeSet;

use source::{Code, Diagnostics, render};

use crate::{check, codes, resolved};
use fixtures::Fixture;
use plan::{Wanted, resolve};

/// `a` requires `b`, which requires `c`.
const CHAIN: &str = "\
//- image.yaml
base: debian:bookworm
extensions: [a]
//- extensions/a/extension.yaml
name: a
requires: [b]
//- extensions/b/extension.yaml
name: b
requires: [c]
//- extensions/c/extension.yaml
name: c
";

#[test]
fn requirements_are_included() {
    insta::assert_snapshot!(check(CHAIN), @"
base debian:bookworm
c
b requires c
a requires b, c
");
}

#[test]
fn each_pass_asks_for_the_requirements_that_the_last_one_found() {
    let named = |name: &str| Wanted::Named(spec::ExtensionName::new(name).unwrap());
    let waves = resolved(CHAIN).waves;
    let expected: Vec<BTreeSet<Wanted>> = ["a", "b", "c"]
        .iter()
        .map(|name| BTreeSet::from([named(name)]))
        .collect();
    assert_eq!(waves, expected);
}

#[test]
fn one_pass_asks_for_everything_it_can() {
    let waves = resolved(
        "//- image.yaml
base: debian:bookworm
extensions: [a, ./tools/b, c]
//- extensions/a/extension.yaml
name: a
//- context/tools/b/extension.yaml
name: b
//- extensions/c/extension.yaml
name: c
",
    )
    .waves;
    assert_eq!(waves.len(), 1);
    assert_eq!(waves[0].len(), 3);
}

#[test]
fn a_spec_without_extensions_needs_nothing() {
    let resolved = resolved("//- image.yaml\nbase: debian:bookworm\n");
    assert!(resolved.waves.is_empty() && resolved.plan.is_some());
}

#[test]
fn requirements_come_first_then_names() {
    insta::assert_snapshot!(check("\
//- image.yaml
base: debian:bookworm
extensions: [z, b, a]
//- extensions/a/extension.yaml
name: a
requires: [z]
//- extensions/b/extension.yaml
name: b
//- extensions/z/extension.yaml
name: z
"), @"
base debian:bookworm
b
z
a requires z
");
}

#[test]
fn a_requirement_is_met_by_a_folder_or_a_definition_in_the_list() {
    let text = "\
//- image.yaml
base: debian:bookworm
extensions:
  - a
  - ./tools/planner
  - { name: here, path: [/opt/here] }
//- context/tools/planner/extension.yaml
name: planner
requires: [here]
//- extensions/a/extension.yaml
name: a
requires: [here, planner]
";
    insta::assert_snapshot!(check(text), @"
base debian:bookworm
path /opt/here
here
planner requires here
a requires here, planner
");
    // Neither was looked for in the catalogue.
    assert_eq!(resolved(text).waves.len(), 1);
}

#[test]
fn w0006_an_extension_listed_twice() {
    let text = "\
//- image.yaml
base: debian:bookworm
extensions: [a, a: {}, a]
//- extensions/a/extension.yaml
name: a
";
    insta::assert_snapshot!(check(text), @"
    warning[W0006]: extension `a` is listed twice
     --> image.yaml:2:17
      |
    2 | extensions: [a, a: {}, a]
      |              -  ^^^^^
      |              |
      |              the other entry
      |
      = help: remove one of the two entries
    warning[W0006]: extension `a` is listed twice
     --> image.yaml:2:24
      |
    2 | extensions: [a, a: {}, a]
      |              -         ^
      |              |
      |              the other entry
      |
      = help: remove one of the two entries
    base debian:bookworm
    a
    ");
}

#[test]
fn e0220_not_an_extension() {
    let fixture = Fixture::read(
        "//- image.yaml
base: debian:bookworm
extensions: [{ name: a, requires: [node] }, node]
",
    );
    let mut catalogue = fixture.catalogue();
    let node = Wanted::Named(spec::ExtensionName::new("node").unwrap());
    catalogue.refused(
        node,
        "the named context `node` has no `extension.yaml`: `x`",
    );
    let mut diagnostics = Diagnostics::new();
    let image = fixture.image.as_ref().unwrap();
    assert!(resolve(&mut diagnostics, image, &catalogue, "amd64").is_err());
    let said = diagnostics.iter().map(|one| render(&fixture.sources, one));
    insta::assert_snapshot!(said.collect::<String>(), @"
    error[E0220]: the named context `node` has no `extension.yaml`: `x`
     --> image.yaml:2:45
      |
    2 | extensions: [{ name: a, requires: [node] }, node]
      |                                             ^^^^
      |
      = help: a named context that replaces an extension must be a folder with an `extension.yaml` and its files, whatever kind of context it is
    error[E0220]: the named context `node` has no `extension.yaml`: `x`
     --> image.yaml:2:36
      |
    2 | extensions: [{ name: a, requires: [node] }, node]
      |                                    ^^^^
      |
      = help: a named context that replaces an extension must be a folder with an `extension.yaml` and its files, whatever kind of context it is
    ");
}

#[test]
fn files_of_a_named_context_are_marked_as_such() {
    insta::assert_snapshot!(check("\
//- image.yaml
base: debian:bookworm
extensions: [a]
//- contexts/a/extension.yaml
name: a
install: { files: [{ from: rc, to: /etc/a }] }
"), @"
    base debian:bookworm
    a
      file /etc/a - 0:0 context a: rc
    ");
}

#[test]
fn e0201_unknown_extension() {
    insta::assert_snapshot!(check("\
//- image.yaml
base: debian:bookworm
extensions:
  - rufff
  - ./tools/none
//- extensions/ruff/extension.yaml
name: ruff
"), @"
    error[E0201]: there is no extension `rufff`
     --> image.yaml:3:5
      |
    3 |   - rufff
      |     ^^^^^
      |
      = help: did you mean `ruff`?
    error[E0201]: there is no `tools/none/extension.yaml` in the build context
     --> image.yaml:4:5
      |
    4 |   - ./tools/none
      |     ^^^^^^^^^^^^
      |
      = help: the path is relative to the build context, which is the last argument of the build command
    ");
}

#[test]
fn e0201_unknown_requirement() {
    insta::assert_snapshot!(check("\
//- image.yaml
base: debian:bookworm
extensions: [a]
//- extensions/a/extension.yaml
name: a
requires: [something-else]
"), @"
    error[E0201]: extension `a` requires `something-else`, which does not exist
     --> extensions/a/extension.yaml:2:12
      |
    2 | requires: [something-else]
      |            ^^^^^^^^^^^^^^
      |
      = help: to use an extension of your own, list its folder in the build context (`- ./tools/mine`), or define it in the list itself
    ");
}

#[test]
fn e0205_conflicting_use() {
    insta::assert_snapshot!(check("\
//- image.yaml
base: debian:bookworm
extensions:
  - a: { level: one }
  - a: { level: two }
//- extensions/a/extension.yaml
name: a
parameters: { level: one }
"), @"
    error[E0205]: extension `a` is used twice, in different ways
     --> image.yaml:4:5
      |
    3 |   - a: { level: one }
      |     ----------------- the other entry
    4 |   - a: { level: two }
      |     ^^^^^^^^^^^^^^^^^
      |
      = help: an image can have each extension only once: keep one of the two entries
    ");
}

#[test]
fn e0205_a_folder_and_the_catalogue() {
    let text = "\
//- image.yaml
base: debian:bookworm
extensions: [a, ./a]
//- extensions/a/extension.yaml
name: a
//- context/a/extension.yaml
name: a
";
    assert_eq!(codes(text), [Code::ConflictingUse]);
}

#[test]
fn requirements_of_conflicting_uses_are_not_followed() {
    // Otherwise the order of the list would decide whose requirements are followed.
    for list in ["[a, ./a]", "[./a, a]"] {
        let text = format!(
            "//- image.yaml\nbase: debian:bookworm\nextensions: {list}\n\
             //- extensions/a/extension.yaml\nname: a\nrequires: [nowhere]\n\
             //- context/a/extension.yaml\nname: a\n"
        );
        assert_eq!(codes(&text), [Code::ConflictingUse], "{list}");
    }
}

#[test]
fn e0210_wrong_name() {
    insta::assert_snapshot!(check("\
//- image.yaml
base: debian:bookworm
extensions: [a]
//- extensions/a/extension.yaml
name: b
"), @"
    error[E0210]: this extension is called `b`, but it is used as `a`
     --> extensions/a/extension.yaml:1:7
      |
    1 | name: b
      |       ^
      |
     ::: image.yaml:2:14
      |
    2 | extensions: [a]
      |              - used here
      |
      = help: write `name: a`
    ");
}

#[test]
fn e0210_wrong_name_of_a_requirement() {
    let text = "\
//- image.yaml
base: debian:bookworm
extensions: [a]
//- extensions/a/extension.yaml
name: a
requires: [b]
//- extensions/b/extension.yaml
name: bee
";
    assert_eq!(codes(text), [Code::WrongName]);
}
