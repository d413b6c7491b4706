//! Flags of `docker buildx build`: what is honored, and what is refused with a reason.

use crate::{Ground, assert_has};

const SPEC: &str = "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: x
    build:
      steps:
        - { run: 'printenv > $OUT/variables; echo TOKEN > $OUT/own' }
labels: { one: of the spec, two: of the spec }
";

/// A build that is refused before anything runs.
#[track_caller]
fn refused<const N: usize>(arguments: [&str; N], parts: &[&str]) {
    let Some(ground) = Ground::get() else { return };
    let outcome = ground.build().spec(SPEC).arguments(arguments).fail();
    assert_has(outcome.text(), parts);
    assert_eq!(outcome.ran(), [""; 0]);
}

#[test]
fn labels_win_over_those_of_the_spec() {
    let Some(ground) = Ground::get() else { return };
    let build = ground.build().spec(SPEC).image();
    let before = build.succeed();
    let build = build.arguments(["--label", "two=of the build", "--label", "three="]);
    let outcome = build.succeed();
    assert_eq!(outcome.ran(), [""; 0], "a label is configuration only");
    let labels = &outcome.inspect()["Config"]["Labels"];
    assert_eq!(labels["one"], "of the spec");
    assert_eq!(labels["two"], "of the build");
    assert_eq!(labels["three"], "");
    assert_ne!(outcome.digest(), before.digest());
}

#[test]
fn a_proxy_reaches_steps_and_neither_the_cache_key_nor_the_image() {
    let Some(ground) = Ground::get() else { return };
    let proxied = [
        "--build-arg",
        "HTTP_PROXY=http://127.0.0.1:9",
        "--build-arg",
        "no_proxy=*",
    ];
    let build = ground.build().spec(SPEC).image().arguments(proxied);
    let outcome = build.succeed();
    let variables = outcome.run(["cat", "/variables"]);
    assert_has(&variables, &["HTTP_PROXY=http://127.0.0.1:9", "no_proxy=*"]);
    let config = outcome.inspect()["Config"].to_string().to_lowercase();
    assert!(!config.contains("proxy"), "{config}");
    let build = build.arguments(["--build-arg", "HTTP_PROXY=http://127.0.0.1:10"]);
    assert_eq!(build.succeed().ran(), [""; 0]);
}

#[test]
fn a_build_argument_that_nobody_reads() {
    refused(
        ["--build-arg", "VERSION=1"],
        &[
            "--build-arg `VERSION`",
            "give values as parameters in the spec",
        ],
    );
    refused(
        ["--build-arg", "SOURCE_DATE_EPOC=1"],
        &[
            "--build-arg `SOURCE_DATE_EPOC`",
            "did you mean `SOURCE_DATE_EPOCH`?",
        ],
    );
}

#[test]
fn a_target() {
    refused(
        ["--target", "x"],
        &["--target (`x`) is not supported by this version of inlay"],
    );
}

#[test]
fn two_platforms() {
    refused(
        ["--platform", "linux/amd64,linux/arm64"],
        &["linux/amd64,linux/arm64", "one platform at a time"],
    );
}

#[test]
fn a_spec_that_is_not_there() {
    let Some(ground) = Ground::get() else { return };
    let outcome = ground.build().fail();
    assert_has(outcome.text(), &["inlay.yaml"]);
}
