//! Every way in which a call can fail.

use std::time::Duration;

use buildkit_proto::google::rpc;
use gateway::{
    Any, Error, Evaluation, Failure, Gateway, ImageRequest, Range, Reference, SourceSnippet,
    fake::{Interruption, Script},
};
use serde_json::{Value, json};

use crate::support::{definition, engine, snippet, soon, source_detail};

fn refusal(message: &str, details: Vec<Any>) -> Interruption {
    Interruption::Refuse(rpc::Status {
        code: 2,
        message: message.to_owned(),
        details,
    })
}

#[tokio::test]
async fn details_of_a_refused_call_are_kept_at_any_size() {
    // hyper's default limit would lose them at 16 kB.
    for size in [75, 16_000, 100_000, 2 << 20] {
        let stack = Any {
            type_url: "stack.Stack+json".to_owned(),
            value: b"{\"a\":0}".to_vec(),
        };
        let details = vec![source_detail(size), stack];
        let refuse = refusal("process \"/bin/sh\" did not complete", details.clone());
        let (_fake, grpc) = engine(Script::default().with_interruption("Solve", refuse)).await;
        let solved = soon(grpc.solve(definition("local://context"), &[], Evaluation::Now)).await;
        let expected = Error::Refused {
            call: "Solve",
            message: "process \"/bin/sh\" did not complete".to_owned(),
            details: details.clone(),
            code: 2,
        };
        assert_eq!(solved, Err(expected.clone()), "{size}");
        let status = Failure::from(expected)
            .with_snippet(snippet(Vec::new()))
            .to_status();
        assert_eq!(status.details[1..], details);
    }
}

