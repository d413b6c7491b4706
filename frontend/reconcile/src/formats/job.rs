//! The job: what the helper is told, a JSON file that the compiler of the graph writes.
//!
//! ```json
//! { "base": "/state/base", "architecture": "amd64",
//!   "layers": [ { "extension": "git", "state": "/state/0" },
//!               { "extension": "vim", "state": "/state/1" },
//!               { "extension": "tig", "state": "/state/2", "below": [0] } ] }
//! ```

use serde::{Deserialize, Serialize};

/// One joint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// The folder that `capture.sh` filled on the base.
    pub base: String,
    /// The layers in canonical order, which is the order they are stacked in: the later wins.
    pub layers: Vec<JobLayer>,
    /// The native architecture, in Debian's words: what apt writes for packages of `all`.
    pub architecture: String,
}

/// One layer of a [`Job`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobLayer {
    /// The name of the extension, for messages.
    pub extension: String,
    /// The folder that `capture.sh` filled at the end of the layer's installation.
    pub state: String,
    /// The layers that this one was made on, by their places in the job: those of what the extension
    /// requires, and earlier ones of its own. All are before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub below: Vec<usize>,
}
