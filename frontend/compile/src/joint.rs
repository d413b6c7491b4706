//! The joint: one command on all package layers together, which unites what is one for the system.
//!
//! It runs `reconcile`, a program of the frontend's own image, mounted read-only with a selector, so
//! that BuildKit keys it by its content: another frontend with the same program runs no joint again.

use std::collections::BTreeSet;

use buildkit_llb::{
    About, Exec, FileActions, Image, MakeFile, Mount, MountKind, Network, Output, Timestamp,
};
use plan::Planned;
use reconcile::{Job, JobLayer};
use source::Span;

use crate::LAYER_TIME_SECONDS;
use crate::compilation::{Compilation, Layer};
use crate::system::{SystemLayer, base_state};

const FOLDER: &str = "/run/inlay";

/// The layer that unites all system layers of the image; none where one holds all there is to know.
pub(crate) fn layer(
    compilation: &mut Compilation<'_>,
    base: Output,
    layers: &[SystemLayer],
) -> Option<Layer> {
    let (last, others) = layers.split_last()?;
    if others.iter().all(|other| last.below.contains(&other.id)) {
        return None;
    }
    let spans = causes(compilation, layers);
    let about = compilation.about(name(layers, "merge"), &spans);
    let merged = merged(compilation, base, layers, about);
    let about = compilation.about("[joint] unite the databases of the image", &spans);
    let root = united(compilation, base, merged, layers, about);
    let about = compilation.about("[joint] layer", &spans);
    Some(Layer {
        output: compilation.graph.diff(merged, root, about),
        created_by: "joint of packages and steps".to_owned(),
    })
}

/// The base with the layers of what an extension requires, united.
///
/// A function of these alone: extensions that require the same share it, so it is nobody's own.
pub(crate) fn root(
    compilation: &mut Compilation<'_>,
    base: Output,
    layers: &[SystemLayer],
    spans: &[Span],
) -> Output {
    let about = compilation.about(name(layers, "merge"), spans);
    let merged = merged(compilation, base, layers, about);
    let owners: BTreeSet<&str> = layers.iter().map(|layer| layer.owner.as_str()).collect();
    let owners: Vec<&str> = owners.into_iter().collect();
    let name = format!("[joint] unite the databases of {}", owners.join(", "));
    let about = compilation.about(name, spans);
    united(compilation, base, merged, layers, about)
}

fn name(layers: &[SystemLayer], verb: &str) -> String {
    format!("[joint] {verb} {} layers of the system", layers.len())
}

/// Where the extensions with layers of the system are asked for.
fn causes(compilation: &Compilation<'_>, layers: &[SystemLayer]) -> Vec<Span> {
    let plan = compilation.plan;
    let has_layer = |extension: &&Planned| {
        let name = extension.name.as_str();
        extension.is_in_union || layers.iter().any(|layer| layer.owner == name)
    };
    let causes = plan.extensions.iter().filter(has_layer);
    let mut causes: Vec<Span> = causes.map(|extension| extension.cause).collect();
    causes.sort_unstable();
    causes.dedup();
    causes
}

fn merged(
    compilation: &mut Compilation<'_>,
    base: Output,
    layers: &[SystemLayer],
    about: About,
) -> Output {
    let inputs: Vec<Output> = std::iter::once(base)
        .chain(layers.iter().map(|layer| layer.layer))
        .collect();
    compilation.graph.merge(&inputs, about)
}

fn united(
    compilation: &mut Compilation<'_>,
    base: Output,
    merged: Output,
    layers: &[SystemLayer],
    about: About,
) -> Output {
    let base_state = base_state(compilation, base);
    let state = |name: &str| format!("{FOLDER}/state/{name}");
    let mut mounts = vec![Mount::read_only(state("base"), base_state)];
    for layer in layers {
        mounts.push(Mount::read_only(state(&layer.id), layer.state));
    }
    let job = Job {
        base: state("base"),
        layers: layers
            .iter()
            .map(|layer| JobLayer {
                extension: layer.owner.clone(),
                state: state(&layer.id),
                upper: None,
                below: (0..layers.len())
                    .filter(|at| layer.below.contains(&layers[*at].id))
                    .collect(),
            })
            .collect(),
        architecture: debian_architecture(&compilation.request.platform.architecture).to_owned(),
    };
    mounts.push(job_file(compilation, &job));
    mounts.push(program(compilation));
    let program = format!("{FOLDER}/reconcile");
    let args = [program, format!("{FOLDER}/job")];
    let mut exec = Exec::new(merged, compilation.request.platform.clone(), args);
    exec.environment = compilation.image_environment(&compilation.plan.base.value);
    let time = compilation.request.command_time_seconds();
    exec.environment
        .push(("EPOCH".to_owned(), time.to_string()));
    exec.mounts = mounts;
    exec.network = Network::None;
    compilation.exec(exec, about).root
}

fn job_file(compilation: &mut Compilation<'_>, job: &Job) -> Mount {
    let text = serde_json::to_vec(job).expect("a job is plain data");
    let mut file = MakeFile::new("/job", 0o644, text);
    file.time = Some(Timestamp::from_seconds(LAYER_TIME_SECONDS));
    let about = compilation.about("[internal] job of the joint", &[]);
    let input = compilation
        .graph
        .file(FileActions::on(Output::SCRATCH).make_file(file), about);
    mounted(input, "job")
}

pub(crate) fn program(compilation: &mut Compilation<'_>) -> Mount {
    let own = compilation.request.frontend.as_ref();
    let imported = own.and_then(|definition| compilation.graph.import(definition).ok());
    let input = imported.unwrap_or_else(|| {
        // Without an engine nobody says which image this is.
        let image = Image::new("inlay", compilation.request.platform.clone());
        let about = compilation.about("[internal] the frontend's own image", &[]);
        compilation.graph.image(image, about)
    });
    mounted(input, "reconcile")
}

pub(crate) fn mounted(input: Output, name: &str) -> Mount {
    let kind = MountKind::Bind {
        input,
        selector: format!("/{name}"),
        readonly: true,
        output: false,
    };
    Mount {
        destination: format!("{FOLDER}/{name}"),
        kind,
    }
}

/// An architecture in Debian's words (dpkg's `cputable`, for those that OCI names otherwise).
fn debian_architecture(architecture: &str) -> &str {
    match architecture {
        "386" => "i386",
        "arm" => "armhf",
        "ppc64le" => "ppc64el",
        other => other,
    }
}
