//! `inlay check` and `inlay graph`, with the real catalogue and with small ones.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::offline::{Outcome, run};
use crate::tests::catalogue;

const SHA256: &str = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn inlay(arguments: &[&str]) -> Outcome {
    run(["inlay"].iter().chain(arguments).map(OsString::from))
}

/// Runs a command on these files. Returns what it says, with `ROOT` in place of their folder.
fn on(command: &str, files: &[(&str, &str)]) -> String {
    let folder = catalogue(files);
    let root = folder.path().to_str().unwrap();
    let (spec, extensions) = (format!("{root}/inlay.yaml"), format!("{root}/extensions"));
    let outcome = inlay(&[
        command,
        &spec,
        "--context",
        root,
        "--extensions",
        &extensions,
    ]);
    let said = format!(
        "{}{}status {}",
        outcome.messages, outcome.output, outcome.status
    );
    said.replace(root, "ROOT")
}

/// Runs a command on the example, with the catalogue of the binary.
fn example(command: &[&str]) -> Outcome {
    let folder = repository().join("docs/examples/tools");
    let spec = folder.join("inlay.yaml");
    let on = [
        spec.to_str().unwrap(),
        "--context",
        folder.to_str().unwrap(),
    ];
    inlay(&[command, &on].concat())
}

#[test]
fn arguments_are_given_as_in_a_build() {
    let spec =
        "# syntax=x\narguments: { SUITE: { description: of Debian } }\nbase: debian:${SUITE}\n";
    let folder = catalogue(&[("inlay.yaml", spec)]);
    let file = folder.path().join("inlay.yaml");
    let on = |arguments: &[&str]| {
        let mut all = vec!["check", file.to_str().unwrap()];
        all.extend(arguments);
        let outcome = inlay(&all);
        let said = format!(
            "{}{}status {}",
            outcome.messages, outcome.output, outcome.status
        );
        said.replace(folder.path().to_str().unwrap(), "ROOT")
    };
    insta::assert_snapshot!(on(&["--build-arg", "SUITE=bookworm"]), @"
ROOT/inlay.yaml: no errors; 0 extensions on debian:bookworm
status 0
");
    insta::assert_snapshot!(on(&[]), @"
    error[E0120]: argument `SUITE` has no default and was not given a value
     --> ROOT/inlay.yaml:2:14
      |
    2 | arguments: { SUITE: { description: of Debian } }
      |              ^^^^^
      |
      = help: build with `--build-arg SUITE=…`, or write a default
    status 1
    ");
    insta::assert_snapshot!(on(&["--build-arg", "SUITE=x", "--build-arg", "SUIT=x"]), @"
    error[E0121]: --build-arg `SUIT`: the spec has no such argument
     --> ROOT/inlay.yaml:2:14
      |
    2 | arguments: { SUITE: { description: of Debian } }
      |              ^^^^^
      |
      = help: did you mean `SUITE`?
    status 1
    ");
    insta::assert_snapshot!(on(&["--build-arg", "=x"]), @"
error: --build-arg `=x` is not of the form `NAME=value`
status 2
");
    let reserved = ["--build-arg", "SUITE=x", "--build-arg", "BUILDKIT_X=1"];
    assert_eq!(
        on(&reserved),
        "ROOT/inlay.yaml: no errors; 0 extensions on debian:x\nstatus 0"
    );
}

#[test]
fn the_example_is_sound() {
    let outcome = example(&["check"]);
    assert_eq!((outcome.status, &*outcome.messages), (0, ""));
    let said = outcome.output.rsplit_once(": ").unwrap().1;
    insta::assert_snapshot!(said, @"
no errors; 9 extensions on debian:bookworm
");
}

#[test]
fn the_catalogue_needs_no_folder() {
    let folder = catalogue(&[(
        "inlay.yaml",
        "# syntax=x\nbase: debian:bookworm\nextensions: [uv]\n",
    )]);
    let file = folder.path().join("inlay.yaml");
    let outcome = inlay(&["check", file.to_str().unwrap()]);
    assert_eq!((outcome.status, &*outcome.messages), (0, ""));
}

#[test]
fn the_example_has_a_raw_graph_that_ends_in_the_image() {
    let outcome = example(&["graph", "--raw"]);
    assert_eq!(outcome.status, 0);
    let rows: Vec<&str> = outcome.output.lines().collect();
    assert!(
        rows.last().unwrap().starts_with("[image] merge "),
        "{}",
        outcome.output
    );
    for name in ["uv", "ruff", "node", "ripgrep"] {
        let output = format!("[{name}] output");
        assert!(rows.iter().any(|row| row.starts_with(&output)), "{name}");
    }
}

#[test]
fn a_graph_is_a_tree_of_extensions_with_their_parts() {
    let spec = format!(
        "# syntax=x\nbase: ubuntu:24.04\nextensions:\n  \
         - name: a\n    install: {{ packages: [jq], steps: [useradd a, useradd b] }}\n  \
         - name: b\n    requires: [a]\n    build:\n      packages: [make]\n      \
         sources: [{{ pypi: uv==1.0, sha256: {SHA256}, to: uv }}, {{ context: src, to: src }}]\n      \
         steps: [make, make install]\n      outputs: [/opt/b]\n    \
         install: {{ files: [{{ text: x, to: /etc/b }}], steps: [b --setup] }}\n  \
         - {{ name: c, requires: [a, b], install: {{ packages: [git] }} }}\n"
    );
    insta::assert_snapshot!(on("graph", &[("inlay.yaml", &spec)]), @"
    ubuntu:24.04
    ├── a
    │   ├── packages: jq  (on ubuntu:24.04)
    │   └── 2 steps: useradd a; …
    ├── b, requires a
    │   ├── load src
    │   ├── fetch uv==1.0 from PyPI  (on debian:bookworm with ca-certificates python3-pip)
    │   ├── builder packages: make  (on debian:bookworm)
    │   ├── build 1/2: make
    │   ├── build 2/2: make install
    │   ├── output: /opt/b
    │   ├── files: /etc/b
    │   └── steps: b --setup  (on a)
    ├── c, requires a, b
    │   └── packages: git  (on the layers of what it requires)
    └── joint of a, b, c
    status 0
    ");
}

#[test]
fn problems_are_rendered() {
    insta::assert_snapshot!(on("check", &[
        ("inlay.yaml", "# syntax=x\nbase: ubuntu:24.04\nextensions: [a, ./b]\n"),
        ("extensions/a/extension.yaml", "name: a\ninstal: {}\n"),
        ("b/extension.yaml", "nam: b\n"),
    ]), @"
error[E0101]: unknown key `instal`
 --> extensions/a/extension.yaml:2:1
  |
2 | instal: {}
  | ^^^^^^
  |
  = help: did you mean `install`?
error[E0101]: unknown key `nam`
 --> b/extension.yaml:1:1
  |
1 | nam: b
  | ^^^
  |
  = help: did you mean `name`?
status 1
");
}

#[test]
fn a_file_in_the_catalogue_is_not_an_extension() {
    let said = on(
        "check",
        &[
            (
                "inlay.yaml",
                "# syntax=x\nbase: ubuntu:24.04\nextensions: [license]\n",
            ),
            ("extensions/license", "do what you want\n"),
        ],
    );
    assert!(
        said.starts_with("error[E0201]: there is no extension `license`"),
        "{said}"
    );
}

#[test]
fn warnings_do_not_make_a_spec_unsound() {
    let spec = "# syntax=x\nbase: ubuntu:24.04\nextensions: [{ name: a, build: { steps: [x], sources: [{ pypi: a==1, unverified: true, to: x }] } }]\n";
    let said = on("check", &[("inlay.yaml", spec)]);
    assert!(
        said.starts_with("warning[W0001]") && said.ends_with("status 0"),
        "{said}"
    );
}

#[test]
fn warnings_make_a_spec_unsound_if_asked_for() {
    let check = |rules: &str| {
        let spec = format!("# syntax=x\n# check={rules}\nbase: ubuntu:24.04\nextensions: [a, a]\n");
        let definition = ("extensions/a/extension.yaml", "name: a\n");
        on("check", &[("inlay.yaml", &spec), definition])
    };
    insta::assert_snapshot!(check("error=true"), @"
    warning[W0006]: extension `a` is listed twice
     --> ROOT/inlay.yaml:4:17
      |
    4 | extensions: [a, a]
      |              -  ^
      |              |
      |              the other entry
      |
      = help: remove one of the two entries
    error: `error=true` in the check rules turns warnings into errors
    status 1
    ");
    insta::assert_snapshot!(check("error=true;skip=W0006"), @"
    ROOT/inlay.yaml: no errors; 1 extension on ubuntu:24.04
    status 0
    ");
}

#[test]
fn a_spec_that_docker_would_read_as_a_dockerfile_is_noted() {
    let files = [("inlay.yaml", "base: ubuntu:24.04\n")];
    insta::assert_snapshot!(on("check", &files), @"
    note: the spec does not begin with a line `# syntax=…`, so docker would read it as a Dockerfile and fail with `unknown instruction: base:`
      = help: write `# syntax=ghcr.io/inlay/inlay:1` as the first line
    ROOT/inlay.yaml: no errors; 0 extensions on ubuntu:24.04
    status 0
    ");
    assert!(!on("graph", &files).contains("note"));
    // Other problems do not hide it.
    insta::assert_snapshot!(on("check", &[("inlay.yaml", "bas: ubuntu:24.04\n")]), @"
    error[E0101]: unknown key `bas`
     --> ROOT/inlay.yaml:1:1
      |
    1 | bas: ubuntu:24.04
      | ^^^
      |
      = help: did you mean `base`?
    note: the spec does not begin with a line `# syntax=…`, so docker would read it as a Dockerfile and fail with `unknown instruction: bas:`
      = help: write `# syntax=ghcr.io/inlay/inlay:1` as the first line
    status 1
    ");
}

#[test]
fn what_cannot_be_read_or_understood_is_status_2() {
    let missing = inlay(&["check", "/nowhere/inlay.yaml"]);
    assert_eq!(
        (missing.status, &*missing.messages),
        (2, "error: there is no `/nowhere/inlay.yaml`\n")
    );
    let platform = inlay(&["graph", "x", "--platform", "amd64"]);
    insta::assert_snapshot!(platform.messages, @"
error: --platform `amd64` is not of the form `linux/amd64`
");
    assert_eq!(platform.status, 2);
    assert_eq!(inlay(&["chek"]).status, 2);
    assert_eq!(inlay(&[]).status, 2);
}

#[test]
fn help_and_the_version_are_not_failures() {
    let version = inlay(&["--version"]);
    assert_eq!((version.status, &*version.messages), (0, ""));
    assert!(version.output.starts_with("inlay 0."), "{}", version.output);
    assert!(inlay(&["--help"]).output.contains("check"));
}

#[test]
fn what_an_ignore_file_excludes_is_named_with_its_line() {
    let spec = "# syntax=x
base: debian:bookworm
extensions:
  - ./tools/a
  - ./tools/b
  - name: c
    install: { files: [{ from: 'rules[1].conf', to: /etc/x }, { from: gone, to: /etc/y }] }
";
    let files = [
        ("inlay.yaml", spec),
        ("tools/a/extension.yaml", "name: a\n"),
        ("tools/b/extension.yaml", "name: b\n"),
        ("rules[1].conf", "x"),
        (".dockerignore", "tools\n!tools/b\n*.conf\n"),
    ];
    insta::assert_snapshot!(on("check", &files), @r"
    error[E0201]: `.dockerignore` excludes `tools/a/extension.yaml`, by its line `tools`
     --> ROOT/inlay.yaml:4:5
      |
    4 |   - ./tools/a
      |     ^^^^^^^^^
      |
      = help: change that line, or write `!tools/a` below it
    error[E0211]: `.dockerignore` excludes `rules[1].conf` from the build context, by its line `*.conf`
     --> ROOT/inlay.yaml:7:32
      |
    7 |     install: { files: [{ from: 'rules[1].conf', to: /etc/x }, { from: gone, to: /etc/y }] }
      |                                ^^^^^^^^^^^^^^^
      |
      = help: change that line, or write `!rules\[1\].conf` below it
    error[E0211]: there is no `gone` in the build context
     --> ROOT/inlay.yaml:7:71
      |
    7 |     install: { files: [{ from: 'rules[1].conf', to: /etc/x }, { from: gone, to: /etc/y }] }
      |                                                                       ^^^^
      |
      = help: the path is relative to the build context, which is the last argument of the build command
    status 1
    ");
    // The ignore file of the spec is read in place of that of the folder.
    let beside = [
        files[0],
        files[1],
        files[2],
        files[3],
        files[4],
        ("gone", "x"),
        ("inlay.yaml.dockerignore", ""),
    ];
    insta::assert_snapshot!(on("check", &beside), @"
    ROOT/inlay.yaml: no errors; 3 extensions on debian:bookworm
    status 0
    ");
}

/// A version for which the extension has no checksum is sound if the lock has it.
#[test]
fn a_lock_beside_the_spec_is_read() {
    let spec = "# syntax=x\nbase: debian:13\nextensions:\n- tool: { version: '2.0' }\n";
    let definition = format!(
        "name: tool\nparameters: {{ version: '1.0' }}\nbuild:\n  sources: [{{ pypi: 'tool==${{version}}', to: a, sha256: {SHA256} }}]\n  steps: [make]\n"
    );
    let files = [
        ("inlay.yaml", spec),
        ("extensions/tool/extension.yaml", &definition),
    ];
    let with = |name: &'static str, lock: &str| {
        let mut files = files.to_vec();
        files.push((name, lock));
        on("check", &files)
    };
    let lock = format!("lock 1\nplatform linux/amd64\nsource pypi tool==2.0 {SHA256}\n");
    insta::assert_snapshot!(with("other.lock", &lock), @r#"
    error[E0208]: extension `tool` lists no checksum for `tool==2.0`
     --> ROOT/inlay.yaml:4:20
      |
    4 | - tool: { version: '2.0' }
      |                    ^^^^^
      |
     ::: extensions/tool/extension.yaml:4:21
      |
    4 |   sources: [{ pypi: 'tool==${version}', to: a, sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03 }]
      |                     ------------------ its checksums belong to the default version
      |
      = help: write a lock, which looks it up (`--call=lock`), or add it: `- tool: { version: "2.0", sha256: … }`
    status 1
    "#);
    insta::assert_snapshot!(with("inlay.lock", &lock), @"
    warning[W0012]: `ROOT/inlay.lock` does not have the extension `tool`
     --> ROOT/inlay.yaml:4:3
      |
    4 | - tool: { version: '2.0' }
      |   ^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write the lock again with `--call=lock`
    ROOT/inlay.yaml: no errors; 1 extension on debian:13
    status 0
    ");
    insta::assert_snapshot!(with("inlay.yaml.lock", "lock 2\n"), @"
    error[E0260]: a lock of this version begins with `lock 1`
     --> ROOT/inlay.yaml.lock:1:1
      |
    1 | lock 2
      | ^^^^^^
      |
      = help: write the lock again with `--call=lock`, or take it from the history of your project
    status 1
    ");
}
