//! Named contexts that replace images and extensions.

use buildkit_llb::{About, Capabilities, Git, Graph};
use gateway::fake::{Fake, Script};
use gateway::pb;

use crate::tests::{Built, DIGEST, build, build_with, locals, operations, script, shown};

const SPEC: &str = "base: ubuntu:24.04\nextensions: [uv]\n";
const UV: &str = "name: uv\ninstall: { files: [{ from: rc, to: /etc/uv }] }\n";
const OF_CATALOGUE: (&str, &str) = (
    "uv/extension.yaml",
    "name: uv\nenvironment: { OF: catalogue }\n",
);

/// A build in which this named context is the extension `uv`, whose definition is in that source.
async fn extension(value: &str, source: &str, more: &[(&str, &str)]) -> Built {
    let script = script(SPEC).with_file(source, "extension.yaml", UV);
    with(script, value, more).await
}

async fn with(script: Script, value: &str, more: &[(&str, &str)]) -> Built {
    let mut values = vec![("context:uv", value)];
    values.extend(more);
    build_with(script, &values, &[OF_CATALOGUE]).await
}

/// The sources of the image, without the base and the builder base.
fn sources(built: &Built) -> Vec<String> {
    built.reply();
    let sources = Fake::sources(&built.definition()).into_iter();
    let of_spec = |source: &String| source.ends_with(&format!("ubuntu:24.04@{DIGEST}"));
    sources.filter(|source| !of_spec(source)).collect()
}

/// The definition of another build's result, a checkout.
fn other_build() -> pb::Definition {
    let mut graph = Graph::new();
    let output = graph.git(Git::new("https://example.org/other", ""), About::default());
    graph.definition(output, &Capabilities::all())
}

#[tokio::test]
async fn a_folder_is_an_extension_before_the_catalogue() {
    let values = [
        ("sharedkey:localdir:uv", "my-uv"),
        ("local-sessionid:uv", "s"),
    ];
    let script = script(SPEC)
        .with_file("local://uv", "extension.yaml", UV)
        .with_file("local://uv", ".dockerignore", "big\n");
    let built = with(script, "local:uv", &values).await;
    assert_eq!(sources(&built), ["local://uv"]);
    let environment = built.config()["config"]["Env"].to_string();
    assert!(!environment.contains("catalogue"), "{environment}");
    let asked: Vec<String> = built
        .fake
        .record()
        .solves
        .iter()
        .flat_map(|solve| locals(solve.definition.as_ref().unwrap()))
        .filter(|local| local.identifier == "local://uv")
        .map(|local| format!("{:?}", local.attrs))
        .collect();
    insta::assert_snapshot!(asked.join("\n"), @r#"
    {"local.differ": "none", "local.followpaths": "[\".dockerignore\"]", "local.session": "s", "local.sharedkeyhint": "context:uv-.dockerignore"}
    {"local.excludepatterns": "[\"big\"]", "local.followpaths": "[\"extension.yaml\"]", "local.session": "s", "local.sharedkeyhint": "context:uv-my-uv:definitions"}
    {"local.excludepatterns": "[\"big\"]", "local.followpaths": "[\"rc\"]", "local.session": "s", "local.sharedkeyhint": "context:uv-my-uv:rc"}
    "#);
}

#[tokio::test]
async fn every_kind_of_context_is_an_extension() {
    let built = extension(
        "https://example.org/uv.git#main:ext",
        "git://example.org/uv.git#main:ext",
        &[],
    );
    assert_eq!(sources(&built.await), ["git://example.org/uv.git#main:ext"]);
    let built = extension("git@example.org:uv", "git://example.org/uv", &[]);
    assert_eq!(sources(&built.await), ["git://example.org/uv"]);
    let built = extension("ssh://git@example.org/uv", "git://example.org/uv", &[]);
    assert_eq!(sources(&built.await), ["git://example.org/uv"]);

    let address = "https://example.org/uv.tar.gz";
    let script_of_web = script(SPEC)
        .with_file(address, "context", b"\x1f\x8b\x08".to_vec())
        .with_file(address, "extension.yaml", UV);
    assert_eq!(sources(&with(script_of_web, address, &[]).await), [address]);

    let reference = "example.org/uv:1";
    let source = format!("docker-image://{reference}@{DIGEST}");
    let script_of_image =
        script(SPEC)
            .with_image(reference, DIGEST, "{}")
            .with_file(&source, "extension.yaml", UV);
    let built = with(script_of_image, "docker-image://example.org/uv:1", &[]);
    assert_eq!(sources(&built.await), [source]);

    let mut script_of_input =
        script(SPEC).with_file("git://example.org/other", "extension.yaml", UV);
    let input = ("1".to_owned(), other_build());
    script_of_input.inputs.extend([input]);
    let built = with(script_of_input, "input:1", &[]);
    assert_eq!(sources(&built.await), ["git://example.org/other"]);
}

/// A layout is named after the extension and the digest; its store is an attribute.
#[tokio::test]
async fn a_layout_is_an_extension() {
    let name = format!("docker.io/library/uv@{DIGEST}");
    let identifier = format!("oci-layout://{name}");
    let script = script(SPEC)
        .with_image(&identifier, DIGEST, "{}")
        .with_file(&identifier, "extension.yaml", UV);
    let value = format!("oci-layout://store:1@{DIGEST}");
    let built = with(script, &value, &[]).await;
    assert_eq!(sources(&built), [identifier]);
    let layout =
        operations(&built.definition())
            .into_iter()
            .find_map(|operation| match operation {
                pb::op::Op::Source(source) if source.identifier.starts_with("oci") => Some(source),
                _ => None,
            });
    insta::assert_snapshot!(format!("{:?}", layout.unwrap().attrs), @r#"{"oci.session": "session", "oci.store": "store"}"#);
    let asked = built.fake.record().images;
    let asked = asked.into_iter().filter_map(|image| image.source);
    let asked: Vec<_> = asked.filter(|source| !source.attrs.is_empty()).collect();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].attrs["oci.store"], "store");
}

