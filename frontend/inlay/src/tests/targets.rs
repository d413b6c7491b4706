//! `--target`: the parts of an image that can be built, and their names.

use std::collections::BTreeMap;

use gateway::pb;
use serde_json::json;

use crate::tests::{Built, build_with, operations, script, shown};

const SPEC: &str = "\
base: ubuntu:24.04
extensions:
  - tool
  - name: a.build
    install: { packages: [jq] }
  - name: other
    environment: { OTHER: x }
    install: { packages: [hello] }
";

const FILES: &[(&str, &str)] = &[
    (
        "tool/extension.yaml",
        "\
name: tool
description: A tool
requires: [below]
build:
  steps:
    - { run: one, network: none }
    - { run: two, network: none }
environment: { TOOL: x }
tests: [tool --version, { run: tool, expect: works }]
",
    ),
    (
        "below/extension.yaml",
        "name: below\nenvironment: { BELOW: x }\ninstall: { packages: [curl] }\n",
    ),
];

async fn target(name: &str) -> Built {
    build_with(script(SPEC), &[("target", name)], FILES).await
}

/// The names of a definition's vertices, without those that are internal.
pub(super) fn vertices(definition: &pb::Definition) -> String {
    let names = definition.metadata.values();
    let mut names: Vec<&str> = names
        .filter_map(|metadata| metadata.description.get("llb.customname"))
        .map(String::as_str)
        .filter(|name| !name.starts_with("[internal]"))
        .collect();
    names.sort_unstable();
    names.join("\n")
}

