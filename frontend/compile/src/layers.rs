//! The layers of an extension, and the one place where all layers meet.

use buildkit_llb::{Copy, FileActions, Output};
use plan::Planned;

use crate::compilation::{Compilation, Layer};
use crate::isolated::PackageLayer;
use crate::{Assembly, builder, content, packages, shell};

/// What is on the base before any extension, and what its layers' history entries say.
pub(crate) struct Ground {
    /// What the layers are put on.
    pub(crate) output: Output,
    /// Layers that are already part of `output`.
    pub(crate) below: Vec<String>,
    /// Layers that are put on it before those of extensions.
    pub(crate) stack: Vec<Layer>,
}

/// Run-time packages and the hook for shell fragments: layers of the base alone, or, without
/// DiffOp, one on the other.
pub(crate) fn ground(compilation: &mut Compilation<'_>, base: Output) -> Ground {
    let mut ground = Ground {
        output: base,
        below: Vec::new(),
        stack: Vec::new(),
    };
    for part in [packages::on_base, shell::hook] {
        let Some(Layer { output, created_by }) = part(compilation, ground.output) else {
            continue;
        };
        match compilation.request.assembly {
            Assembly::Merge => {
                let about = compilation.about(format!("[layer] {created_by}"), &[]);
                let output = compilation.graph.diff(base, output, about);
                ground.stack.push(Layer { output, created_by });
            }
            Assembly::Copies => {
                ground.output = output;
                ground.below.push(created_by);
            }
        }
    }
    ground
}

/// The layers of one extension: its packages, what its builder made, its files.
pub(crate) fn of(
    compilation: &mut Compilation<'_>,
    extension: &Planned,
    packages: Option<&PackageLayer>,
) -> Vec<Layer> {
    let mut layers = Vec::new();
    let name = &extension.name;
    if let Some(packages) = packages {
        layers.push(Layer {
            output: packages.layer,
            created_by: format!("{name}: packages"),
        });
    }
    if let Some(build) = &extension.build {
        let out = builder::out(compilation, extension, build);
        let spans: Vec<_> = match &build.outputs {
            Some(outputs) => outputs.values().copied().collect(),
            None => vec![build.span],
        };
        let output = content::settled(
            compilation,
            extension,
            out,
            format!("[{name}] output"),
            &spans,
        );
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

/// The image's root: the ground and all layers, in one merge.
pub(crate) fn assemble(
    compilation: &mut Compilation<'_>,
    ground: Output,
    stack: &[Layer],
) -> Output {
    match compilation.request.assembly {
        Assembly::Merge => {
            let layers: Vec<Output> = std::iter::once(ground)
                .chain(stack.iter().map(|layer| layer.output))
                .collect();
            let about = compilation.about(format!("[image] merge {} layers", stack.len()), &[]);
            compilation.graph.merge(&layers, about)
        }
        Assembly::Copies => stack.iter().fold(ground, |below, layer| {
            let mut copy = Copy::new(layer.output, "/", "/");
            copy.directory_contents = true;
            copy.create_destination = true;
            let about = compilation.about(format!("[image] {}", layer.created_by), &[]);
            compilation
                .graph
                .file(FileActions::on(below).copy(copy), about)
        }),
    }
}
