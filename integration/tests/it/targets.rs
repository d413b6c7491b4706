//! `--target`: parts of an image, built on their own.

use crate::{Ground, assert_has};

const SPEC: &str = "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: x
    requires: [y]
    build:
      steps:
        - { run: 'mkdir -p $OUT/opt; echo TOKEN > $OUT/opt/x; touch /left-by-a-step', network: none }
    environment: { OF_X: \"here\" }
    tests:
      - { run: 'cat /opt/x /opt/y; touch /opt/x/y 2> /dev/null || true', expect: TOKEN }
      - run: echo \"$OF_X\"
        expect: here
  - name: y
    install: { files: [{ to: /opt/y, text: TOKEN of y }] }
  - name: z
    build: { steps: [{ run: 'mkdir -p $OUT/opt; echo TOKEN > $OUT/opt/z', network: none }] }
    tests: [{ run: 'cat /opt/z; test -e /opt/x', expect: TOKEN }]
";

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_extension_on_its_own() {
    let ground = Ground::get();
    let build = ground.build().spec(SPEC).image();
    build.succeed();
    let build = build.arguments(["--target", "x"]);
    let outcome = build.succeed();
    // It consists of parts of the whole image.
    assert_eq!(
        outcome.ran(),
        [
            "[image] merge 3 layers",
            "[joint] reconcile the databases of the image"
        ]
    );
    assert_eq!(outcome.run(["ls", "/opt"]), "x\ny");
    assert_eq!(outcome.run(["printenv", "OF_X"]), "here");
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_builder_to_inspect() {
    let ground = Ground::get();
    let build = ground.build().spec(SPEC).image();
    build.succeed();
    let build = build.arguments(["--target", "x.build"]);
    let outcome = build.succeed();
    // No image contains what the last step left outside `$OUT`, so nothing has asked for it before.
    let ran: Vec<String> = outcome.ran().into_iter().collect();
    assert_eq!(ran.len(), 2, "{ran:?}");
    assert!(ran[0].starts_with("[x] mkdir -p $OUT/opt"), "{}", ran[0]);
    assert_eq!(ran[1], "[x] sources and $OUT in its builder");
    assert_eq!(build.succeed().ran(), [""; 0]);
    let seen = outcome.run(["sh", "-c", "ls /left-by-a-step; cat $OUT/opt/x; pwd"]);
    assert_has(&seen, &["/left-by-a-step", "\n/build"]);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_output_on_its_own() {
    let ground = Ground::get();
    let build = ground.build().spec(SPEC).archive();
    let outcome = build.arguments(["--target", "x.output"]).succeed();
    let paths: Vec<&str> = outcome
        .archive()
        .entries()
        .map(|entry| entry.path.as_str())
        .collect();
    assert_eq!(paths, ["opt", "opt/x"]);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn declared_tests_of_an_extension() {
    let ground = Ground::get();
    let build = ground.build().spec(SPEC).archive();
    let token = build.token().to_owned();
    let build = build.arguments(["--target", "x.test"]);
    let outcome = build.succeed();
    assert_has(&outcome.progress.logs(), &[&token, "here"]);
    let reports: Vec<(&str, String)> = outcome
        .archive()
        .entries()
        .filter(|entry| entry.path.contains('.'))
        .map(|entry| {
            let content = String::from_utf8_lossy(&entry.content).into_owned();
            (entry.path.as_str(), content)
        })
        .collect();
    let first = format!("{token}\n{token} of y\n");
    assert_eq!(
        reports,
        [("x/1.txt", first), ("x/2.txt", "here\n".to_owned())]
    );
    assert_eq!(
        build.succeed().ran(),
        [""; 0],
        "tests that passed do not run again"
    );
    let build = build.without_arguments().arguments(["--target", "test"]);
    assert_has(
        &build.succeed().ran().join("\n"),
        &["[z test 1/1] cat /opt/z"],
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_test_with_unexpected_output_is_shown_at_its_line() {
    let ground = Ground::get();
    let spec = "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: x
    install: { files: [{ to: /opt/x, text: TOKEN }] }
    tests:
      - { run: cat /opt/x }
      - run: cat /opt/x
        expect: something else
";
    let build = ground.build().spec(spec).arguments(["--target", "x.test"]);
    let outcome = build.fail();
    assert_has(
        outcome.text(),
        &["inlay.yaml:8\n", "   8 | >>>       - run: cat /opt/x\n"],
    );
    assert_has(
        &outcome.progress.logs(),
        &["inlay: the test's output, above, does not contain: something else"],
    );
    let spec = spec.replace("expect: something else", "network: none");
    let outcome = ground.build().spec(&spec).fail();
    assert_has(outcome.text(), &["unknown key `network`"]);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_test_that_fails_is_shown_at_its_line() {
    let ground = Ground::get();
    let spec = "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: x
    install: { files: [{ to: /opt/x, text: TOKEN }] }
    tests: [{ run: 'cat /opt/x; exit 7', expect: TOKEN }]
";
    let build = ground.build().spec(spec).arguments(["--target", "x.test"]);
    let outcome = build.fail();
    assert_has(outcome.text(), &["inlay.yaml:6\n", "exit code 7"]);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_unknown_target() {
    let ground = Ground::get();
    let build = ground.build().spec(SPEC).arguments(["--target", "xx"]);
    let outcome = build.fail();
    assert_has(
        outcome.text(),
        &["--target `xx`: there is no such target; did you mean `x`?"],
    );
    assert_eq!(outcome.ran(), [""; 0]);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_builder_before_the_step_that_fails() {
    let ground = Ground::get();
    let build = ground
        .build()
        .image()
        .spec(
            "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: x
    build:
      sources: [{ context: part, to: part }, { context: one, to: one.txt }]
      steps:
        - { run: 'mkdir $OUT/opt; cp $SOURCES/one.txt $OUT/opt; echo TOKEN > made', network: none }
        - { run: 'exit 1', network: none }
",
        )
        .file("part/a", "a of part\n")
        .file("one", "the one\n");
    build.fail();
    let before = build.arguments(["--target", "x.build.2"]).succeed();
    // Nothing of the first step runs again but what no image holds.
    let look = "pwd; cat made; cat $OUT/opt/one.txt $SOURCES/one.txt $SOURCES/part/a";
    let seen = before.run(["sh", "-e", "-c", look]);
    assert_has(&seen, &["/build\n", "the one\nthe one\na of part"]);

    let build = ground.build().image().spec(SPEC);
    let first = build.arguments(["--target", "x.build.1"]).succeed();
    let seen = first.run(["sh", "-e", "-c", "ls -A $OUT $SOURCES; pwd"]);
    assert_eq!(seen, "/out:\n\n/sources:\n/build");
}
