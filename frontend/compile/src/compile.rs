//! Compiles a plan: makes the recipes of all parts, then turns them into vertices.

use std::collections::BTreeMap;

use buildkit_llb::{Digest, Graph, Output};
use plan::Plan;
use serde_json::Value;
use source::Sources;
use spec::ExtensionName;

use crate::assembly::Assembled;
use crate::known::Known;
use crate::parts::Ground;
use crate::recipe::Tree;
use crate::vertices::Vertices;
use crate::{Assembly, Request, Target, assembly, config, one_root, platform, sbom, target};

/// A compiled plan.
#[derive(Debug)]
pub struct Compiled {
    /// Every vertex.
    pub graph: Graph,
    /// The root file system of what is built.
    pub root: Output,
    /// The layers of each extension, in their order in the image.
    pub layers: BTreeMap<ExtensionName, Vec<Output>>,
    /// The layers that do not belong to one extension: the union, the hook for shell fragments, the joint.
    pub common: Vec<Output>,
    /// The configuration of what is built, as exporters expect it.
    pub config: Value,
    /// The vertices that each download and check one thing, with their outputs.
    pub downloads: BTreeMap<Digest, Output>,
    /// A file system that contains the bill of materials as [`crate::SBOM_FILE`]; `None` = the request does not
    /// ask for one.
    pub sbom: Option<Output>,
}

/// How many layers an image has beside those of its base.
pub fn count_layers(plan: &Plan, assembly: Assembly) -> usize {
    let known = Known::default();
    assemble(Ground::of(plan, &known), plan, assembly)
        .created_by
        .len()
}

fn assemble(ground: Ground<'_>, plan: &Plan, assembly: Assembly) -> Assembled {
    let base = ground.image(&plan.base.value, &[plan.base.span]);
    match assembly {
        Assembly::Merge => assembly::merge(ground, plan, &base),
        Assembly::Copies => one_root::assemble(ground, plan, &base),
    }
}

/// The root file system of what the request asks for.
pub(crate) fn root(ground: Ground<'_>, plan: &Plan, request: &Request) -> Tree {
    let assembled = assemble(ground, plan, request.assembly);
    target::choose(ground, plan, request, (assembled.root, Value::Null)).0
}

/// Compiles a plan. The plan's spans point into `sources`.
pub fn compile(plan: &Plan, sources: &Sources, request: &Request) -> Compiled {
    let ground = Ground::of(plan, &request.known);
    let base = ground.image(&plan.base.value, &[plan.base.span]);
    let assembled = assemble(ground, plan, request.assembly);
    let sbom = (request.wants_sbom && request.target == Target::Image)
        .then(|| sbom::document(plan, request, &base, &assembled));
    let resolved = request.images.get(&plan.base.value);
    let base_config = resolved.map_or(&Value::Null, |image| &image.config);
    let config = config::image_config(base_config, plan, request, &assembled.created_by);
    let (root, config) = target::choose(ground, plan, request, (assembled.root, config));

    let mut vertices = Vertices::new(plan, sources, request);
    // Whatever the target is, the graph has all layers of the image, so that targets can be compared.
    let mut outputs = |trees: &[Tree]| -> Vec<Output> {
        trees.iter().map(|tree| vertices.output(tree)).collect()
    };
    let layers = assembled.layers.iter();
    let layers = layers
        .map(|(name, trees)| (name.clone(), outputs(trees)))
        .collect();
    let common = outputs(&assembled.common);
    let sbom = sbom.map(|tree| vertices.output(&tree));
    let root = vertices.output(&root);
    let (mut graph, downloads) = vertices.finish();
    if request.is_one_of_several {
        let outputs: Vec<Output> = sbom.into_iter().chain([root]).collect();
        platform::add_platform(&mut graph, &outputs, &request.platform);
    }
    Compiled {
        graph,
        root,
        layers,
        common,
        config,
        downloads,
        sbom,
    }
}
