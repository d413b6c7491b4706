//! dpkg's status and apt's marks: which packages are there, and which were asked for.
//!
//! A package is known by its name and architecture. Layers that hold it must hold one version; an
//! upgrade of one of the base's counts as the layer's version.

use std::collections::{BTreeMap, BTreeSet};

use crate::paths::text;
use crate::plan::{Draft, Input};
use crate::refusal::{Reason, Refusal};
use crate::stanza::{Stanza, join, split};

const STATUS: &[u8] = b"/var/lib/dpkg/status";
const MARKS: &[u8] = b"/var/lib/apt/extended_states";

/// Name and architecture.
pub(crate) type Key = (Vec<u8>, Vec<u8>);

/// Which packages are installed where.
pub(crate) struct Packages {
    pub(crate) base: BTreeSet<Key>,
    /// Of each layer, the base's included.
    pub(crate) layers: Vec<BTreeSet<Key>>,
}

impl Packages {
    /// Whether the layer's root has a package of this name.
    pub(crate) fn is_in(&self, layer: usize, name: &[u8]) -> bool {
        let first = (name.to_vec(), Vec::new());
        self.layers[layer]
            .range(first..)
            .next()
            .is_some_and(|key| key.0 == name)
    }
}

fn keyed(bytes: &[u8]) -> Vec<(Key, Stanza)> {
    let stanzas = split(bytes).into_iter();
    stanzas
        .filter_map(|stanza| {
            let name = stanza.field("Package")?.to_vec();
            let architecture = stanza.field("Architecture").unwrap_or_default().to_vec();
            Some(((name, architecture), stanza))
        })
        .collect()
}

fn label(key: &Key) -> String {
    text(&key.0)
}

/// Base's order, then what layers add in theirs.
fn in_order(base: &[(Key, Stanza)], layers: &[Option<Vec<(Key, Stanza)>>]) -> Vec<Key> {
    let mut seen = BTreeSet::new();
    let all = base.iter().chain(layers.iter().flatten().flatten());
    all.filter(|(key, _)| seen.insert(key.clone()))
        .map(|(key, _)| key.clone())
        .collect()
}

/// Unites the status, and refuses what is no addition.
pub(crate) fn unite(input: &Input<'_>, draft: &mut Draft) -> Packages {
    let original = keyed(input.original(STATUS));
    let base: BTreeMap<&Key, &Stanza> =
        original.iter().map(|(key, stanza)| (key, stanza)).collect();
    let parsed: Vec<Option<Vec<(Key, Stanza)>>> = (input.layers.iter())
        .map(|layer| layer.databases.files.get(STATUS).map(|bytes| keyed(bytes)))
        .collect();
    let mut changed: BTreeMap<Key, (usize, Stanza)> = BTreeMap::new();
    let mut layers = Vec::new();
    for (index, stanzas) in parsed.iter().enumerate() {
        let Some(stanzas) = stanzas else {
            layers.push(original.iter().map(|(key, _)| key.clone()).collect());
            continue;
        };
        let keys: BTreeSet<Key> = stanzas.iter().map(|(key, _)| key.clone()).collect();
        for (key, _) in original.iter().filter(|(key, _)| !keys.contains(key)) {
            let what = format!("it removes the package `{}` of the base", label(key));
            draft
                .refusals
                .push(Refusal::alone(Reason::Package, input.name(index), what));
        }
        for (key, stanza) in stanzas {
            if base
                .get(key)
                .is_some_and(|base| base.record() == stanza.record())
            {
                continue;
            }
            check_state(input, index, key, stanza, draft);
            if let Some((other, first)) = changed.get(key) {
                check_version(input, key, (*other, first), (index, stanza), draft);
            }
            changed.insert(key.clone(), (index, stanza.clone()));
        }
        layers.push(keys);
    }
    if input.is_contested(STATUS) {
        let united = in_order(&original, &parsed).into_iter().filter_map(|key| {
            let changed = changed.get(&key).map(|(_, stanza)| stanza.ended());
            changed.or_else(|| base.get(&key).map(|stanza| stanza.ended()))
        });
        draft.write(input, STATUS, join(&united.collect::<Vec<_>>()));
    }
    Packages {
        base: base.into_keys().cloned().collect(),
        layers,
    }
}

