//! What people are told when a build fails while it runs.

use crate::{Ground, assert_has};

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_failing_step_of_a_folder() {
    let ground = Ground::get();
    let build = ground
        .build()
        .image()
        .spec(
            "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions: [./tools/x]
",
        )
        .file(
            "tools/x/extension.yaml",
            "name: x
build:
  steps:
    - run: echo before; mkdir -p $OUT/opt/TOKEN
      network: none
    - run: |
        echo now
        exit 7
      network: none
    - run: echo after
",
        );
    let outcome = build.fail();
    assert_has(
        outcome.text(),
        &[
            "tools/x/extension.yaml:7\n",
            "   7 | >>>         echo now\n   8 | >>>         exit 7\n",
            "exit code: 7",
        ],
    );
    assert_has(&outcome.progress.logs(), &["before\n", "now\n"]);
    assert!(!outcome.progress.logs().contains("after"));
    assert_eq!(
        ground.docker(["image", "ls", "--quiet", outcome.image()]),
        ""
    );
    // The engine does not list the containers of builds, only those that `docker run` has left.
    let filter = format!("ancestor={}", outcome.image());
    assert_eq!(
        ground.docker(["ps", "--all", "--quiet", "--filter", &filter]),
        ""
    );
    // What succeeded is not repeated.
    let again = build.fail();
    assert!(
        !again.progress.logs().contains("before"),
        "{}",
        again.progress.logs()
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_wrong_checksum_of_a_package() {
    let ground = Ground::get();
    let outcome = ground
        .build()
        .image()
        .spec(
            "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: x
    build:
      sources:
        - pypi: six==1.16.0
          sha256: 00000000000000000000000000000000000000000000000000000000cafe0001
          to: six.whl
      steps: [{ run: 'cp $SOURCES/six.whl $OUT/' }]
",
        )
        .fail();
    assert_has(
        outcome.text(),
        &["inlay.yaml:7\n", "   7 | >>>         - pypi: six==1.16.0\n"],
    );
    assert_has(
        &outcome.progress.logs(),
        &[
            "inlay: six==1.16.0 has another checksum: expected sha256 00000000000000000000000000000000000000000000000000000000cafe0001, got 8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254",
        ],
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_wrong_checksum_in_a_use_is_shown_in_the_catalogue() {
    let ground = Ground::get();
    let outcome = ground
        .build()
        .image()
        .spec(
            "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - ruff:
      version: 0.17.5
      sha256: 00000000000000000000000000000000000000000000000000000000cafe0002
",
        )
        .fail();
    assert_has(
        outcome.text(),
        &[
            "extensions/ruff/extension.yaml:",
            ">>>     - pypi: \"ruff==${version}\"\n",
        ],
    );
    assert_has(
        &outcome.progress.logs(),
        &["inlay: ruff==0.17.5 has another checksum"],
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_image_that_does_not_exist() {
    let ground = Ground::get();
    let absent = format!("{}/absent:1", ground.engine.registry_address().unwrap());
    let outcome = ground
        .build()
        .spec(&format!(
            "# syntax=ghcr.io/inlay/inlay:1\nbase: {absent}\nextensions: []\n"
        ))
        .fail();
    assert_has(
        outcome.text(),
        &[&format!(">>> base: {absent}\n"), "not found"],
    );
}
