//! A system layer: what one command changes in the system itself, and how such a command is run.

use source::Span;
use spec::ExtensionName;

use crate::parts::program::{PROGRAM, program};
use crate::recipe::{Command, Label, Line, Mounted, Program, Tree};

/// The mount where the state of a root is left, for joints.
pub(crate) const STATE: &str = "/run/inlay/state";

/// The mounts of the roots after and before a command.
const AFTER: &str = "/run/inlay/after";
const BEFORE: &str = "/run/inlay/before";

/// Who owns a system layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Owner {
    /// An extension.
    Extension(ExtensionName),
    /// The union of packages.
    Union,
}

impl Owner {
    /// What it is called in messages and names of vertices.
    pub(crate) fn describe(&self) -> &str {
        match self {
            Owner::Extension(name) => name.as_str(),
            Owner::Union => "the packages installed as one set",
        }
    }
}

/// What one command changes in the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SystemLayer {
    /// Identifies it among the system layers of an image; a path component.
    pub(crate) id: String,
    pub(crate) owner: Owner,
    /// The part of its owner that it is.
    pub(crate) part: reconcile::Part,
    /// The changes that the command made.
    pub(crate) layer: Tree,
    /// The root of the command, with its changes.
    pub(crate) root: Tree,
    /// What joints need to know about it: a listing of its changes, and copies of system-wide databases.
    pub(crate) state: Tree,
    /// The difference of the state to itself. It is empty, but BuildKit needs the state to make it.
    ///
    /// The final merge takes it as an input, so that the state is asked for even in an image that needs no
    /// joint. BuildKit keeps only those results of a command that a build asks for (`solver/edge.go`,
    /// `execOp`), so without it the command would run again for the first image with a joint. A merge ignores
    /// an input that is empty (`ops/diff.go`, `ops/merge.go`).
    pub(crate) keeper: Tree,
    /// The ids of the system layers that it was made on.
    pub(crate) below: Vec<String>,
    /// Whether its root contains only the base and system layers.
    pub(crate) is_bare: bool,
    /// What apt said that it would install; `None` = it installs nothing, or apt cannot be asked yet.
    pub(crate) resolution: Option<Tree>,
    /// The text of its history entry.
    pub(crate) created_by: String,
}

/// A command that changes the system, and the root it runs on.
pub(crate) struct Change {
    pub(crate) id: String,
    pub(crate) owner: Owner,
    pub(crate) part: reconcile::Part,
    pub(crate) root: Tree,
    pub(crate) below: Vec<SystemLayer>,
    /// Whether the root contains only the base and the layers below.
    pub(crate) is_bare: bool,
    pub(crate) command: Command,
    pub(crate) resolution: Option<Tree>,
    pub(crate) label: Label,
    pub(crate) created_by: String,
}

impl Change {
    /// Runs the command, and describes what it changed.
    pub(crate) fn run(self) -> SystemLayer {
        let of_layer = self.label.renamed(format!("{} (layer)", self.label.name));
        let of_state = self.label.renamed(format!("{} (state)", self.label.name));
        let of_keeper = self
            .label
            .renamed(format!("{} (keep state)", self.label.name));
        let of_keeper = of_keeper.on(Line::Hidden);
        let root = Tree::run(self.label, self.command);
        let state = capture(of_state, Some(&self.root), &root);
        SystemLayer {
            id: self.id,
            owner: self.owner,
            part: self.part,
            layer: Tree::difference(of_layer, &self.root, &root),
            keeper: Tree::difference(of_keeper, &state, &state),
            state,
            root,
            below: self.below.into_iter().map(|layer| layer.id).collect(),
            is_bare: self.is_bare,
            resolution: self.resolution,
            created_by: self.created_by,
        }
    }
}

/// Describes a root for joints, or what a command has changed since the root before.
///
/// It is a command of its own, on an empty root: what it sees is finished and cannot change any more, and it needs
/// nothing of the image. Both roots are keyed by what makes them. So the state is made again if the program changes, and
/// nothing is installed again for that.
fn capture(label: Label, before: Option<&Tree>, after: &Tree) -> Tree {
    let mut arguments = [PROGRAM, "--capture", AFTER, STATE]
        .map(str::to_owned)
        .to_vec();
    let whole = |at: &str, tree: &Tree| Mounted::Whole {
        at: at.to_owned(),
        tree: tree.clone(),
    };
    let mut mounts = vec![whole(AFTER, after)];
    if let Some(before) = before {
        arguments.push(BEFORE.to_owned());
        mounts.push(whole(BEFORE, before));
    }
    let mut command = Command::new(Tree::Empty, Program::Arguments(arguments));
    command.mounts = mounts;
    command.mounts.push(Mounted::Kept {
        at: STATE,
        tree: Tree::Empty,
    });
    command.mounts.push(program());
    command.network = spec::Network::None;
    Tree::run(label, command).at(STATE)
}

/// Whether the last layer was made on all others, so that its root contains all of them.
pub(crate) fn is_chain(layers: &[SystemLayer]) -> bool {
    layers.split_last().is_none_or(|(last, others)| {
        let mut others = others.iter();
        others.all(|other| last.below.contains(&other.id))
    })
}

/// The state of the base, with which joints compare layers.
pub(crate) fn base_state(base: &Tree) -> Tree {
    let label = Label::constant("[joint] read the base's databases", &[]);
    capture(label.on(Line::Titled("[joint]")), None, base)
}

/// Sorts places, and keeps each only once.
pub(crate) fn sort_spans(spans: impl IntoIterator<Item = Span>) -> Vec<Span> {
    let mut spans: Vec<Span> = spans.into_iter().collect();
    spans.sort_unstable();
    spans.dedup();
    spans
}
