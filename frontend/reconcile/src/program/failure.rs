//! What can go wrong in the program, and how it tells the user.

use std::path::Path;

use reconcile::Refusal;

/// Why the program failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The command line or the environment is wrong.
    #[error(
        "{0}; usage: EPOCH=SECONDS reconcile [--root FOLDER] JOB, OUT=FOLDER reconcile --sbom JOB, EPOCH=SECONDS reconcile --hook, reconcile --capture AFTER STATE [BEFORE], or reconcile --place EXTENSION CONTENT [ROOT]"
    )]
    Usage(String),
    /// A file, folder or program could not be used: what it was, and why.
    #[error("{0}: {1}")]
    Path(String, String),
    /// The job contradicts itself.
    #[error("the job is invalid: {0}")]
    Job(String),
    /// A command in the merged root failed.
    #[error("`{command}` failed ({status})\n{output}")]
    Command {
        command: String,
        status: String,
        output: String,
    },
    /// The layers cannot be combined, for all these reasons.
    #[error("{0}")]
    Refused(String),
}

impl Failure {
    /// Layers that cannot be combined.
    pub(crate) fn refused(refusals: &[Refusal]) -> Self {
        let texts: Vec<String> = refusals.iter().map(ToString::to_string).collect();
        Self::Refused(texts.join("\n"))
    }

    /// A failure with a path.
    pub(crate) fn at(path: &Path, error: impl std::fmt::Display) -> Self {
        Self::Path(path.display().to_string(), error.to_string())
    }
}
