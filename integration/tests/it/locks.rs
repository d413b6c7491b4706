//! Locks on a real engine: what they have beside packages, and what two engines make of one.

use std::fs;
use std::process::{Command, Stdio};

use integration::{Archive, Build, EmptyEngine, Entry, Store};

use crate::served::Server;
use crate::{Ground, assert_has};

/// An extension with a source of each kind whose checksum is for the default version.
fn tool(port: u16) -> String {
    let zeros = "0".repeat(64);
    format!(
        "name: tool
parameters: {{ wheel: '1.16.0', tarball: '3.0.0', crate: '1.0.14', file: one }}
build:
  sources:
    - {{ pypi: 'six==${{wheel}}', sha256: {zeros}, to: six.whl }}
    - {{ npm: 'is-odd@${{tarball}}', sha256: {zeros}, to: odd.tgz }}
    - {{ crate: 'itoa@${{crate}}', sha256: {zeros}, to: itoa }}
    - {{ url: 'http://127.0.0.1:{port}/${{file}}', sha256: {zeros}, to: file }}
  steps:
    - run: |
        mkdir -p $OUT/opt/tool
        for one in six.whl odd.tgz file; do sha256sum < $SOURCES/$one; done > $OUT/opt/tool/sums
        grep '^version' $SOURCES/itoa/Cargo.toml > $OUT/opt/tool/crate
      network: none
"
    )
}

const OTHER_VERSIONS: &str = "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - ./tool: { wheel: '1.17.0', tarball: '3.0.1', crate: '1.0.15', file: two }
";

/// The checksums that a lock has, by their kinds.
fn checksum<'a>(lock: &'a str, kind: &str) -> &'a str {
    let begin = format!("source {kind} ");
    let line = lock.lines().find(|line| line.starts_with(&begin)).unwrap();
    line.rsplit(' ').next().unwrap()
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_lock_has_the_checksums_of_other_versions() {
    let ground = Ground::get();
    let server = Server::of(b"served".to_vec());
    let with_lock = |lock: Option<&str>| {
        let build = ground.build().spec(OTHER_VERSIONS);
        let build = build.file("tool/extension.yaml", &tool(server.port));
        match lock {
            Some(lock) => build.file("inlay.lock", lock),
            None => build,
        }
    };
    let missing = with_lock(None).fail();
    assert_has(missing.text(), &["E0208", "inlay.yaml:4", "--call=lock"]);
    let answer = with_lock(None).call("lock");
    assert_eq!(answer.status, Some(0), "{}", answer.messages);
    let lock = answer.output;
    let again = with_lock(Some(&lock)).call("lock");
    assert_eq!(again.output, lock);
    let insists = ["--build-arg", "INLAY_LOCK=locked"];
    let built = with_lock(Some(&lock)).arguments(insists).image().succeed();
    let sums = built.run(["cut", "-d ", "-f1", "/opt/tool/sums"]);
    let locked = ["pypi", "npm", "url"].map(|kind| checksum(&lock, kind));
    assert_eq!(sums.lines().collect::<Vec<_>>(), locked);
    assert_has(&built.run(["cat", "/opt/tool/crate"]), &["1.0.15"]);

    // Each of the checksums is checked.
    for kind in ["pypi", "npm", "crate", "url"] {
        let right = checksum(&lock, kind);
        let wrong: String = right.chars().rev().collect();
        let refused = with_lock(Some(&lock.replace(right, &wrong))).fail();
        let said = refused.progress.logs() + refused.text();
        assert_has(&said, &["inlay.yaml:4", right, &wrong]);
    }
}

