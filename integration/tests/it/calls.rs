//! Questions about a build, and the answers that `docker buildx build --call=…` prints.

use integration::Answer;

use crate::{Ground, assert_has};

const SPEC: &str = "# syntax=ghcr.io/inlay/inlay:1
arguments:
  WHOM: { default: world, description: who is greeted }
base: debian:bookworm
extensions:
  - name: greets
    parameters: { whom: { default: \"${WHOM}\", description: whom to greet } }
    environment: { WHOM: \"${whom}\" }
  - name: loose
    build:
      sources: [{ pypi: six==1.16.0, unverified: true, to: x.whl }]
      steps:
        - { run: make, cache: [{ id: mine, path: /root/.cache }] }
";

/// Asks a question about a spec, and returns what the client prints and its exit status.
fn call(spec: &str, question: &str) -> String {
    let ground = Ground::get();
    let build = ground.build().spec(spec);
    let Answer {
        status,
        output,
        messages,
    } = build.call(question);
    let folder = build.path().display().to_string();
    let said = format!("{output}{messages}status {}", status.unwrap_or(-1));
    let lines = said.lines().map(str::trim_end);
    let said: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    said.join("\n").replace(&folder, "FOLDER")
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_check_shows_warnings_and_fails() {
    let said = call(SPEC, "check");
    insta::assert_snapshot!(said, @"
    Check complete, 1 warning has been found!
    WARNING: W0001 - https://github.com/inlay/inlay/blob/main/docs/codes/W0001.md
    `six==1.16.0` is fetched without a checksum; help: add `sha256: …` in place of `unverified: true`
    FOLDER/inlay.yaml:11
    --------------------
       9 |       - name: loose
      10 |         build:
      11 | >>>       sources: [{ pypi: six==1.16.0, unverified: true, to: x.whl }]
      12 |           steps:
      13 |             - { run: make, cache: [{ id: mine, path: /root/.cache }] }
    --------------------
    status 1
    ");
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_check_of_a_sound_spec() {
    let spec = "# syntax=ghcr.io/inlay/inlay:1\nbase: debian:bookworm\nextensions: [uv]\n";
    let said = call(spec, "check");
    insta::assert_snapshot!(said, @"
    Check complete, no warnings found.
    status 0
    ");
    let skip = SPEC.replacen('\n', "\n# check=skip=W0001\n", 1);
    assert_eq!(call(&skip, "check"), said);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_check_of_a_wrong_spec() {
    let spec = "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extension: []
labels: { a: b }
workdir: x
";
    let said = call(spec, "check");
    insta::assert_snapshot!(said, @"
    ERROR: 2 problems:
      inlay.yaml:3:1: unknown key `extension` [E0101]; help: did you mean `extensions`?
      inlay.yaml:5:10: `x` is not a valid path in the image: it must begin with `/` [E0104]
    FOLDER/inlay.yaml:3
    --------------------
       2 |     base: debian:bookworm
       3 | >>> extension: []
       4 |     labels: { a: b }
       5 | >>> workdir: x
       6 |
    --------------------
    status 1
    ");
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_outline() {
    let said = call(SPEC, "outline");
    insta::assert_snapshot!(said, @"
    BUILD ARG     VALUE   DESCRIPTION
    WHOM          world   who is greeted
    greets.whom   world   set in the spec: whom to greet
    SECRET      REQUIRED
    inlay-ca
    inlay-pip
    status 0
    ");
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn targets() {
    let said = call(SPEC, "targets");
    insta::assert_snapshot!(said, @"
    TARGET        DESCRIPTION
    (default)     the image with all extensions
    greets
    loose
    loose.build   its builder, for inspection
    loose.build.1 its builder as it is before this step
    loose.output  what its builder produces
    status 0
    ");
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_description_of_the_questions() {
    let said = call(SPEC, "subrequests.describe");
    insta::assert_snapshot!(said, @"
    NAME                 VERSION DESCRIPTION
    lint                 1.0.0   Say what is wrong with a spec and the extensions it uses, without building
    lock                 1.0.0   Write down what the names in a spec stand for, as a lock file
    outline              1.0.0   List arguments, parameters, secrets, ssh agents and caches of the build
    subrequests.describe 1.0.0   List available subrequest types
    targets              1.0.0   List what can be built
    status 0
    ");
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_answer_as_json() {
    let ground = Ground::get();
    let build = ground.build().spec(SPEC);
    let called = build.call("lint,format=json");
    assert_eq!(called.status, Some(1));
    let answer: serde_json::Value = serde_json::from_str(&called.output).unwrap();
    assert_eq!(answer["warnings"][0]["ruleName"], "W0001");
    assert_eq!(
        answer["warnings"][0]["location"]["ranges"][0]["start"]["line"],
        11
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_unknown_question() {
    let said = call(SPEC, "nonsense");
    assert_has(
        &said,
        &["unsupported request frontend.nonsense", "status 1"],
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_build_shows_its_warnings() {
    let ground = Ground::get();
    let spec = "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: loose
    build:
      sources: [{ pypi: six==1.16.0, unverified: true, to: x.whl }]
      steps: [{ run: 'cp $SOURCES/x.whl $OUT/', network: none }]
";
    let outcome = ground.build().spec(spec).succeed();
    let warning = "W0001: `six==1.16.0` is fetched without a checksum (line 6)";
    assert_has(&outcome.progress.warnings(), &[warning]);
    let strict = ["--build-arg", "BUILDKIT_DOCKERFILE_CHECK=error=true"];
    let outcome = ground.build().spec(spec).arguments(strict).fail();
    assert_has(
        outcome.text(),
        &[
            "`error=true` in the check rules turns warnings into errors:",
            "   6 | >>>       sources: [{ pypi: six==1.16.0, unverified: true, to: x.whl }]\n",
        ],
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_check_looks_for_files_folders_and_what_links_lead_to() {
    let ground = Ground::get();
    let spec = "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: x
    install:
      files:
        - { from: file, to: /opt/file }
        - { from: folder, to: /opt/folder }
        - { from: link, to: /opt/link }
        - { from: folder/missing, to: /opt/missing }
";
    let build = ground.build().spec(spec).file("file", "");
    let build = build.file("folder/deep/file", "a\n");
    std::os::unix::fs::symlink("folder", build.path().join("link")).unwrap();
    let Answer {
        status, messages, ..
    } = build.call("check");
    // The one that is missing is the one problem.
    assert_has(
        &messages,
        &[
            "ERROR: inlay.yaml:10:19: there is no `folder/missing` in the build context [E0211]",
            "inlay.yaml:10\n",
        ],
    );
    assert_eq!(status, Some(1));
}
