//! The base and the layers of an image, which [`plan()`](crate::plan()) takes.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::formats::listing::Listing;

/// What `reconcile --capture` recorded about a root file system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Copies of the database files by their paths; of a layer, only those that it changed.
    pub files: BTreeMap<Vec<u8>, Vec<u8>>,
    /// All paths of a base, or the paths that a layer changed.
    pub listing: Listing,
    /// What the paths that a layer holds were before, for those that existed then. A layer holds a path without
    /// having changed it if the path's entry is the same here and in the listing: folders above a change, and
    /// files that were written with the content that they had. Empty for a base.
    pub before: Listing,
    /// The files with the names of users and groups in the root of a layer, whether it changed them or not,
    /// because the ids of its files refer to them. Empty for a base, whose `files` include them.
    pub accounts: BTreeMap<Vec<u8>, Vec<u8>>,
}

/// The part of an extension that a layer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Debian packages: a system layer.
    #[default]
    Packages,
    /// The output of a builder: a content layer.
    Output,
    /// Files: a content layer.
    Files,
    /// Commands that ran as root: a system layer.
    Steps,
}

/// A layer of the image.
///
/// A *system layer* is what a command changed in a root file system. A *content layer* was made elsewhere: its
/// state consists of a listing of all that it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layer {
    /// The name of the extension.
    pub extension: String,
    /// The part of the extension.
    pub part: Part,
    /// The state after the command, or the listing of the content.
    pub state: State,
    /// The paths that the command removed.
    pub removed: BTreeSet<Vec<u8>>,
    /// The layers that it may change, by their indexes: the layers of the extensions that its own requires, and
    /// that one's earlier layers. All of them come before it.
    pub below: BTreeSet<usize>,
    /// The ids that the extension asks for by number. The accounts that get them in this layer keep them.
    pub asked_ids: BTreeSet<u32>,
    /// For paths of content that lead through a link of the image, where the content has them. The listing has them
    /// where the link leads.
    pub moved: BTreeMap<Vec<u8>, Vec<u8>>,
    /// The links of the image at whose paths the content has folders.
    pub hidden_links: BTreeSet<Vec<u8>>,
}

impl Layer {
    /// Whether it is a content layer.
    pub fn is_content(&self) -> bool {
        matches!(self.part, Part::Output | Part::Files)
    }

    /// Where the content of the layer has a path of the listing.
    pub fn original<'a>(&'a self, path: &'a [u8]) -> &'a [u8] {
        self.moved.get(path).map_or(path, Vec::as_slice)
    }
}
