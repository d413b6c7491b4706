//! The job: the JSON file that tells the program what to reconcile. `compile` writes it.
//!
//! ```json
//! { "base": "/state/base", "architecture": "amd64", "above": "/above",
//!   "layers": [ { "extension": "git", "part": "packages", "state": "/state/0", "tree": "/tree/0" },
//!               { "extension": "vim", "part": "output", "tree": "/tree/1" },
//!               { "extension": "tig", "part": "steps", "state": "/state/2", "tree": "/tree/2", "below": [0] } ] }
//! ```

use serde::{Deserialize, Serialize};

use crate::state::Part;

/// The job of one joint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// The folder with the state of the base.
    pub base: String,
    /// The layers in canonical order. They are stacked in this order, so a later layer hides an earlier one.
    pub layers: Vec<JobLayer>,
    /// The native architecture by its Debian name, under which apt marks packages for `all`.
    pub architecture: String,
    /// The empty folder for what is put above all layers; `None` = there are no content layers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<String>,
    /// Whether interactive bash is to read the fragments of extensions.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub needs_hook: bool,
    /// Whether the image is made in one root, which has all layers already, instead of as a stack of layers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_one_root: bool,
}

/// One layer of a [`Job`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobLayer {
    /// The name of the extension, which messages quote.
    pub extension: String,
    /// The part of the extension.
    pub part: Part,
    /// The folder with the state of a system layer; `None` = it is a content layer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The folder that has the layer's files: the root of a system layer's command, or the content.
    pub tree: String,
    /// The layers that this one may change, by their indexes in the job: the layers of the extensions that it
    /// requires, and the extension's own earlier ones. All of them come before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub below: Vec<usize>,
    /// The ids that the extension asks for by number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked_ids: Vec<u32>,
}
