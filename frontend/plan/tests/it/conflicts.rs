//! What two extensions cannot both provide, and what is combined.

use source::Code;

use crate::{check, codes};

/// Two extensions of the catalogue with these definitions, and more lines of the spec.
fn two(spec: &str, first: &str, second: &str) -> String {
    format!(
        "//- image.yaml\nbase: debian:bookworm\nextensions: [a, b]\n{spec}\
         //- extensions/a/extension.yaml\nname: a\n{first}\n\
         //- extensions/b/extension.yaml\nname: b\n{second}\n"
    )
}

fn file(path: &str) -> String {
    format!("install: {{ files: [{{ text: x, to: {path} }}] }}")
}

fn other_file(path: &str) -> String {
    format!("install: {{ files: [{{ text: y, to: {path} }}] }}")
}

fn output(path: &str) -> String {
    format!("build: {{ steps: [make], outputs: [{path}] }}")
}

#[test]
fn e0206_conflicting_path() {
    insta::assert_snapshot!(check(&two("", &file("/etc/x"), &other_file("/etc/x"))), @"
    error[E0206]: extensions `a` and `b` both provide `/etc/x`, and not the same
     --> extensions/b/extension.yaml:2:20
      |
    2 | install: { files: [{ text: y, to: /etc/x }] }
      |                    ^^^^^^^^^^^^^^^^^^^^^^^
      |
     ::: extensions/a/extension.yaml:2:20
      |
    2 | install: { files: [{ text: x, to: /etc/x }] }
      |                    ----------------------- `a` provides it here
      |
      = help: remove one of the two, or put one of them elsewhere
    ");
}

#[test]
fn e0206_one_inside_the_other() {
    let text = two("", &file("/opt/tool"), &file("/opt/tool/bin/x"));
    insta::assert_snapshot!(check(&text), @"
    error[E0206]: extensions `a` and `b` provide `/opt/tool` and `/opt/tool/bin/x`, one inside the other
     --> extensions/b/extension.yaml:2:20
      |
    2 | install: { files: [{ text: x, to: /opt/tool/bin/x }] }
      |                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
     ::: extensions/a/extension.yaml:2:20
      |
    2 | install: { files: [{ text: x, to: /opt/tool }] }
      |                    -------------------------- `a` provides it here
      |
      = help: remove one of the two, or put one of them elsewhere
    ");
}

#[test]
fn files_contradict_each_other() {
    let with = |rest: &str| format!("install: {{ files: [{{ text: x, to: /etc/x{rest} }}] }}");
    let conflicts = [
        (
            "shell: { bash: x }".to_owned(),
            other_file("/etc/inlay/bash.d/a.sh"),
        ),
        (
            "shell: { profile: x }".to_owned(),
            other_file("/etc/profile.d/inlay-a.sh"),
        ),
        (file("/bin/x"), other_file("/usr/bin/x")),
        (output("/opt/tool/bin"), file("/opt/tool")),
        (file("/opt/tool"), output("/opt/tool/bin")),
        (with(""), with(", mode: \"0600\"")),
        (with(", owner: \"5\""), with("")),
    ];
    for (first, second) in conflicts {
        let found = codes(&two("", &first, &second));
        assert_eq!(found, [Code::ConflictingPath], "{first} {second}");
    }
    let required = other_file("/etc/x") + "\nrequires: [a]";
    assert_eq!(codes(&two("", &file("/etc/x"), &required)), []);
}

#[test]
fn what_may_agree_is_left_to_the_joint() {
    let sound = [
        (file("/bin/x"), file("/usr/bin/x")),
        (
            file("/etc/x"),
            file("/etc/x").replace("to:", "mode: \"0644\", owner: \"0:0\", to:"),
        ),
        (output("/usr/local/bin/x"), output("/usr/local/bin/x")),
        (file("/usr/local/bin/x"), output("/usr/local/bin/x")),
        (output("/opt/tool"), file("/opt/tool/bin/x")),
        ("shell: { bash: x }".to_owned(), output("/etc/inlay")),
        (file("/etc/x"), file("/etc/y")),
        (file("/opt/tool-a"), file("/opt/tool")),
        (
            "shell: { bash: x }".to_owned(),
            "shell: { bash: x }".to_owned(),
        ),
    ];
    for (first, second) in sound {
        assert_eq!(codes(&two("", &first, &second)), [], "{first} {second}");
    }
}

#[test]
fn e0104_folders_of_a_running_system() {
    insta::assert_snapshot!(check(&two("", &file("/var/run/x"), "")), @"
error[E0104]: nothing can be put below `/var/run`
 --> extensions/a/extension.yaml:2:20
  |
2 | install: { files: [{ text: x, to: /var/run/x }] }
  |                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: folders of a running system have special modes or are links; choose another place
");
    for path in [
        "/tmp/x",
        "/var/tmp",
        "/var/lock/x",
        "/var/local/x",
        "/var/mail",
        "/var/spool/a/b",
    ] {
        assert_eq!(codes(&two("", &file(path), "")), [Code::BadValue], "{path}");
        assert_eq!(
            codes(&two("", &output(path), "")),
            [Code::BadValue],
            "{path}"
        );
    }
    assert_eq!(codes(&two("", &file("/var/runner"), "")), []);
}

#[test]
fn e0206_one_extension_provides_a_path_twice() {
    let twice = "install: { files: [{ text: x, to: /etc/x }, { text: y, to: /etc/x }] }";
    insta::assert_snapshot!(check(&two("", twice, "")), @"
    error[E0206]: extension `a` provides `/etc/x` twice
     --> extensions/a/extension.yaml:2:45
      |
    2 | install: { files: [{ text: x, to: /etc/x }, { text: y, to: /etc/x }] }
      |                    -----------------------  ^^^^^^^^^^^^^^^^^^^^^^^
      |                    |
      |                    the other one
      |
      = help: remove one of the two
    ");
}

#[test]
fn e0207_conflicting_environment() {
    let text = two(
        "",
        "environment: { EDITOR: vi }",
        "environment: { EDITOR: nano }",
    );
    insta::assert_snapshot!(check(&text), @"
    error[E0207]: extensions `a` and `b` set `EDITOR` to different values
     --> extensions/b/extension.yaml:2:24
      |
    2 | environment: { EDITOR: nano }
      |                        ^^^^
      |
     ::: extensions/a/extension.yaml:2:24
      |
    2 | environment: { EDITOR: vi }
      |                        -- `a` sets it here
      |
      = help: set it in the spec: `environment: { EDITOR: … }`
    ");
}

#[test]
fn the_spec_s_variables_win() {
    let text = two(
        "environment: { EDITOR: ed }\n",
        "environment: { EDITOR: vi, A: x }",
        "environment: { EDITOR: nano, A: x }",
    );
    insta::assert_snapshot!(check(&text), @"
base debian:bookworm
environment A=x
environment EDITOR=ed
a
b
");
}

#[test]
fn search_paths_are_combined_with_the_spec_s_first() {
    let text = two(
        "path: [/opt/z, /opt/b]\nworkdir: /work\nlabels: { k: v }\n",
        "path: [/opt/y, /opt/z]",
        "path: [/opt/b, /opt/y, /opt/x]",
    );
    insta::assert_snapshot!(check(&text), @"
base debian:bookworm
path /opt/z
path /opt/b
path /opt/y
path /opt/x
workdir /work
label k=v
a
b
");
}

#[test]
fn the_union_has_each_package_once() {
    let text = two(
        "packages: union\n",
        "install: { packages: [jq, git] }",
        "install: { packages: [git] }",
    );
    insta::assert_snapshot!(check(&text), @"
    base debian:bookworm
    packages git jq
    a in the union
    b in the union
    ");
}

#[test]
fn all_problems_of_a_pass_are_reported() {
    let first = "requires: [nowhere]\nparameters: { level: {} }";
    let found = codes(&two("", first, "requires: [elsewhere]"));
    assert_eq!(found, [Code::UnknownExtension, Code::UnknownExtension]);
    let first = "parameters: { level: {} }";
    let second = "install: { files: [{ from: gone, to: /etc/x }] }";
    let found = codes(&two("", first, second));
    assert_eq!(found, [Code::MissingParameter, Code::MissingFile]);
}
