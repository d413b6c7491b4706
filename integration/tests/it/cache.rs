//! What runs again when something changes, counted vertex by vertex.
//!
//! Builders are tiny and have no network, because only their number matters. `TOKEN` makes the vertices and
//! outputs of each test its own. It stands on the second line of a step, which is not in the vertex's name.

use integration::{Build, Outcome};

use crate::{DerivedBase, Ground};

const ALPHA: &str = r#"name: alpha
build:
  steps:
    - { run: "mkdir -p $OUT/opt/alpha\necho TOKEN > $OUT/opt/alpha/own", network: none }
    - { run: "echo a > $OUT/opt/alpha/made", network: none }
environment: { ALPHA: "1" }
"#;

const BETA: &str = r#"name: beta
requires: [data]
build:
  sources: [{ context: seed, to: seed }]
  steps:
    - { run: "install -D $SOURCES/seed $OUT/opt/beta/made\n# TOKEN", network: none }
install:
  files: [{ to: /etc/beta, text: TOKEN }]
path: [/opt/beta]
"#;

const GAMMA: &str = r#"name: gamma
install:
  files: [{ from: settings, to: /etc/gamma }]
shell: { profile: "export GAMMA=TOKEN" }
"#;

const DELTA: &str = r#"name: delta
build:
  steps:
    - { run: "install -D /dev/null $OUT/opt/delta/made\necho TOKEN > $OUT/opt/delta/own", network: none }
install:
  files: [{ to: /etc/delta, text: TOKEN }]
"#;

/// An inline extension that `beta` requires.
const DATA: &str = "{ name: data, install: { files: [{ to: /etc/data, text: TOKEN }] } }";

pub(crate) const THREE: [&str; 4] = [DATA, "./alpha", "./beta", "./gamma"];

pub(crate) const FOUR: [&str; 5] = [DATA, "./alpha", "./beta", "./delta", "./gamma"];

pub(crate) const DELTAS: [&str; 4] = [
    "[delta] files",
    "[delta] gather files",
    "[delta] install -D /dev/null $OUT/opt/delta/made …",
    "[delta] output",
];

pub(crate) fn spec(base: &str, uses: &[&str]) -> String {
    let uses = uses.join("\n  - ");
    format!("# syntax=ghcr.io/inlay/inlay:1\nbase: {base}\nextensions:\n  - {uses}\n")
}

/// A build with the extensions above in its context, and a spec that uses those in the list.
pub(crate) fn build<'a>(ground: &'a Ground, uses: &[&str]) -> Build<'a> {
    ground
        .build()
        .spec(&spec("debian:bookworm", uses))
        .file("alpha/extension.yaml", ALPHA)
        .file("beta/extension.yaml", BETA)
        .file("beta/seed", "seed TOKEN")
        .file("gamma/extension.yaml", GAMMA)
        .file("gamma/settings/one", "1 TOKEN")
        .file("gamma/settings/below/two", "2")
        .file("delta/extension.yaml", DELTA)
        .image()
}

/// The joint, which decides what an image has at paths that several layers hold.
pub(crate) const JOINT: &str = "[joint] reconcile the databases of the image";

/// What the joint reads of a base.
const BASE_STATE: &str = "[joint] read the base's databases";

