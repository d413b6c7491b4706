//! Numbers of users and groups: which are free, and how a layer's are to be read.

use std::collections::BTreeMap;

/// How the ids of a layer's files are to be read in the union; those absent stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdMap {
    /// Users, from the layer's id to the union's.
    pub users: BTreeMap<u32, u32>,
    /// Groups, from the layer's id to the union's.
    pub groups: BTreeMap<u32, u32>,
}

impl IdMap {
    /// The union's id of a layer's user.
    pub fn map_user(&self, id: u32) -> u32 {
        self.users.get(&id).copied().unwrap_or(id)
    }

    /// The union's id of a layer's group.
    pub fn map_group(&self, id: u32) -> u32 {
        self.groups.get(&id).copied().unwrap_or(id)
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.users.is_empty() && self.groups.is_empty()
    }
}

/// A free id of the range that the wanted one is of.
///
/// Debian's policy, 9.2.2: up to 99 each name has its number, 100 to 999 are given upward by
/// `adduser` and downward by `systemd-sysusers`, people's begin at 1000.
pub(crate) fn find_free(wanted: u32, is_used: impl Fn(u32) -> bool) -> Option<u32> {
    let mut candidates: Box<dyn Iterator<Item = u32>> = match wanted {
        100..=899 => Box::new((wanted..900).chain(100..wanted)),
        900..=999 => Box::new((100..=wanted).rev()),
        1000..=59999 => Box::new(wanted..60000),
        _ => Box::new(std::iter::empty()),
    };
    candidates.find(|id| !is_used(*id))
}
