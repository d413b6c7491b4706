//! What goes in: the states of the base and of each layer.

use std::collections::{BTreeMap, BTreeSet};

use crate::formats::listing::Listing;

/// What a state says of a root file system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The copied files by their paths; of a layer only those it changed.
    pub files: BTreeMap<Vec<u8>, Vec<u8>>,
    /// All paths of a base, those changed of a layer.
    pub listing: Listing,
    /// The names of users and groups as a layer's root had them, whether the layer changed them or not:
    /// its files have these owners. Nothing of a base, whose files are whole.
    pub accounts: BTreeMap<Vec<u8>, Vec<u8>>,
}

/// What an extension's installation changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layer {
    /// The extension's name.
    pub extension: String,
    /// What it changed.
    pub state: State,
    /// What it removed.
    pub removed: BTreeSet<Vec<u8>>,
    /// The layers it was installed on, by their indexes: those of what its extension requires, all of
    /// them before it. What it changes of theirs is no contradiction.
    pub below: BTreeSet<usize>,
}
