//! A system layer: what one command changed in the system itself, and how such a command is run.

use source::Span;
use spec::ExtensionName;

use crate::parts::Ground;
use crate::recipe::{Command, Label, Line, Mounted, Tree, Variables};
use crate::scripts;

/// Where a command leaves the state of its root, for joints.
pub(crate) const STATE: &str = "/run/inlay/state";

/// Who a system layer belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Owner {
    /// An extension.
    Extension(ExtensionName),
    /// The union of packages.
    Union,
}

impl Owner {
    /// What people call it.
    pub(crate) fn describe(&self) -> &str {
        match self {
            Owner::Extension(name) => name.as_str(),
            Owner::Union => "the packages installed as one set",
        }
    }
}

/// What one command changed in the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SystemLayer {
    /// Tells it from the others of an image; a path component.
    pub(crate) id: String,
    pub(crate) owner: Owner,
    /// What the command changed.
    pub(crate) layer: Tree,
    /// The root it ran in, with that.
    pub(crate) root: Tree,
    /// What joints have to know of it.
    pub(crate) state: Tree,
    /// Nothing, which BuildKit makes only once there is a state: the difference of the state to itself.
    ///
    /// BuildKit keeps those results of a command that a build asks for (`solver/edge.go`, `execOp`). In an
    /// image that needs no joint nobody asks for states, and the command would run again for the first image
    /// that does. A merge passes over an input that is nothing (`ops/diff.go`, `ops/merge.go`).
    pub(crate) keeper: Tree,
    /// The system layers it was made on, by their ids.
    pub(crate) below: Vec<String>,
    /// Whether its root holds nothing but these and the base.
    pub(crate) is_bare: bool,
    /// What its history entry says.
    pub(crate) created_by: String,
}

/// A command that changes the system, and what it is made on.
pub(crate) struct Change {
    pub(crate) id: String,
    pub(crate) owner: Owner,
    pub(crate) root: Tree,
    pub(crate) below: Vec<SystemLayer>,
    /// Whether the root holds nothing but the layers below and the base.
    pub(crate) is_bare: bool,
    pub(crate) command: Command,
    pub(crate) label: Label,
    pub(crate) created_by: String,
}

impl Change {
    /// Runs the command, and has it leave the state of its root.
    pub(crate) fn run(mut self) -> SystemLayer {
        self.command.mounts.push(Mounted::Script(&scripts::CAPTURE));
        self.command.mounts.push(Mounted::Kept {
            at: STATE,
            tree: Tree::Empty,
        });
        self.command.variables.set("INLAY_STATE", STATE);
        let of_layer = self.label.renamed(format!("{} (layer)", self.label.name));
        let of_keeper = self.label.renamed(format!("{} (state)", self.label.name));
        let of_keeper = of_keeper.on(Line::Hidden);
        let root = Tree::run(self.label, self.command);
        let state = root.at(STATE);
        SystemLayer {
            id: self.id,
            owner: self.owner,
            layer: Tree::difference(of_layer, &self.root, &root),
            keeper: Tree::difference(of_keeper, &state, &state),
            state,
            root,
            below: self.below.into_iter().map(|layer| layer.id).collect(),
            is_bare: self.is_bare,
            created_by: self.created_by,
        }
    }
}

/// Whether each of the layers lies on all those before it, so that the last root holds all of them.
pub(crate) fn is_chain(layers: &[SystemLayer]) -> bool {
    layers.split_last().is_none_or(|(last, others)| {
        let mut others = others.iter();
        others.all(|other| last.below.contains(&other.id))
    })
}

/// The state of the base, which joints compare layers with.
pub(crate) fn base_state(ground: Ground<'_>, base: &Tree) -> Tree {
    let mut command = Command::script(base.clone(), &scripts::CAPTURE, []);
    command.root_is_read_only = true;
    command.variables = Variables::of(ground.base);
    command.variables.set("INLAY_STATE", STATE);
    command.mounts = vec![Mounted::Kept {
        at: STATE,
        tree: Tree::Empty,
    }];
    command.network = spec::Network::None;
    let label = Label::shared("[joint] read the base's databases", &[]);
    let label = label.on(Line::Titled("[joint]"));
    Tree::run(label, command).at(STATE)
}

/// Places in order, each once.
pub(crate) fn sort_spans(spans: impl IntoIterator<Item = Span>) -> Vec<Span> {
    let mut spans: Vec<Span> = spans.into_iter().collect();
    spans.sort_unstable();
    spans.dedup();
    spans
}
