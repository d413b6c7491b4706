//! dpkg's status: which packages are installed.
//!
//! A package is identified by its name and architecture. All layers that hold a package must hold the same
//! version. If a layer upgrades a package of the base, the upgrade is its version.

use std::collections::{BTreeMap, BTreeSet};

use crate::draft::Draft;
use crate::formats::stanza::{Stanza, join};
use crate::formats::text::to_text;
use crate::input::Input;
use crate::packages::{Key, Packages, order_keys, parse_packages, show_name};
use crate::refusal::{Reason, Refusal, suggest_one_version};

const INFO: &[u8] = b"/var/lib/dpkg/info/";

pub(crate) const STATUS: &[u8] = b"/var/lib/dpkg/status";

/// The status of a package that is installed and on hold (`apt-mark hold`).
const HELD: &[u8] = b"hold ok installed";

/// Reconciles the status, and refuses layers that remove packages or hold other versions of them.
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
        check_lists(input, index, &base, stanzas.as_deref(), draft);
        let Some(stanzas) = stanzas else {
            // The layer has the packages that it was installed on.
            let below = input.layers[index].below.iter();
            let below = below.flat_map(|below| layers[*below].iter().cloned());
            let mut keys: BTreeSet<Key> = below.collect();
            keys.extend(original.iter().map(|(key, _)| key.clone()));
            layers.push(keys);
            continue;
        };
        let there = stanzas.iter().filter(|(_, stanza)| is_there(stanza));
        let keys: BTreeSet<Key> = there.map(|(key, _)| key.clone()).collect();
        refuse_removals_from_base(input, index, &original, &keys, draft);
        for (key, stanza) in stanzas {
            if base
                .get(key)
                .is_some_and(|base| base.record() == stanza.record())
            {
                continue;
            }
            // The removal of a package that was there before is refused below.
            let was_there = |below: &usize| layers[*below].contains(key);
            let is_removed =
                base.contains_key(key) || input.layers[index].below.iter().any(was_there);
            if is_there(stanza) || !is_removed {
                check_state(input, index, key, stanza, draft);
            }
            let holders = changed.entry(key.clone()).or_default();
            // A layer may upgrade packages of the layers below it.
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
        refuse_removals_from_below(input, index, &base, &layers, &keys, draft);
        layers.push(keys);
    }
    let changed: BTreeMap<Key, (Stanza, BTreeSet<usize>)> = (changed.into_iter())
        .filter_map(|(key, holders)| {
            // A package that one extension holds is held.
            let indexes: Vec<usize> = holders.iter().map(|(layer, _)| *layer).collect();
            let uppermost = input.keep_uppermost(&indexes);
            let is_held = |(layer, stanza): &&(usize, Stanza)| {
                uppermost.contains(layer) && stanza.field("Status") == Some(HELD)
            };
            let (_, stanza) = holders.iter().find(is_held).or(holders.last())?.clone();
            let is_same = |other: &Stanza| other.record() == stanza.record();
            let layers = holders.iter().filter(|(_, other)| is_same(other));
            let layers = layers.map(|(layer, _)| *layer).collect();
            Some((key, (stanza, layers)))
        })
        .collect();
    if input.is_contested(STATUS) {
        let merged = order_keys(&original, &parsed)
            .into_iter()
            .filter_map(|key| {
                let changed = changed
                    .get(&key)
                    .map(|(stanza, _)| stanza.with_blank_line());
                changed.or_else(|| base.get(&key).map(|stanza| stanza.with_blank_line()))
            });
        draft.write(input, STATUS, join(&merged.collect::<Vec<_>>()));
    }
    Packages {
        base: original.into_iter().collect(),
        layers,
        changed,
    }
}

/// Refuses a state that contradicts itself: its packages against the lists of files that came with them.
///
/// dpkg writes the list of a package's files before its record, and a record always has a list. If one is missing, the
/// installation was disturbed, or the state was not taken of the whole root.
fn check_lists(
    input: &Input<'_>,
    index: usize,
    base: &BTreeMap<&Key, &Stanza>,
    stanzas: Option<&[(Key, Stanza)]>,
    draft: &mut Draft,
) {
    let layer = &input.layers[index];
    let lists = layer.state.listing.0.keys();
    let lists: Vec<&Vec<u8>> = lists.filter(|path| name_of_list(path).is_some()).collect();
    if lists.is_empty() {
        return;
    }
    let known: BTreeSet<&[u8]> = (stanzas.unwrap_or_default().iter())
        .map(|(key, _)| key.0.as_slice())
        .collect();
    let is_unknown = |path: &&&Vec<u8>| {
        let name = name_of_list(path).unwrap_or_default();
        input.has_say(index, path) && !known.contains(name)
    };
    let unlisted = || {
        let installed = stanzas.unwrap_or_default().iter();
        let mut installed = installed.filter(|(_, stanza)| {
            stanza
                .field("Status")
                .is_some_and(|state| state.ends_with(b" installed"))
        });
        // A base may have been made without some lists.
        installed.find(|(key, _)| !base.contains_key(key) && !has_list(input, index, key))
    };
    let what = if let Some(list) = lists.iter().find(is_unknown) {
        format!("it has `{}`, but no record of that package", to_text(list))
    } else if let Some((key, _)) = unlisted() {
        format!(
            "it has a record of the package `{}`, but no list of its files",
            show_name(key)
        )
    } else {
        return;
    };
    let what = format!("the state of its system contradicts itself: {what}");
    let help = format!(
        "its installation was disturbed: run it again with `--no-cache-filter {}`",
        layer.extension
    );
    let refusal = Refusal::alone(Reason::Package, &layer.extension, what);
    draft.refusals.push(refusal.with_help(&help));
}

