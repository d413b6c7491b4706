//! Names of packages are taken literally, and places of mounts are checked before anything runs.

use integration::Outcome;

use crate::{Ground, assert_has};

fn spec(extension: &str) -> String {
    format!(
        "# syntax=ghcr.io/inlay/inlay:1\nbase: debian:bookworm\nextensions:\n  - name: x\n    {extension}\n"
    )
}

fn fail(extension: &str) -> Outcome<'static> {
    Ground::get().build().spec(&spec(extension)).fail()
}

/// apt takes a word that is no name as a pattern: the first of these installed 99 packages, the second 224.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_package_that_does_not_exist_is_no_pattern() {
    for (name, similar) in [
        ("g++-13", "`g++-12`"),
        ("libgtk2.0", "`libgtk2.0-0`"),
        ("graphvz", "`graphviz`"),
    ] {
        let outcome = fail(&format!("install: {{ packages: [jq, {name}] }}"));
        let message = format!("there is no package `{name}` in the archive of the image [E0250]");
        let help = "help: packages with similar names: ";
        assert_has(outcome.text(), &[&message, help, similar, "inlay.yaml:5\n"]);
        assert!(!outcome.progress.logs().contains("installing"));
    }
    // In a builder, too; and all of them are named.
    let outcome = fail("build: { packages: [g++-13, libgtk2.0], steps: [make] }");
    let all = ["no package `g++-13`", "no package `libgtk2.0`"];
    assert_has(outcome.text(), &all);
    assert_has(outcome.text(), &["inlay.yaml:5\n"]);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_package_may_have_a_release_or_be_provided_by_another() {
    // The second is only a name for what perl-base provides.
    let spec = spec("install: { packages: [jq/bookworm, perlapi-5.36.0, g++] }");
    let outcome = Ground::get().build().image().spec(&spec).succeed();
    outcome.run(["sh", "-c", "jq --version && g++ --version"]);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_mount_over_the_system_is_an_error_at_its_place() {
    for (given, path) in [
        ("cache: [{ id: a, path: /etc/passwd }]", "/etc/passwd"),
        ("secrets: [{ id: a, path: /etc }]", "/etc"),
        ("cache: [{ id: a, path: /usr }]", "/usr"),
        ("secrets: [{ id: a, path: /proc/a }]", "/proc/a"),
        (
            "ssh: true, secrets: [{ id: a, path: /run/buildkit/ssh_agent.0 }]",
            "/run/buildkit/ssh_agent.0",
        ),
    ] {
        for part in ["install", "build"] {
            let outcome = fail(&format!("{part}: {{ steps: [{{ run: make, {given} }}] }}"));
            let message = format!("nothing can be mounted at `{path}`");
            assert_has(outcome.text(), &[&message, "[E0104]", "inlay.yaml:5:"]);
        }
    }
    let cache = "cache: [{ id: inlay/downloads/debian:bookworm/linux/amd64, path: /k }]";
    let outcome = fail(&format!("build: {{ steps: [{{ run: make, {cache} }}] }}"));
    assert_has(
        outcome.text(),
        &["ids that begin with `inlay/` are those of inlay's own caches"],
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_cache_and_a_secret_may_be_at_two_places() {
    let build = "build: { steps: [{ run: 'date > /k/TOKEN; cmp /k/TOKEN /root/.cache/l/TOKEN; \
                 cmp /run/secrets/a /etc/a; install -D /etc/a $OUT/opt/a', network: none, \
                 cache: [{ id: two, path: /k }, { id: two, path: /root/.cache/l }], \
                 secrets: [{ id: a }, { id: a, path: /etc/a }] }] }";
    let build = Ground::get()
        .build()
        .image()
        .spec(&spec(build))
        .file("a", "text");
    let secret = build.path().join("a");
    let outcome = build.secret("a", &secret).succeed();
    assert_eq!(outcome.run(["cat", "/opt/a"]), "text");
}

/// Extensions can have names that inlay's own mounts and steps have, and a group can be written in a short line.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn extensions_can_have_names_of_inlays_own_parts() {
    let ground = Ground::get();
    let spec = r##"# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: base
    install:
      packages: [jq]
      files: [{ to: /etc/of-base, text: "#x" }]
      steps: ["echo docker:x:990 >> /etc/group"]
  - { name: "0", install: { packages: [tree] } }
  - { name: joint, install: { packages: [bc] } }
  - { name: state, build: { steps: ["mkdir -p $OUT/opt/s && echo 1 > $OUT/opt/s/x"] } }
"##;
    let outcome = ground.build().spec(spec).image().succeed();
    let shown = "cat /etc/of-base; grep docker /etc/group; jq -n 1; tree --version > /dev/null; echo 2 | bc; \
                 cat /opt/s/x; dpkg --audit";
    assert_eq!(
        outcome.run(["sh", "-e", "-c", shown]),
        "#x\ndocker:x:990\n1\n2\n1"
    );
}
