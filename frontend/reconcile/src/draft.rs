//! What the rules add to: a plan, and reasons against it.

use std::collections::BTreeSet;

use crate::formats::listing::Entry;
use crate::ids::IdMap;
use crate::input::Input;
use crate::plan::{Content, File, Owner, Plan};
use crate::refusal::Refusal;

/// What the rules add to.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) plan: Plan,
    pub(crate) refusals: Vec<Refusal>,
    /// Paths on which layers need not agree: a rule has decided them.
    pub(crate) handled: BTreeSet<Vec<u8>>,
    /// For each layer, how its ids are to be read.
    pub(crate) maps: Vec<IdMap>,
}

impl Draft {
    /// Writes a database file, unless the stack shows the same.
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

    /// The owner and mode that the stack shows, with the layer's ids mapped.
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

    /// An entry's owner and mode, with the layer's ids mapped.
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
