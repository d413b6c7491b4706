//! Assembles an image: the one place where all of its layers meet.

use std::collections::BTreeMap;

use plan::{Plan, Planned, PlannedBuild};
use reconcile::Part;
use source::Span;
use spec::ExtensionName;

use crate::installations::keepers;
use crate::joint::{self, Below};
use crate::parts::{Ground, builder, content};
use crate::recipe::{Label, Line, Tree};
use crate::system::System;
use crate::system_layer::SystemLayer;

/// An assembled image, and the layers it consists of.
#[derive(Debug)]
pub(crate) struct Assembled {
    /// The image's root.
    pub(crate) root: Tree,
    /// The layers of each extension, in their order in the image.
    pub(crate) layers: BTreeMap<ExtensionName, Vec<Tree>>,
    /// The layers that do not belong to one extension.
    pub(crate) common: Vec<Tree>,
    /// The system layers, each made in a root of its own; empty if everything is done in one root.
    pub(crate) system: Vec<SystemLayer>,
    /// The text of the history entry for each layer above the base.
    pub(crate) created_by: Vec<String>,
}

/// A layer of the image, and the text of its history entry.
pub(crate) struct Layer {
    pub(crate) tree: Tree,
    pub(crate) created_by: String,
    kind: Kind,
}

/// What a layer is to the joint.
enum Kind {
    System(Box<SystemLayer>),
    Content(ExtensionName, Part),
    Joint,
}

impl Layer {
    /// A system layer.
    pub(crate) fn of_system(layer: &SystemLayer) -> Self {
        Self {
            tree: layer.layer.clone(),
            created_by: layer.created_by.clone(),
            kind: Kind::System(Box::new(layer.clone())),
        }
    }

    /// The system layer that it is; `None` = it is another one.
    pub(crate) fn system(&self) -> Option<&SystemLayer> {
        match &self.kind {
            Kind::System(layer) => Some(layer),
            Kind::Content(..) | Kind::Joint => None,
        }
    }

    /// The layer for the joint above it; `None` = it is a joint's.
    pub(crate) fn below(&self) -> Option<Below<'_>> {
        match &self.kind {
            Kind::System(layer) => Some(Below::System(layer)),
            Kind::Content(name, part) => Some(Below::Content(name, *part, &self.tree)),
            Kind::Joint => None,
        }
    }
}

/// The output of an extension's builder, as a layer.
pub(crate) fn output(ground: Ground<'_>, extension: &Planned, build: &PlannedBuild) -> Tree {
    let out = builder::build(ground, extension, build).out;
    let spans: Vec<Span> = match &build.outputs {
        Some(outputs) => outputs.values().copied().collect(),
        None => vec![build.span],
    };
    let name = &extension.name;
    content::settle(out, Label::of(name, format!("[{name}] output"), &spans))
}

/// The layers of an extension that are not system layers: the output of its builder, and its files.
pub(crate) fn contents(ground: Ground<'_>, extension: &Planned) -> Vec<Layer> {
    let name = &extension.name;
    let output = extension.build.as_ref().map(|build| Layer {
        tree: output(ground, extension, build),
        created_by: format!("{name}: output of its builder"),
        kind: Kind::Content(name.clone(), Part::Output),
    });
    let files = (!extension.files.is_empty()).then(|| Layer {
        tree: content::layer(extension),
        created_by: format!("{name}: files"),
        kind: Kind::Content(name.clone(), Part::Files),
    });
    output.into_iter().chain(files).collect()
}

/// How many changes are told one by one.
const TOLD: usize = 5;

/// Changes as words for people.
fn tell(changes: &[String]) -> String {
    let told = changes.iter().take(TOLD).map(String::as_str);
    let mut told = told.collect::<Vec<_>>().join(", ");
    if changes.len() > TOLD {
        told = format!("{told} and {} more", changes.len() - TOLD);
    }
    told
}

