//! The packages of one extension as a layer of its own.
//!
//! Installed on the base and on what the extension requires, never on anything else: the layer is a
//! function of these. What the system has one of, such as dpkg's database, each layer carries its own
//! version of; `joint` unites them.

use std::collections::{BTreeMap, BTreeSet};

use buildkit_llb::{Exec, Mount, Network, Output};
use plan::Planned;
use spec::{ExtensionName, PackageName};

use crate::compilation::Compilation;
use crate::{Assembly, joint, packages, scripts};

/// Where a command leaves the state of its root, for the joint.
pub(crate) const STATE: &str = "/run/inlay/state";

/// An extension's packages, installed.
pub(crate) struct PackageLayer {
    pub(crate) extension: ExtensionName,
    /// All that the extension requires: what of it has packages is in the root.
    pub(crate) requires: BTreeSet<ExtensionName>,
    /// What the installation changed.
    pub(crate) layer: Output,
    /// The root it was installed in, with it.
    pub(crate) root: Output,
    /// What the joint has to know of it.
    pub(crate) state: Output,
}

/// The package layers of a plan, by extension; none where packages are installed as one set.
pub(crate) fn layers(
    compilation: &mut Compilation<'_>,
    base: Output,
) -> BTreeMap<ExtensionName, PackageLayer> {
    let plan = compilation.plan;
    let mut layers = BTreeMap::new();
    if compilation.request.assembly == Assembly::Copies {
        return layers;
    }
    // Requirements come first, so that what an extension is put on is there.
    for extension in &plan.extensions {
        if !extension.packages.is_empty() {
            let root = root(compilation, base, extension, &layers);
            let layer = layer(compilation, root, extension);
            layers.insert(extension.name.clone(), layer);
        }
    }
    layers
}

/// What an extension's packages are installed on.
fn root(
    compilation: &mut Compilation<'_>,
    base: Output,
    extension: &Planned,
    layers: &BTreeMap<ExtensionName, PackageLayer>,
) -> Output {
    let plan = compilation.plan;
    let required: Vec<&Planned> = plan
        .extensions
        .iter()
        .filter(|other| {
            extension.requires.contains(&other.name) && layers.contains_key(&other.name)
        })
        .collect();
    let Some(last) = required.last() else {
        return base;
    };
    // One that has all others below it is the root already.
    let is_chain = required
        .iter()
        .all(|other| other.name == last.name || last.requires.contains(&other.name));
    if is_chain {
        return layers[&last.name].root;
    }
    let required: Vec<&PackageLayer> = required.iter().map(|other| &layers[&other.name]).collect();
    joint::root(
        compilation,
        base,
        &required,
        &format!("below {}", extension.name),
    )
}

fn layer(compilation: &mut Compilation<'_>, root: Output, extension: &Planned) -> PackageLayer {
    let image = compilation.plan.base.value.clone();
    let mut exec = packages::installation(compilation, root, &image, &extension.packages);
    let (_, capture) = scripts::CAPTURE.command(compilation, &[]);
    exec.mounts.push(capture);
    exec.mounts.push(Mount::output(STATE, Output::SCRATCH));
    exec.environment
        .push(("STATE".to_owned(), STATE.to_owned()));
    let names: Vec<&str> = extension.packages.keys().map(PackageName::as_str).collect();
    let spans = packages::spans(&extension.packages);
    let name = format!("[{}] packages: {}", extension.name, names.join(" "));
    let about = compilation.about_own(extension, name, &spans);
    let outputs = compilation.exec(exec, about);
    let about = compilation.about_own(
        extension,
        format!("[{}] package layer", extension.name),
        &spans,
    );
    PackageLayer {
        extension: extension.name.clone(),
        requires: extension.requires.clone(),
        layer: compilation.graph.diff(root, outputs.root, about),
        root: outputs.root,
        state: outputs.at(STATE).expect("the mount has an output"),
    }
}

/// The state of the base, as the joint compares layers with it.
pub(crate) fn base_state(compilation: &mut Compilation<'_>, base: Output) -> Output {
    let (args, script) = scripts::CAPTURE.command(compilation, &[]);
    let mut exec = Exec::new(base, compilation.request.platform.clone(), args);
    exec.root_readonly = true;
    exec.environment = compilation.image_environment(&compilation.plan.base.value);
    exec.environment
        .push(("STATE".to_owned(), STATE.to_owned()));
    exec.mounts = vec![script, Mount::output(STATE, Output::SCRATCH)];
    exec.network = Network::None;
    let about = compilation.about("[joint] read the base's databases", &[]);
    let outputs = compilation.exec(exec, about);
    outputs.at(STATE).expect("the mount has an output")
}
