//! dpkg's status and apt's marks: which packages are there, and which were asked for.
//!
//! A package is known by its name and architecture. Layers that hold it must hold one version; an
//! upgrade of one of the base's counts as the layer's version.

use std::collections::{BTreeMap, BTreeSet};

use crate::draft::Draft;
use crate::formats::stanza::{Stanza, join, split};
use crate::formats::text::text;
use crate::input::Input;
use crate::refusal::{Reason, Refusal};
use crate::rules::conflicts::older;

const STATUS: &[u8] = b"/var/lib/dpkg/status";
const MARKS: &[u8] = b"/var/lib/apt/extended_states";

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
    let mut changed: BTreeMap<Key, Vec<(usize, Stanza)>> = BTreeMap::new();
    let mut layers: Vec<BTreeSet<Key>> = Vec::new();
    for (index, stanzas) in parsed.iter().enumerate() {
        let Some(stanzas) = stanzas else {
            // It has what was there when it was made.
            let below = input.layers[index].below.iter();
            let below = below.flat_map(|below| layers[*below].iter().cloned());
            let mut keys: BTreeSet<Key> = below.collect();
            keys.extend(original.iter().map(|(key, _)| key.clone()));
            layers.push(keys);
            continue;
        };
        let there = stanzas.iter().filter(|(_, stanza)| is_there(stanza));
        let keys: BTreeSet<Key> = there.map(|(key, _)| key.clone()).collect();
        let is_gone = |(key, stanza): &&(Key, Stanza)| is_there(stanza) && !keys.contains(key);
        for (key, _) in original.iter().filter(is_gone) {
            let what = format!(
                "its installation removes the package `{}` of the base",
                label(key)
            );
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
            // What was there before is told below as removed.
            let was_there = |below: &usize| layers[*below].contains(key);
            let is_removed =
                base.contains_key(key) || input.layers[index].below.iter().any(was_there);
            if is_there(stanza) || !is_removed {
                check_state(input, index, key, stanza, draft);
            }
            let holders = changed.entry(key.clone()).or_default();
            // On what it requires, a layer may upgrade.
            let mut beside = (holders.iter()).filter(|(other, _)| !input.is_below(*other, index));
            let version = |stanza: &Stanza| stanza.field("Version").map(<[u8]>::to_vec);
            let other = beside
                .clone()
                .find(|(_, other)| version(other) != version(stanza));
            if let Some((other, first)) = other.or_else(|| beside.next()) {
                check_version(input, key, (*other, first), (index, stanza), draft);
            }
            holders.push((index, stanza.clone()));
        }
        for below in &input.layers[index].below {
            let removed = layers[*below].difference(&keys);
            for key in removed.filter(|key| !base.contains_key(key)) {
                let what = format!(
                    "`{}` requires `{}`, and its installation removes the package `{}` of that one",
                    input.name(index),
                    input.name(*below),
                    label(key)
                );
                let help =
                    "apt gives one package up for another: take one of the two extensions out";
                let refusal = input.between(Reason::Package, [*below, index], what);
                draft.refusals.push(refusal.with_help(help));
            }
        }
        layers.push(keys);
    }
    let changed: BTreeMap<Key, (Stanza, BTreeSet<usize>)> = (changed.into_iter())
        .filter_map(|(key, holders)| {
            let (_, stanza) = holders.last()?.clone();
            let is_same = |other: &Stanza| other.record() == stanza.record();
            let layers = holders.iter().filter(|(_, other)| is_same(other));
            let layers = layers.map(|(layer, _)| *layer).collect();
            Some((key, (stanza, layers)))
        })
        .collect();
    if input.is_contested(STATUS) {
        let united = in_order(&original, &parsed).into_iter().filter_map(|key| {
            let changed = changed.get(&key).map(|(stanza, _)| stanza.ended());
            changed.or_else(|| base.get(&key).map(|stanza| stanza.ended()))
        });
        draft.write(input, STATUS, join(&united.collect::<Vec<_>>()));
    }
    Packages {
        base: original.into_iter().collect(),
        layers,
        changed,
    }
}

/// Whether a package has its files; one that was removed may have left its configuration.
fn is_there(stanza: &Stanza) -> bool {
    let state = stanza.field("Status").unwrap_or_default();
    !state.ends_with(b" config-files") && !state.ends_with(b" not-installed")
}

fn check_state(input: &Input<'_>, layer: usize, key: &Key, stanza: &Stanza, draft: &mut Draft) {
    let state = stanza.field("Status").unwrap_or_default();
    if state != b"install ok installed" && state != b"hold ok installed" {
        let what = format!("package `{}` is in the state `{}`", label(key), text(state));
        let refusal = Refusal::alone(Reason::Package, input.name(layer), what).with_help(&format!(
            "its installation did not end well: see what the step `[{}] packages: …` printed",
            input.name(layer)
        ));
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
        let both = [(first, one), (second, two)]
            .map(|(layer, stanza)| (layer, stanza.field("Version").unwrap_or_default()));
        let refusal = input.between(Reason::Version, [first, second], what);
        draft.refusals.push(refusal.with_help(&older(input, both)));
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

/// Whether apt installed a package for another's sake, in the layer's own root.
pub(crate) fn is_automatic(input: &Input<'_>, layer: usize, key: &Key) -> bool {
    let below = input.layers[layer].below.iter().rev().copied();
    let own = std::iter::once(layer)
        .chain(below)
        .find_map(|layer| input.layers[layer].databases.files.get(MARKS));
    let marks = keyed(own.map_or_else(|| input.original(MARKS), Vec::as_slice));
    // apt marks packages for all architectures under the native one.
    let is_meant =
        |(name, architecture): &Key| *name == key.0 && (*architecture == key.1 || key.1 == b"all");
    marks
        .iter()
        .any(|(key, mark)| is_meant(key) && mark.field("Auto-Installed") == Some(b"1"))
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
    // apt marks packages for all architectures under the native one.
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
    let mut united = Vec::new();
    for key in in_order(&original, &parsed) {
        let mut by_hand = None;
        let mut automatic = base.get(&key);
        for (layer, marks) in marks.iter().enumerate() {
            let mark = marks.get(&key);
            // Who has left the base's mark as it is says nothing.
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
            Some(mark) => united.extend(mark.map(Stanza::ended)),
            None => united.extend(automatic.map(Stanza::ended)),
        }
    }
    draft.write(input, MARKS, join(&united));
}
