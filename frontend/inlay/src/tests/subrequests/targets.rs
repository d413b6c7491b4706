//! The list of what can be built.

use crate::tests::subrequests::{SPEC, ask, json, text};

#[tokio::test]
async fn targets_are_listed() {
    let built = ask(SPEC, "frontend.targets", &[]).await;
    insta::assert_snapshot!(text(&built, "result.txt"), @"
    TARGET          DESCRIPTION
    (default)       the image with all extensions
    loose
    loose.build     its builder, for inspection
    loose.build.1   its builder as it is before this step
    loose.output    what its builder produces
    tool            A tool that does things
    tool.build      its builder, for inspection
    tool.build.1    its builder as it is before this step
    tool.output     what its builder produces
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
          "description": "its builder, for inspection",
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
          "description": "its builder as it is before this step",
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
          "name": "loose.build.1"
        },
        {
          "description": "what its builder produces",
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
          "description": "its builder, for inspection",
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
          "description": "its builder as it is before this step",
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
          "name": "tool.build.1"
        },
        {
          "description": "what its builder produces",
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
