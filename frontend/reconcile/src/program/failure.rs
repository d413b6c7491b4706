//! What can go wrong in the program: the world's failures, each with what was tried.

use std::path::Path;

/// A failure of the world: what could not be done, and what the system said.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The command line or the environment.
    #[error("usage: EPOCH=SECONDS reconcile [--root FOLDER] JOB ({0})")]
    Usage(String),
    /// A file or folder.
    #[error("{0}: {1}")]
    Path(String, String),
    /// The job contradicts itself.
    #[error("the job is wrong: {0}")]
    Job(String),
    /// A command in the merged root.
    #[error("`{command}` failed ({status})\n{output}")]
    Command {
        command: String,
        status: String,
        output: String,
    },
    /// The layers cannot be united; all the reasons.
    #[error("{0}")]
    Refused(String),
}

impl Failure {
    /// About a path.
    pub(crate) fn at(path: &Path, error: impl std::fmt::Display) -> Self {
        Self::Path(path.display().to_string(), error.to_string())
    }
}
