//! Where files of a build come from: folders of the client, and file systems that the engine makes.

use buildkit_llb::{About, Graph, ImportError, Local, Output, pb};

/// Where files of a build come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Context {
    /// A folder of the client, of which only the paths travel that are used.
    Client(ClientFolder),
    /// What the engine makes: a checkout, an unpacked archive, an image, the result of another build.
    Engine(Tree),
}

/// A folder of the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientFolder {
    /// The name the client offers it under.
    pub name: String,
    /// The session that serves it.
    ///
    /// Not ambient: BuildKit shares vertices of equal digest between builds, so that without it one
    /// user's files could be taken for another's (client/llb/source.go, `local.unique`).
    pub session: String,
    /// Lines of `.dockerignore`, as the engine takes them.
    pub exclude: Vec<String>,
    /// What the engine keeps a transfer under, to build the next one on it; the same in every build.
    pub key_hint: String,
}

/// A folder in a file system that the engine makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// What makes the file system. [`Graph::import`] takes it, or this is a bug of its maker.
    pub definition: pb::Definition,
    /// The folder, relative; empty means all.
    pub folder: String,
}

impl Context {
    /// The context with at least these paths in it, and what stands before them there: nothing, or
    /// a folder with a `/` in front.
    ///
    /// From a client, each set of paths is a vertex of its own, so that the files of one extension are
    /// not in the key of another's; `part` tells it from others in what the engine keeps.
    ///
    /// # Errors
    /// When the definition of what the engine makes is none.
    pub fn output(
        &self,
        graph: &mut Graph,
        paths: &[String],
        part: &str,
        about: About,
    ) -> Result<(Output, String), ImportError> {
        match self {
            Context::Client(folder) => {
                let mut local = folder.local(part);
                local.follow_paths = paths.to_vec();
                Ok((graph.local(local, about), String::new()))
            }
            Context::Engine(tree) => {
                let output = graph.import(&tree.definition)?;
                let folder = tree.folder.trim_matches('/');
                let prefix = if folder.is_empty() {
                    String::new()
                } else {
                    format!("/{folder}")
                };
                Ok((output, prefix))
            }
        }
    }
}

impl ClientFolder {
    /// The whole folder; `part` tells it from other parts of it in what the engine keeps.
    pub fn local(&self, part: &str) -> Local {
        let mut local = Local::new(self.name.as_str(), self.session.as_str());
        local.exclude_patterns.clone_from(&self.exclude);
        // One hint for each part, as a hint shared by different paths would send all of them anew
        // each time.
        local.shared_key_hint = if part.is_empty() {
            self.key_hint.clone()
        } else {
            format!("{}:{part}", self.key_hint)
        };
        local
    }
}
