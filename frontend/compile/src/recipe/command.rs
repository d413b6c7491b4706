//! A command as a value: what it runs, its root, its variables and its mounts.

use spec::{ImageReference, Network};

use crate::Request;
use crate::environment::Environment;
use crate::recipe::{Action, Archived, Label, Tree};
use crate::scripts::Script;

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Command {
    pub(crate) root: Tree,
    pub(crate) root_is_read_only: bool,
    pub(crate) program: Program,
    pub(crate) variables: Variables,
    /// The folder in which it starts; empty = the engine's choice.
    pub(crate) directory: String,
    /// The user it runs as; empty = root.
    pub(crate) user: String,
    pub(crate) network: Network,
    pub(crate) mounts: Vec<Mounted>,
    pub(crate) secret_variables: Vec<SecretVariable>,
    /// What it needs to know about packages, if it installs any.
    pub(crate) archived: Option<Box<Archived>>,
}

/// What a command runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Program {
    /// One of our scripts, which is then mounted, with its arguments.
    Script(&'static Script, Vec<String>),
    /// A program with its arguments.
    Arguments(Vec<String>),
}

/// The variables of a command: those of an image, if there is one, then these settings in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Variables {
    pub(crate) image: Option<ImageReference>,
    pub(crate) settings: Vec<(String, Setting)>,
}

/// The value of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Setting {
    /// This text.
    Text(String),
    /// The time of files that commands write, in seconds since 1970.
    CommandTime,
    /// The search path so far, with these folders before it.
    SearchPath(Vec<String>),
}

/// Something mounted into a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mounted {
    /// A path of a file system, mounted read-only; an empty path = the whole file system.
    ReadOnly {
        at: String,
        tree: Tree,
        path: String,
    },
    /// A whole file system, mounted read-only. The command is cached by what makes the file system, so that the
    /// engine does not have to read all of it.
    Whole { at: String, tree: Tree },
    /// A file system that is kept as the command leaves it, as [`crate::recipe::Part::Mount`].
    Kept { at: &'static str, tree: Tree },
    /// An empty folder that is dropped after the command.
    Scratch { at: &'static str },
    /// A folder that outlives the build.
    Cache { at: String, id: String },
    /// A folder that outlives the build, a separate one for each platform.
    PlatformCache { at: &'static str, id: String },
    /// A secret of the client.
    Secret {
        at: String,
        id: String,
        mode: u32,
        is_optional: bool,
    },
    /// The socket of an ssh agent, which the client must have.
    Agent { at: String, id: String },
}

/// A variable that holds a secret of the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SecretVariable {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) is_optional: bool,
}

impl Command {
    /// A command that runs as the user root, with a network, and with nothing mounted except its script.
    pub(crate) fn new(root: Tree, program: Program) -> Self {
        Self {
            root,
            root_is_read_only: false,
            program,
            variables: Variables::default(),
            directory: String::new(),
            user: String::new(),
            network: Network::Default,
            mounts: Vec::new(),
            secret_variables: Vec::new(),
            archived: None,
        }
    }

    /// The file systems that it sees.
    pub(crate) fn inputs(&self) -> Vec<&Tree> {
        let mounted = self.mounts.iter().filter_map(|mounted| match mounted {
            Mounted::ReadOnly { tree, .. }
            | Mounted::Whole { tree, .. }
            | Mounted::Kept { tree, .. } => Some(tree),
            Mounted::Scratch { .. }
            | Mounted::Cache { .. }
            | Mounted::PlatformCache { .. }
            | Mounted::Secret { .. }
            | Mounted::Agent { .. } => None,
        });
        mounted.chain([&self.root]).collect()
    }

    /// A command that runs one of our scripts.
    pub(crate) fn script<'a>(
        root: Tree,
        script: &'static Script,
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let arguments = arguments.into_iter().map(str::to_owned).collect();
        Self::new(root, Program::Script(script, arguments))
    }
}

impl Variables {
    /// The variables of an image.
    pub(crate) fn of(image: &ImageReference) -> Self {
        Self {
            image: Some(image.clone()),
            settings: Vec::new(),
        }
    }

    /// Sets a variable to a text.
    pub(crate) fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let value = Setting::Text(value.into());
        self.settings.push((name.into(), value));
    }

    /// The variables with their values in a build for this request.
    pub(crate) fn resolve(&self, request: &Request) -> Environment {
        let image = self.image.as_ref();
        let resolved = image.and_then(|image| request.images.get(image));
        let mut environment = resolved.map_or_else(Environment::default, |resolved| {
            Environment::of_configuration(&resolved.config)
        });
        for (name, setting) in &self.settings {
            let value = match setting {
                Setting::Text(text) => text.clone(),
                Setting::CommandTime => request.command_time_seconds().to_string(),
                Setting::SearchPath(folders) => {
                    environment.search_path(folders.iter().map(String::as_str))
                }
            };
            environment.set(name, value);
        }
        environment
    }

    /// Sets a variable to the time of files that commands write.
    pub(crate) fn set_command_time(&mut self, name: &str) {
        self.settings.push((name.to_owned(), Setting::CommandTime));
    }
}

impl Mounted {
    /// A whole file system, mounted read-only.
    pub(crate) fn read_only(at: impl Into<String>, tree: Tree) -> Self {
        Mounted::path(at, tree, "")
    }

    /// A path of a file system, mounted read-only.
    ///
    /// BuildKit keys a read-only mount by the content of the path (`ops/exec.go`).
    pub(crate) fn path(at: impl Into<String>, tree: Tree, path: impl Into<String>) -> Self {
        Mounted::ReadOnly {
            at: at.into(),
            tree,
            path: path.into(),
        }
    }

    /// A file of inlay's own, mounted read-only.
    pub(crate) fn constant(at: impl Into<String>, label: Label, data: Vec<u8>) -> Self {
        let path = "/file".to_owned();
        let action = Action::Text {
            path: path.clone(),
            data,
        };
        Mounted::path(at, Tree::files(label, vec![action]), path)
    }

    /// A secret that every user can read, and that the client need not have.
    pub(crate) fn optional_secret(id: &str, at: &str) -> Self {
        Mounted::Secret {
            at: at.to_owned(),
            id: id.to_owned(),
            mode: 0o444,
            is_optional: true,
        }
    }
}
