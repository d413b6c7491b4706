//! Recipes describe vertices as values, before there is a graph.
//!
//! The functions that make recipes only need the plan. [`crate::vertices`] turns recipes into vertices, and
//! adds what is the same for all of them: how they are shown to people, and the request's settings for
//! commands.

mod archived;
mod command;
mod files;

use std::sync::Arc;

use source::Span;
use spec::{ExtensionName, ImageReference};

use crate::scripts;

pub(crate) use archived::Archived;
pub(crate) use command::{Command, Mounted, Program, SecretVariable, Setting, Variables};
pub(crate) use files::{Action, Copied};

/// A file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tree {
    /// An empty one.
    Empty,
    /// One that a recipe makes.
    Made(Arc<Recipe>, Part),
}

/// Which of the file systems that a recipe makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The only one, or the root of a command after it ran.
    Root,
    /// The file system at this mount of a command after it ran.
    Mount(&'static str),
}

/// A description of one vertex.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Recipe {
    pub(crate) label: Label,
    pub(crate) operation: Operation,
}

/// How a vertex is shown to people, and who owns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) name: String,
    /// The places in the user's files that ask for it.
    pub(crate) spans: Vec<Span>,
    pub(crate) owner: Owner,
    pub(crate) line: Line,
    /// The user's text that it runs; `None` = it runs none.
    pub(crate) command: Option<String>,
}

/// The line of a client's progress that shows a vertex.
///
/// A client marks a line as CACHED if all its vertices are cached. It never considers a vertex without inputs
/// as cached, since the vertex's cache key is computed again each time (BuildKit, `solver/jobs.go`,
/// `CacheMap`). Such vertices are therefore kept off the lines of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Line {
    /// A line for this vertex alone.
    Own,
    /// The line of an extension. If several extensions have the same vertex, it is shown on a line of its own.
    Extension(ExtensionName),
    /// A line with this title, for vertices of one kind.
    Titled(&'static str),
    /// No line, unless the vertex fails.
    Hidden,
}

/// Who owns a vertex, which decides when it runs again although it is cached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Owner {
    /// One extension owns it: it runs again if the request asks for this extension.
    Extension(ExtensionName),
    /// No extension owns it: it runs again only if the request asks for everything.
    Shared,
    /// It fetches what archives have today: it runs again if the request asks for newer package lists.
    Archive,
    /// It is the same in every build, and never has a reason to run again.
    ///
    /// Builds share such a vertex. If one of them asked for it to run again, another build at the same time
    /// would take over that request (BuildKit, `solver/jobs.go`: "!ignorecache merges with ignorecache") for
    /// this vertex and all that depend on it.
    Constant,
}

/// What a vertex does.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Loads an image of the plan.
    Image(ImageReference),
    /// Loads the frontend's own image.
    Frontend,
    /// Loads a path of the build context, or of the named context that contains this extension.
    Context {
        extension: Option<ExtensionName>,
        path: String,
    },
    /// Downloads a file and names it [`DOWNLOAD`].
    Http { url: String, sha256: Option<String> },
    /// Checks out a commit.
    Git { repository: String, commit: String },
    /// Runs a command.
    Command(Box<Command>),
    /// Writes files, one action after another.
    Files { on: Tree, actions: Vec<Action> },
    /// Takes the difference of two file systems: what the upper one changes in the lower one.
    Difference { lower: Tree, upper: Tree },
    /// Puts file systems on top of each other.
    Merge(Vec<Tree>),
}

/// The name of every downloaded file in its file system. It does not depend on what an extension calls the
/// file, so that equal sources of two extensions are one vertex.
pub(crate) const DOWNLOAD: &str = "source";

impl Tree {
    /// The file system that a recipe makes.
    pub(crate) fn made(label: Label, operation: Operation) -> Self {
        Tree::Made(Arc::new(Recipe { label, operation }), Part::Root)
    }

