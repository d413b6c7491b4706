//! Whole builds.

use gateway::fake::{Fake, Script};
use gateway::{References, pb};

use crate::CatalogueFiles;
use crate::tests::{DIGEST, build, build_with, operations, options, script};

pub(super) const TOOL: (&str, &str) = (
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
        "annotation-manifest.org.opencontainers.image.base.digest",
        "annotation-manifest.org.opencontainers.image.base.name",
        "containerimage.base.config",
        "containerimage.config",
        "refs.platforms",
    ];
    assert_eq!(keys, expected);
    let base = |key: &str| {
        let key = format!("annotation-manifest.org.opencontainers.image.base.{key}");
        String::from_utf8_lossy(&reply.metadata[&key]).into_owned()
    };
    assert_eq!(base("name"), "docker.io/library/ubuntu:24.04");
    assert_eq!(base("digest"), DIGEST);
    insta::assert_snapshot!(String::from_utf8_lossy(&reply.metadata["refs.platforms"]), @r#"
{"Platforms":[{"ID":"linux/amd64","Platform":{"architecture":"amd64","os":"linux"}}]}
"#);
    let config = built.config();
    assert_eq!(config["of"], "the base");
    let labels = &config["config"]["Labels"];
    assert_eq!((&labels["by"], &labels["k"]), (&"flag".into(), &"v".into()));
    assert_eq!(config["history"].as_array().unwrap().len(), 3);
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
    let catalogue = CatalogueFiles::in_folder("/nowhere");
    let served = gateway::serve(&grpc, async || {
        Box::pin(crate::answer(&grpc, &options, &catalogue)).await
    });
    assert_eq!(served.await, Ok(()));
    let record = fake.record();
    assert_eq!(record.returns.len(), 1);
    assert_eq!(record.returns[0].error, None);
    // Nothing is built before the answer: the spec is solved and read, then the image is solved.
    let expected = [
        "Ping",
        "Inputs",
        "Solve",
        "ReadFile",
        "ReadFile",
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
async fn images_are_looked_for_as_asked() {
    for mode in ["pull", "local"] {
        let values = [("image-resolve-mode", mode)];
        let built = build(script("base: ubuntu:24.04\n"), &values).await;
        built.reply();
        assert_eq!(built.fake.record().images[0].resolve_mode, mode);
        let operations = operations(&built.definition());
        let images = operations.iter().filter_map(|operation| match operation {
            pb::op::Op::Source(source) => source.attrs.get("image.resolvemode"),
            _ => None,
        });
        assert_eq!(images.collect::<Vec<_>>(), [mode]);
    }
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
async fn a_bill_of_materials_is_returned_if_asked_for() {
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
    // Users who name a generator want that generator's bill.
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
        let message = &built.reply().metadata["frontend.result.inlinemessage"];
        assert!(String::from_utf8_lossy(message).contains("cannot merge layers"));
    }
    let built = build_with(script(spec), &[], &[TOOL]).await;
    assert!(
        !built
            .reply()
            .metadata
            .contains_key("frontend.result.inlinemessage")
    );
    let merges = |operation: &pb::op::Op| matches!(operation, pb::op::Op::Merge(_));
    assert!(operations(&built.definition()).iter().any(merges));
}

#[tokio::test]
async fn the_epoch_is_that_of_the_image_and_of_its_files() {
    let spec = "base: ubuntu:24.04\nextensions: [tool]\n";
    let times = async |values: &[(&str, &str)]| {
        let built = build_with(script(spec), values, &[TOOL]).await;
        let mut times: Vec<i64> = operations(&built.definition())
            .into_iter()
            .filter_map(|operation| match operation {
                pb::op::Op::File(file) => Some(file.actions),
                _ => None,
            })
            .flatten()
            .filter_map(|action| match action.action? {
                pb::file_action::Action::Copy(copy) => Some(copy.timestamp),
                _ => None,
            })
            .collect();
        times.dedup();
        let config = built.config();
        let created = &config["created"];
        assert!(
            config["history"]
                .as_array()
                .unwrap()
                .iter()
                .all(|entry| entry["created"] == *created)
        );
        let epoch = built.reply().metadata.get("source.date.epoch");
        let epoch = epoch.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let of_steps: Vec<String> = crate::tests::commands::commands(&built.definition())
            .into_iter()
            .flat_map(|command| command.meta.unwrap().env)
            .filter(|variable| variable.starts_with("SOURCE_DATE_EPOCH="))
            .collect();
        format!("{times:?} {created} {epoch:?} {of_steps:?}")
    };
    let epoch = |seconds| [("build-arg:SOURCE_DATE_EPOCH", seconds)];
    insta::assert_snapshot!(times(&[]).await, @r#"[315532800000000000] "1980-01-01T00:00:00Z" None ["SOURCE_DATE_EPOCH=315532800"]"#);
    insta::assert_snapshot!(times(&epoch("1700000000")).await, @r#"[1700000000000000000] "2023-11-14T22:13:20Z" Some("1700000000") ["SOURCE_DATE_EPOCH=315532800"]"#);
    // Nothing may be later than the epoch.
    insta::assert_snapshot!(times(&epoch("1")).await, @r#"[1000000000] "1970-01-01T00:00:01Z" Some("1") ["SOURCE_DATE_EPOCH=1"]"#);
}

#[tokio::test]
async fn several_platforms_are_several_images() {
    let spec = "base: ubuntu:24.04\nextensions: [tool]\n";
    let values = [
        ("platform", "linux/arm64,linux/amd64"),
        ("build-arg:SOURCE_DATE_EPOCH", "7"),
    ];
    let built = build_with(script(spec), &values, &[TOOL]).await;
    let reply = built.reply();
    let References::Platforms(references) = &reply.references else {
        panic!("{:?}", reply.references)
    };
    assert_eq!(
        references.keys().collect::<Vec<_>>(),
        ["linux/amd64", "linux/arm64"]
    );
    let keys: Vec<&str> = reply.metadata.keys().map(String::as_str).collect();
    insta::assert_snapshot!(keys.join("\n"), @"
annotation-manifest[linux/amd64].org.opencontainers.image.base.digest
annotation-manifest[linux/amd64].org.opencontainers.image.base.name
annotation-manifest[linux/arm64].org.opencontainers.image.base.digest
annotation-manifest[linux/arm64].org.opencontainers.image.base.name
containerimage.base.config/linux/amd64
containerimage.base.config/linux/arm64
containerimage.config/linux/amd64
containerimage.config/linux/arm64
refs.platforms
source.date.epoch/linux/amd64
source.date.epoch/linux/arm64
");
    insta::assert_snapshot!(String::from_utf8_lossy(&reply.metadata["refs.platforms"]), @r#"{"Platforms":[{"ID":"linux/arm64","Platform":{"architecture":"arm64","os":"linux"}},{"ID":"linux/amd64","Platform":{"architecture":"amd64","os":"linux"}}]}"#);
    for (platform, architecture) in [("linux/amd64", "amd64"), ("linux/arm64", "arm64")] {
        let config = &reply.metadata[&format!("containerimage.config/{platform}")];
        let config: serde_json::Value = serde_json::from_slice(config).unwrap();
        assert_eq!(config["architecture"], architecture);
    }
    // The spec was loaded once, and each image solved once.
    assert_eq!(built.fake.record().solves.len(), 3);
    // Names of vertices for one platform say which; those for all platforms do not.
    let solves = &built.fake.record().solves;
    let names =
        |at: usize| crate::tests::targets::vertices(solves[at].definition.as_ref().unwrap());
    insta::assert_snapshot!(names(1), @"
    [linux/arm64 base] ubuntu:24.04
    [linux/arm64 builder] debian:bookworm
    [linux/arm64 image] merge 3 layers
    [linux/arm64 internal] the frontend's own image
    [linux/arm64 joint] read the base's databases
    [linux/arm64 joint] reconcile the databases of the image
    [linux/arm64 tool] make
    [linux/arm64 tool] output
    [tool] files
    [tool] gather files
    ");
    assert_eq!(names(1).replace("arm64", "amd64"), names(2));
}

#[tokio::test]
async fn one_platform_can_be_a_map() {
    let values = [("multi-platform", "true")];
    let built = build(script("base: ubuntu:24.04\n"), &values).await;
    let reply = built.reply();
    assert!(matches!(&reply.references, References::Platforms(map) if map.len() == 1));
    assert!(
        reply
            .metadata
            .contains_key("containerimage.config/linux/amd64")
    );
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
async fn an_old_engine_is_refused() {
    let mut script: Script = script("base: ubuntu:24.04\n");
    script.capabilities.remove("file.base");
    let built = build(script, &[]).await;
    assert_eq!(built.failure().message, "needs BuildKit 0.5 or later");
}
