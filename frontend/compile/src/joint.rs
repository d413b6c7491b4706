//! The joint: one command on all system layers together, which reconciles the system-wide databases.
//!
//! It runs `reconcile`, a program in the frontend's own image. The program is mounted read-only and by its path
//! alone, so that BuildKit keys it by its content: another frontend with the same program runs no joint again.

use std::collections::BTreeSet;

use plan::{Plan, Planned};
use reconcile::{Job, JobLayer};
use source::Span;
use spec::contract::RUN;

use crate::parts::Ground;
use crate::recipe::{Action, Command, Label, Line, Mounted, Operation, Program, Tree, Variables};
use crate::system_layer::{Owner, SystemLayer, base_state, is_chain, sort_spans};

/// The line that shows joints in a client's progress.
const LINE: Line = Line::Titled("[joint]");

/// The text of the history entry for a joint's layer.
pub(crate) const CREATED_BY: &str = "joint of packages and steps";

/// The layer that reconciles all system layers of the image; `None` = none is needed, since the last system
/// layer was made on all others.
pub(crate) fn layer(plan: &Plan, base: &Tree, layers: &[SystemLayer]) -> Option<Tree> {
    if is_chain(layers) {
        return None;
    }
    let spans = causes(plan, layers);
    let merged = merge(base, layers, &spans);
    let label = Label::shared("[joint] reconcile the databases of the image", &spans).on(LINE);
    let root = reconcile(Ground::of(plan), base, &merged, layers, label);
    let label = Label::shared("[joint] layer", &spans).on(LINE);
    Some(Tree::difference(label, &merged, &root))
}

/// The base with these system layers on it. If the last layer was made on all others, no joint is needed;
/// otherwise a joint over exactly these layers reconciles them. `whose` names what will be put on it.
pub(crate) fn root(
    ground: Ground<'_>,
    base: &Tree,
    layers: &[SystemLayer],
    whose: &str,
    spans: &[Span],
) -> Tree {
    let Some(last) = layers.last() else {
        return base.clone();
    };
    if is_chain(layers) {
        if last.is_bare {
            return last.root.clone();
        }
        let title = format!("[joint] merge what is below {whose}");
        let label = Label::shared(title, spans).on(LINE);
        return Tree::merge(label, on_base(base, layers));
    }
    // It is a function of these layers alone. Extensions that require the same ones share it, so none owns it.
    let merged = merge(base, layers, spans);
    let owners: BTreeSet<&str> = layers.iter().map(|layer| layer.owner.describe()).collect();
    let owners: Vec<&str> = owners.into_iter().collect();
    let name = format!("[joint] reconcile the databases of {}", owners.join(", "));
    let label = Label::shared(name, spans).on(LINE);
    reconcile(ground, base, &merged, layers, label)
}

/// The places that ask for the extensions with system layers.
fn causes(plan: &Plan, layers: &[SystemLayer]) -> Vec<Span> {
    let has_layer = |extension: &&Planned| {
        let owner = Owner::Extension(extension.name.clone());
        extension.is_in_union || layers.iter().any(|layer| layer.owner == owner)
    };
    let causes = plan.extensions.iter().filter(has_layer);
    sort_spans(causes.map(|extension| extension.cause))
}

fn on_base(base: &Tree, layers: &[SystemLayer]) -> Vec<Tree> {
    let layers = layers.iter().map(|layer| layer.layer.clone());
    std::iter::once(base.clone()).chain(layers).collect()
}

fn merge(base: &Tree, layers: &[SystemLayer], spans: &[Span]) -> Tree {
    let name = format!("[joint] merge {} system layers", layers.len());
    Tree::merge(Label::shared(name, spans).on(LINE), on_base(base, layers))
}

fn reconcile(
    ground: Ground<'_>,
    base: &Tree,
    merged: &Tree,
    layers: &[SystemLayer],
    label: Label,
) -> Tree {
    let state = |name: &str| format!("{RUN}/state/{name}");
    let below = |layer: &SystemLayer| {
        let is_below = |at: &usize| layer.below.contains(&layers[*at].id);
        (0..layers.len()).filter(is_below).collect()
    };
    let job = Job {
        base: state("base"),
        layers: layers
            .iter()
            .map(|layer| JobLayer {
                extension: layer.owner.describe().to_owned(),
                state: state(&layer.id),
                below: below(layer),
            })
            .collect(),
        architecture: debian_architecture(ground.architecture).to_owned(),
    };
    let text = serde_json::to_vec(&job).expect("a job is plain data");
    let arguments = [format!("{RUN}/reconcile"), format!("{RUN}/job")];
    let mut command = Command::new(merged.clone(), Program::Arguments(arguments.into()));
    command.variables = Variables::of(ground.base);
    command.variables.set_command_time("EPOCH");
    let states = layers
        .iter()
        .map(|layer| Mounted::read_only(state(&layer.id), layer.state.clone()));
    command.mounts = std::iter::once(Mounted::read_only(state("base"), base_state(ground, base)))
        .chain(states)
        .chain([job_file(text, "job of the joint"), program()])
        .collect();
    command.network = spec::Network::None;
    Tree::run(label, command)
}

/// The job that `reconcile` reads, as a mounted file.
pub(crate) fn job_file(text: Vec<u8>, title: &str) -> Mounted {
    let action = Action::Text {
        path: "/job".to_owned(),
        data: text,
    };
    let label = Label::shared(format!("[internal] {title}"), &[]).on(Line::Hidden);
    let tree = Tree::files(label, vec![action]);
    Mounted::path(format!("{RUN}/job"), tree, "/job")
}

/// The program `reconcile`, mounted from the frontend's own image.
pub(crate) fn program() -> Mounted {
    let label = Label::shared("[internal] the frontend's own image", &[]).on(Line::Hidden);
    let tree = Tree::made(label, Operation::Frontend);
    Mounted::path(format!("{RUN}/reconcile"), tree, "/reconcile")
}

/// Debian's name for an architecture. OCI has another name for those listed here (dpkg's `cputable`).
fn debian_architecture(architecture: &str) -> &str {
    match architecture {
        "386" => "i386",
        "arm" => "armhf",
        "ppc64le" => "ppc64el",
        other => other,
    }
}