/// The `inlay` program, which runs docker for the engine of the tests.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn inlay_lock_writes_the_lock_beside_the_spec() {
    let ground = Ground::get();
    let folder = tempfile::tempdir().unwrap();
    let spec = folder.path().join("inlay.yaml");
    let text = "# syntax=ghcr.io/inlay/inlay:1\nbase: debian:bookworm\nextensions:\n  - { name: x, install: { packages: [PACKAGE] } }\n";
    let lock = folder.path().join("inlay.lock");
    let mut said = Vec::new();
    for package in ["jq", "jq", "pv", "no-such-package"] {
        fs::write(&spec, text.replace("PACKAGE", package)).unwrap();
        let before = fs::read_to_string(&lock).unwrap_or_default();
        let mut inlay = Command::new(env!("CARGO"));
        let docker = ground.engine.docker(["version"]);
        for (name, value) in docker.get_envs() {
            match value {
                Some(value) => inlay.env(name, value),
                None => inlay.env_remove(name),
            };
        }
        let cargo = ["run", "--quiet", "--package", "inlay", "--", "lock"];
        inlay.args(cargo).arg(&spec);
        inlay.arg("--context").arg(folder.path());
        inlay.arg("--").args(&ground.flags);
        let output = inlay.stdin(Stdio::null()).output().unwrap();
        let now = fs::read_to_string(&lock).unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let word = text.trim_end().rsplit("inlay.lock ").next().unwrap();
        let names = if now == before { "the same" } else { package };
        said.push(format!("{:?} {word}: {names}", output.status.code()));
        assert!(now.contains("install jq ") || now.contains("install pv "));
    }
    insta::assert_snapshot!(said.join("\n"), @"
    Some(0) is new: jq
    Some(0) has not changed: the same
    Some(0) has changed: pv
    Some(1) : the same
    ");
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(files.len(), 2, "{files:?}");
}

const SEVERAL: &str = "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - { name: query, install: { packages: [jq] } }
  - { name: script, install: { packages: [python3-minimal, ca-certificates] } }
  - { name: view, install: { packages: [pv] }, requires: [query] }
  - name: made
    build: { steps: [{ run: 'mkdir -p $OUT/opt; echo made > $OUT/opt/made', network: none }] }
    install: { files: [{ to: /etc/made, text: made }] }
";

/// The entries of a layer that are the same whenever it is made.
fn content(layer: &[Entry]) -> Vec<(&str, &[u8])> {
    let mut all: Vec<_> = layer
        .iter()
        .map(|entry| (entry.path.as_str(), entry.content.as_slice()))
        .collect();
    all.sort_unstable();
    all
}

/// A lock makes the same image of two engines that share nothing, without a look at the archive's lists.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_frozen_build_is_the_same_on_another_engine() {
    let ground = Ground::get();
    let lock = ground.build().spec(SEVERAL).call("lock").output;
    let frozen = |build: Build<'_>| {
        let build = build.spec(SEVERAL).file("inlay.lock", &lock).archive();
        let outcome = build.arguments(["--no-cache", "--build-arg", "INLAY_LOCK=frozen"]);
        let outcome = outcome.succeed();
        let ran = outcome.ran();
        let asks = |name: &&String| name.contains("lists of") || name.contains("(resolve)");
        assert_eq!(ran.iter().find(asks), None, "{ran:?}");
        assert!(
            ran.contains(&"[query] packages: jq (fetch)".to_owned()),
            "{ran:?}"
        );
        outcome.archive().clone()
    };
    let one = frozen(ground.build());
    let empty = EmptyEngine::start(&ground.engine, Store::Containerd).unwrap();
    let two = frozen(Build::new(&empty, &ground.flags));
    drop(empty);
    assert_same(&one, &two);
}

fn assert_same(one: &Archive, two: &Archive) {
    assert_eq!(one.config["config"], two.config["config"]);
    let (origins, others) = (one.layers_by_origin(), two.layers_by_origin());
    assert_eq!(origins.len(), others.len());
    let mut same = Vec::new();
    for (at, ((origin, digest), (other, its_digest))) in origins.iter().zip(&others).enumerate() {
        assert_eq!(origin, other);
        assert_eq!(
            content(&one.layers[at]),
            content(&two.layers[at]),
            "{origin}"
        );
        if digest == its_digest {
            same.push(origin.as_str());
        }
    }
    for layer in ["made: output of its builder", "made: files"] {
        assert!(same.contains(&layer), "{layer} is not in {same:?}");
    }
}
