//! Recipes: what each vertex is to be, as values, before there is a graph.
//!
//! The parts of an extension and of an image are made as recipes by functions that need the plan alone.
//! What is the same for all vertices (how people are told of them, what a request says of every command)
//! is added when [`crate::vertices`] turns recipes into vertices.

mod command;
mod files;

use std::sync::Arc;

use source::Span;
use spec::{ExtensionName, ImageReference};

use crate::scripts;

pub(crate) use command::{Command, Mounted, Program, SecretVariable, Setting, Variables};
pub(crate) use files::{Action, Copied};

/// A file system: one that a recipe makes, or an empty one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tree {
    /// Nothing.
    Empty,
    /// What a recipe makes.
    Made(Arc<Recipe>, Part),
}

/// Which of the file systems that a recipe makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The only one, or the root that a command leaves.
    Root,
    /// What a command leaves at a mount.
    Mount(&'static str),
}

/// What one vertex is to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Recipe {
    pub(crate) label: Label,
    pub(crate) operation: Operation,
}

/// What people are told of a vertex, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) name: String,
    /// The places in the user's files that it is for.
    pub(crate) spans: Vec<Span>,
    pub(crate) owner: Owner,
    pub(crate) line: Line,
    /// The user's text that it runs.
    pub(crate) command: Option<String>,
}

/// The line of a client's progress that a vertex is shown on.
///
/// A client says CACHED of a line when it may say so of all its vertices, and it never says so of a vertex
/// without inputs, whose cache key is computed anew each time (BuildKit, `solver/jobs.go`, `CacheMap`): such
/// vertices are kept from lines that they would spoil.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Line {
    /// One of its own.
    Own,
    /// That of an extension, unless another extension has the same vertex, which then has its own.
    Extension(ExtensionName),
    /// One of that title, for vertices of a kind.
    Titled(&'static str),
    /// None, unless it fails.
    Hidden,
}

/// Whose a vertex is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Owner {
    /// One extension's: it runs again when this one is to run again.
    Extension(ExtensionName),
    /// Nobody's own: it runs again only when everything is to run again.
    Shared,
    /// A constant, which never has a reason to run again.
    ///
    /// Every build shares such a vertex, and one that runs at the same time would take over the flag that it is
    /// to run again (BuildKit, `solver/jobs.go`: "!ignorecache merges with ignorecache"), with all that is
    /// on it.
    Constant,
}

/// What a vertex does.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Takes an image of the plan.
    Image(ImageReference),
    /// Takes the frontend's own image.
    Frontend,
    /// Takes a path of the build context, or of the named context that an extension is.
    Context {
        extension: Option<ExtensionName>,
        path: String,
    },
    /// Downloads a file, which is called [`DOWNLOAD`].
    Http { url: String, sha256: Option<String> },
    /// Checks out a commit.
    Git { repository: String, commit: String },
    /// Runs a command.
    Command(Box<Command>),
    /// Writes files, one action after another.
    Files { on: Tree, actions: Vec<Action> },
    /// What the upper file system has that the lower one has not.
    Difference { lower: Tree, upper: Tree },
    /// File systems on top of each other.
    Merge(Vec<Tree>),
}

/// What a download is called in its file system: the same whatever an extension calls it, so that equal
/// sources of two extensions are one vertex.
pub(crate) const DOWNLOAD: &str = "source";

impl Tree {
    /// What a recipe makes.
    pub(crate) fn made(label: Label, operation: Operation) -> Self {
        Tree::Made(Arc::new(Recipe { label, operation }), Part::Root)
    }

    /// What the command that made this root left at a mount.
    ///
    /// # Panics
    /// When no recipe made it.
    pub(crate) fn at(&self, mount: &'static str) -> Self {
        match self {
            Tree::Made(recipe, _) => Tree::Made(Arc::clone(recipe), Part::Mount(mount)),
            Tree::Empty => panic!("only a command leaves anything at a mount"),
        }
    }

    /// The difference to a lower file system.
    pub(crate) fn difference(label: Label, lower: &Tree, upper: &Tree) -> Self {
        let (lower, upper) = (lower.clone(), upper.clone());
        Tree::made(label, Operation::Difference { lower, upper })
    }

    /// File systems on top of each other.
    pub(crate) fn merge(label: Label, trees: impl IntoIterator<Item = Tree>) -> Self {
        Tree::made(label, Operation::Merge(trees.into_iter().collect()))
    }

    /// What a command leaves of its root.
    pub(crate) fn run(label: Label, command: Command) -> Self {
        Tree::made(label, Operation::Command(Box::new(command)))
    }

    /// Files on nothing.
    pub(crate) fn files(label: Label, actions: Vec<Action>) -> Self {
        let on = Tree::Empty;
        Tree::made(label, Operation::Files { on, actions })
    }

    /// Files on a file system.
    pub(crate) fn files_on(self, label: Label, actions: Vec<Action>) -> Self {
        Tree::made(label, Operation::Files { on: self, actions })
    }

    /// The recipe, if it has one.
    pub(crate) fn recipe(&self) -> Option<&Arc<Recipe>> {
        match self {
            Tree::Made(recipe, _) => Some(recipe),
            Tree::Empty => None,
        }
    }
}

impl Recipe {
    /// Whether it downloads one thing and checks it.
    pub(crate) fn is_download(&self) -> bool {
        match &self.operation {
            Operation::Http { .. } => true,
            Operation::Command(command) => match &command.program {
                Program::Script(script, _) => scripts::DOWNLOADS.contains(script),
                Program::Arguments(_) => false,
            },
            _ => false,
        }
    }
}

impl Label {
    /// Of a vertex that several extensions may share.
    pub(crate) fn shared(name: impl Into<String>, spans: &[Span]) -> Self {
        Self {
            name: name.into(),
            spans: spans.to_vec(),
            owner: Owner::Shared,
            line: Line::Own,
            command: None,
        }
    }

    /// Of a vertex of one extension.
    pub(crate) fn of(extension: &ExtensionName, name: impl Into<String>, spans: &[Span]) -> Self {
        Self {
            owner: Owner::Extension(extension.clone()),
            line: Line::Extension(extension.clone()),
            ..Self::shared(name, spans)
        }
    }

    /// Of a vertex that is the same in every build.
    pub(crate) fn constant(name: impl Into<String>, spans: &[Span]) -> Self {
        Self {
            owner: Owner::Constant,
            ..Self::shared(name, spans)
        }
    }

    /// The same of a vertex on another line.
    pub(crate) fn on(self, line: Line) -> Self {
        Self { line, ..self }
    }

    /// The same of a vertex that runs this text of the user's.
    pub(crate) fn running(mut self, command: impl Into<String>) -> Self {
        self.command = Some(command.into());
        self
    }

    /// The same with another name, of a vertex that runs nothing itself.
    pub(crate) fn renamed(&self, name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            command: None,
            ..self.clone()
        }
    }
}
