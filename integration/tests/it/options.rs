//! Flags of `docker buildx build`: which are followed, and which are refused with a reason.

use integration::{Suite, make_base};

use crate::{Ground, assert_has};

pub(crate) const SPEC: &str = "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: x
    build:
      steps:
        - { run: 'printenv > $OUT/variables; echo TOKEN > $OUT/own' }
labels: { one: of the spec, two: of the spec }
";

/// Checks that a build with these arguments is refused before anything runs.
#[track_caller]
fn check_refused<const N: usize>(arguments: [&str; N], parts: &[&str]) {
    let ground = Ground::get();
    let outcome = ground.build().spec(SPEC).arguments(arguments).fail();
    assert_has(outcome.text(), parts);
    assert_eq!(outcome.ran(), [""; 0]);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn labels_of_the_build_override_those_of_the_spec() {
    let ground = Ground::get();
    let build = ground.build().spec(SPEC).image();
    let before = build.succeed();
    let build = build.arguments(["--label", "two=of the build", "--label", "three="]);
    let outcome = build.succeed();
    assert_eq!(outcome.ran(), [""; 0], "a label is only configuration");
    let labels = &outcome.inspect()["Config"]["Labels"];
    assert_eq!(labels["one"], "of the spec");
    assert_eq!(labels["two"], "of the build");
    assert_eq!(labels["three"], "");
    assert_ne!(outcome.digest(), before.digest());
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_undeclared_build_argument() {
    check_refused(
        ["--build-arg", "VERSION=1"],
        &[
            "--build-arg `VERSION`: the spec has no such argument",
            "declare it in the spec: `arguments: { VERSION: … }`",
        ],
    );
    check_refused(
        ["--build-arg", "SOURCE_DATE_EPOC=1"],
        &[
            "--build-arg `SOURCE_DATE_EPOC`",
            "did you mean `SOURCE_DATE_EPOCH`?",
        ],
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn arguments_of_a_spec() {
    let ground = Ground::get();
    let spec = "# syntax=ghcr.io/inlay/inlay:1
arguments:
  SUITE: nowhere
  WHOM: { default: world, description: who is greeted }
base: debian:${SUITE}
extensions:
  - name: x
    parameters: { whom: \"${WHOM}\" }
    build: { steps: [{ run: 'echo \"hello $WHOM TOKEN\" > $OUT/greeting', network: none }] }
labels: { whom: \"${WHOM}\" }
";
    let build = ground.build().spec(spec).image();
    let build = build.arguments(["--build-arg", "SUITE=bookworm"]);
    let outcome = build.succeed();
    assert_has(&outcome.run(["cat", "/greeting"]), &["hello world "]);
    let build = build.arguments(["--build-arg", "WHOM=you"]);
    let outcome = build.succeed();
    assert_has(&outcome.run(["cat", "/greeting"]), &["hello you "]);
    assert_eq!(outcome.inspect()["Config"]["Labels"]["whom"], "you");
    let outcome = build.arguments(["--build-arg", "WHO=you"]).fail();
    assert_has(
        outcome.text(),
        &["did you mean `WHOM`?", ">>>   WHOM: { default: world"],
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_missing_spec() {
    let ground = Ground::get();
    let outcome = ground.build().fail();
    assert_has(outcome.text(), &["inlay.yaml"]);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_epoch_changes_files_and_configuration_but_runs_no_command_of_an_extension() {
    let ground = Ground::get();
    let spec = "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: x
    build: { steps: [{ run: 'mkdir $OUT/opt; echo TOKEN > $OUT/opt/made', network: none }] }
  - name: y
    install: { packages: [hello], files: [{ to: /opt/written, text: TOKEN }] }
";
    let build = ground.build().spec(spec).archive();
    build.succeed();
    let build = build.arguments(["--build-arg", "SOURCE_DATE_EPOCH=1700000000"]);
    let outcome = build.succeed();
    // The joint looks at the layers that have changed.
    assert_eq!(
        outcome.ran(),
        [
            "[image] merge 5 layers",
            "[joint] layer",
            "[joint] reconcile the databases of the image",
            "[x] output",
            "[y] files"
        ]
    );
    let archive = outcome.archive();
    assert_eq!(archive.config["created"], "2023-11-14T22:13:20Z");
    let history = archive.config["history"].as_array().unwrap();
    assert_eq!(history.last().unwrap()["created"], "2023-11-14T22:13:20Z");
    for path in ["opt/made", "opt/written", "opt"] {
        let entries = archive.entries().filter(|entry| entry.path == path);
        let entry = entries.last().unwrap();
        assert_has(&entry.metadata, &[" 1700000000 "]);
    }
    // The same epoch gives the same image.
    let again = build.arguments(["--no-cache-filter", "x"]).succeed();
    assert_eq!(again.digest(), outcome.digest());
}

/// Whether an image is a list of images, one for each platform.
fn is_list(outcome: &integration::Outcome<'_>) -> bool {
    let kind = outcome.inspect()["Descriptor"]["mediaType"].to_string();
    kind.contains("manifest.list") || kind.contains("image.index")
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn one_platform_as_a_list_and_a_platform_with_its_variant() {
    let ground = Ground::get();
    let lists = |arguments: [&str; 2]| {
        let build = ground.build().spec(SPEC).image().arguments(arguments);
        let outcome = build.succeed();
        assert_has(&outcome.run(["cat", "/own"]), &[build.token()]);
        is_list(&outcome)
    };
    assert!(!lists(["--platform", "linux/amd64"]));
    assert!(lists(["--build-arg", "BUILDKIT_MULTI_PLATFORM=1"]));
    assert!(lists(["--platform", "linux/amd64,linux/amd64/v2"]));
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_platform_that_the_base_lacks() {
    check_refused(
        ["--platform", "linux/amd64,linux/s390x"],
        &[
            ">>> base: debian:bookworm\n",
            "the image `debian:bookworm` is for linux/amd64, but the build is for linux/s390x",
        ],
    );
}

/// The client's rules about sources, which BuildKit applies to what the frontend asks for.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_source_policy_replaces_and_denies() {
    let ground = Ground::get();
    let base = make_base(&ground.engine, Suite::Bookworm).unwrap();
    let image = |name: &str| format!("docker-image://docker.io/library/{name}");
    let policy = serde_json::json!({ "rules": [
        {
            "action": "CONVERT",
            "selector": { "identifier": image("replaced:1") },
            "updates": { "identifier": format!("docker-image://{base}") },
        },
        { "action": "DENY", "selector": { "identifier": image("denied:1") } },
    ] });
    let spec = |base: &str| SPEC.replace("debian:bookworm", base);
    let build = ground
        .build()
        .spec(&spec("replaced:1"))
        .file("policy.json", &policy.to_string())
        .variable("EXPERIMENTAL_BUILDKIT_SOURCE_POLICY", "policy.json")
        .image();
    let outcome = build.succeed();
    assert_has(&outcome.run(["cat", "/own"]), &[build.token()]);
    let refused = build.spec(&spec("denied:1")).fail();
    assert_has(
        refused.text(),
        &["denied by policy", "inlay.yaml:2\n", ">>> base: denied:1"],
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn malformed_values_are_refused_by_name() {
    check_refused(
        ["--build-arg", "SOURCE_DATE_EPOCH=yesterday"],
        &["SOURCE_DATE_EPOCH", "yesterday"],
    );
    check_refused(
        ["--build-arg", "BUILDKIT_SANDBOX_HOSTNAME=my host"],
        &["BUILDKIT_SANDBOX_HOSTNAME `my host` is not a valid host name"],
    );
    check_refused(
        ["--no-cache-filter", "xx"],
        &["--no-cache-filter `xx`: the image has no such extension; did you mean `x`?"],
    );
}
