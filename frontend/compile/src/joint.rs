//! The joint: one command on all package layers together, which unites what is one for the system.
//!
//! It runs `reconcile`, a program of the frontend's own image, mounted read-only with a selector, so
//! that BuildKit keys it by its content: another frontend with the same program runs no joint again.

use buildkit_llb::{
    Exec, FileActions, Image, MakeFile, Mount, MountKind, Network, Output, Timestamp,
};
use reconcile::{Job, JobLayer};

use crate::compilation::Compilation;
use crate::isolated::{PackageLayer, base_state};
use crate::{LAYER_TIME_SECONDS, compilation::Layer};

const FOLDER: &str = "/run/inlay";

/// The layer that unites all package layers of the image; none where there are not two.
pub(crate) fn layer(
    compilation: &mut Compilation<'_>,
    base: Output,
    layers: &[&PackageLayer],
) -> Option<Layer> {
    if layers.len() < 2 {
        return None;
    }
    let merged = merged(compilation, base, layers);
    let root = united(compilation, base, merged, layers, "of the image");
    let about = compilation.about("[joint] layer", &[]);
    Some(Layer {
        output: compilation.graph.diff(merged, root, about),
        created_by: "joint of the package layers".to_owned(),
    })
}

/// The base with these layers, united.
pub(crate) fn root(
    compilation: &mut Compilation<'_>,
    base: Output,
    layers: &[&PackageLayer],
    purpose: &str,
) -> Output {
    let merged = merged(compilation, base, layers);
    united(compilation, base, merged, layers, purpose)
}

fn merged(compilation: &mut Compilation<'_>, base: Output, layers: &[&PackageLayer]) -> Output {
    let inputs: Vec<Output> = std::iter::once(base)
        .chain(layers.iter().map(|layer| layer.layer))
        .collect();
    let about = compilation.about(
        format!("[joint] merge {} package layers", layers.len()),
        &[],
    );
    compilation.graph.merge(&inputs, about)
}

fn united(
    compilation: &mut Compilation<'_>,
    base: Output,
    merged: Output,
    layers: &[&PackageLayer],
    purpose: &str,
) -> Output {
    let base_state = base_state(compilation, base);
    let state = |name: &str| format!("{FOLDER}/state/{name}");
    let mut mounts = vec![Mount::read_only(state("base"), base_state)];
    for layer in layers {
        mounts.push(Mount::read_only(
            state(layer.extension.as_str()),
            layer.state,
        ));
    }
    let job = Job {
        base: state("base"),
        layers: layers
            .iter()
            .map(|layer| JobLayer {
                extension: layer.extension.to_string(),
                state: state(layer.extension.as_str()),
                upper: None,
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
    exec.environment
        .push(("EPOCH".to_owned(), LAYER_TIME_SECONDS.to_string()));
    exec.mounts = mounts;
    exec.network = Network::None;
    let about = compilation.about(format!("[joint] unite the databases {purpose}"), &[]);
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
