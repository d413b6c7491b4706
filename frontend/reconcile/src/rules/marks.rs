//! apt's marks: which packages were installed only as dependencies.

use std::collections::BTreeMap;

use crate::draft::Draft;
use crate::formats::stanza::{Stanza, join};
use crate::input::Input;
use crate::packages::{Key, Packages, order_keys, parse_packages};

pub(crate) const MARKS: &[u8] = b"/var/lib/apt/extended_states";

/// Reconciles apt's marks. A package stays automatic only if every layer that has it marks it so.
pub(crate) fn reconcile(input: &Input<'_>, packages: &Packages, draft: &mut Draft) {
    if !input.is_contested(MARKS) {
        return;
    }
    let original = parse_packages(input.base_bytes(MARKS));
    let parsed: Vec<Option<Vec<(Key, Stanza)>>> = (input.layers.iter())
        .map(|layer| {
            layer
                .state
                .files
                .get(MARKS)
                .map(|bytes| parse_packages(bytes))
        })
        .collect();
    // apt marks packages for `all` under the native architecture.
    let for_all = |key: &Key| {
        let is_native = key.1 == input.architecture;
        is_native.then(|| (key.0.clone(), b"all".to_vec()))
    };
    let index =
        |stanzas: &[(Key, Stanza)]| -> BTreeMap<Key, Stanza> { stanzas.iter().cloned().collect() };
    let base = index(&original);
    let mut marks: Vec<BTreeMap<Key, Stanza>> = Vec::new();
    for (layer, stanzas) in parsed.iter().enumerate() {
        let own = if let Some(stanzas) = stanzas {
            index(stanzas)
        } else {
            let below = input.layers[layer].below.iter();
            let below = below.flat_map(|below| marks[*below].clone());
            base.clone().into_iter().chain(below).collect()
        };
        marks.push(own);
    }
    let is_automatic = |stanza: Option<&Stanza>| {
        stanza.and_then(|stanza| stanza.field("Auto-Installed")) == Some(b"1")
    };
    let mut merged = Vec::new();
    for key in order_keys(&original, &parsed) {
        let mut by_hand = None;
        let mut automatic = base.get(&key);
        for (layer, marks) in marks.iter().enumerate() {
            let mark = marks.get(&key);
            // A layer that kept the base's mark expresses no preference.
            let is_silent = packages.base.contains_key(&key)
                || for_all(&key).is_some_and(|key| packages.base.contains_key(&key));
            let is_silent = is_silent && mark == base.get(&key);
            let here = &packages.layers[layer];
            let is_there =
                here.contains(&key) || for_all(&key).is_some_and(|key| here.contains(&key));
            if is_silent || !is_there {
                continue;
            }
            if is_automatic(mark) {
                automatic = automatic.or(mark);
            } else {
                by_hand = Some(mark);
            }
        }
        match by_hand {
            Some(mark) => merged.extend(mark.map(Stanza::with_blank_line)),
            None => merged.extend(automatic.map(Stanza::with_blank_line)),
        }
    }
    draft.write(input, MARKS, join(&merged));
}

/// Whether apt installed a package only as a dependency, according to the marks in the root of a layer.
pub(crate) fn is_automatic(input: &Input<'_>, layer: usize, key: &Key) -> bool {
    let below = input.layers[layer].below.iter().rev().copied();
    let own = std::iter::once(layer)
        .chain(below)
        .find_map(|layer| input.layers[layer].state.files.get(MARKS));
    let marks = parse_packages(own.map_or_else(|| input.base_bytes(MARKS), Vec::as_slice));
    // apt marks packages for `all` under the native architecture.
    let is_meant =
        |(name, architecture): &Key| *name == key.0 && (*architecture == key.1 || key.1 == b"all");
    marks
        .iter()
        .any(|(key, mark)| is_meant(key) && mark.field("Auto-Installed") == Some(b"1"))
}