/// Whether the image needs the hook through which bash reads fragments.
pub(crate) fn has_hook(plan: &Plan) -> bool {
    let mut extensions = plan.extensions.iter();
    extensions.any(|extension| extension.has_bash_fragment)
}

/// Assembles the image as one merge of independent layers. Each layer of an extension is a function of the
/// base, the extension and what it requires.
pub(crate) fn merge(ground: Ground<'_>, plan: &Plan, base: &Tree) -> Assembled {
    let mut content_layers: BTreeMap<ExtensionName, Vec<Layer>> = BTreeMap::new();
    let mut content_trees: BTreeMap<ExtensionName, Vec<Tree>> = BTreeMap::new();
    for extension in &plan.extensions {
        let contents = contents(ground, extension);
        let trees = contents.iter().map(|layer| layer.tree.clone()).collect();
        content_trees.insert(extension.name.clone(), trees);
        content_layers.insert(extension.name.clone(), contents);
    }
    let system = System::of(ground, plan, base, &content_trees);
    let mut layers: BTreeMap<ExtensionName, Vec<Tree>> = BTreeMap::new();
    let mut own = |extension: &Planned| -> Vec<Layer> {
        let packages = system.packages(extension).map(Layer::of_system);
        let contents = content_layers.remove(&extension.name).unwrap_or_default();
        let steps = system.steps(extension).map(Layer::of_system);
        let own: Vec<Layer> = packages.into_iter().chain(contents).chain(steps).collect();
        let trees = own.iter().map(|layer| layer.tree.clone()).collect();
        layers.insert(extension.name.clone(), trees);
        own
    };
    let order = plan.layer_order();
    // Three groups: what the union is installed on, the union, all others.
    let lower: Vec<Layer> = order.below_union.into_iter().flat_map(&mut own).collect();
    let upper: Vec<Layer> = order.others.into_iter().flat_map(&mut own).collect();
    let union: Option<Layer> = system.union().map(Layer::of_system);
    let system = system.layers();
    let mut common: Vec<Tree> = union.iter().map(|layer| layer.tree.clone()).collect();
    let mut stack: Vec<Layer> = lower.into_iter().chain(union).chain(upper).collect();
    let below: Vec<Below<'_>> = stack.iter().filter_map(Layer::below).collect();
    let joint = joint::layers(plan, base, &below, has_hook(plan));
    let of_states: Vec<Tree> = match joint.as_slice() {
        [] => system.iter().map(|layer| layer.keeper.clone()).collect(),
        _ => Vec::new(),
    };
    // What apt was asked and said, so that caches keep it: the installations themselves do not depend on it.
    let trees = stack.iter().map(|layer| &layer.tree);
    let asked = keepers(trees).into_iter();
    let keepers = of_states.into_iter().chain(asked.map(|(name, tree)| {
        let changes = ground.known.changes.iter();
        let mut changes = changes.filter(|(id, _)| id.to_string() == name);
        let label = match changes.next() {
            Some((_, changes)) => {
                Label::shared(format!("[packages] {name}: {}", tell(changes)), &[])
            }
            None => Label::shared("[internal] keep what apt said", &[]).on(Line::Hidden),
        };
        Tree::difference(label, &tree, &tree)
    }));
    common.extend(joint.iter().map(|(tree, _)| tree.clone()));
    stack.extend(joint.into_iter().map(|(tree, created_by)| Layer {
        tree,
        created_by: created_by.to_owned(),
        kind: Kind::Joint,
    }));
    let label = Label::shared(format!("[image] merge {} layers", stack.len()), &[]);
    let trees = stack.iter().map(|layer| layer.tree.clone());
    Assembled {
        root: Tree::merge(
            label,
            std::iter::once(base.clone()).chain(trees).chain(keepers),
        ),
        layers,
        common,
        system,
        created_by: stack.into_iter().map(|layer| layer.created_by).collect(),
    }
}
