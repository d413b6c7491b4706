//! Distinguishes the names of vertices by platform when one image is built for several.

use std::collections::BTreeSet;

use buildkit_llb::{Digest, Graph, Group, Output, Platform};

/// Puts the platform into the names of the vertices that depend on it: `[x] make` becomes `[linux/386 x] make`,
/// as in docker/dockerfile.
///
/// A vertex that depends on no platform is the same for all, and keeps its name.
pub(crate) fn add_platform(graph: &mut Graph, outputs: &[Output], platform: &Platform) {
    let mut dependent: BTreeSet<Digest> = BTreeSet::new();
    for vertex in outputs.iter().flat_map(|output| graph.post_order(*output)) {
        let op = graph.op(vertex).expect("the vertex is in the graph");
        let mut inputs = op
            .inputs
            .iter()
            .filter_map(|input| input.digest.parse().ok());
        if op.platform.is_some() || inputs.any(|input| dependent.contains(&input)) {
            dependent.insert(vertex);
        }
    }
    let with_platform = |name: &str| match name.strip_prefix('[') {
        Some(rest) => format!("[{platform} {rest}"),
        None => name.to_owned(),
    };
    for vertex in dependent {
        let about = graph.about(vertex).expect("the vertex is in the graph");
        let name = with_platform(&about.name);
        let group = about.group.as_ref().map(|group| Group {
            id: format!("{}.{platform}", group.id),
            name: with_platform(&group.name),
            weak: group.weak,
        });
        graph.rename(vertex, name, group);
    }
}
