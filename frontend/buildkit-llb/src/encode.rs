//! The bytes of an operation, in the two orders that engines use.
//! The orders differ only for `Op`: in every other message with a `oneof`, its fields have the highest tags.

use prost::Message as _;

use crate::{Digest, Output, pb};

/// The bytes from which BuildKit 0.17 and later computes digests. Go's protobuf writes a `oneof` after all other fields
/// (`codec_message.go` in its `internal/impl`), while prost writes it at its lowest tag.
///
/// Two concatenated messages are one message with the fields of both, so the body is written separately.
pub(crate) fn encode(op: &pb::Op) -> Vec<u8> {
    let head = pb::Op {
        inputs: op.inputs.clone(),
        platform: op.platform.clone(),
        constraints: op.constraints.clone(),
        op: None,
    };
    let body = pb::Op {
        op: op.op.clone(),
        ..pb::Op::default()
    };
    let mut bytes = head.encode_to_vec();
    body.encode(&mut bytes).expect("a Vec grows as needed");
    bytes
}

/// The bytes from which BuildKit 0.16 and earlier computes digests. gogo's protobuf writes the `oneof` between inputs
/// and platform (v0.16.0, solver/pb/ops.pb.go), which is prost's order.
pub(crate) fn encode_legacy(op: &pb::Op) -> Vec<u8> {
    op.encode_to_vec()
}

/// An operation on these inputs. It always has constraints, which are empty, as in client/llb/marshal.go.
pub(crate) fn operation(
    inputs: Vec<pb::Input>,
    platform: Option<pb::Platform>,
    body: pb::op::Op,
) -> pb::Op {
    let constraints = Some(pb::WorkerConstraints::default());
    pb::Op {
        inputs,
        platform,
        constraints,
        op: Some(body),
    }
}

/// The operation that ends a definition. It names the result and does nothing.
pub(crate) fn terminal(digest: Digest, index: u32) -> pb::Op {
    pb::Op {
        inputs: vec![input(digest, index)],
        ..pb::Op::default()
    }
}

pub(crate) fn input(digest: Digest, index: u32) -> pb::Input {
    pb::Input {
        digest: digest.to_string(),
        index: i64::from(index),
    }
}

/// The index of an absent input or of a dropped output: `pb.Empty` and `pb.SkipOutput` in solver/pb/const.go.
pub(crate) const NONE: i64 = -1;

/// The inputs of an operation under construction, each listed once.
#[derive(Default)]
pub(crate) struct Inputs(Vec<Output>);

impl Inputs {
    /// The index of this input, which is added if it is missing; [`NONE`] for scratch.
    pub(crate) fn index(&mut self, output: Output) -> i64 {
        if output.is_scratch() {
            return NONE;
        }
        let known = self.0.iter().position(|known| *known == output);
        position(known.unwrap_or_else(|| {
            self.0.push(output);
            self.0.len() - 1
        }))
    }

    /// The number of inputs.
    pub(crate) fn count(&self) -> i64 {
        position(self.0.len())
    }

    pub(crate) fn into_vec(self) -> Vec<Output> {
        self.0
    }
}

/// A position in a list, as it is written on the wire.
pub(crate) fn position(index: usize) -> i64 {
    i64::try_from(index).expect("a list in memory is shorter than i64::MAX")
}
