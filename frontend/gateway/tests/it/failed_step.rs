//! A step that failed: which one it was, how its process exited, and what the client learns of it.

use buildkit_proto::google::rpc;
use gateway::{
    Any, Evaluation, Failure, Gateway, Reply,
    fake::{Interruption, Script},
    serve,
};
use serde_json::{Value, json};

use crate::support::{definition, engine, source_detail};

const DIGEST: &str = "sha256:1111111111111111111111111111111111111111111111111111111111111111";

/// A detail as BuildKit makes it from a Go value.
fn detail(type_name: &str, value: &Value) -> Any {
    Any {
        type_url: format!("github.com/moby/buildkit/{type_name}+json"),
        value: value.to_string().into_bytes(),
    }
}

/// The details that BuildKit attaches to the failure of a command: the stack first, then the errors
/// from the outermost to the innermost.
fn details_of_a_command(exit: &Value) -> Vec<Any> {
    let stack =
        json!({ "frames": [{ "Name": "main.main", "File": "main.go", "Line": 1 }], "pid": 7 });
    let solve = json!({
        "inputIDs": ["worker::a"],
        "mountIDs": ["worker::b", ""],
        "op": { "exec": { "meta": { "args": ["/bin/sh", "-c", "exit 3"], "cwd": "/" } } },
    });
    vec![
        detail("stack.Stack", &stack),
        detail("errdefs.Solve", &solve),
        source_detail(75),
        detail("errdefs.Vertex", &json!({ "digest": DIGEST })),
        detail("gatewayapi.ExitMessage", exit),
    ]
}

/// The failure of a solve that an engine refuses with these details.
async fn failure(details: Vec<Any>) -> Failure {
    let status = rpc::Status {
        code: 2,
        message: "process \"/bin/sh -c exit 3\" did not complete successfully: exit code: 3"
            .to_owned(),
        details,
    };
    let script = Script::default().with_interruption("Solve", Interruption::Refuse(status));
    let (_fake, grpc) = engine(script).await;
    let solved = grpc
        .solve(definition("local://context"), &[], Evaluation::Now)
        .await;
    Failure::from(solved.expect_err("the engine refuses"))
}

#[tokio::test]
async fn a_failed_command_has_a_vertex_and_an_exit_code() {
    let failure = failure(details_of_a_command(&json!({ "Code": 3 }))).await;
    assert_eq!(failure.vertex().as_deref(), Some(DIGEST));
    assert_eq!(failure.exit_code(), Some(3));
}

#[tokio::test]
async fn an_exit_code_of_0_is_left_out_on_the_wire() {
    let failure = failure(details_of_a_command(&json!({}))).await;
    assert_eq!(failure.exit_code(), Some(0));
}

#[tokio::test]
async fn a_failed_copy_has_a_vertex_and_no_exit_code() {
    let mut details = details_of_a_command(&json!({}));
    details.pop();
    let failure = failure(details).await;
    assert_eq!(failure.vertex().as_deref(), Some(DIGEST));
    assert_eq!(failure.exit_code(), None);
}

#[tokio::test]
async fn other_failures_have_neither() {
    let of_another_kind = vec![
        detail("errdefs.Frontend", &json!({ "name": "gateway.v0" })),
        // The first is not JSON, the second is not BuildKit's. Neither is read; both are forwarded.
        Any {
            type_url: "github.com/moby/buildkit/errdefs.Vertex+json".to_owned(),
            value: b"{".to_vec(),
        },
        Any {
            type_url: "example.org/errdefs.Vertex+json".to_owned(),
            value: b"{\"digest\":\"x\"}".to_vec(),
        },
    ];
    for details in [Vec::new(), of_another_kind] {
        let failure = failure(details.clone()).await;
        assert_eq!((failure.vertex(), failure.exit_code()), (None, None));
        assert_eq!(failure.to_status().details, details);
    }
}

#[tokio::test]
async fn another_message_keeps_every_detail() {
    let details = details_of_a_command(&json!({ "Code": 3 }));
    let failure = failure(details.clone())
        .await
        .with_message("two extensions disagree");
    let (fake, grpc) = engine(Script::default()).await;
    let answer = || async { Err::<Reply, _>(failure) };
    assert_eq!(serve(&grpc, answer).await, Ok(()));
    let returned = fake.record().returns.remove(0).error.expect("an error");
    assert_eq!(
        (returned.code, returned.message.as_str()),
        (2, "two extensions disagree")
    );
    assert_eq!(returned.details, details);
}
