//! Questions about graphs that several tests ask.

use std::collections::BTreeSet;

use buildkit_llb::{Digest, Graph, Output, pb};

/// The vertices that a vertex depends on, including itself.
pub(super) fn ancestors(graph: &Graph, of: Digest) -> BTreeSet<Digest> {
    let mut seen = BTreeSet::from([of]);
    let mut waiting = vec![of];
    while let Some(vertex) = waiting.pop() {
        let op = graph.op(vertex).expect("the vertex is in the graph");
        for input in &op.inputs {
            let input: Digest = input.digest.parse().expect("inputs are digests");
            if seen.insert(input) {
                waiting.push(input);
            }
        }
    }
    seen
}

/// The operation of a vertex.
pub(super) fn op(graph: &Graph, vertex: Digest) -> &pb::op::Op {
    let op = graph.op(vertex).and_then(|op| op.op.as_ref());
    op.expect("every vertex has an operation")
}

/// The name of a vertex that people are shown.
pub(super) fn name(graph: &Graph, vertex: Digest) -> &str {
    let about = graph.about(vertex);
    &about.expect("the vertex is in the graph").name
}

/// Whether a vertex is a local source.
pub(super) fn is_local(graph: &Graph, vertex: Digest) -> bool {
    matches!(op(graph, vertex), pb::op::Op::Source(source) if source.identifier.starts_with("local://"))
}

/// Whether a layer is a system layer, which is a difference.
pub(super) fn is_difference(graph: &Graph, layer: Output) -> bool {
    let vertex = layer.vertex().expect("every layer is a vertex");
    matches!(op(graph, vertex), pb::op::Op::Diff(_))
}

/// Whether a vertex is the difference of a file system to itself, which is empty and not a layer.
pub(super) fn is_nothing(graph: &Graph, vertex: Digest) -> bool {
    let inputs = &graph.op(vertex).expect("the vertex is in the graph").inputs;
    matches!(op(graph, vertex), pb::op::Op::Diff(_)) && inputs.len() == 2 && inputs[0] == inputs[1]
}
