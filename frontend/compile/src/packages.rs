//! Debian packages: on builders, and the united set on the user's base.

use std::collections::BTreeMap;

use buildkit_llb::{About, Exec, Mount, Output, Sharing};
use plan::{Planned, PlannedRepository};
use source::Span;
use spec::{ImageReference, PackageName};

use crate::compilation::Compilation;
use crate::{Assembly, builder, repositories, scripts};

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
    let exec = installation(compilation, base, image, packages, &[]);
    let names: Vec<&str> = packages.keys().map(PackageName::as_str).collect();
    let name = format!("[packages] {image}: {}", names.join(" "));
    let about = compilation.about(name, &spans(packages, &[]));
    compilation.exec(exec, about).root
}

/// The command that installs packages on a root which comes from an image.
pub(crate) fn installation(
    compilation: &mut Compilation<'_>,
    root: Output,
    image: &ImageReference,
    packages: &Packages,
    repositories: &[&PlannedRepository],
) -> Exec {
    let names: Vec<&str> = packages.keys().map(PackageName::as_str).collect();
    let platform = compilation.request.platform.clone();
    let (args, script) = scripts::INSTALL.command(compilation, &names);
    let mut exec = Exec::new(root, platform, args);
    exec.environment = compilation.image_environment(image);
    let time = compilation.request.command_time_seconds();
    exec.environment
        .push(("INLAY_EPOCH".to_owned(), time.to_string()));
    exec.mounts = vec![
        script,
        downloads(compilation, image),
        builder::certificate_secret(),
    ];
    exec.mounts
        .extend(repositories::mounts(compilation, repositories));
    exec
}

/// Where downloads of apt are kept between builds.
///
/// Shared: scripts work on hard links of their own, so that installations do not wait for each other.
pub(crate) fn downloads(compilation: &Compilation<'_>, image: &ImageReference) -> Mount {
    // What is downloaded depends on the distribution and the architecture.
    let platform = &compilation.request.platform;
    let id = format!("/inlay/packages/{image}/{platform}");
    Mount::cache(CACHE, id, Sharing::Shared)
}

/// Every place that asks for one of the packages or repositories, in order.
pub(crate) fn spans(packages: &Packages, repositories: &[&PlannedRepository]) -> Vec<Span> {
    let of_repositories = repositories.iter().map(|repository| repository.span);
    let mut spans: Vec<Span> = packages.values().flatten().copied().collect();
    spans.extend(of_repositories);
    spans.sort_unstable();
    spans.dedup();
    spans
}

/// The command that installs the packages of the one set, what people are told of it, and what its
/// history entry says; nothing where there are none.
pub(crate) fn united(
    compilation: &mut Compilation<'_>,
    base: Output,
) -> Option<(Exec, About, String)> {
    let plan = compilation.plan;
    let mut packages = plan.union_packages();
    let mut members: Vec<&Planned> = Vec::new();
    for extension in &plan.extensions {
        // Layers of their own are differences, which not every engine can make.
        let is_forced = compilation.request.assembly == Assembly::Copies;
        if is_forced && !extension.is_in_union {
            for (name, spans) in &extension.packages {
                packages.entry(name.clone()).or_default().extend(spans);
            }
        }
        if is_forced || extension.is_in_union {
            members.push(extension);
        }
    }
    let repositories: Vec<&PlannedRepository> = members
        .iter()
        .flat_map(|extension| &extension.repositories)
        .collect();
    if packages.is_empty() && repositories.is_empty() {
        return None;
    }
    let image = &plan.base.value;
    let exec = installation(compilation, base, image, &packages, &repositories);
    let names: Vec<&str> = packages.keys().map(PackageName::as_str).collect();
    let name = format!("[packages] {image}: {}", names.join(" "));
    let about = compilation.about(name, &spans(&packages, &repositories));
    Some((exec, about, format!("apt-get install {}", names.join(" "))))
}