    /// The file system that the command which made this root leaves at a mount.
    ///
    /// # Panics
    /// If no recipe made it.
    pub(crate) fn at(&self, mount: &'static str) -> Self {
        match self {
            Tree::Made(recipe, _) => Tree::Made(Arc::clone(recipe), Part::Mount(mount)),
            Tree::Empty => panic!("only a command leaves anything at a mount"),
        }
    }

    /// What the upper file system changes in the lower one.
    pub(crate) fn difference(label: Label, lower: &Tree, upper: &Tree) -> Self {
        let (lower, upper) = (lower.clone(), upper.clone());
        Tree::made(label, Operation::Difference { lower, upper })
    }

    /// File systems on top of each other.
    pub(crate) fn merge(label: Label, trees: impl IntoIterator<Item = Tree>) -> Self {
        Tree::made(label, Operation::Merge(trees.into_iter().collect()))
    }

    /// The root of a command after it ran.
    pub(crate) fn run(label: Label, command: Command) -> Self {
        Tree::made(label, Operation::Command(Box::new(command)))
    }

    /// Files in an empty file system.
    pub(crate) fn files(label: Label, actions: Vec<Action>) -> Self {
        let on = Tree::Empty;
        Tree::made(label, Operation::Files { on, actions })
    }

    /// This file system with more files in it.
    pub(crate) fn files_on(self, label: Label, actions: Vec<Action>) -> Self {
        Tree::made(label, Operation::Files { on: self, actions })
    }

    /// The recipe that makes it; `None` = it is empty.
    pub(crate) fn recipe(&self) -> Option<&Arc<Recipe>> {
        match self {
            Tree::Made(recipe, _) => Some(recipe),
            Tree::Empty => None,
        }
    }
}

impl Recipe {
    /// The file systems that the vertex is made from.
    pub(crate) fn inputs(&self) -> Vec<&Tree> {
        match &self.operation {
            Operation::Image(_)
            | Operation::Frontend
            | Operation::Context { .. }
            | Operation::Http { .. }
            | Operation::Git { .. } => Vec::new(),
            Operation::Command(command) => command.inputs(),
            Operation::Files { on, actions } => {
                let copied = actions.iter().filter_map(|action| match action {
                    Action::Copy(copied) => Some(&copied.tree),
                    _ => None,
                });
                copied.chain([on]).collect()
            }
            Operation::Difference { lower, upper } => vec![lower, upper],
            Operation::Merge(trees) => trees.iter().collect(),
        }
    }

    /// Whether the vertex downloads one thing and checks it.
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
    /// The label of a vertex that several extensions may share.
    pub(crate) fn shared(name: impl Into<String>, spans: &[Span]) -> Self {
        Self {
            name: name.into(),
            spans: spans.to_vec(),
            owner: Owner::Shared,
            line: Line::Own,
            command: None,
        }
    }

    /// The label of a vertex that one extension owns.
    pub(crate) fn of(extension: &ExtensionName, name: impl Into<String>, spans: &[Span]) -> Self {
        Self {
            owner: Owner::Extension(extension.clone()),
            line: Line::Extension(extension.clone()),
            ..Self::shared(name, spans)
        }
    }

    /// The label of a vertex that is the same in every build.
    pub(crate) fn constant(name: impl Into<String>, spans: &[Span]) -> Self {
        Self {
            owner: Owner::Constant,
            ..Self::shared(name, spans)
        }
    }

    /// The same label on another line.
    pub(crate) fn on(self, line: Line) -> Self {
        Self { line, ..self }
    }

    /// The same label for a vertex that runs this text of the user's.
    pub(crate) fn running(mut self, command: impl Into<String>) -> Self {
        self.command = Some(command.into());
        self
    }

    /// The same label with another name, for a vertex that runs nothing itself.
    pub(crate) fn renamed(&self, name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            command: None,
            ..self.clone()
        }
    }
}
