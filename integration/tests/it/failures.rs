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
            "exit code 7",
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
fn a_wrong_checksum_in_a_use_is_shown_where_it_is_given() {
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
        &["inlay.yaml:6\n", "   6 | >>>       sha256: 0000"],
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

/// The last line of a build that failed.
fn last_line(text: &str) -> &str {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.next_back().unwrap_or_default()
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn the_last_line_is_the_command_and_its_status() {
    let ground = Ground::get();
    let spec = |extension: &str| {
        format!(
            "# syntax=ghcr.io/inlay/inlay:1\nbase: debian:bookworm\nextensions:\n  - name: x\n{extension}"
        )
    };
    for (extension, expected) in [
        (
            "    build: { steps: [{ run: 'true', network: none }, { run: 'echo TOKEN; exit 3', network: none }] }\n",
            "[x 2/2] echo TOKEN; exit 3: exit code 3",
        ),
        (
            "    install: { steps: [{ run: 'no-such-command TOKEN', network: none }] }\n",
            "[x] steps: no-such-command TOKEN: exit code 127 (a command was not found)",
        ),
        (
            "    install: { packages: [no-such-package-TOKEN] }\n",
            "inlay.yaml:5:27: there is no package `no-such-package-TOKEN` in the archive of the image [E0250]",
        ),
    ] {
        let extension = extension.replace("package-TOKEN", "package-at-all");
        let build = ground.build().image().spec(&spec(&extension));
        let expected = expected
            .replace("package-TOKEN", "package-at-all")
            .replace("TOKEN", build.token());
        let outcome = build.fail();
        let last = last_line(outcome.text());
        assert!(last.ends_with(&expected), "{last:?} is not {expected:?}");
        assert!(!last.contains("/run/inlay"), "{last}");
    }
}

/// Left to the client, whose debugger can then open the failed step, it is told in the engine's words.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn evaluation_can_be_left_to_the_client() {
    let ground = Ground::get();
    let outcome = ground
        .build()
        .image()
        .spec(
            "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions: [{ name: x, build: { steps: [{ run: 'echo TOKEN; exit 3', network: none }] } }]
",
        )
        .arguments(["--build-arg", "INLAY_DEBUG=1"])
        .fail();
    assert_has(
        last_line(outcome.text()),
        &["did not complete successfully: exit code: 3"],
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn wrong_checksums_are_told_all_at_once_at_their_lines() {
    let ground = Ground::get();
    let zeros = "0".repeat(56);
    let outcome = ground
        .build()
        .image()
        .spec(&format!(
            "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: x
    build:
      sources:
        - {{ pypi: six==1.16.0, sha256: {zeros}cafe0002, to: six.whl }}
        - {{ pypi: idna==3.10, sha256: {zeros}cafe0003, to: idna.whl }}
        - {{ pypi: certifi==2024.8.30, unverified: true, to: certifi.whl }}
      steps: [{{ run: 'cp $SOURCES/* $OUT/', network: none }}]
  - uv: {{ version: \"0.9.5\", sha256: {zeros}cafe0004 }}
"
        ))
        .fail();
    let text = outcome.text();
    assert_has(text, &["3 downloads failed:"]);
    for package in ["six==1.16.0", "idna==3.10", "uv==0.9.5"] {
        assert_has(
            text,
            &[&format!("[fetch] {package} from PyPI: exit code 1")],
        );
        assert_has(
            &outcome.progress.logs(),
            &[&format!("{package} has another checksum: expected sha256")],
        );
    }
    // The checksum that the spec gives is shown there, and not in the extension.
    assert_has(text, &[">>>   - uv: {"]);
    assert!(!text.contains("extensions/uv"), "{text}");
    let (_, told) = text.split_once("downloads failed:").unwrap();
    assert!(!told.contains("certifi"), "{told}");
}
