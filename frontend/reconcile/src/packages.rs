//! The packages of the base and of each layer, which several rules ask for.

use std::collections::{BTreeMap, BTreeSet};

use crate::formats::stanza::{Stanza, split};
use crate::formats::text::to_text;

/// Name and architecture.
pub(crate) type Key = (Vec<u8>, Vec<u8>);

/// Which packages are installed where.
pub(crate) struct Packages {
    pub(crate) base: BTreeMap<Key, Stanza>,
    /// Of each layer, the base's included.
    pub(crate) layers: Vec<BTreeSet<Key>>,
    /// Those that are not as the base has them: as the union has them, and the layers that hold them.
    pub(crate) changed: BTreeMap<Key, (Stanza, BTreeSet<usize>)>,
}

impl Packages {
    /// Whether the layer's root has a package of this name.
    pub(crate) fn is_in_layer(&self, layer: usize, name: &[u8]) -> bool {
        let first = (name.to_vec(), Vec::new());
        self.layers[layer]
            .range(first..)
            .next()
            .is_some_and(|key| key.0 == name)
    }
}

pub(crate) fn parse_packages(bytes: &[u8]) -> Vec<(Key, Stanza)> {
    let stanzas = split(bytes).into_iter();
    stanzas
        .filter_map(|stanza| {
            let name = stanza.field("Package")?.to_vec();
            let architecture = stanza.field("Architecture").unwrap_or_default().to_vec();
            Some(((name, architecture), stanza))
        })
        .collect()
}

pub(crate) fn show_name(key: &Key) -> String {
    to_text(&key.0)
}

/// Base's order, then what layers add in theirs.
pub(crate) fn order_keys(
    base: &[(Key, Stanza)],
    layers: &[Option<Vec<(Key, Stanza)>>],
) -> Vec<Key> {
    let mut seen = BTreeSet::new();
    let all = base.iter().chain(layers.iter().flatten().flatten());
    all.filter(|(key, _)| seen.insert(key.clone()))
        .map(|(key, _)| key.clone())
        .collect()
}
