//! Questions about a build: the exact forms that clients read.

mod check;
mod outline;
mod targets;

use gateway::References;
use gateway::fake::Fake;
use serde_json::Value;

use crate::tests::{Built, build_with, script};

const SPEC: &str = "\
# syntax=x
arguments:
  SUITE: \"24.04\"
  TEAM: { default: us, description: who builds }
base: ubuntu:${SUITE}
extensions:
  - tool: { level: \"2\" }
  - name: loose
    build:
      sources: [{ pypi: a==1, unverified: true, to: x }]
      steps:
        - { run: make, cache: [{ id: mine, path: /root/.cache }] }
";

const TOOL: (&str, &str) = (
    "tool/extension.yaml",
    "\
name: tool
description: A tool that does things
parameters: { level: { default: \"1\", description: how much } }
build: { steps: [{ run: make, network: none }] }
",
);

async fn ask(spec: &str, id: &str, more: &[(&str, &str)]) -> Built {
    let mut values = vec![("requestid", id)];
    values.extend(more);
    build_with(script(spec), &values, &[TOOL]).await
}

fn text(built: &Built, key: &str) -> String {
    String::from_utf8_lossy(&built.reply().metadata[key]).into_owned()
}

/// The answer as JSON, with the length of each text instead of its encoding.
fn json(built: &Built) -> String {
    let mut json: Value = serde_json::from_str(&text(built, "result.json")).unwrap();
    for source in json["sources"].as_array_mut().into_iter().flatten() {
        let encoded = match source.as_str() {
            Some(_) => source,
            None => &mut source["data"],
        };
        let length = encoded.as_str().unwrap().len();
        *encoded = format!("{length} letters").into();
    }
    format!("{json:#}")
}

#[tokio::test]
async fn the_questions_are_described() {
    let built = ask("", "frontend.subrequests.describe", &[]).await;
    assert_eq!(built.fake.record().calls, ["Ping"], "no spec is needed");
    insta::assert_snapshot!(text(&built, "result.txt"), @"
    NAME                   VERSION   DESCRIPTION
    lint                   1.0.0     Say what is wrong with a spec and the extensions it uses, without building
    lock                   1.0.0     Write down what the names in a spec stand for, as a lock file
    outline                1.0.0     List arguments, parameters, secrets, ssh agents and caches of the build
    subrequests.describe   1.0.0     List available subrequest types
    targets                1.0.0     List what can be built
    ");
    let json: Value = serde_json::from_str(&text(&built, "result.json")).unwrap();
    insta::assert_snapshot!(format!("{:#}", json[0]), @r#"
    {
      "description": "Say what is wrong with a spec and the extensions it uses, without building",
      "inputs": null,
      "metadata": [
        {
          "description": "",
          "name": "result.json"
        },
        {
          "description": "",
          "name": "result.txt"
        },
        {
          "description": "",
          "name": "result.statuscode"
        }
      ],
      "name": "frontend.lint",
      "opts": [
        {
          "description": "The part of the image to build",
          "name": "target"
        }
      ],
      "refs": null,
      "type": "rpc",
      "version": "1.0.0"
    }
    "#);
}

#[tokio::test]
async fn answers_have_no_file_system_and_the_expected_version() {
    for id in ["lint", "outline", "subrequests.describe", "targets"] {
        let built = ask(SPEC, &format!("frontend.{id}"), &[]).await;
        assert_eq!(built.reply().references, References::None);
        assert_eq!(text(&built, "version"), "1.0.0");
        // Only sources of the client were solved, and no warning was sent. A check also asks about packages.
        let record = built.fake.record();
        let definitions = record
            .solves
            .iter()
            .filter_map(|solve| solve.definition.as_ref());
        let mut sources = definitions.flat_map(Fake::sources);
        assert!(
            sources.all(|source| source.starts_with("local://") || id == "lint"),
            "{id}"
        );
        assert!(record.warnings.is_empty());
    }
}

#[tokio::test]
async fn an_unknown_question_is_refused_as_clients_expect() {
    let built = ask(SPEC, "frontend.convertllb", &[]).await;
    let failure = built.failure();
    assert_eq!(failure.subrequest.as_deref(), Some("frontend.convertllb"));
    assert_eq!(failure.message, "unsupported request frontend.convertllb");
    assert_eq!(failure.to_status().code, 12);
    assert_eq!(built.fake.record().calls, ["Ping"]);
}