#[track_caller]
pub(crate) fn assert_ran(outcome: &Outcome<'_>, names: &[&[&str]]) {
    let mut names = names.concat();
    names.sort_unstable();
    assert_eq!(outcome.ran(), names);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn nothing_runs_the_second_time() {
    let ground = Ground::get();
    let build = build(ground, &THREE);
    let first = build.succeed();
    assert_ran(
        &first,
        &[&[
            "[alpha 1/2] mkdir -p $OUT/opt/alpha …",
            "[alpha 2/2] echo a > $OUT/opt/alpha/made",
            "[alpha] output",
            "[beta] files",
            "[beta] gather files",
            "[beta] install -D $SOURCES/seed $OUT/opt/beta/made …",
            "[beta] output",
            "[data] files",
            "[data] gather files",
            "[gamma] files",
            "[gamma] gather files",
            "[image] merge 6 layers",
            JOINT,
        ]],
    );
    let second = build.succeed();
    assert_ran(&second, &[]);
    assert_eq!(second.digest(), first.digest());
    assert!(second.progress.cached().contains("[alpha] output"));
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn the_order_of_the_list_does_not_matter() {
    let ground = Ground::get();
    let build = build(ground, &FOUR);
    let first = build.succeed();
    assert!(!first.ran().is_empty());
    let mut build = build;
    for order in [
        [4, 3, 2, 1, 0],
        [2, 0, 4, 1, 3],
        [1, 2, 3, 4, 0],
        [3, 4, 0, 2, 1],
    ] {
        let uses = order.map(|at| FOUR[at]);
        build = build.spec(&spec("debian:bookworm", &uses));
        let again = build.succeed();
        assert_ran(&again, &[]);
        assert_eq!(again.digest(), first.digest(), "{order:?}");
    }
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_added_extension_runs_its_own_vertices_and_a_removed_one_none() {
    let ground = Ground::get();
    let build = build(ground, &THREE);
    let first = build.succeed();
    let build = build.spec(&spec("debian:bookworm", &FOUR));
    assert_ran(
        &build.succeed(),
        &[&DELTAS, &["[image] merge 8 layers", JOINT]],
    );
    // Without alpha, another set is merged; nothing else runs.
    let build = build.spec(&spec(
        "debian:bookworm",
        &[DATA, "./beta", "./delta", "./gamma"],
    ));
    assert_ran(&build.succeed(), &[&["[image] merge 7 layers", JOINT]]);
    let build = build.spec(&spec("debian:bookworm", &THREE));
    let last = build.succeed();
    assert_ran(&last, &[]);
    assert_eq!(last.digest(), first.digest());
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_changed_extension_runs_its_own_vertices() {
    let ground = Ground::get();
    let build = build(ground, &FOUR);
    build.succeed();
    let build = build.file("delta/extension.yaml", &DELTA.replace("TOKEN", "TOKEN 2"));
    assert_ran(
        &build.succeed(),
        &[&DELTAS, &["[image] merge 8 layers", JOINT]],
    );
    // What `beta` requires changes. The vertices of `beta` do not depend on it, as its steps do not see it.
    let data = DATA.replace("TOKEN", "TOKEN 2");
    let uses = [&data, "./alpha", "./beta", "./delta", "./gamma"];
    let build = build.spec(&spec("debian:bookworm", &uses));
    assert_ran(
        &build.succeed(),
        &[&[
            "[data] files",
            "[data] gather files",
            "[image] merge 8 layers",
            JOINT,
        ]],
    );
    // A file of the context only affects the extension that reads it.
    let build = build.file("gamma/settings/below/two", "3 TOKEN");
    assert_ran(
        &build.succeed(),
        &[&[
            "[gamma] files",
            "[gamma] gather files",
            "[image] merge 8 layers",
            JOINT,
        ]],
    );
    let build = build.file("gamma/unread", "TOKEN");
    assert_ran(&build.succeed(), &[]);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn what_follows_a_builder_with_equal_output_does_not_run() {
    let ground = Ground::get();
    let build = build(ground, &FOUR);
    let first = build.succeed();
    let build = build.file(
        "alpha/extension.yaml",
        &ALPHA.replace("echo a >", "printf 'a\\\\n' >"),
    );
    let second = build.succeed();
    assert_ran(
        &second,
        &[&["[alpha 2/2] printf 'a\\n' > $OUT/opt/alpha/made"]],
    );
    assert_eq!(second.digest(), first.digest());
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_changed_base_runs_no_builder() {
    let ground = Ground::get();
    let on = "inlay-test/base:1";
    let build = build(ground, &FOUR).spec(&spec(on, &FOUR)).file(
        "omega/extension.yaml",
        &DELTA
            .replace("delta", "omega")
            .replace("build:", "build:\n  on: base"),
    );
    let (one, two) = (
        DerivedBase::new(ground, "one"),
        DerivedBase::new(ground, "two"),
    );
    let build = build.image_in_place_of(on, one.reference());
    let first = build.succeed();
    assert!(first.ran().len() > 10);
    let build = build.image_in_place_of(on, two.reference());
    let second = build.succeed();
    assert_ran(&second, &[&["[image] merge 8 layers", JOINT, BASE_STATE]]);
    assert_eq!(second.run(["cat", "/etc/derived"]), "two");
    assert_ne!(second.digest(), first.digest());

    // A builder that asks for the user's base does run again, which shows that the count would see it.
    let uses = ["./omega", "./delta"];
    let build = build.spec(&spec(on, &uses));
    build.succeed();
    let build = build.image_in_place_of(on, one.reference());
    assert_ran(
        &build.succeed(),
        &[&[
            "[image] merge 5 layers",
            JOINT,
            "[omega] install -D /dev/null $OUT/opt/omega/made …",
        ]],
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_added_package_runs_the_packages_and_no_builder() {
    let ground = Ground::get();
    let on = "inlay-test/base:1";
    // The vertex of packages depends on the base and the set, so the test has its own base.
    let base = DerivedBase::new(ground, &integration::make_token());
    let build = build(ground, &THREE)
        .spec(&spec(on, &THREE))
        .image_in_place_of(on, base.reference());
    build.succeed();
    let hello = "{ name: hello, install: { packages: [hello] } }";
    let uses = [&THREE[..], &[hello]].concat();
    let union = |uses: &[&str]| format!("{}packages: union\n", spec(on, uses));
    let build = build.spec(&union(&uses));
    let with_hello = build.succeed();
    assert_ran(
        &with_hello,
        &[&[
            "[image] merge 8 layers",
            JOINT,
            "[joint] layer",
            "[packages] inlay-test/base:1: hello",
            "[packages] inlay-test/base:1: hello (fetch)",
            "[packages] inlay-test/base:1: hello (layer)",
            "[packages] inlay-test/base:1: hello (resolve)",
            "[packages] inlay-test/base:1: hello (state)",
            "[packages] lists of inlay-test/base:1",
        ]],
    );
    assert_eq!(with_hello.run(["hello"]), "Hello, world!");
    // Another extension asks for the same package, and the list is reversed.
    let greeter = "{ name: greeter, install: { packages: [hello] } }";
    let mut uses = [&uses[..], &[greeter]].concat();
    uses.reverse();
    let build = build.spec(&union(&uses));
    assert_ran(&build.succeed(), &[]);
}