#[tokio::test]
async fn an_extension_alone_has_what_it_requires_and_nothing_else() {
    let built = target("tool").await;
    let environment = &built.config()["config"]["Env"];
    assert_eq!(environment, &json!(["PATH=/usr/bin", "BELOW=x", "TOOL=x"]));
    insta::assert_snapshot!(vertices(&built.definition()), @"
    [base] ubuntu:24.04
    [below] packages: curl
    [below] packages: curl (layer)
    [below] packages: curl (resolve)
    [below] packages: curl (state)
    [builder] debian:bookworm
    [image] merge 4 layers
    [joint] layer
    [joint] read the base's databases
    [joint] reconcile the databases of the image
    [packages] lists of ubuntu:24.04
    [tool 1/2] one
    [tool 2/2] two
    [tool] output
    ");
    // docker accepts names of targets in upper and lower case.
    assert_eq!(
        target("Tool").await.definition().def,
        built.definition().def
    );
}

/// An extension that is built alone has the vertices that it has in the whole image, and so have the
/// extensions that it requires.
#[tokio::test]
async fn vertices_of_an_extension_alone_are_those_of_the_image() {
    const OWN: &str = "\
base: ubuntu:24.04
extensions:
  - name: own
    requires: [below, tool]
    build: { steps: [make] }
    install: { packages: [git], files: [{ to: /etc/own, text: x }], steps: [settle] }
    tests: [own]
  - name: other
    requires: [below]
    environment: { OTHER: x }
    install: { packages: [hello], steps: [other] }
";
    let of = async |target: &str| {
        let built = build_with(script(OWN), &[("target", target)], FILES).await;
        let metadata = built.definition().metadata.into_iter();
        let named = metadata.filter_map(|(digest, metadata)| {
            let name = metadata.description.get("llb.customname")?;
            let is_own = ["[own", "[below", "[tool"]
                .iter()
                .any(|prefix| name.starts_with(prefix));
            // An image without a joint asks for the states by themselves.
            let is_own = is_own && !name.ends_with(" (state)");
            is_own.then(|| (name.clone(), digest))
        });
        named.collect::<BTreeMap<_, _>>()
    };
    let image = of("").await;
    let alone = of("own").await;
    insta::assert_snapshot!(alone.keys().cloned().collect::<Vec<_>>().join("\n"), @"
    [below] packages: curl
    [below] packages: curl (layer)
    [below] packages: curl (resolve)
    [own] files
    [own] gather files
    [own] make
    [own] merge what its packages are put on
    [own] merge what its steps see
    [own] output
    [own] packages: git
    [own] packages: git (layer)
    [own] packages: git (lists)
    [own] packages: git (resolve)
    [own] steps: settle
    [own] steps: settle (layer)
    [tool 1/2] one
    [tool 2/2] two
    [tool] output
    ");
    assert_eq!(alone, image);
    let output = of("own.output").await;
    assert!(!output.is_empty());
    for (name, digest) in output {
        assert_eq!(image.get(&name), Some(&digest));
    }
}

#[tokio::test]
async fn what_only_others_require_can_be_built() {
    let built = target("below").await;
    let environment = &built.config()["config"]["Env"];
    assert_eq!(environment, &json!(["PATH=/usr/bin", "BELOW=x"]));
}

#[tokio::test]
async fn a_builder_can_be_inspected() {
    let built = target("tool.build").await;
    insta::assert_snapshot!(vertices(&built.definition()), @"
    [builder] debian:bookworm
    [tool 1/2] one
    [tool 2/2] two
    [tool] sources and $OUT in its builder
    ");
    insta::assert_snapshot!(format!("{:#}", built.config()), @r#"
{
  "architecture": "amd64",
  "config": {
    "Cmd": [
      "/bin/sh"
    ],
    "Env": [
      "HOME=/root",
      "OUT=/out",
      "SOURCES=/sources",
      "SOURCE_DATE_EPOCH=315532800",
      "TARGETARCH=amd64",
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    ],
    "WorkingDir": "/build"
  },
  "os": "linux",
  "rootfs": {
    "type": "layers"
  }
}
"#);
    let metadata = &built.reply().metadata;
    assert!(!metadata.contains_key("containerimage.base.config"));
}

#[tokio::test]
async fn an_output_is_one_layer() {
    let built = target("tool.output").await;
    insta::assert_snapshot!(vertices(&built.definition()), @"
[builder] debian:bookworm
[tool 1/2] one
[tool 2/2] two
[tool] output
");
    assert_eq!(built.config()["config"], json!({}));
}

#[tokio::test]
async fn tests_run_in_the_image() {
    let built = target("tool.test").await;
    insta::assert_snapshot!(vertices(&built.definition()), @"
    [base] ubuntu:24.04
    [below] packages: curl
    [below] packages: curl (layer)
    [below] packages: curl (resolve)
    [below] packages: curl (state)
    [builder] debian:bookworm
    [image] merge 4 layers
    [joint] layer
    [joint] read the base's databases
    [joint] reconcile the databases of the image
    [packages] lists of ubuntu:24.04
    [test] gather what tests print
    [tool 1/2] one
    [tool 2/2] two
    [tool test 1/2] tool --version
    [tool test 2/2] tool
    [tool] output
    ");
    let all = target("test").await;
    assert!(
        vertices(&all.definition()).contains("jq"),
        "the whole image is made"
    );
    let commands = |built: &Built| {
        let operations = operations(&built.definition()).into_iter();
        let mut commands: Vec<pb::Meta> = operations
            .filter_map(|operation| match operation {
                pb::op::Op::Exec(exec) => exec.meta,
                _ => None,
            })
            .filter(|meta| meta.args.iter().any(|word| word == "/run/inlay/test"))
            .collect();
        commands.sort_by(|left, right| left.args.cmp(&right.args));
        commands
    };
    let of_tool = commands(&built);
    let arguments: Vec<_> = of_tool
        .iter()
        .map(|meta| meta.args[3..].join(" | "))
        .collect();
    insta::assert_snapshot!(arguments.join("\n"), @"
/run/inlay/report/tool/1.txt | tool --version
/run/inlay/report/tool/2.txt | tool | works
");
    assert_eq!(of_tool[0].env, ["PATH=/usr/bin", "BELOW=x", "TOOL=x"]);
    assert_eq!(commands(&all).len(), 2);
    assert!(commands(&all)[0].env.contains(&"OTHER=x".to_owned()));
}

/// A target with a dot is first of all the name of an extension.
#[tokio::test]
async fn a_name_wins_over_a_part() {
    insta::assert_snapshot!(vertices(&target("a.build").await.definition()), @"
    [a.build] packages: jq
    [a.build] packages: jq (keep state)
    [a.build] packages: jq (layer)
    [a.build] packages: jq (resolve)
    [a.build] packages: jq (state)
    [base] ubuntu:24.04
    [image] merge 1 layers
    [packages] lists of ubuntu:24.04
    ");
}

#[tokio::test]
async fn unknown_targets_are_refused() {
    let told = async |name: &str| shown(target(name).await.failure());
    insta::assert_snapshot!(told("tol").await, @"--target `tol`: there is no such target; did you mean `tool`?");
    insta::assert_snapshot!(told("tool.tests").await, @"--target `tool.tests`: there is no such target; did you mean `tool.test`?");
    insta::assert_snapshot!(told("release").await, @"--target `release`: there is no such target; `--call=targets` lists the targets");
    insta::assert_snapshot!(told("other.build").await, @"
--target `other.build`: extension `other` has no `build`
inlay.yaml 6-8:   - name: other
");
    insta::assert_snapshot!(told("other.test").await, @"
--target `other.test`: extension `other` has no `tests`
inlay.yaml 6-8:   - name: other
");
    let spec = "base: ubuntu:24.04\n";
    let built = build_with(script(spec), &[("target", "test")], &[]).await;
    insta::assert_snapshot!(built.failure().message, @"--target `test`: no extension of the image has `tests`");
}
