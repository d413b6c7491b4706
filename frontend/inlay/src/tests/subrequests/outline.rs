//! The outline of a build: what can be given to it.

use serde_json::Value;

use crate::tests::subrequests::{SPEC, ask, json, text};

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
    tool.level   2       set in the spec: how much

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
          "description": "set in the spec: how much",
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
    // An extension that is not built asks for nothing.
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
async fn a_broken_spec_has_no_outline() {
    let built = ask("base: [x]\n", "frontend.outline", &[]).await;
    assert_eq!(built.failure().snippets.len(), 1);
}
