//! The plan of a joint: what it does to the stack, in order.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::IdMap;

/// What a path is to hold.
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
    /// What it holds.
    pub content: Content,
    /// Its owner and mode.
    pub owner: Owner,
}

/// Owner and mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Permission bits with setuid, setgid and sticky; a link has none.
    pub mode: u32,
    /// The user.
    pub uid: u32,
    /// The group.
    pub gid: u32,
}

/// A file that goes to another path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// From where in the stack; nothing stays there.
    pub from: Vec<u8>,
    /// To where.
    pub to: Vec<u8>,
    /// What it gets there.
    pub owner: Owner,
}

/// An alternative whose links are to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The best of its choices.
    Auto(Vec<u8>),
    /// This path, which an extension chose by hand.
    Manual(Vec<u8>, Vec<u8>),
}

/// What the joint does, in the order of the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Files that go elsewhere.
    pub moves: Vec<Move>,
    /// Files to write.
    pub files: BTreeMap<Vec<u8>, File>,
    /// Owners and modes to set.
    pub owners: BTreeMap<Vec<u8>, Owner>,
    /// Paths whose access lists name ids that have changed.
    pub access_lists: Vec<(IdMap, Vec<Vec<u8>>)>,
    /// Paths to remove.
    pub remove: BTreeSet<Vec<u8>>,
    /// Alternatives to choose.
    pub alternatives: Vec<Choice>,
    /// Whether the cache of libraries is to be made.
    pub needs_ldconfig: bool,
    /// Triggers to run, by path or name.
    pub triggers: Vec<Vec<u8>>,
    /// What the user should know.
    pub warnings: Vec<String>,
}

impl Plan {
    /// Whether there is nothing to do; warnings are nothing done.
    pub fn is_empty(&self) -> bool {
        let nothing = Self {
            warnings: self.warnings.clone(),
            ..Self::default()
        };
        *self == nothing
    }

    /// Whether anything runs in the merged root.
    pub fn runs_commands(&self) -> bool {
        !self.alternatives.is_empty() || self.needs_ldconfig || !self.triggers.is_empty()
    }
}
