//! The plan of a joint: what it changes in the merged root.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::IdMap;

/// The content that a path gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A regular file with these bytes.
    Bytes(Vec<u8>),
    /// A symbolic link to this target.
    Link(Vec<u8>),
}

/// A file to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its content.
    pub content: Content,
    /// Its owner and mode.
    pub owner: Owner,
}

/// Owner and mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The permission bits, including setuid, setgid and sticky; they do not matter for a link.
    pub mode: u32,
    /// The id of the user.
    pub uid: u32,
    /// The id of the group.
    pub gid: u32,
}

impl Owner {
    /// The owner and mode of most folders.
    pub(crate) const ORDINARY_FOLDER: Self = Self {
        mode: 0o755,
        uid: 0,
        gid: 0,
    };
}

/// A path as a layer has it: a file, folder or link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The layer, by its index.
    pub layer: usize,
    /// The path in the layer.
    pub from: Vec<u8>,
    /// The owner and mode that it gets.
    pub owner: Owner,
}

/// What is put above all layers at one path, because a layer hides what the image should have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Above {
    /// A folder with this owner and mode. What is in it stays.
    Folder(Owner),
    /// A link to this target, with the ids of its user and group.
    Link(Vec<u8>, Owner),
    /// A file of a layer.
    File(Copied),
}

/// A file that moves to another path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The path where it is; nothing stays there.
    pub from: Vec<u8>,
    /// The path that it moves to.
    pub to: Vec<u8>,
    /// The owner and mode that it gets there.
    pub owner: Owner,
}

/// An alternative whose links `update-alternatives` makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The alternative of this name links to the choice with the highest priority.
    Auto(Vec<u8>),
    /// The alternative of this name links to this path, which the base or an extension chose by hand.
    Manual(Vec<u8>, Vec<u8>),
}

/// What a joint does, in the order of the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The files that move to another path.
    pub moves: Vec<Move>,
    /// The paths that the root gets from a layer, because a later system layer hides it.
    pub copies: BTreeMap<Vec<u8>, Copied>,
    /// The paths to look for, each with the layer that has it: a later layer may have removed the folder that it
    /// is in.
    pub rescued: BTreeMap<Vec<u8>, Copied>,
    /// The files to write, by their paths.
    pub files: BTreeMap<Vec<u8>, File>,
    /// The owners and modes to set, by path.
    pub owners: BTreeMap<Vec<u8>, Owner>,
    /// The paths whose access lists may name ids that have changed, with the map of these ids.
    pub access_lists: Vec<(IdMap, Vec<Vec<u8>>)>,
    /// The paths to remove.
    pub remove: BTreeSet<Vec<u8>>,
    /// The alternatives whose links are made.
    pub alternatives: Vec<Choice>,
    /// Whether `ldconfig` makes the cache of libraries again.
    pub needs_ldconfig: bool,
    /// The triggers to run, by path or name.
    pub triggers: Vec<Vec<u8>>,
    /// The paths of content layers that these commands read.
    pub guests: BTreeMap<Vec<u8>, Copied>,
    /// The libraries of content layers, which `ldconfig` reads if they are in one of its folders.
    pub libraries: BTreeMap<Vec<u8>, Copied>,
    /// The content layer whose `/etc/bash.bashrc` the image has; `None` = it has that of the root, if any.
    pub bash_configuration: Option<Copied>,
    /// What is put above all layers.
    pub above: BTreeMap<Vec<u8>, Above>,
    /// The warnings for the user.
    pub warnings: Vec<String>,
}

impl Plan {
    /// Whether there is nothing to do. Warnings, and what commands read, do not count.
    pub fn is_empty(&self) -> bool {
        let nothing = Self {
            guests: self.guests.clone(),
            libraries: self.libraries.clone(),
            bash_configuration: self.bash_configuration.clone(),
            warnings: self.warnings.clone(),
            ..Self::default()
        };
        *self == nothing
    }

    /// Whether the joint runs commands in the merged root.
    pub fn runs_commands(&self) -> bool {
        !self.alternatives.is_empty() || self.needs_ldconfig || !self.triggers.is_empty()
    }
}
