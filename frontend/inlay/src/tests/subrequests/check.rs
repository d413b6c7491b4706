//! What a check finds.

use serde_json::Value;
use source::{Code, Severity};

use crate::subrequest::title_of;
use crate::tests::build;
use crate::tests::subrequests::{SPEC, ask, json, text};

#[tokio::test]
async fn a_check_lists_warnings() {
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
          "url": "https://github.com/inlay/inlay/blob/main/docs/codes/W0001.md"
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
async fn a_check_lists_errors_with_their_places() {
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
        "message": "2 problems:\n  inlay.yaml:2:1: unknown key `extension` [E0101]; help: did you mean `extensions`?\n  inlay.yaml:3:10: `x` is not a valid path in the image: it must begin with `/` [E0104]"
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
async fn an_error_without_a_place_names_no_source() {
    let values = [("no-cache", "nobody")];
    let built = ask("base: ubuntu:24.04\n", "frontend.lint", &values).await;
    let json: Value = serde_json::from_str(&text(&built, "result.json")).unwrap();
    assert_eq!(json["buildError"]["location"]["sourceIndex"], -1);
}

#[tokio::test]
async fn a_missing_spec_is_a_failure_and_not_a_finding() {
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

/// Clients show the title of a warning, which is that of its page.
#[test]
fn warnings_have_the_titles_of_their_pages() {
    for code in Code::ALL {
        if code.severity() == Severity::Warning {
            let page = format!("{}/../../docs/codes/{code}.md", env!("CARGO_MANIFEST_DIR"));
            let page = std::fs::read_to_string(page).unwrap();
            assert_eq!(
                page.lines().next(),
                Some(&*format!("# {code}: {}", title_of(*code)))
            );
        }
    }
}