#[tokio::test]
async fn an_engine_that_vanishes_in_a_call_is_gone() {
    for call in ["Ping", "Solve", "ResolveSourceMeta"] {
        let script = Script::default().with_interruption(call, Interruption::Vanish);
        let (_fake, grpc) = engine(script).await;
        let error = soon(async {
            let solved = grpc
                .solve(definition("local://context"), &[], Evaluation::Lazy)
                .await;
            solved.and(
                grpc.resolve_image(ImageRequest::default())
                    .await
                    .map(|_| ()),
            )
        });
        let error = error.await.unwrap_err();
        assert!(matches!(error, Error::Gone { .. }), "{call}: {error:?}");
        // It stays gone, because there is no second connection.
        let error = soon(grpc.solve(definition("local://context"), &[], Evaluation::Lazy))
            .await
            .unwrap_err();
        assert!(
            matches!(error, Error::Gone { call: "Solve", .. }),
            "{call}: {error:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn ping_gives_up_after_5_seconds() {
    let script = Script::default().with_interruption("Ping", Interruption::Hang);
    let (_fake, grpc) = engine(script).await;
    let started = tokio::time::Instant::now();
    let error = grpc.ping().await.unwrap_err();
    assert_eq!(started.elapsed().as_secs(), 5);
    assert_eq!(
        error.to_string(),
        "lost the connection to BuildKit in `Ping`: no answer within 5 seconds"
    );
}

#[tokio::test(start_paused = true)]
async fn a_build_may_take_hours() {
    let script = Script::default().with_interruption("Solve", Interruption::Hang);
    let (_fake, grpc) = engine(script).await;
    let solve = grpc.solve(definition("local://context"), &[], Evaluation::Now);
    let waited = tokio::time::timeout(Duration::from_hours(24), solve).await;
    assert!(waited.is_err(), "{waited:?}");
}

#[tokio::test]
async fn messages_that_are_too_large_are_reported_as_such() {
    let large = vec![b'x'; (16 << 20) + 1];
    let script = Script::default().with_file("local://context", "large", large.clone());
    let (fake, grpc) = engine(script).await;
    let reference = grpc
        .solve(definition("local://context"), &[], Evaluation::Lazy)
        .await
        .unwrap();
    let error = grpc.read_file(&reference, "large").await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::TooLarge {
                call: "ReadFile",
                ..
            }
        ),
        "{error:?}"
    );

    let mut asked = definition("local://context");
    asked.def.push(large);
    let error = grpc.solve(asked, &[], Evaluation::Lazy).await.unwrap_err();
    assert!(
        matches!(error, Error::TooLarge { call: "Solve", .. }),
        "{error:?}"
    );
    assert_eq!(fake.record().solves.len(), 1, "the engine was not bothered");

    // grpc-go says this if its own answer is too large.
    let status = rpc::Status {
        code: 8,
        message: "trying to send message larger than max (17 vs. 16)".to_owned(),
        details: Vec::new(),
    };
    let script = Script::default().with_interruption("ReadFile", Interruption::Refuse(status));
    let (_fake, grpc) = engine(script).await;
    let error = grpc
        .read_file(&Reference::new("solve-0"), "large")
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::TooLarge {
                call: "ReadFile",
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_failed_step_is_not_mistaken_for_a_missing_file() {
    // A lazy result is evaluated when it is read, and may fail with the words for a missing file.
    let refuse = || refusal("exec /bin/tool: no such file or directory", Vec::new());
    let script = Script::default()
        .with_interruption("ReadFile", refuse())
        .with_interruption("StatFile", refuse());
    let (_fake, grpc) = engine(script).await;
    let reference = grpc
        .solve(definition("local://context"), &[], Evaluation::Lazy)
        .await
        .unwrap();
    let error = grpc.read_file(&reference, "a").await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Refused {
                call: "ReadFile",
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn other_failures_of_reading_are_errors() {
    let (_fake, grpc) = engine(Script::default()).await;
    let error = grpc
        .read_file(&Reference::new("unknown"), "a")
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "no such ref: unknown");
}

fn json(any: &Any) -> Value {
    serde_json::from_slice(&any.value).expect("JSON")
}

#[test]
fn a_snippet_is_json_with_both_ends() {
    let snippet = SourceSnippet {
        definition: Some(gateway::pb::Definition {
            def: vec![b"ab".to_vec()],
            ..Default::default()
        }),
        ..snippet(b"a\nb\n".to_vec())
    };
    let status = Failure::new("wrong").with_snippet(snippet).to_status();
    assert_eq!((status.code, status.message.as_str()), (2, "wrong"));
    assert_eq!(
        status.details[0].type_url,
        "github.com/moby/buildkit/errdefs.Source+json"
    );
    let expected = json!({
        "info": {
            "filename": "image.yml",
            "data": "YQpiCg==",
            "language": "YAML",
            "definition": { "def": ["YWI="] },
        },
        "ranges": [{
            "start": { "line": 2, "character": 0 },
            "end": { "line": 2, "character": 4 },
        }],
    });
    assert_eq!(json(&status.details[0]), expected);
}

#[test]
fn lines_begin_with_1_and_ends_follow_starts() {
    let range = |start_line, end_line| Range {
        start_line,
        start_character: 0,
        end_line,
        end_character: 0,
    };
    for (range, lines) in [
        (range(0, 0), (1, 1)),
        (range(3, 0), (3, 3)),
        (range(2, 5), (2, 5)),
    ] {
        let sent = range.to_pb();
        assert_eq!((sent.start.unwrap().line, sent.end.unwrap().line), lines);
    }
}

#[test]
fn an_unknown_subrequest_has_its_own_detail() {
    let status = Failure::unsupported_subrequest("frontend.nope").to_status();
    assert_eq!(
        (status.code, status.message.as_str()),
        (12, "unsupported request frontend.nope")
    );
    assert_eq!(
        status.details[0].type_url,
        "github.com/moby/buildkit/errdefs.Subrequest+json"
    );
    assert_eq!(json(&status.details[0]), json!({ "name": "frontend.nope" }));
}

#[test]
fn code_0_would_be_success() {
    let failure = Failure {
        code: 0,
        ..Failure::new("wrong")
    };
    assert_eq!(failure.to_status().code, 2);
}
