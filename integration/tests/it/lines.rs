//! What a person sees of a build: one line for each extension, and hardly any plumbing.

use crate::{Ground, assert_has};

const SPEC: &str = "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: toolchain
    build:
      packages: [make]
      steps:
        - { run: 'mkdir -p $OUT/opt; echo TOKEN > $OUT/opt/t', network: none }
        - { run: 'make --version > $OUT/opt/make', network: none }
    install:
      packages: [jq]
      files: [{ text: TOKEN, to: /etc/toolchain.conf }]
      steps: [{ run: 'useradd --system tool', network: none }]
    shell: { bash: 'true' }
    tests: [jq --version, cat /opt/t]
  - { name: pager, install: { packages: [less] } }
  - { name: motd, install: { files: [{ text: TOKEN, to: /etc/motd }] } }
";

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_unchanged_extension_is_one_cached_line() {
    let ground = Ground::get();
    let again = ["--no-cache-filter", "toolchain"];
    let cold = ground.build().image().spec(SPEC).arguments(again);
    let cold = cold.succeed();
    // The parts of an extension are told by name, with their times.
    let logs = cold.progress.logs();
    for part in [
        "[build] mkdir -p",
        "[build] make --version",
        "[packages] jq",
        "[step 1/1] useradd",
    ] {
        assert!(logs.contains(part), "{part} is not in {logs}");
    }
    for part in ["build", "packages", "step 1/1"] {
        assert_has(&logs, &[&format!("[{part}] done in ")]);
    }
    // What apt says while all goes well is kept back.
    assert!(!logs.contains("Setting up"), "{logs}");

    let build = ground.build().image().spec(SPEC);
    build.succeed();
    let warm = build.succeed();
    let lines = warm.progress.lines();
    let ours = lines.iter().filter(|line| {
        // These are the client's and the engine's own, or of the registry that tests use.
        let others = [
            "[internal] load",
            "[context ",
            "exporting",
            "[auth]",
            "resolving provenance",
            // An engine may look at a fetch before it finds what was installed from it.
            "[packages] fetch",
        ];
        !others.iter().any(|prefix| line.contains(prefix))
    });
    let ours: Vec<&str> = ours.map(String::as_str).collect();
    assert_eq!(
        ours,
        [
            "CACHED [image] merge 8 layers",
            "CACHED [joint]",
            "CACHED [motd]",
            "CACHED [packages] lists of debian:bookworm",
            "CACHED [pager]",
            "CACHED [toolchain]",
            "[base] debian:bookworm",
        ]
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn each_test_has_a_line_of_its_own() {
    let ground = Ground::get();
    let build = ground.build().spec(SPEC);
    let build = build.arguments(["--target", "toolchain.test"]);
    let lines = build.succeed().progress.lines();
    for line in [
        "[toolchain test 1/2] jq --version",
        "[toolchain test 2/2] cat /opt/t",
    ] {
        assert!(lines.contains(line), "{line} is not in {lines:?}");
    }
}

/// Neither the escape sequence and the password in a step nor those in a description.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn texts_of_extensions_command_no_terminal_and_show_no_password() {
    let spec = "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: x
    description: \"\\e]0;title\\a\"
    build:
      steps: [{ run: \": https://me:hidden@example.org '\\e[31m\\u202E' TOKEN\\nmkdir $OUT/a\", network: none }]
    install:
      steps: [{ run: \": https://hidden@example.org '\\e[31m\\u202E' TOKEN\", network: none }]
";
    let outcome = Ground::get().build().spec(spec).succeed();
    let all: Vec<String> = outcome.progress.all().into_iter().collect();
    let said = format!("{}{}", outcome.progress.logs(), all.join("\n"));
    assert_has(
        &said,
        &[
            "[x] : https://***@example.org '\\u{1b}[31m\\u{202e}'",
            "[build] : https://***@example.org '?[31m?'",
            "[step 1/1] : https://***@example.org '?[31m?'",
        ],
    );
    for hidden in ["hidden", "\u{1b}", "\u{202e}"] {
        assert!(!said.contains(hidden), "{said}");
    }
}
