//! Installs Debian packages on builders and on the user's base.

use std::collections::BTreeMap;

use plan::PlannedRepository;
use source::Span;
use spec::{ImageReference, PackageName};

use crate::parts::{certificates, repositories};
use crate::recipe::{Command, Label, Line, Mounted, Tree, Variables};
use crate::scripts;

/// Packages, each with the places that ask for it.
pub(crate) type Packages = BTreeMap<PackageName, Vec<Span>>;

/// The mount where apt's downloads are kept between builds.
const CACHE: &str = "/run/inlay/downloads";

/// The mount where `root.sh` keeps what is needed only during the command.
const WORK: &str = "/run/inlay/work";

/// A builder base with packages installed; the base itself if there are none.
///
/// It is a function of the base and the set of packages: equal sets on the same base are one vertex.
pub(crate) fn on_builder(
    base: Tree,
    image: &ImageReference,
    packages: &Packages,
    line: Line,
) -> Tree {
    if packages.is_empty() {
        return base;
    }
    let command = install(base, image, packages, &[]);
    let name = format!("[packages] {image}: {}", join(packages));
    let label = Label::shared(name, &spans(packages, &[])).on(line);
    Tree::run(label, command)
}

/// The command that installs packages on a root that is based on an image.
pub(crate) fn install(
    root: Tree,
    image: &ImageReference,
    packages: &Packages,
    repositories: &[&PlannedRepository],
) -> Command {
    let names = packages.keys().map(PackageName::as_str);
    let mut command = Command::script(root, &scripts::INSTALL, names);
    command.variables = Variables::of(image);
    command.variables.set_command_time("INLAY_EPOCH");
    command.mounts = vec![downloads(image), work(), certificates()];
    command.mounts.extend(repositories::mounts(repositories));
    command
}

/// The cache that keeps apt's downloads between builds.
///
/// Only installations have it, since whoever can write to it could otherwise reach the layers of others. They
/// are not trusted with it either: `downloads.sh` says how. The id contains the image, and the platform is
/// added to it. Installations share the cache without waiting for each other.
fn downloads(image: &ImageReference) -> Mounted {
    Mounted::PlatformCache {
        at: CACHE,
        id: format!("/inlay/downloads/{image}"),
    }
}

/// The empty folder in which a command that follows `root.sh` keeps its own files.
pub(crate) fn work() -> Mounted {
    Mounted::Scratch { at: WORK }
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

/// The names of packages, separated by spaces.
pub(crate) fn join(packages: &Packages) -> String {
    let names: Vec<&str> = packages.keys().map(PackageName::as_str).collect();
    names.join(" ")
}
