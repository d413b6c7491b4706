//! Support for several tests: definitions, details of errors, deadlines.

use std::{future::Future, time::Duration};

use gateway::{
    Any, Grpc, Range, SourceSnippet,
    fake::{Fake, Script},
    pb,
};
use prost::Message;

/// A definition that loads a source. A real engine would refuse it, because it has no terminal
/// operation.
pub(crate) fn definition(identifier: &str) -> pb::Definition {
    let source = pb::SourceOp {
        identifier: identifier.to_owned(),
        ..Default::default()
    };
    let operation = pb::Op {
        op: Some(pb::op::Op::Source(source)),
        ..Default::default()
    };
    pb::Definition {
        def: vec![operation.encode_to_vec()],
        ..Default::default()
    }
}

/// A fake engine and a connection to it.
pub(crate) async fn engine(script: Script) -> (Fake, Grpc) {
    let fake = Fake::new(script);
    let grpc = fake
        .connect()
        .await
        .expect("the fake accepts every connection");
    (fake, grpc)
}

/// The detail that the engine adds to the error of a step, for a spec file of this size.
pub(crate) fn source_detail(size_bytes: usize) -> Any {
    snippet(vec![b'#'; size_bytes]).to_any()
}

/// A snippet whose second line is marked.
pub(crate) fn snippet(data: Vec<u8>) -> SourceSnippet {
    SourceSnippet {
        filename: "image.yml".to_owned(),
        data,
        language: "YAML".to_owned(),
        ranges: vec![Range {
            start_line: 2,
            start_character: 0,
            end_line: 2,
            end_character: 4,
        }],
        definition: None,
    }
}

/// Fails the test instead of hanging if the future takes too long.
pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(30), future)
        .await
        .expect("done before the deadline")
}
