//! Ids of users and groups: how those of a layer are mapped, and which ones are free.

use std::collections::BTreeMap;

/// Maps the ids of a layer's files to those of the image. An id that is missing stays the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdMap {
    /// The ids of users, from the layer's to the image's.
    pub users: BTreeMap<u32, u32>,
    /// The ids of groups, from the layer's to the image's.
    pub groups: BTreeMap<u32, u32>,
}

impl IdMap {
    /// The image's id for a user of the layer.
    pub fn map_user(&self, id: u32) -> u32 {
        self.users.get(&id).copied().unwrap_or(id)
    }

    /// The image's id for a group of the layer.
    pub fn map_group(&self, id: u32) -> u32 {
        self.groups.get(&id).copied().unwrap_or(id)
    }

    /// Whether all ids stay the same.
    pub fn is_empty(&self) -> bool {
        self.users.is_empty() && self.groups.is_empty()
    }
}

/// Finds a free id in the range of the wanted one.
///
/// Ids up to 99 are assigned to names by Debian. From 100 to 999, `adduser` counts upward and
/// `systemd-sysusers` downward. Ids of people begin at 1000 (Debian's policy, 9.2.2).
pub(crate) fn find_free(wanted: u32, is_used: impl Fn(u32) -> bool) -> Option<u32> {
    let mut candidates: Box<dyn Iterator<Item = u32>> = match wanted {
        100..=899 => Box::new((wanted..900).chain(100..wanted)),
        900..=999 => Box::new((100..=wanted).rev()),
        1000..=59999 => Box::new(wanted..60000),
        _ => Box::new(std::iter::empty()),
    };
    candidates.find(|id| !is_used(*id))
}
