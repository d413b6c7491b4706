//! The job: the JSON file that tells the program what to reconcile. `compile` writes it.
//!
//! ```json
//! { "base": "/state/base", "architecture": "amd64",
//!   "layers": [ { "extension": "git", "state": "/state/0" },
//!               { "extension": "vim", "state": "/state/1" },
//!               { "extension": "tig", "state": "/state/2", "below": [0] } ] }
//! ```

use serde::{Deserialize, Serialize};

/// The job of one joint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// The folder that `capture.sh` filled on the base.
    pub base: String,
    /// The layers in canonical order. They are stacked in this order, so a later layer hides an earlier one.
    pub layers: Vec<JobLayer>,
    /// The native architecture by its Debian name, under which apt marks packages for `all`.
    pub architecture: String,
}

/// One layer of a [`Job`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobLayer {
    /// The name of the extension, which messages quote.
    pub extension: String,
    /// The folder that `capture.sh` filled at the end of the layer's installation.
    pub state: String,
    /// The layers that this one was installed on, by their indexes in the job: the layers of the
    /// extensions that it requires, and the extension's own earlier ones. All of them come before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub below: Vec<usize>,
}