#[tokio::test]
async fn a_context_that_is_not_an_extension_is_refused_where_it_is_used() {
    let other = "name: other\n";
    let git = "https://example.org/uv.git";
    let cases = [
        (git, "git://example.org/uv.git", "x.yaml", UV),
        (git, "git://example.org/uv.git", "extension.yaml", other),
        (
            "https://example.org/uv.yaml",
            "https://example.org/uv.yaml",
            "context",
            UV,
        ),
        ("foo:bar", "", "", ""),
        ("bar", "", "", ""),
        ("oci-layout://store:latest", "", "", ""),
        ("oci-layout://store@sha256:1", "", "", ""),
        ("input:1", "", "", ""),
        ("docker-image://scratch", "", "", ""),
    ];
    let mut said = Vec::new();
    for (value, source, path, content) in cases {
        let script = script(SPEC).with_file(source, path, content);
        said.push(shown(with(script, value, &[]).await.failure()));
    }
    insta::assert_snapshot!(said.join("\n"), @"
    inlay.yaml:2:14: the named context `uv` has no `extension.yaml`: `https://example.org/uv.git` [E0220]; help: a named context that replaces an extension must be a folder with an `extension.yaml` and its files, whatever kind of context it is
    inlay.yaml 2-2: extensions: [uv]
    uv/extension.yaml:1:7: this extension is called `other`, but it is used as `uv` [E0210]; help: write `name: uv`
    uv/extension.yaml 1-1: name: other
    inlay.yaml 2-2: extensions: [uv]
    inlay.yaml:2:14: the named context `uv` is a single file, not an archive: `https://example.org/uv.yaml` [E0220]; help: a named context that replaces an extension must be a folder with an `extension.yaml` and its files, whatever kind of context it is
    inlay.yaml 2-2: extensions: [uv]
    inlay.yaml:2:14: the named context `uv` is of an unknown kind: `foo:bar`; give a folder, `docker-image://…`, `oci-layout://…`, `target:…` in a bake file, a git address or a web address [E0220]; help: a named context that replaces an extension must be a folder with an `extension.yaml` and its files, whatever kind of context it is
    inlay.yaml 2-2: extensions: [uv]
    inlay.yaml:2:14: the named context `uv` is of an unknown kind: `bar`; give a folder, `docker-image://…`, `oci-layout://…`, `target:…` in a bake file, a git address or a web address [E0220]; help: a named context that replaces an extension must be a folder with an `extension.yaml` and its files, whatever kind of context it is
    inlay.yaml 2-2: extensions: [uv]
    inlay.yaml:2:14: the named context `uv` is an OCI layout without a digest: `store:latest`; write `oci-layout://…@sha256:…` [E0220]; help: a named context that replaces an extension must be a folder with an `extension.yaml` and its files, whatever kind of context it is
    inlay.yaml 2-2: extensions: [uv]
    inlay.yaml:2:14: the named context `uv` is an OCI layout with a malformed digest: `sha256:1` [E0220]; help: a named context that replaces an extension must be a folder with an `extension.yaml` and its files, whatever kind of context it is
    inlay.yaml 2-2: extensions: [uv]
    inlay.yaml:2:14: the named context `uv` is an input that the client did not send: `1` [E0220]; help: a named context that replaces an extension must be a folder with an `extension.yaml` and its files, whatever kind of context it is
    inlay.yaml 2-2: extensions: [uv]
    inlay.yaml:2:14: the named context `uv` has no `extension.yaml`: `docker-image://scratch` [E0220]; help: a named context that replaces an extension must be a folder with an `extension.yaml` and its files, whatever kind of context it is
    inlay.yaml 2-2: extensions: [uv]
    ");
}

#[tokio::test]
async fn a_context_that_the_engine_cannot_load_is_shown_where_it_is_used() {
    let built = with(script(SPEC), "docker-image://example.org/none", &[]).await;
    insta::assert_snapshot!(shown(built.failure()), @"
    example.org/none:latest: not found
    inlay.yaml 2-2: extensions: [uv]
    ");
}

#[tokio::test]
async fn the_entry_of_the_platform_is_used_for_an_extension() {
    let values = [("context:uv::linux/amd64", "https://example.org/uv.git")];
    let built = extension("local:uv", "git://example.org/uv.git", &values).await;
    assert_eq!(sources(&built), ["git://example.org/uv.git"]);
}

#[tokio::test]
async fn each_platform_takes_files_from_its_own_context() {
    let script = script(SPEC)
        .with_file("git://example.org/one.git", "extension.yaml", UV)
        .with_file("git://example.org/two.git", "extension.yaml", UV);
    let values = [
        ("platform", "linux/amd64,linux/arm64"),
        ("context:uv::linux/arm64", "https://example.org/two.git"),
    ];
    let built = with(script, "https://example.org/one.git", &values).await;
    built.reply();
    let solves = built.fake.record().solves.into_iter();
    let images: Vec<Vec<String>> = solves
        .map(|solve| Fake::sources(&solve.definition.unwrap()))
        .filter(|sources| {
            sources
                .iter()
                .any(|source| source.contains("ubuntu:24.04@"))
        })
        .map(|sources| {
            let own = sources.into_iter();
            own.filter(|source| source.starts_with("git://")).collect()
        })
        .collect();
    assert_eq!(
        images,
        [["git://example.org/one.git"], ["git://example.org/two.git"]]
    );
}

#[tokio::test]
async fn a_definition_must_be_the_same_on_all_platforms() {
    let other = format!("{UV}environment: {{ OTHER: x }}\n");
    let script = script(SPEC)
        .with_file("git://example.org/one.git", "extension.yaml", UV)
        .with_file("git://example.org/two.git", "extension.yaml", other);
    let values = [
        ("platform", "linux/amd64,linux/arm64"),
        ("context:uv::linux/arm64", "https://example.org/two.git"),
    ];
    let built = with(script, "https://example.org/one.git", &values).await;
    insta::assert_snapshot!(shown(built.failure()), @"
    extension `uv` has a different `extension.yaml` for linux/arm64 than for linux/amd64: its files may differ between platforms, but not its definition
    inlay.yaml 2-2: extensions: [uv]
    ");
}

#[tokio::test]
async fn a_context_of_a_requirement_is_blamed_where_it_is_required() {
    let spec = "base: ubuntu:24.04\nextensions: [{ name: mine, requires: [uv] }]\n";
    let values = [("context:uv", "docker-image://nowhere")];
    let built = build(script(spec), &values).await;
    insta::assert_snapshot!(shown(built.failure()), @"
    docker.io/library/nowhere:latest: not found
    inlay.yaml 2-2: extensions: [{ name: mine, requires: [uv] }]
    ");
}

/// The context of each platform has files of its own.
#[tokio::test]
async fn a_check_looks_for_files_in_named_contexts() {
    let script = script(SPEC)
        .with_file("git://example.org/one.git", "extension.yaml", UV)
        .with_file("git://example.org/one.git", "rc", "x")
        .with_file("git://example.org/two.git", "extension.yaml", UV);
    let values = [
        ("requestid", "frontend.lint"),
        ("platform", "linux/amd64,linux/arm64"),
        ("context:uv::linux/arm64", "https://example.org/two.git"),
    ];
    let message = async |script: Script| {
        let built = with(script, "https://example.org/one.git", &values).await;
        let json = &built.reply().metadata["result.json"];
        let json: serde_json::Value = serde_json::from_slice(json).unwrap();
        json["buildError"]["message"].as_str().map(str::to_owned)
    };
    insta::assert_snapshot!(message(script.clone()).await.unwrap(), @"uv/extension.yaml:2:28: there is no `rc` in the named context `uv` [E0211]; help: check the path, which is relative to the context");
    let both = script.with_file("git://example.org/two.git", "rc", "x");
    assert_eq!(message(both).await, None);
}

#[tokio::test]
async fn requirements_are_looked_for_in_named_contexts() {
    let script = script("base: ubuntu:24.04\nextensions: [{ name: mine, requires: [uv] }]\n")
        .with_file("local://uv", "extension.yaml", UV);
    assert_eq!(
        sources(&with(script, "local:uv", &[]).await),
        ["local://uv"]
    );
}

/// The base, a builder base and the image of a source, each from a context of another kind.
#[tokio::test]
async fn every_kind_of_context_is_an_image() {
    let spec = "base: ubuntu:24.04
extensions:
  - name: mine
    build: { on: 'rust:1', steps: [make], sources: [{ image: 'files:1', path: /f, to: f }] }
";
    let layout = format!("oci-layout://docker.io/library/rust:1@{DIGEST}");
    let config = r#"{ "config": { "Env": ["OF=layout"] } }"#;
    let mut script = script(spec).with_image(&layout, DIGEST, config);
    script.inputs.insert("0".to_owned(), other_build());
    let config = r#"{"containerimage.config":"eyJjb25maWciOnsiRW52IjpbIk9GPWlucHV0Il19fQ=="}"#;
    let value = format!("oci-layout://store@{DIGEST}");
    let values = [
        ("context:ubuntu:24.04", "input:0"),
        ("input-metadata:0", config),
        ("context:rust:1", &value),
        ("context:files:1", "local:files"),
    ];
    let built = build(script, &values).await;
    let environment = &built.config()["config"]["Env"];
    assert!(
        environment.to_string().contains("OF=input"),
        "{environment}"
    );
    let mut found = Fake::sources(&built.definition());
    found.sort();
    assert_eq!(found, ["git://example.org/other", "local://files", &layout]);
}

#[tokio::test]
async fn a_context_that_is_not_an_image_is_refused_where_the_image_is_named() {
    let mut said = Vec::new();
    for value in ["https://example.org/file", "foo:bar", "input:1"] {
        let script = script("base: ubuntu:24.04\n").with_file(
            "https://example.org/file",
            "context",
            "not an archive",
        );
        let built = build(script, &[("context:ubuntu:24.04", value)]).await;
        said.push(shown(built.failure()));
    }
    insta::assert_snapshot!(said.join("\n"), @"
    the named context `ubuntu:24.04` is a single file, not an archive: `https://example.org/file`
    inlay.yaml 1-1: base: ubuntu:24.04
    the named context `ubuntu:24.04` is of an unknown kind: `foo:bar`; give a folder, `docker-image://…`, `oci-layout://…`, `target:…` in a bake file, a git address or a web address
    inlay.yaml 1-1: base: ubuntu:24.04
    the named context `ubuntu:24.04` is an input that the client did not send: `1`
    inlay.yaml 1-1: base: ubuntu:24.04
    ");
}

#[tokio::test]
async fn scratch_is_an_image() {
    let values = [("context:ubuntu:24.04", "docker-image://scratch")];
    let built = build_with(
        script(SPEC),
        &values,
        &[("uv/extension.yaml", UV), ("uv/rc", "x")],
    )
    .await;
    built.reply();
    assert_eq!(Fake::sources(&built.definition()), [""; 0]);
}