/// The name of the package whose list of files a path is, without its architecture.
fn name_of_list(path: &[u8]) -> Option<&[u8]> {
    let name = path.strip_prefix(INFO)?.strip_suffix(b".list")?;
    name.split(|byte| *byte == b':').next()
}

/// Whether there is a list of a package's files in the root of a layer.
fn has_list(input: &Input<'_>, index: usize, (name, architecture): &Key) -> bool {
    let paths = [
        [INFO, name, b".list"].concat(),
        [INFO, name, b":", architecture, b".list"].concat(),
    ];
    let below = input.layers[index].below.iter().chain([&index]);
    let states = below.map(|layer| &input.layers[*layer].state);
    let mut states = states.chain([input.base]);
    states.any(|state| {
        let mut paths = paths.iter();
        paths.any(|path| state.listing.get(path).is_some())
    })
}

/// Whether the files of a package are installed. A removed package may have left its configuration.
fn is_there(stanza: &Stanza) -> bool {
    let state = stanza.field("Status").unwrap_or_default();
    !state.ends_with(b" config-files") && !state.ends_with(b" not-installed")
}

/// Refuses a layer that removes packages of the base. `keys` are the packages of the layer's root.
fn refuse_removals_from_base(
    input: &Input<'_>,
    layer: usize,
    original: &[(Key, Stanza)],
    keys: &BTreeSet<Key>,
    draft: &mut Draft,
) {
    let is_gone = |(key, stanza): &&(Key, Stanza)| is_there(stanza) && !keys.contains(key);
    for (key, _) in original.iter().filter(is_gone) {
        let what = format!(
            "its installation removes the package `{}` of the base",
            show_name(key)
        );
        draft
            .refusals
            .push(Refusal::alone(Reason::Package, input.name(layer), what));
    }
}

/// Refuses a layer that removes packages of the layers that it was installed on. `layers` are the packages of
/// the earlier layers' roots.
fn refuse_removals_from_below(
    input: &Input<'_>,
    layer: usize,
    base: &BTreeMap<&Key, &Stanza>,
    layers: &[BTreeSet<Key>],
    keys: &BTreeSet<Key>,
    draft: &mut Draft,
) {
    for below in &input.layers[layer].below {
        let removed = layers[*below].difference(keys);
        for key in removed.filter(|key| !base.contains_key(key)) {
            let what = format!(
                "the installation of `{}` removes the package `{}`, which its requirement `{}` brings",
                input.name(layer),
                show_name(key),
                input.name(*below)
            );
            let help = "apt removes one package in order to install another: remove one of the two extensions";
            let refusal = input.refuse_pair(Reason::Package, [*below, layer], what);
            draft.refusals.push(refusal.with_help(help));
        }
    }
}

/// Refuses a layer with a package that is not completely installed.
fn check_state(input: &Input<'_>, layer: usize, key: &Key, stanza: &Stanza, draft: &mut Draft) {
    let state = stanza.field("Status").unwrap_or_default();
    if state != b"install ok installed" && state != HELD {
        let what = format!(
            "package `{}` is in the state `{}`",
            show_name(key),
            to_text(state)
        );
        let refusal = Refusal::alone(Reason::Package, input.name(layer), what).with_help(&format!(
            "its installation did not complete: see the output of the step `[{}] packages: …`",
            input.name(layer)
        ));
        draft.refusals.push(refusal);
    }
}

/// The record of a package as if it were not on hold.
fn without_hold(stanza: &Stanza) -> Stanza {
    let is_held = stanza.field("Status") == Some(HELD);
    let stanza = stanza.with_blank_line();
    if is_held {
        stanza.with_field("Status", b"install ok installed")
    } else {
        stanza
    }
}

/// Refuses two layers with different versions of a package.
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
            "package `{}` has two versions, {} in `{}` and {} in `{}`",
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
            .push(refusal.with_help(&suggest_one_version(both)));
    } else if without_hold(one) != without_hold(two) {
        draft.plan.warnings.push(format!(
            "`{}` and `{}` describe package `{}` {} differently: the later description applies",
            names[0],
            names[1],
            show_name(key),
            versions[0]
        ));
    }
}
