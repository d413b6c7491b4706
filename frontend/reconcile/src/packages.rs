//! The packages of the base and of each layer, which several rules ask about.

use std::collections::{BTreeMap, BTreeSet};

use crate::formats::stanza::{Stanza, split};
use crate::formats::text::to_text;

/// The name and architecture of a package.
pub(crate) type Key = (Vec<u8>, Vec<u8>);

/// The packages and where they are installed.
pub(crate) struct Packages {
    /// The packages of the base.
    pub(crate) base: BTreeMap<Key, Stanza>,
    /// For each layer, the packages of its root, including those of the base.
    pub(crate) layers: Vec<BTreeSet<Key>>,
    /// The packages that are new or differ from the base, as the image has them, with the layers that have
    /// them so.
    pub(crate) changed: BTreeMap<Key, (Stanza, BTreeSet<usize>)>,
}

impl Packages {
    /// Whether the root of a layer has a package of this name.
    pub(crate) fn is_in_layer(&self, layer: usize, name: &[u8]) -> bool {
        let first = (name.to_vec(), Vec::new());
        self.layers[layer]
            .range(first..)
            .next()
            .is_some_and(|key| key.0 == name)
    }
}

/// Parses stanzas that describe packages.
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

/// The name of a package as text.
pub(crate) fn show_name(key: &Key) -> String {
    to_text(&key.0)
}

/// Puts packages in order: the base's in its order, then what each layer adds in that layer's order.
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
