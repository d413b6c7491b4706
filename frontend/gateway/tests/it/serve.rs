//! One answer, one `Return`, one exit status.

use std::{collections::BTreeMap, future::pending};

use buildkit_proto::{google::rpc, moby::buildkit::v1::frontend::result};
use gateway::{
    Attestation, Error, Evaluation, Failure, Gateway, Reference, References, Reply,
    fake::{Fake, Interruption, Script},
    serve,
};

use crate::support::{definition, engine, soon, source_detail};

/// The result of the only `Return` that the engine received.
fn returned(fake: &Fake) -> (Option<result::Result>, BTreeMap<String, Vec<u8>>) {
    let mut record = fake.record();
    assert_eq!(record.returns.len(), 1);
    let returned = record.returns.remove(0);
    assert_eq!(returned.error, None);
    let result = returned.result.expect("a result");
    (result.result, result.metadata.into_iter().collect())
}

/// The error of the only `Return` that the engine received.
fn returned_error(fake: &Fake) -> rpc::Status {
    let mut record = fake.record();
    assert_eq!(record.returns.len(), 1);
    let returned = record.returns.remove(0);
    assert_eq!(returned.result, None);
    returned.error.expect("an error")
}

#[tokio::test]
async fn a_result_is_returned_with_metadata() {
    let (fake, grpc) = engine(Script::default()).await;
    let answer = || async {
        let reference = grpc
            .solve(definition("local://context"), &[], Evaluation::Lazy)
            .await?;
        Ok(Reply::single(reference).with_metadata("containerimage.config", "{}"))
    };
    assert_eq!(soon(serve(&grpc, answer)).await, Ok(()));
    let (result, metadata) = returned(&fake);
    assert!(matches!(result, Some(result::Result::Ref(ref wire)) if wire.id == "solve-0"));
    assert_eq!(metadata["containerimage.config"], b"{}");
    assert_eq!(fake.record().calls, ["Solve", "Return"]);
}

