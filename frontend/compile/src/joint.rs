//! The joint: one command on all system layers together, which reconciles the system-wide databases and decides what
//! the image has at paths that several layers hold.
//!
//! It runs `reconcile`, a program in the frontend's own image. The program is mounted read-only and by its path
//! alone, so that BuildKit keys it by its content: another frontend with the same program runs no joint again.

use std::collections::BTreeSet;

use plan::{Plan, Planned};
use reconcile::{Job, JobLayer, Part};
use source::Span;
use spec::ExtensionName;
use spec::contract::RUN;

use crate::asked_ids::asked_ids;
use crate::parts::program::{PROGRAM, program};
use crate::recipe::{Command, Label, Line, Mounted, Program, Tree, Variables};
use crate::system_layer::{Owner, SystemLayer, base_state, is_chain, sort_spans};

/// The line that shows joints in a client's progress.
const LINE: Line = Line::Titled("[joint]");

/// The text of the history entry for a joint's layer.
pub(crate) const CREATED_BY: &str = "joint of packages and steps";

/// The text of the history entry for what a joint puts above all layers.
pub(crate) const ABOVE_CREATED_BY: &str = "joint: what layers hide from each other";

/// The mount where a joint leaves what is put above all layers.
const ABOVE: &str = "/run/inlay/above";

/// A layer of the image below the joint.
pub(crate) enum Below<'a> {
    System(&'a SystemLayer),
    /// The output or the files of an extension.
    Content(&'a ExtensionName, Part, &'a Tree),
}