fn check_state(input: &Input<'_>, layer: usize, key: &Key, stanza: &Stanza, draft: &mut Draft) {
    let state = stanza.field("Status").unwrap_or_default();
    if state != b"install ok installed" && state != b"hold ok installed" {
        let what = format!("package `{}` is in the state `{}`", label(key), text(state));
        let refusal = Refusal::alone(Reason::Package, input.name(layer), what)
            .with_help("its installation did not end well: see what its maintainer scripts said");
        draft.refusals.push(refusal);
    }
}

fn check_version(
    input: &Input<'_>,
    key: &Key,
    (first, one): (usize, &Stanza),
    (second, two): (usize, &Stanza),
    draft: &mut Draft,
) {
    let versions = [one, two].map(|stanza| text(stanza.field("Version").unwrap_or_default()));
    let names = [input.name(first), input.name(second)];
    if versions[0] != versions[1] {
        let what = format!(
            "package `{}` in two versions, {} ({}) and {} ({})",
            label(key),
            versions[0],
            names[0],
            versions[1],
            names[1]
        );
        draft
            .refusals
            .push(input.between(Reason::Version, [first, second], what));
    } else if one.record() != two.record() {
        draft.plan.warnings.push(format!(
            "`{}` and `{}` describe package `{}` {} differently: the later holds",
            names[0],
            names[1],
            label(key),
            versions[0]
        ));
    }
}

/// Unites apt's marks: a package stays automatic only where every layer that has it says so.
pub(crate) fn unite_marks(input: &Input<'_>, packages: &Packages, draft: &mut Draft) {
    if !input.is_contested(MARKS) {
        return;
    }
    let original = keyed(input.original(MARKS));
    let parsed: Vec<Option<Vec<(Key, Stanza)>>> = (input.layers.iter())
        .map(|layer| layer.databases.files.get(MARKS).map(|bytes| keyed(bytes)))
        .collect();
    let is_there = |set: &BTreeSet<Key>, key: &Key| {
        // apt marks packages for all architectures under the native one.
        let all = (key.0.clone(), b"all".to_vec());
        set.contains(key) || (key.1 == input.architecture && set.contains(&all))
    };
    let index =
        |stanzas: &[(Key, Stanza)]| -> BTreeMap<Key, Stanza> { stanzas.iter().cloned().collect() };
    let base = index(&original);
    let marks: Vec<BTreeMap<Key, Stanza>> = parsed
        .iter()
        .map(|stanzas| index(stanzas.as_deref().unwrap_or(&original)))
        .collect();
    let is_automatic = |stanza: Option<&Stanza>| {
        stanza.and_then(|stanza| stanza.field("Auto-Installed")) == Some(b"1")
    };
    let mut united = Vec::new();
    for key in in_order(&original, &parsed) {
        let mut by_hand = None;
        let mut automatic = base.get(&key);
        for (layer, marks) in marks.iter().enumerate() {
            let mark = marks.get(&key);
            // Who has left the base's mark as it is says nothing.
            let is_silent = is_there(&packages.base, &key) && mark == base.get(&key);
            if is_silent || !is_there(&packages.layers[layer], &key) {
                continue;
            }
            if is_automatic(mark) {
                automatic = automatic.or(mark);
            } else {
                by_hand = Some(mark);
            }
        }
        match by_hand {
            Some(mark) => united.extend(mark.map(Stanza::ended)),
            None => united.extend(automatic.map(Stanza::ended)),
        }
    }
    draft.write(input, MARKS, join(&united));
}
