//! Questions about a build: the exact forms that clients read.

use gateway::References;
use gateway::fake::Fake;
use serde_json::Value;
use source::{Code, Severity};

use crate::subrequest::title;
use crate::tests::{Built, build, build_with, script};

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

/// The answer, with texts in the place of their encodings.
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
async fn what_can_be_asked_is_described() {
    let built = ask("", "frontend.subrequests.describe", &[]).await;
    assert_eq!(built.fake.record().calls, ["Ping"], "no spec is needed");
    insta::assert_snapshot!(text(&built, "result.txt"), @"
NAME                   VERSION   DESCRIPTION
lint                   1.0.0     Say what is wrong with a spec and the extensions it uses, without building
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
      "description": "What of the image is built",
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
async fn answers_have_no_file_system_and_the_version_that_clients_know() {
    for id in ["lint", "outline", "subrequests.describe", "targets"] {
        let built = ask(SPEC, &format!("frontend.{id}"), &[]).await;
        assert_eq!(built.reply().references, References::None);
        assert_eq!(text(&built, "version"), "1.0.0");
        // Nothing but what the client has was solved, and no warning was sent.
        let record = built.fake.record();
        let definitions = record
            .solves
            .iter()
            .filter_map(|solve| solve.definition.as_ref());
        let mut sources = definitions.flat_map(Fake::sources);
        assert!(sources.all(|source| source.starts_with("local://")), "{id}");
        assert!(record.warnings.is_empty());
    }
}

#[tokio::test]
async fn an_unknown_question_is_refused_in_the_way_clients_know() {
    let built = ask(SPEC, "frontend.convertllb", &[]).await;
    let failure = built.failure();
    assert_eq!(failure.subrequest.as_deref(), Some("frontend.convertllb"));
    assert_eq!(failure.message, "unsupported request frontend.convertllb");
    assert_eq!(failure.to_status().code, 12);
    assert_eq!(built.fake.record().calls, ["Ping"]);
}

#[tokio::test]
async fn an_outline_has_what_can_be_given() {
    let values = [
        ("build-arg:TEAM", "them"),
        ("build-arg:BUILDKIT_CACHE_MOUNT_NS", "ns"),
    ];
    let built = ask(SPEC, "frontend.outline", &values).await;
    insta::assert_snapshot!(text(&built, "result.txt"), @"
BUILD ARG    VALUE   DESCRIPTION
SUITE        24.04
TEAM         them    who builds
tool.level   2       parameter in the spec: how much

SECRET      REQUIRED
inlay-ca
inlay-pip

CACHE
mine
");
    insta::assert_snapshot!(json(&built), @r#"
{
  "args": [
    {
      "location": {
        "ranges": [
          {
            "end": {
              "character": 6,
              "line": 3
            },
            "start": {
              "character": 2,
              "line": 3
            }
          }
        ]
      },
      "name": "SUITE",
      "value": "24.04"
    },
    {
      "description": "who builds",
      "location": {
        "ranges": [
          {
            "end": {
              "character": 5,
              "line": 4
            },
            "start": {
              "character": 2,
              "line": 4
            }
          }
        ]
      },
      "name": "TEAM",
      "value": "them"
    },
    {
      "description": "parameter in the spec: how much",
      "location": {
        "ranges": [
          {
            "end": {
              "character": 18,
              "line": 3
            },
            "start": {
              "character": 14,
              "line": 3
            }
          }
        ],
        "sourceIndex": 1
      },
      "name": "tool.level",
      "value": "2"
    }
  ],
  "cache": [
    {
      "ID": "mine",
      "location": {
        "ranges": [
          {
            "end": {
              "character": 20,
              "line": 12
            },
            "start": {
              "character": 17,
              "line": 12
            }
          }
        ]
      }
    }
  ],
  "secrets": [
    {
      "location": {
        "ranges": [
          {
            "end": {
              "character": 54,
              "line": 10
            },
            "start": {
              "character": 16,
              "line": 10
            }
          }
        ]
      },
      "name": "inlay-ca"
    },
    {
      "location": {
        "ranges": [
          {
            "end": {
              "character": 54,
              "line": 10
            },
            "start": {
              "character": 16,
              "line": 10
            }
          }
        ]
      },
      "name": "inlay-pip"
    }
  ],
  "sources": [
    "416 letters",
    "216 letters"
  ]
}
"#);
}

#[tokio::test]
async fn an_outline_is_that_of_the_target() {
    let built = ask(SPEC, "frontend.outline", &[("target", "tool")]).await;
    let json: Value = serde_json::from_str(&text(&built, "result.json")).unwrap();
    assert_eq!(json["name"], "tool");
    // What is not built asks for nothing.
    assert_eq!(json["cache"], Value::Null);
    let built = ask(SPEC, "frontend.outline", &[("target", "tol")]).await;
    assert!(built.failure().message.contains("did you mean `tool`?"));
}

#[tokio::test]
async fn an_outline_of_nothing_is_empty() {
    let built = ask("base: ubuntu:24.04\n", "frontend.outline", &[]).await;
    assert_eq!(text(&built, "result.json"), "{}");
}

#[tokio::test]
async fn targets_are_listed() {
    let built = ask(SPEC, "frontend.targets", &[]).await;
    insta::assert_snapshot!(text(&built, "result.txt"), @"
TARGET         DESCRIPTION
(default)      the image with all extensions
loose
loose.build    its builder, to look into
loose.output   what its builder makes
tool           A tool that does things
tool.build     its builder, to look into
tool.output    what its builder makes
");
    insta::assert_snapshot!(json(&built), @r#"
{
  "sources": [
    "416 letters",
    "216 letters"
  ],
  "targets": [
    {
      "base": "ubuntu:24.04",
      "default": true,
      "description": "the image with all extensions",
      "location": {
        "ranges": [
          {
            "end": {
              "character": 20,
              "line": 5
            },
            "start": {
              "character": 6,
              "line": 5
            }
          }
        ]
      }
    },
    {
      "location": {
        "ranges": [
          {
            "end": {
              "character": 65,
              "line": 12
            },
            "start": {
              "character": 4,
              "line": 8
            }
          }
        ]
      },
      "name": "loose"
    },
    {
      "description": "its builder, to look into",
      "location": {
        "ranges": [
          {
            "end": {
              "character": 65,
              "line": 12
            },
            "start": {
              "character": 4,
              "line": 8
            }
          }
        ]
      },
      "name": "loose.build"
    },
    {
      "description": "what its builder makes",
      "location": {
        "ranges": [
          {
            "end": {
              "character": 65,
              "line": 12
            },
            "start": {
              "character": 4,
              "line": 8
            }
          }
        ]
      },
      "name": "loose.output"
    },
    {
      "description": "A tool that does things",
      "location": {
        "ranges": [
          {
            "end": {
              "character": 47,
              "line": 4
            },
            "start": {
              "line": 1
            }
          }
        ],
        "sourceIndex": 1
      },
      "name": "tool"
    },
    {
      "description": "its builder, to look into",
      "location": {
        "ranges": [
          {
            "end": {
              "character": 47,
              "line": 4
            },
            "start": {
              "line": 1
            }
          }
        ],
        "sourceIndex": 1
      },
      "name": "tool.build"
    },
    {
      "description": "what its builder makes",
      "location": {
        "ranges": [
          {
            "end": {
              "character": 47,
              "line": 4
            },
            "start": {
              "line": 1
            }
          }
        ],
        "sourceIndex": 1
      },
      "name": "tool.output"
    }
  ]
}
"#);
}

#[tokio::test]
async fn a_check_tells_warnings() {
    let built = ask(SPEC, "frontend.lint", &[]).await;
    assert_eq!(text(&built, "result.statuscode"), "1");
    insta::assert_snapshot!(text(&built, "result.txt"), @"
warning[W0001]: `a==1` is fetched without a checksum
  --> inlay.yaml:10:31
   |
10 |       sources: [{ pypi: a==1, unverified: true, to: x }]
   |                               ^^^^^^^^^^^^^^^^
   |
   = help: add `sha256: …` in place of `unverified: true`
");
    insta::assert_snapshot!(json(&built), @r#"
{
  "sources": [
    {
      "data": "416 letters",
      "filename": "inlay.yaml",
      "language": "YAML"
    }
  ],
  "warnings": [
    {
      "description": "unverified download",
      "detail": "`a==1` is fetched without a checksum; help: add `sha256: …` in place of `unverified: true`",
      "location": {
        "ranges": [
          {
            "end": {
              "character": 45,
              "line": 10
            },
            "start": {
              "character": 30,
              "line": 10
            }
          }
        ]
      },
      "ruleName": "W0001",
      "url": "docs/codes/W0001.md"
    }
  ]
}
"#);
}

#[tokio::test]
async fn a_check_of_a_sound_spec_is_clean() {
    let skip = ("build-arg:BUILDKIT_DOCKERFILE_CHECK", "skip=W0001");
    for (spec, values) in [("base: ubuntu:24.04\n", &[][..]), (SPEC, &[skip])] {
        let built = ask(spec, "frontend.lint", values).await;
        assert_eq!(text(&built, "result.statuscode"), "0");
        let json: Value = serde_json::from_str(&text(&built, "result.json")).unwrap();
        assert_eq!(json, serde_json::json!({ "sources": [], "warnings": [] }));
    }
}

#[tokio::test]
async fn a_check_tells_errors_at_their_place() {
    let built = ask(
        "base: ubuntu:24.04\nextension: []\nworkdir: x\n",
        "frontend.lint",
        &[],
    )
    .await;
    assert_eq!(text(&built, "result.statuscode"), "1");
    insta::assert_snapshot!(json(&built), @r#"
{
  "buildError": {
    "location": {
      "ranges": [
        {
          "end": {
            "character": 8,
            "line": 2
          },
          "start": {
            "line": 2
          }
        },
        {
          "end": {
            "character": 9,
            "line": 3
          },
          "start": {
            "character": 9,
            "line": 3
          }
        }
      ]
    },
    "message": "2 problems:\n  inlay.yaml:2:1: unknown key `extension` [E0101]; help: did you mean `extensions`?\n  inlay.yaml:3:10: `x` is no path of the image: a path of the image begins with `/` [E0104]"
  },
  "sources": [
    {
      "data": "60 letters",
      "filename": "inlay.yaml",
      "language": "YAML"
    }
  ],
  "warnings": []
}
"#);
}

#[tokio::test]
async fn a_check_looks_for_images() {
    let built = ask("base: ubuntu:nowhere\n", "frontend.lint", &[]).await;
    insta::assert_snapshot!(json(&built), @r#"
{
  "buildError": {
    "location": {
      "ranges": [
        {
          "end": {
            "character": 19,
            "line": 1
          },
          "start": {
            "character": 6,
            "line": 1
          }
        }
      ]
    },
    "message": "docker.io/library/ubuntu:nowhere: not found"
  },
  "sources": [
    {
      "data": "28 letters",
      "filename": "inlay.yaml",
      "language": "YAML"
    }
  ],
  "warnings": []
}
"#);
}

#[tokio::test]
async fn an_error_without_a_place_has_a_place_that_is_none() {
    let values = [("no-cache", "nobody")];
    let built = ask("base: ubuntu:24.04\n", "frontend.lint", &values).await;
    let json: Value = serde_json::from_str(&text(&built, "result.json")).unwrap();
    assert_eq!(json["buildError"]["location"]["sourceIndex"], -1);
}

#[tokio::test]
async fn a_broken_spec_has_no_outline() {
    let built = ask("base: [x]\n", "frontend.outline", &[]).await;
    assert_eq!(built.failure().snippets.len(), 1);
}

#[tokio::test]
async fn a_spec_that_is_not_there_is_no_finding_of_a_check() {
    let built = build(
        gateway::fake::Script::default(),
        &[("requestid", "frontend.lint")],
    )
    .await;
    assert!(
        built
            .failure()
            .message
            .starts_with("there is no `inlay.yaml`")
    );
}

/// Clients show the title of a warning; its page has the same.
#[test]
fn warnings_have_the_titles_of_their_pages() {
    for code in Code::ALL {
        if code.severity() == Severity::Warning {
            let page = format!("{}/../../docs/codes/{code}.md", env!("CARGO_MANIFEST_DIR"));
            let page = std::fs::read_to_string(page).unwrap();
            assert_eq!(
                page.lines().next(),
                Some(&*format!("# {code}: {}", title(*code)))
            );
        }
    }
}