/// The layers that the joint of the image adds, each with the text of its history entry. There are none if the image
/// consists of one system layer, or if the last one was made on all others.
pub(crate) fn layers(
    plan: &Plan,
    base: &Tree,
    stack: &[Below<'_>],
    needs_hook: bool,
) -> Vec<(Tree, &'static str)> {
    let system: Vec<SystemLayer> = stack
        .iter()
        .filter_map(|layer| match layer {
            Below::System(layer) => Some((*layer).clone()),
            Below::Content(..) => None,
        })
        .collect();
    let has_content = stack.len() > system.len();
    if !has_content && is_chain(&system) {
        return Vec::new();
    }
    let spans = causes(plan, stack);
    let merged = if is_chain(&system) {
        root(plan, base, &system, "the joint", &spans)
    } else {
        merge(base, &system, &spans)
    };
    let label = Label::shared("[joint] reconcile the databases of the image", &spans).on(LINE);
    let mut job = job(plan, stack);
    job.above = has_content.then(|| ABOVE.to_owned());
    job.needs_hook = needs_hook;
    let done = reconcile(plan, base, &merged, stack, &job, label);
    let mut layers = Vec::new();
    // Without system layers there is nothing to reconcile, and content is not in the joint's root.
    if !system.is_empty() || needs_hook {
        let label = Label::shared("[joint] layer", &spans).on(LINE);
        layers.push((Tree::difference(label, &merged, &done), CREATED_BY));
    }
    if has_content {
        layers.push((done.at(ABOVE), ABOVE_CREATED_BY));
    }
    layers
}

/// The base with these system layers on it. If the last layer was made on all others, no joint is needed;
/// otherwise a joint over exactly these layers reconciles them. `whose` names what will be put on it.
pub(crate) fn root(
    plan: &Plan,
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
    let stack: Vec<Below<'_>> = layers.iter().map(Below::System).collect();
    let job = job(plan, &stack);
    reconcile(plan, base, &merged, &stack, &job, label)
}

/// A root in which everything was put one after another, with what the joint changes in it. Nothing is to be decided if
/// it has only system layers and the last one was made on all others.
pub(crate) fn in_one_root(
    plan: &Plan,
    base: &Tree,
    root: &Tree,
    stack: &[Below<'_>],
    needs_hook: bool,
) -> Option<Tree> {
    let system: Option<Vec<SystemLayer>> = stack
        .iter()
        .map(|layer| match layer {
            Below::System(layer) => Some((*layer).clone()),
            Below::Content(..) => None,
        })
        .collect();
    if system.is_some_and(|system| is_chain(&system)) {
        return None;
    }
    let spans = causes(plan, stack);
    let mut job = job(plan, stack);
    job.is_one_root = true;
    job.needs_hook = needs_hook;
    let title = "[joint] decide what extensions have at the same paths";
    let label = Label::shared(title, &spans).on(LINE);
    Some(reconcile(plan, base, root, stack, &job, label))
}

/// The places that ask for the extensions with layers.
fn causes(plan: &Plan, stack: &[Below<'_>]) -> Vec<Span> {
    let has_layer = |extension: &&Planned| {
        let is_owner = |layer: &Below<'_>| owner(layer) == Some(&extension.name);
        extension.is_in_union || stack.iter().any(is_owner)
    };
    let causes = plan.extensions.iter().filter(has_layer);
    sort_spans(causes.map(|extension| extension.cause))
}

/// The extension that owns a layer; `None` = the union.
fn owner<'a>(layer: &'a Below<'_>) -> Option<&'a ExtensionName> {
    match layer {
        Below::System(layer) => match &layer.owner {
            Owner::Extension(name) => Some(name),
            Owner::Union => None,
        },
        Below::Content(name, ..) => Some(name),
    }
}

fn part(layer: &Below<'_>) -> Part {
    match layer {
        Below::System(layer) => layer.part,
        Below::Content(_, part, _) => *part,
    }
}

fn on_base(base: &Tree, layers: &[SystemLayer]) -> Vec<Tree> {
    let layers = layers.iter().map(|layer| layer.layer.clone());
    std::iter::once(base.clone()).chain(layers).collect()
}

fn merge(base: &Tree, layers: &[SystemLayer], spans: &[Span]) -> Tree {
    let name = format!("[joint] merge {} system layers", layers.len());
    Tree::merge(Label::shared(name, spans).on(LINE), on_base(base, layers))
}

fn state_path(index: usize) -> String {
    format!("{RUN}/state/{index}")
}

fn tree_path(index: usize) -> String {
    format!("{RUN}/tree/{index}")
}

/// The path of the base's state. No number is its last name.
fn base_path() -> String {
    format!("{RUN}/state/base")
}

/// Describes the layers of a joint to the program.
fn job(plan: &Plan, stack: &[Below<'_>]) -> Job {
    let layers = stack.iter().enumerate().map(|(index, layer)| {
        let planned = owner(layer).and_then(|name| {
            let mut all = plan.extensions.iter();
            all.find(|extension| extension.name == *name)
        });
        let asked = planned.filter(|_| part(layer) != Part::Packages);
        JobLayer {
            extension: match layer {
                Below::System(layer) => layer.owner.describe().to_owned(),
                Below::Content(name, ..) => name.to_string(),
            },
            part: part(layer),
            state: matches!(layer, Below::System(_)).then(|| state_path(index)),
            tree: tree_path(index),
            below: (0..index)
                .filter(|other| is_below(planned, layer, &stack[*other]))
                .collect(),
            asked_ids: asked.map(asked_ids).unwrap_or_default(),
        }
    });
    Job {
        base: base_path(),
        layers: layers.collect(),
        architecture: debian_architecture(&plan.architecture).to_owned(),
        ..Job::default()
    }
}

/// Whether a layer may change what an earlier one holds: it was made on it, the earlier one is another part of the same
/// extension, or the extension requires that of the earlier one. `planned` is the extension that owns the layer.
fn is_below(planned: Option<&Planned>, layer: &Below<'_>, earlier: &Below<'_>) -> bool {
    let is_made_on = match (layer, earlier) {
        (Below::System(layer), Below::System(earlier)) => layer.below.contains(&earlier.id),
        _ => false,
    };
    let is_known = planned.is_some_and(|planned| match owner(earlier) {
        Some(name) => *name == planned.name || planned.requires.contains(name),
        // The packages of the extension are in the union.
        None => planned.is_in_union,
    });
    is_made_on || is_known
}

fn reconcile(
    plan: &Plan,
    base: &Tree,
    merged: &Tree,
    stack: &[Below<'_>],
    job: &Job,
    label: Label,
) -> Tree {
    let text = serde_json::to_vec(job).expect("a job is plain data");
    let arguments = [PROGRAM.to_owned(), format!("{RUN}/job")];
    let mut command = Command::new(merged.clone(), Program::Arguments(arguments.into()));
    command.variables = Variables::of(&plan.base.value);
    command.variables.set_command_time("EPOCH");
    command.mounts = vec![Mounted::read_only(base_path(), base_state(base))];
    for (index, layer) in stack.iter().enumerate() {
        let tree = match layer {
            Below::System(layer) => {
                let state = layer.state.clone();
                command
                    .mounts
                    .push(Mounted::read_only(state_path(index), state));
                &layer.root
            }
            Below::Content(_, _, tree) => *tree,
        };
        command.mounts.push(Mounted::Whole {
            at: tree_path(index),
            tree: tree.clone(),
        });
    }
    if job.above.is_some() {
        command.mounts.push(Mounted::Kept {
            at: ABOVE,
            tree: Tree::Empty,
        });
    }
    command
        .mounts
        .extend([job_file(text, "job of the joint"), program()]);
    command.network = spec::Network::None;
    Tree::run(label, command)
}

/// The job that `reconcile` reads, as a mounted file.
pub(crate) fn job_file(text: Vec<u8>, title: &str) -> Mounted {
    let label = Label::shared(format!("[internal] {title}"), &[]).on(Line::Hidden);
    Mounted::constant(format!("{RUN}/job"), label, text)
}

/// Debian's name for an architecture. OCI has another name for those listed here (dpkg's `cputable`).
pub fn debian_architecture(architecture: &str) -> &str {
    match architecture {
        "386" => "i386",
        "arm" => "armhf",
        "ppc64le" => "ppc64el",
        other => other,
    }
}
