//! dpkg's status: which packages are there.
//!
//! A package is known by its name and architecture. Layers that hold it must hold one version; an
//! upgrade of one of the base's counts as the layer's version.

use std::collections::{BTreeMap, BTreeSet};

use crate::draft::Draft;
use crate::formats::stanza::{Stanza, join};
use crate::formats::text::to_text;
use crate::input::Input;
use crate::packages::{Key, Packages, order_keys, parse_packages, show_name};
use crate::refusal::{Reason, Refusal, suggest_reinstalling_older};

const STATUS: &[u8] = b"/var/lib/dpkg/status";

/// Unites the status, and refuses what is no addition.
pub(crate) fn reconcile(input: &Input<'_>, draft: &mut Draft) -> Packages {
    let original = parse_packages(input.base_bytes(STATUS));
    let base: BTreeMap<&Key, &Stanza> =
        original.iter().map(|(key, stanza)| (key, stanza)).collect();
    let parsed: Vec<Option<Vec<(Key, Stanza)>>> = (input.layers.iter())
        .map(|layer| {
            layer
                .state
                .files
                .get(STATUS)
                .map(|bytes| parse_packages(bytes))
        })
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
                show_name(key)
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
                    show_name(key)
                );
                let help =
                    "apt gives one package up for another: take one of the two extensions out";
                let refusal = input.refuse_pair(Reason::Package, [*below, index], what);
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
        let united = order_keys(&original, &parsed)
            .into_iter()
            .filter_map(|key| {
                let changed = changed
                    .get(&key)
                    .map(|(stanza, _)| stanza.with_blank_line());
                changed.or_else(|| base.get(&key).map(|stanza| stanza.with_blank_line()))
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
        let what = format!(
            "package `{}` is in the state `{}`",
            show_name(key),
            to_text(state)
        );
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
    let versions = [one, two].map(|stanza| to_text(stanza.field("Version").unwrap_or_default()));
    let names = [input.name(first), input.name(second)];
    if versions[0] != versions[1] {
        let what = format!(
            "package `{}` in two versions, {} ({}) and {} ({})",
            show_name(key),
            versions[0],
            names[0],
            versions[1],
            names[1]
        );
        let both = [(names[0], one), (names[1], two)]
            .map(|(name, stanza)| (name, stanza.field("Version").unwrap_or_default()));
        let refusal = input.refuse_pair(Reason::Version, [first, second], what);
        draft
            .refusals
            .push(refusal.with_help(&suggest_reinstalling_older(both)));
    } else if one.record() != two.record() {
        draft.plan.warnings.push(format!(
            "`{}` and `{}` describe package `{}` {} differently: the later holds",
            names[0],
            names[1],
            show_name(key),
            versions[0]
        ));
    }
}
