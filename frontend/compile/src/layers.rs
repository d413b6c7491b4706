//! The layers of an extension that know nothing of the base, and the one place where all layers meet.

use std::collections::BTreeMap;

use buildkit_llb::{Copy, FileActions, Output};
use plan::{Planned, PlannedBuild};
use spec::ExtensionName;

use crate::compilation::{Compilation, Layer};
use crate::system::{System, SystemLayer, order};
use crate::{builder, content, joint, packages, shell, steps};

/// What an image is put together of.
pub(crate) struct Assembled {
    /// The image's root.
    pub(crate) root: Output,
    /// The layers of each extension, in the order they are in the image.
    pub(crate) layers: BTreeMap<ExtensionName, Vec<Output>>,
    /// The layers that are not of one extension.
    pub(crate) common: Vec<Output>,
    /// What was changed in the system, each in a root of its own; none where all is in one root.
    pub(crate) system: Vec<SystemLayer>,
    /// What the history entry of each layer on the base says.
    pub(crate) created_by: Vec<String>,
}

/// What an extension's builder made, and its files.
fn contents(compilation: &mut Compilation<'_>, extension: &Planned) -> Vec<Layer> {
    let mut layers = Vec::new();
    let name = &extension.name;
    if let Some(build) = &extension.build {
        let output = output(compilation, extension, build);
        layers.push(Layer {
            output,
            created_by: format!("{name}: output of its builder"),
        });
    }
    if !extension.files.is_empty() {
        let output = content::layer(compilation, extension);
        layers.push(Layer {
            output,
            created_by: format!("{name}: files"),
        });
    }
    layers
}

/// What an extension's builder makes, as a layer.
pub(crate) fn output(
    compilation: &mut Compilation<'_>,
    extension: &Planned,
    build: &PlannedBuild,
) -> Output {
    let out = builder::left(compilation, extension, build).out;
    let spans: Vec<_> = match &build.outputs {
        Some(outputs) => outputs.values().copied().collect(),
        None => vec![build.span],
    };
    let name = format!("[{}] output", extension.name);
    content::settled(compilation, extension, out, name, &spans)
}

fn hook(compilation: &mut Compilation<'_>, base: Output) -> Option<Layer> {
    let Layer { output, created_by } = shell::hook(compilation, base)?;
    let about = compilation.about(format!("[layer] {created_by}"), &[]);
    let output = compilation.graph.diff(base, output, about);
    Some(Layer { output, created_by })
}

fn of_system(layer: &SystemLayer) -> Layer {
    Layer {
        output: layer.layer,
        created_by: layer.created_by.clone(),
    }
}

/// All layers beside each other, each a function of its extension alone, and one merge of them.
pub(crate) fn merged(compilation: &mut Compilation<'_>, base: Output) -> Assembled {
    let plan = compilation.plan;
    let mut system = System::default();
    let mut common = Vec::new();
    let mut stack: Vec<Layer> = Vec::new();
    let mut brought: BTreeMap<&ExtensionName, Vec<Layer>> = BTreeMap::new();
    let mut seen: BTreeMap<ExtensionName, Vec<Output>> = BTreeMap::new();
    for extension in &plan.extensions {
        let contents = contents(compilation, extension);
        let outputs = contents.iter().map(|layer| layer.output).collect();
        seen.insert(extension.name.clone(), outputs);
        brought.insert(&extension.name, contents);
    }
    let mut layers = BTreeMap::new();
    let (first, then) = order(plan);
    let below = first.len();
    for (at, extension) in first.into_iter().chain(then).enumerate() {
        if at == below {
            system.unite(compilation, base);
            stack.extend(system.united.iter().map(of_system));
            common.extend(system.united.iter().map(|united| united.layer));
            if let Some(hook) = hook(compilation, base) {
                common.push(hook.output);
                stack.push(hook);
            }
        }
        system.install(compilation, base, extension);
        system.run_steps(compilation, base, extension, &seen);
        let own: Vec<Layer> = system
            .packages(extension)
            .map(of_system)
            .into_iter()
            .chain(brought.remove(&extension.name).unwrap_or_default())
            .chain(system.steps(extension).map(of_system))
            .collect();
        let outputs = own.iter().map(|layer| layer.output).collect();
        layers.insert(extension.name.clone(), outputs);
        stack.extend(own);
    }
    let system = system.layers(plan);
    let mut keepers = Vec::new();
    if let Some(layer) = joint::layer(compilation, base, &system) {
        common.push(layer.output);
        stack.push(layer);
    } else {
        keepers.extend(system.iter().map(|layer| layer.keeper(compilation)));
    }
    let inputs: Vec<Output> = std::iter::once(base)
        .chain(stack.iter().map(|layer| layer.output))
        .chain(keepers)
        .collect();
    let about = compilation.about(format!("[image] merge {} layers", stack.len()), &[]);
    Assembled {
        root: compilation.graph.merge(&inputs, about),
        layers,
        common,
        system,
        created_by: stack.into_iter().map(|layer| layer.created_by).collect(),
    }
}

/// The same files without MergeOp and DiffOp: everything on top of each other, all packages first.
pub(crate) fn copied(compilation: &mut Compilation<'_>, base: Output) -> Assembled {
    let plan = compilation.plan;
    let mut assembled = Assembled {
        root: base,
        layers: BTreeMap::new(),
        common: Vec::new(),
        system: Vec::new(),
        created_by: Vec::new(),
    };
    if let Some((mut exec, about, created_by)) = packages::united(compilation, base) {
        exec.root = assembled.root;
        assembled.root = compilation.exec(exec, about).root;
        assembled.created_by.push(created_by);
    }
    if let Some(hook) = shell::hook(compilation, assembled.root) {
        assembled.root = hook.output;
        assembled.created_by.push(hook.created_by);
    }
    for extension in &plan.extensions {
        let contents = contents(compilation, extension);
        let outputs = contents.iter().map(|layer| layer.output).collect();
        assembled.layers.insert(extension.name.clone(), outputs);
        for layer in contents {
            let mut copy = Copy::new(layer.output, "/", "/");
            copy.directory_contents = true;
            copy.create_destination = true;
            let about = compilation.about(format!("[image] {}", layer.created_by), &[]);
            let actions = FileActions::on(assembled.root).copy(copy);
            assembled.root = compilation.graph.file(actions, about);
            assembled.created_by.push(layer.created_by);
        }
        if !extension.steps.is_empty() {
            let exec = steps::command(compilation, assembled.root, extension);
            let about = steps::about(compilation, extension);
            assembled.root = compilation.exec(exec, about).root;
            assembled
                .created_by
                .push(format!("{}: steps", extension.name));
        }
    }
    assembled
}