#[tokio::test]
async fn a_bill_of_materials_is_returned_as_a_file_of_its_platform() {
    let (fake, grpc) = engine(Script::default()).await;
    let answer = || async {
        let sbom = Attestation::sbom(Reference::new("solve-1"), "sbom.spdx.json");
        Ok(Reply::single(Reference::new("solve-0")).with_attestation("linux/arm64", sbom))
    };
    assert_eq!(soon(serve(&grpc, answer)).await, Ok(()));
    let mut result = fake.record().returns.remove(0).result.expect("a result");
    let attestations = result.attestations.remove("linux/arm64");
    let attestation = attestations
        .expect("those of the platform")
        .attestation
        .remove(0);
    assert_eq!(attestation.r#ref.expect("a reference").id, "solve-1");
    assert_eq!(attestation.path, "sbom.spdx.json");
    assert_eq!(
        attestation.in_toto_predicate_type,
        "https://spdx.dev/Document"
    );
    assert_eq!(attestation.metadata["reason"], b"sbom");
    assert_eq!(attestation.metadata["sbom-core"], b"sbom");
}

#[tokio::test]
async fn several_platforms_are_returned_by_name() {
    let (fake, grpc) = engine(Script::default()).await;
    let platforms = ["linux/amd64", "linux/arm64"];
    let references = platforms.map(|platform| {
        (
            platform.to_owned(),
            Reference::new(format!("id of {platform}")),
        )
    });
    let references = References::Platforms(references.into());
    let reply = Reply {
        references,
        ..Reply::default()
    };
    assert_eq!(serve(&grpc, || async { Ok(reply) }).await, Ok(()));
    let (Some(result::Result::Refs(map)), _) = returned(&fake) else {
        panic!("a map")
    };
    assert_eq!(map.refs["linux/arm64"].id, "id of linux/arm64");
    assert_eq!(map.refs.len(), 2);
}

#[tokio::test]
async fn a_subrequest_returns_metadata_only() {
    let (fake, grpc) = engine(Script::default()).await;
    let reply = Reply::default().with_metadata("result.txt", "text");
    assert_eq!(serve(&grpc, || async { Ok(reply) }).await, Ok(()));
    let (result, metadata) = returned(&fake);
    assert_eq!(result, None);
    assert_eq!(metadata["result.txt"], b"text");
}

#[tokio::test]
async fn a_failed_call_is_returned_with_its_details() {
    let status = rpc::Status {
        code: 7,
        message: "denied by policy".to_owned(),
        details: vec![source_detail(16_000)],
    };
    let script = Script::default().with_interruption("Solve", Interruption::Refuse(status.clone()));
    let (fake, grpc) = engine(script).await;
    let answer = || async {
        let reference = grpc
            .solve(definition("local://context"), &[], Evaluation::Now)
            .await?;
        Ok(Reply::single(reference))
    };
    assert_eq!(
        soon(serve(&grpc, answer)).await,
        Ok(()),
        "the error was delivered: exit 0"
    );
    assert_eq!(returned_error(&fake), status);
}

#[tokio::test]
async fn a_panic_becomes_an_error() {
    let (fake, grpc) = engine(Script::default()).await;
    let answer = || async {
        let empty: Vec<Reply> = Vec::new();
        grpc.ping().await?;
        Ok(empty[3].clone())
    };
    assert_eq!(soon(serve(&grpc, answer)).await, Ok(()));
    let message = returned_error(&fake).message;
    let expected = "this is a bug in the frontend, please report: index out of bounds: the len is \
                    0 but the index is 3 (";
    assert!(message.starts_with(expected), "{message}");
    assert!(message.contains("serve.rs:"), "{message}");
}

#[tokio::test]
async fn a_panic_before_the_first_await_becomes_an_error() {
    let (fake, grpc) = engine(Script::default()).await;
    let answer = || {
        let calls = fake.record().calls;
        assert!(!calls.is_empty(), "{} calls are too few", calls.len());
        async { Ok(Reply::default()) }
    };
    assert_eq!(soon(serve(&grpc, answer)).await, Ok(()));
    let message = returned_error(&fake).message;
    let expected = "this is a bug in the frontend, please report: 0 calls are too few (";
    assert!(message.starts_with(expected), "{message}");
}

#[tokio::test]
async fn a_result_that_does_not_fit_is_replaced_by_an_error() {
    let (fake, grpc) = engine(Script::default()).await;
    let reply = Reply::default().with_metadata("result.txt", vec![0; 17 << 20]);
    assert_eq!(soon(serve(&grpc, || async { Ok(reply) })).await, Ok(()));
    let message = returned_error(&fake).message;
    assert!(message.contains("`Return` exceeds the 16 MiB"), "{message}");
}

#[tokio::test]
async fn a_refused_return_is_not_repeated() {
    let status = rpc::Status {
        code: 2,
        message: "no".to_owned(),
        details: Vec::new(),
    };
    let script = Script::default().with_interruption("Return", Interruption::Refuse(status));
    let (fake, grpc) = engine(script).await;
    let delivered = soon(serve(&grpc, || async { Ok(Reply::default()) })).await;
    assert!(
        matches!(delivered, Err(Error::Refused { call: "Return", .. })),
        "{delivered:?}"
    );
    assert_eq!(fake.record().calls, ["Return"]);
}

#[tokio::test]
async fn a_vanished_engine_is_a_failure_of_the_process() {
    for call in ["Solve", "Return"] {
        let script = Script::default().with_interruption(call, Interruption::Vanish);
        let (fake, grpc) = engine(script).await;
        let answer = || async {
            let reference = grpc
                .solve(definition("local://context"), &[], Evaluation::Lazy)
                .await?;
            Ok(Reply::single(reference))
        };
        let delivered = soon(serve(&grpc, answer)).await;
        assert!(
            matches!(delivered, Err(Error::Gone { call: "Return", .. })),
            "{delivered:?}"
        );
        assert!(fake.record().returns.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_hangs_ends_5_seconds_after_the_engine() {
    let (fake, grpc) = engine(Script::default()).await;
    let started = tokio::time::Instant::now();
    let answer = || async {
        fake.vanish();
        pending::<Result<Reply, Failure>>().await
    };
    let delivered = serve(&grpc, answer).await;
    assert!(
        matches!(delivered, Err(Error::Gone { call: "Return", .. })),
        "{delivered:?}"
    );
    assert_eq!(started.elapsed().as_secs(), 5);
}
