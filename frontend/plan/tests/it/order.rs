//! What extensions are put on: circles, and what a spec puts one after.

use crate::check;

#[test]
fn e0204_cycle() {
    insta::assert_snapshot!(check("\
//- image.yaml
base: debian:bookworm
extensions: [start]
//- extensions/start/extension.yaml
name: start
requires: [c]
//- extensions/a/extension.yaml
name: a
requires: [b]
//- extensions/b/extension.yaml
name: b
requires: [c]
//- extensions/c/extension.yaml
name: c
requires: [a]
"), @"
    error[E0204]: extensions require each other in a circle: `a` → `b` → `c` → `a`
     --> extensions/a/extension.yaml:2:12
      |
    2 | requires: [b]
      |            ^
      |
     ::: extensions/b/extension.yaml:2:12
      |
    2 | requires: [c]
      |            - `b` requires it
      |
     ::: extensions/c/extension.yaml:2:12
      |
    2 | requires: [a]
      |            - `c` requires it
      |
      = help: remove one of these requirements
    ");
}

#[test]
fn e0204_cycle_of_one() {
    insta::assert_snapshot!(check("\
//- image.yaml
base: debian:bookworm
extensions: [a]
//- extensions/a/extension.yaml
name: a
requires: [a]
"), @"
    error[E0204]: extensions require each other in a circle: `a` → `a`
     --> extensions/a/extension.yaml:2:12
      |
    2 | requires: [a]
      |            ^
      |
      = help: remove one of these requirements
    ");
}

#[test]
fn a_cycle_is_reported_from_the_same_start_in_any_order() {
    let report = |list: &str| {
        let text = format!(
            "//- image.yaml\nbase: debian:bookworm\nextensions: [{list}]\n\
             //- extensions/b/extension.yaml\nname: b\nrequires: [c]\n\
             //- extensions/c/extension.yaml\nname: c\nrequires: [b]\n\
             //- extensions/a/extension.yaml\nname: a\nrequires: [c]\n\
             //- extensions/d/extension.yaml\nname: d\nrequires: [a]\n"
        );
        check(&text)
    };
    let first = report("a, b, c, d");
    assert!(first.contains("`b` → `c` → `b`"), "{first}");
    for list in ["d, c, b, a", "c, d, a, b", "d"] {
        assert_eq!(report(list), first);
    }
}

/// `x` is put on `ca` by the spec, and `ca` requires `root`.
fn after(entry: &str) -> String {
    format!(
        "\
//- image.yaml
base: debian:bookworm
extensions:
  - ca
  - other
  - {entry}
//- extensions/x/extension.yaml
name: x
parameters: {{ version: \"1\" }}
//- extensions/ca/extension.yaml
name: ca
requires: [root]
//- extensions/root/extension.yaml
name: root
//- extensions/other/extension.yaml
name: other
"
    )
}

#[test]
fn a_spec_puts_an_extension_on_another_one() {
    let required = after("x").replace("name: x\n", "name: x\nrequires: [ca]\n");
    let expected = check(&required);
    insta::assert_snapshot!(expected, @"
    base debian:bookworm
    other
    root
    ca requires root
    x requires ca, root
      parameter version=1
    ");
    for entry in [
        "x: { after: ca }",
        "x: { after: [ca], version: \"1\" }",
        "x: { after: [root, ca, ca] }",
    ] {
        assert_eq!(check(&after(entry)), expected, "{entry}");
    }
}

#[test]
fn an_extension_can_only_come_after_one_of_the_image() {
    insta::assert_snapshot!(check(&after("x: { after: [cx, nobody, x] }")), @"
    error[E0201]: `x` is to come after `cx`, which is not in the image
     --> image.yaml:5:18
      |
    5 |   - x: { after: [cx, nobody, x] }
      |                  ^^
      |
      = help: did you mean `ca`?
    error[E0201]: `x` is to come after `nobody`, which is not in the image
     --> image.yaml:5:22
      |
    5 |   - x: { after: [cx, nobody, x] }
      |                      ^^^^^^
      |
      = help: add `nobody` to `extensions`, or leave `after` out
    error[E0204]: extensions require each other in a circle: `x` → `x`
     --> image.yaml:5:30
      |
    5 |   - x: { after: [cx, nobody, x] }
      |                              ^
      |
      = help: remove one of these requirements, or an `after`
    ");
    insta::assert_snapshot!(check(&after("x: { after: Ca }")), @"
    error[E0104]: `Ca` is not a valid extension name: it must consist of at most 64 lowercase letters, digits, `-`, `_` and `.`, and begin with a letter or a digit
     --> image.yaml:5:17
      |
    5 |   - x: { after: Ca }
      |                 ^^
    ");
    let circle = after("root: { after: ca }");
    insta::assert_snapshot!(check(&circle), @"
    error[E0204]: extensions require each other in a circle: `ca` → `root` → `ca`
     --> extensions/ca/extension.yaml:2:12
      |
    2 | requires: [root]
      |            ^^^^
      |
     ::: image.yaml:5:20
      |
    5 |   - root: { after: ca }
      |                    -- `root` comes after it
      |
      = help: remove one of these requirements, or an `after`
    ");
    // Who cannot be read may be the one that is named.
    let unread = after("x: { after: cx }").replace("name: other", "name: other\nnonsense: 1");
    insta::assert_snapshot!(check(&unread), @"
    error[E0101]: unknown key `nonsense`
     --> extensions/other/extension.yaml:2:1
      |
    2 | nonsense: 1
      | ^^^^^^^^
      |
      = help: the keys here are `name`, `description`, `parameters`, `requires`, `build`, `install`, `environment`, `path`, `shell` and `tests`
    error[E0201]: `x` is to come after `cx`, which is not in the image
     --> image.yaml:5:17
      |
    5 |   - x: { after: cx }
      |                 ^^
      |
      = help: did you mean `ca`?
    ");
    let twice = after("x: { after: ca }\n  - x");
    insta::assert_snapshot!(check(&twice), @"
    error[E0205]: extension `x` is used twice, in different ways
     --> image.yaml:6:5
      |
    5 |   - x: { after: ca }
      |     ---------------- the other entry
    6 |   - x
      |     ^
      |
      = help: an image can have each extension only once: keep one of the two entries
    ");
}
