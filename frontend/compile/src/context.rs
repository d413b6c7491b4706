//! Contexts: where the files of a build come from.

use buildkit_llb::{About, Graph, ImportError, Local, Output, pb};
use spec::literal_pattern;

/// Where the files of a build come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Context {
    /// A folder of the client. Only the paths that are used are transferred.
    Client(ClientFolder),
    /// A file system that the engine makes: a checkout, an unpacked archive, an image, the result of another
    /// build.
    Engine(Tree),
}

/// A folder of the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientFolder {
    /// The name under which the client offers it.
    pub name: String,
    /// The session that serves it.
    ///
    /// It has to be part of the vertex. BuildKit shares vertices with the same digest between builds, so
    /// without it one user's files could be taken for another's (client/llb/source.go, `local.unique`).
    pub session: String,
    /// Lines of `.dockerignore`, as the engine expects them.
    pub exclude: Vec<String>,
    /// The key under which the engine keeps transferred files, so that the next build only sends changes. It is
    /// the same in every build.
    pub key_hint: String,
}

/// A folder in a file system that the engine makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// The definition that makes the file system. [`Graph::import`] must accept it.
    pub definition: pb::Definition,
    /// The relative path of the folder; empty = the whole file system.
    pub folder: String,
}

impl Context {
    /// Adds the context to a graph, with at least these paths in it. The text is the folder that contains the
    /// paths in the output, with a `/` in front; it is empty if they are at the root.
    ///
    /// For a folder of the client, each set of paths is a vertex of its own, so that the files of one extension
    /// are not part of the key of another one. `part` distinguishes these vertices in what the engine keeps.
    ///
    /// # Errors
    /// If the definition of the engine's file system is not valid.
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
                send_only(&mut local, paths);
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

/// Makes the client send only these paths, whatever letters their names have, together with what links lead to.
///
/// In `follow_paths`, a client cannot tell a name with brackets from a pattern (`FollowLinks` in tonistiigi/fsutil).
/// Such a path becomes a pattern that matches only itself; links in it are not followed.
pub fn send_only(local: &mut Local, paths: &[String]) {
    for path in paths {
        let pattern = literal_pattern(path);
        if pattern == *path {
            local.follow_paths.push(pattern);
        } else {
            local.include_patterns.push(pattern);
        }
    }
}

impl ClientFolder {
    /// The whole folder as a source. `part` distinguishes it from other parts of the folder in what the engine
    /// keeps.
    pub fn local(&self, part: &str) -> Local {
        let mut local = Local::new(self.name.as_str(), self.session.as_str());
        local.exclude_patterns.clone_from(&self.exclude);
        // Each part has a hint of its own: if different paths shared one, all of them would be sent again each
        // time.
        local.shared_key_hint = if part.is_empty() {
            self.key_hint.clone()
        } else {
            format!("{}:{part}", self.key_hint)
        };
        local
    }
}
