//! Whole builds.

use gateway::fake::{Fake, Script};
use gateway::{References, pb};

use crate::Folder;
use crate::tests::{DIGEST, build, build_with, operations, options, script};

const TOOL: (&str, &str) = (
    "tool/extension.yaml",
    "name: tool\nbuild: { steps: [make] }\ninstall: { files: [{ text: x, to: /etc/tool }] }\n",
);

#[tokio::test]
async fn a_spec_becomes_an_image() {
    let spec = "base: ubuntu:24.04\nextensions: [tool]\nlabels: { k: v }\n";
    let built = build_with(script(spec), &[("label:by", "flag")], &[TOOL]).await;
    let reply = built.reply();
    let keys: Vec<&str> = reply.metadata.keys().map(String::as_str).collect();
    let expected = [
        "containerimage.base.config",
        "containerimage.config",
        "refs.platforms",
    ];
    assert_eq!(keys, expected);
    insta::assert_snapshot!(String::from_utf8_lossy(&reply.metadata["refs.platforms"]), @r#"
{"Platforms":[{"ID":"linux/amd64","Platform":{"architecture":"amd64","os":"linux"}}]}
"#);
    let config = built.config();
    assert_eq!(config["of"], "the base");
    assert_eq!(
        config["config"]["Labels"],
        serde_json::json!({ "by": "flag", "k": "v" })
    );
    assert_eq!(config["history"].as_array().unwrap().len(), 2);
    assert!(
        matches!(&reply.references, References::Single(reference) if reference.id() == "solve-1")
    );
    assert_eq!(
        Fake::sources(&built.definition()),
        [
            format!("docker-image://docker.io/library/ubuntu:24.04@{DIGEST}"),
            format!("docker-image://docker.io/library/debian:bookworm@{DIGEST}"),
        ]
    );
}

#[tokio::test]
async fn the_engine_gets_one_return() {
    let fake = Fake::new(script("base: ubuntu:24.04\n"));
    let grpc = fake.connect().await.unwrap();
    let options = options(&[("platform", "linux/amd64")]);
    let folder = Folder::new("/nowhere");
    let served = gateway::serve(&grpc, async || {
        crate::answer(&grpc, &options, &folder).await
    });
    assert_eq!(served.await, Ok(()));
    let record = fake.record();
    assert_eq!(record.returns.len(), 1);
    assert_eq!(record.returns[0].error, None);
    // Nothing was built before: the spec was solved and read, then the image was solved.
    let expected = [
        "Ping",
        "Inputs",
        "Solve",
        "ReadFile",
        "ReadFile",
        "ResolveSourceMeta",
        "Solve",
        "Return",
    ];
    let calls: Vec<_> = record
        .calls
        .iter()
        .filter(|call| **call != "StatFile")
        .copied()
        .collect();
    assert_eq!(calls, expected);
}

#[tokio::test]
async fn the_platform_is_asked_for_and_described() {
    let built = build(
        script("base: ubuntu:24.04\n"),
        &[("platform", "linux/arm/v7")],
    )
    .await;
    let platforms = &built.reply().metadata["refs.platforms"];
    insta::assert_snapshot!(String::from_utf8_lossy(platforms), @r#"
{"Platforms":[{"ID":"linux/arm/v7","Platform":{"architecture":"arm","os":"linux","variant":"v7"}}]}
"#);
    assert_eq!(built.config()["variant"], "v7");
    let asked = built.fake.record().images.remove(0).platform.unwrap();
    assert_eq!((&*asked.architecture, &*asked.variant), ("arm", "v7"));
}

#[tokio::test]
async fn cache_imports_go_with_the_image() {
    let values = [("cache-from", "example.org/cache")];
    let built = build(script("base: ubuntu:24.04\n"), &values).await;
    built.reply();
    let solves = built.fake.record().solves;
    let imports: Vec<usize> = solves
        .iter()
        .map(|solve| solve.cache_imports.len())
        .collect();
    assert_eq!(imports, [0, 1]);
}

#[tokio::test]
async fn named_contexts_replace_the_base_and_the_builder() {
    let spec = "base: ubuntu:24.04\nextensions: [tool]\n";
    let other = "sha256:1111111111111111111111111111111111111111111111111111111111111111";
    let script = script(spec)
        .with_image("example.org/base:1", other, "{}")
        .with_image("example.org/builder:1", other, "{}");
    let values = [
        ("context:ubuntu:24.04", "docker-image://example.org/base:1"),
        (
            "context:debian:bookworm",
            "docker-image://example.org/builder:1",
        ),
    ];
    let built = build_with(script, &values, &[TOOL]).await;
    built.reply();
    assert_eq!(
        Fake::sources(&built.definition()),
        [
            format!("docker-image://example.org/base:1@{other}"),
            format!("docker-image://example.org/builder:1@{other}"),
        ]
    );
}

#[tokio::test]
async fn a_bill_of_materials_is_returned_where_one_is_asked_for() {
    let spec = "base: ubuntu:24.04\nextensions: [tool]\n";
    let returned = async |value: Option<&str>| {
        let values: Vec<(&str, &str)> = value
            .map(|value| ("attest:sbom", value))
            .into_iter()
            .collect();
        let built = build_with(script(spec), &values, &[TOOL]).await;
        let solves = built.fake.record().solves.len();
        (built.reply().attestations.clone(), solves)
    };
    let (none, solves) = returned(None).await;
    assert!(none.is_empty());
    let (attestations, with) = returned(Some("")).await;
    assert_eq!(with, solves + 1);
    let [attestation] = attestations["linux/amd64"].as_slice() else {
        panic!("{attestations:?}");
    };
    assert_eq!(attestation.predicate_type, "https://spdx.dev/Document");
    assert_eq!(attestation.path, "sbom.spdx.json");
    assert_eq!(attestation.metadata["reason"], b"sbom");
    assert_eq!(attestation.reference.id(), format!("solve-{}", with - 1));
    // Who names a generator wants that one's.
    let (none, _) = returned(Some("generator=docker.io/x/y:1")).await;
    assert!(none.is_empty());
}

#[tokio::test]
async fn an_engine_without_merge_gets_copies() {
    let spec = "base: ubuntu:24.04\nextensions: [tool]\n";
    for missing in ["mergeop", "diffop"] {
        let mut script = script(spec);
        script.capabilities.remove(missing);
        let built = build_with(script, &[], &[TOOL]).await;
        built.reply();
        let merges = |operation: &pb::op::Op| {
            matches!(operation, pb::op::Op::Merge(_) | pb::op::Op::Diff(_))
        };
        assert!(!operations(&built.definition()).iter().any(merges));
    }
    let built = build_with(script(spec), &[], &[TOOL]).await;
    let merges = |operation: &pb::op::Op| matches!(operation, pb::op::Op::Merge(_));
    assert!(operations(&built.definition()).iter().any(merges));
}

#[tokio::test]
async fn what_runs_again_is_marked() {
    let spec = "base: ubuntu:24.04\nextensions: [tool]\n";
    let again = async |values: &[(&str, &str)]| {
        let built = build_with(script(spec), values, &[TOOL]).await;
        let definition = built.definition();
        definition
            .metadata
            .values()
            .filter(|metadata| metadata.ignore_cache)
            .count()
    };
    assert_eq!(again(&[]).await, 0);
    // The step, its output, the files and what they are gathered in.
    assert_eq!(again(&[("no-cache", "tool")]).await, 4);
    assert!(again(&[("no-cache", "")]).await > 4);
}

#[tokio::test]
async fn requirements_are_looked_for_in_rounds() {
    let files = [
        ("a/extension.yaml", "name: a\nrequires: [b]\n"),
        ("b/extension.yaml", "name: b\nrequires: [mine]\n"),
    ];
    let script = script("base: ubuntu:24.04\nextensions: [a, ./mine]\n").with_file(
        "local://context",
        "mine/extension.yaml",
        "name: mine\nenvironment: { MINE: x }\n",
    );
    let built = build_with(script, &[], &files).await;
    let environment = &built.config()["config"]["Env"];
    assert_eq!(environment, &serde_json::json!(["PATH=/usr/bin", "MINE=x"]));
}

#[tokio::test]
async fn an_old_engine_is_told_so() {
    let mut script: Script = script("base: ubuntu:24.04\n");
    script.capabilities.remove("file.base");
    let built = build(script, &[]).await;
    assert_eq!(built.failure().message, "needs BuildKit 0.5 or later");
}
