//! Arguments of the spec, in builds.

use serde_json::json;

use crate::tests::{build, script, shown};

const SPEC: &str = "\
arguments:
  SUITE: nowhere
  EDITOR: { default: vi, description: what edits }
  OWNER: {}
base: ubuntu:${SUITE}
extensions:
  - name: a
    parameters: { editor: \"${EDITOR}\" }
    environment: { A: \"${editor} of a\" }
environment: { EDITOR: \"${EDITOR}\", DOLLARS: \"$$5\" }
labels: { owner: \"of ${OWNER}\" }
";

#[tokio::test]
async fn values_are_inserted_into_the_spec() {
    let values = [
        ("build-arg:SUITE", "24.04"),
        ("build-arg:OWNER", "us"),
        ("build-arg:HTTP_PROXY", "http://127.0.0.1:9"),
        ("build-arg:BUILDKIT_INLINE_CACHE", "1"),
    ];
    let built = build(script(SPEC), &values).await;
    let config = &built.config()["config"];
    let environment = json!(["PATH=/usr/bin", "A=vi of a", "DOLLARS=$5", "EDITOR=vi"]);
    assert_eq!(config["Env"], environment);
    assert_eq!(config["Labels"]["owner"], "of us");
}

#[tokio::test]
async fn a_missing_value_is_reported_at_the_declaration() {
    let built = build(script(SPEC), &[("build-arg:SUITE", "24.04")]).await;
    insta::assert_snapshot!(shown(built.failure()), @"
    inlay.yaml:4:3: argument `OWNER` has no default and was not given a value [E0120]; help: build with `--build-arg OWNER=…`, or write a default
    inlay.yaml 4-4:   OWNER: {}
    ");
}

#[tokio::test]
async fn a_value_for_an_undeclared_argument_is_refused() {
    let told = async |spec: &str, name: &str| {
        let values = [
            ("build-arg:OWNER", "us"),
            (&*format!("build-arg:{name}"), "1"),
        ];
        shown(build(script(spec), &values).await.failure())
    };
    insta::assert_snapshot!(told(SPEC, "EDITORS").await, @"
    2 problems:
      inlay.yaml:2:3: --build-arg `EDITORS`: the spec has no such argument [E0121]; help: did you mean `EDITOR`?
      inlay.yaml:5:7: docker.io/library/ubuntu:nowhere: not found
    inlay.yaml 2-4:   SUITE: nowhere
    inlay.yaml 5-5: base: ubuntu:${SUITE}
    ");
    insta::assert_snapshot!(told(SPEC, "COLOR").await, @"
    2 problems:
      inlay.yaml:2:3: --build-arg `COLOR`: the spec has no such argument [E0121]; help: it has `EDITOR`, `OWNER`, `SUITE`
      inlay.yaml:5:7: docker.io/library/ubuntu:nowhere: not found
    inlay.yaml 2-4:   SUITE: nowhere
    inlay.yaml 5-5: base: ubuntu:${SUITE}
    ");
    insta::assert_snapshot!(told(SPEC, "SOURCE_DATE_EPOC").await, @"
    2 problems:
      inlay.yaml:2:3: --build-arg `SOURCE_DATE_EPOC`: the spec has no such argument [E0121]; help: did you mean `SOURCE_DATE_EPOCH`?
      inlay.yaml:5:7: docker.io/library/ubuntu:nowhere: not found
    inlay.yaml 2-4:   SUITE: nowhere
    inlay.yaml 5-5: base: ubuntu:${SUITE}
    ");
    let spec = "base: ubuntu:24.04\n";
    insta::assert_snapshot!(shown(build(script(spec), &[("build-arg:VERSION", "1")]).await.failure()), @"
    inlay.yaml:1:7: --build-arg `VERSION`: the spec has no such argument [E0121]; help: declare it in the spec: `arguments: { VERSION: … }`
    inlay.yaml 1-1: base: ubuntu:24.04
    ");
}

#[tokio::test]
async fn a_value_that_makes_an_invalid_image_is_reported_where_it_is_used() {
    let values = [("build-arg:SUITE", "24 04"), ("build-arg:OWNER", "us")];
    let built = build(script(SPEC), &values).await;
    insta::assert_snapshot!(shown(built.failure()), @"
    inlay.yaml:5:7: `ubuntu:24 04` is not a valid image reference: it must be `name`, `name:tag` or `name@sha256:…`, with a lowercase name [E0104]
    inlay.yaml 5-5: base: ubuntu:${SUITE}
    ");
}
