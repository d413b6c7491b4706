//! Names of vertices where one image is built for several platforms.

use std::collections::BTreeSet;

use buildkit_llb::{Digest, Graph, Group, Output, Platform};

/// Puts the platform into the names of vertices that are made for it: `[x] make` becomes
/// `[linux/386 x] make`, as docker/dockerfile has it.
///
/// What depends on no platform is one vertex for all, and keeps its name.
pub(crate) fn name(graph: &mut Graph, outputs: &[Output], platform: &Platform) {
    let mut own: BTreeSet<Digest> = BTreeSet::new();
    for vertex in outputs.iter().flat_map(|output| graph.post_order(*output)) {
        let op = graph.op(vertex).expect("it is in the graph");
        let mut inputs = op
            .inputs
            .iter()
            .filter_map(|input| input.digest.parse().ok());
        if op.platform.is_some() || inputs.any(|input| own.contains(&input)) {
            own.insert(vertex);
        }
    }
    let with_platform = |name: &str| match name.strip_prefix('[') {
        Some(rest) => format!("[{platform} {rest}"),
        None => name.to_owned(),
    };
    for vertex in own {
        let about = graph.about(vertex).expect("it is in the graph");
        let name = with_platform(&about.name);
        let group = about.group.as_ref().map(|group| Group {
            id: format!("{}.{platform}", group.id),
            name: with_platform(&group.name),
            weak: group.weak,
        });
        graph.rename(vertex, name, group);
    }
}
