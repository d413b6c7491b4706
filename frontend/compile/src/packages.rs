//! Debian packages: on builders, and the united set on the user's base.

use std::collections::BTreeMap;

use buildkit_llb::{Exec, Mount, Output, Sharing};
use source::Span;
use spec::{ImageReference, PackageName};

use crate::compilation::{Compilation, Layer};
use crate::{Assembly, LAYER_TIME_SECONDS, builder, scripts};

/// Packages, with the places that ask for them.
pub(crate) type Packages = BTreeMap<PackageName, Vec<Span>>;

/// Where apt's downloads are kept between builds.
const CACHE: &str = "/run/inlay/apt";

/// The base with packages installed; the base itself when there are none.
///
/// A function of the base and the set: equal sets on one base are one vertex.
pub(crate) fn installed(
    compilation: &mut Compilation<'_>,
    base: Output,
    image: &ImageReference,
    packages: &Packages,
) -> Output {
    if packages.is_empty() {
        return base;
    }
    let exec = installation(compilation, base, image, packages);
    let names: Vec<&str> = packages.keys().map(PackageName::as_str).collect();
    let name = format!("[packages] {image}: {}", names.join(" "));
    let about = compilation.about(name, &spans(packages));
    compilation.exec(exec, about).root
}

/// The command that installs packages on a root which comes from an image.
pub(crate) fn installation(
    compilation: &mut Compilation<'_>,
    root: Output,
    image: &ImageReference,
    packages: &Packages,
) -> Exec {
    let names: Vec<&str> = packages.keys().map(PackageName::as_str).collect();
    let platform = compilation.request.platform.clone();
    // What is downloaded depends on the distribution and the architecture.
    let cache = format!("/inlay/packages/{image}/{platform}");
    let (args, script) = scripts::INSTALL.command(compilation, &names);
    let mut exec = Exec::new(root, platform, args);
    exec.environment = compilation.image_environment(image);
    exec.environment
        .push(("EPOCH".to_owned(), LAYER_TIME_SECONDS.to_string()));
    // Shared: the script works on hard links of its own, so that installations do not wait for each
    // other.
    exec.mounts = vec![
        script,
        Mount::cache(CACHE, cache, Sharing::Shared),
        builder::certificate_secret(),
    ];
    exec
}

/// Every place that asks for one of the packages, in order.
pub(crate) fn spans(packages: &Packages) -> Vec<Span> {
    let mut spans: Vec<Span> = packages.values().flatten().copied().collect();
    spans.sort_unstable();
    spans.dedup();
    spans
}

/// The base with the run-time packages that are installed as one set, where there are any.
pub(crate) fn on_base(compilation: &mut Compilation<'_>, base: Output) -> Option<Layer> {
    let plan = compilation.plan;
    let mut packages = plan.packages.clone();
    if compilation.request.assembly == Assembly::Copies {
        // Layers of their own are differences, which this engine cannot make.
        for extension in &plan.extensions {
            for (name, spans) in &extension.packages {
                packages.entry(name.clone()).or_default().extend(spans);
            }
        }
    }
    if packages.is_empty() {
        return None;
    }
    let output = installed(compilation, base, &plan.base.value, &packages);
    let names: Vec<&str> = packages.keys().map(PackageName::as_str).collect();
    Some(Layer {
        output,
        created_by: format!("apt-get install {}", names.join(" ")),
    })
}
