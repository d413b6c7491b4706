//! What the rules add to: a plan, and the refusals that stand against it.

use std::collections::BTreeSet;

use crate::formats::listing::Entry;
use crate::ids::IdMap;
use crate::input::Input;
use crate::plan::{Content, File, Owner, Plan};
use crate::refusal::Refusal;

/// The plan so far.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) plan: Plan,
    pub(crate) refusals: Vec<Refusal>,
    /// The paths that a rule has decided, so that layers need not agree on them.
    pub(crate) handled: BTreeSet<Vec<u8>>,
    /// For each layer, how its ids are mapped.
    pub(crate) maps: Vec<IdMap>,
}

impl Draft {
    /// Plans to write a database file, unless the stack has the same bytes already.
    pub(crate) fn write(&mut self, input: &Input<'_>, path: &[u8], bytes: Vec<u8>) {
        self.handled.insert(path.to_vec());
        if input.stacked_bytes(path) != Some(bytes.as_slice()) {
            let owner = self.find_owner(input, path);
            let content = Content::Bytes(bytes);
            self.plan
                .files
                .insert(path.to_vec(), File { content, owner });
        }
    }

    /// Finds the owner and mode of a path in the stack, with the ids of its layer mapped.
    pub(crate) fn find_owner(&self, input: &Input<'_>, path: &[u8]) -> Owner {
        let standard = Owner {
            mode: 0o644,
            uid: 0,
            gid: 0,
        };
        input
            .stacked_entry(path)
            .map_or(standard, |(layer, entry)| self.map_owner(layer, entry))
    }

    /// The owner and mode of an entry, with the ids of its layer mapped.
    pub(crate) fn map_owner(&self, layer: Option<usize>, entry: &Entry) -> Owner {
        let unchanged = IdMap::default();
        let map = layer
            .and_then(|layer| self.maps.get(layer))
            .unwrap_or(&unchanged);
        Owner {
            mode: entry.mode,
            uid: map.map_user(entry.uid),
            gid: map.map_group(entry.gid),
        }
    }
}
