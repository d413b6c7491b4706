//! The states of the base and of each layer, which [`plan()`](crate::plan()) takes.

use std::collections::{BTreeMap, BTreeSet};

use crate::formats::listing::Listing;

/// What `capture.sh` recorded about a root file system.
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

/// A system layer: what one installation changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layer {
    /// The name of the extension.
    pub extension: String,
    /// The state after the installation.
    pub state: State,
    /// The paths that the installation removed.
    pub removed: BTreeSet<Vec<u8>>,
    /// The layers that it was installed on, by their indexes: the layers of the extensions that its own
    /// requires, and that one's earlier layers. All of them come before it, and it may change what they hold.
    pub below: BTreeSet<usize>,
}
