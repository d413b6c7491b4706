//! What people are told when something is wrong, as `docker buildx build` prints it.
//!
//! Fixtures are whole files, so that a reader can count the lines that the expected texts mention.

use std::time::Duration;

use crate::{Ground, assert_has};

/// Checks that a spec is refused quickly, with these parts in the message, and that nothing is left behind.
#[track_caller]
fn check(spec: &str, files: &[(&str, &str)], parts: &[&str]) {
    let ground = Ground::get();
    let mut build = ground.build().image().spec(spec);
    for (path, text) in files {
        build = build.file(path, text);
    }
    let outcome = build.fail();
    assert_has(outcome.text(), parts);
    assert_eq!(outcome.ran(), [""; 0], "nothing runs for a wrong spec");
    assert_eq!(
        ground.docker(["image", "ls", "--quiet", outcome.image()]),
        ""
    );
    eprintln!("took {:?}", outcome.took);
    assert!(
        outcome.took < Duration::from_secs(5),
        "it took {:?}",
        outcome.took
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_unknown_key() {
    check(
        "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extentions:
  - curl
",
        &[],
        &[
            "inlay.yaml:3\n",
            "   3 | >>> extentions:\n",
            "inlay.yaml:3:1: unknown key `extentions` [E0101]; help: did you mean `extensions`?",
        ],
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_unknown_extension() {
    check(
        "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - curl
  - ripgerp
",
        &[],
        &[
            "inlay.yaml:5\n",
            "   5 | >>>   - ripgerp\n",
            "there is no extension `ripgerp`",
            "did you mean `ripgrep`?",
        ],
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_invalid_checksum() {
    check(
        "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions: [./tools/x]
",
        &[(
            "tools/x/extension.yaml",
            "name: x
build:
  sources:
    - url: https://example.org/x
      sha256: 12ab
  steps: [{ run: 'true' }]
",
        )],
        &[
            "tools/x/extension.yaml:5\n",
            "   5 | >>>       sha256: 12ab\n",
            "tools/x/extension.yaml:5:15: ",
            "64 lowercase hexadecimal digits",
        ],
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_circle_of_requirements() {
    check(
        "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - { name: one, requires: [two] }
  - { name: two, requires: [three] }
  - { name: three, requires: [one] }
",
        &[],
        &[
            "   4 | >>>   - { name: one, requires: [two] }\n",
            "   6 | >>>   - { name: three, requires: [one] }\n",
            "extensions require each other in a circle: `one` → `two` → `three` → `one`",
            "help: remove one of these requirements",
        ],
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn two_extensions_that_claim_one_path() {
    check(
        "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - ./tools/x
  - name: y
    install:
      files: [{ to: /usr/bin/tool, text: y }]
",
        &[(
            "tools/x/extension.yaml",
            "name: x
install:
  files:
    - { to: /bin/tool, text: x }
",
        )],
        &[
            "inlay.yaml:7\n",
            "   7 | >>>       files: [{ to: /usr/bin/tool, text: y }]\n",
            "tools/x/extension.yaml:4\n",
            "   4 | >>>     - { to: /bin/tool, text: x }\n",
            "extensions `x` and `y` both provide `/usr/bin/tool`, and not the same",
        ],
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn several_problems_are_reported_together() {
    check(
        "# syntax=ghcr.io/inlay/inlay:1
base: Debian Bookworm
extensions:
  - curl: { versoin: 1 }
  - name: x
    install: { file: [] }
workdir: here
",
        &[],
        &[
            "3 problems:",
            "   2 | >>> base: Debian Bookworm\n",
            "   6 | >>>     install: { file: [] }\n",
            "   7 | >>> workdir: here\n",
            "inlay.yaml:6:16: unknown key `file`",
            "did you mean `files`?",
        ],
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_undeclared_parameter() {
    check(
        "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - node: { versoin: \"24.19.0\" }
  - uv: { version: 0.1.0 }
",
        &[],
        &[
            "2 problems:",
            "   4 | >>>   - node: { versoin: \"24.19.0\" }\n",
            "extension `node` has no parameter `versoin`",
            "did you mean `version`?",
            "   5 | >>>   - uv: { version: 0.1.0 }\n",
            "extension `uv` lists no checksum for `uv==0.1.0`",
            "extensions/uv/extension.yaml",
        ],
    );
}
