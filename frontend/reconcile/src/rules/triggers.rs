//! Triggers: which packages are interested in what, and which triggers the joint has to run.
//!
//! Each layer has run the triggers that it activated. A trigger has to run once more if two layers activated
//! it, or if a layer activated it without having the interested package.

use std::collections::{BTreeMap, BTreeSet};

use crate::draft::Draft;
use crate::formats::lines;
use crate::input::Input;
use crate::packages::Packages;
use crate::rules::records::reconcile_file;

const FOLDER: &[u8] = b"/var/lib/dpkg/triggers/";
const FILE: &[u8] = b"/var/lib/dpkg/triggers/File";
const INFO: &[u8] = b"/var/lib/dpkg/info/";
const CACHE: &[u8] = b"/etc/ld.so.cache";

/// Reconciles the interests, and selects the triggers to run.
pub(crate) fn reconcile(input: &Input<'_>, packages: &Packages, draft: &mut Draft) {
    for path in input.paths_with_prefix(FOLDER) {
        reconcile_file(input, path, &lines::key_by_line, draft);
    }
    let cache = |layer: usize| input.layers[layer].state.listing.get(CACHE);
    let holders: Vec<usize> = (0..input.layers.len())
        .filter(|layer| cache(*layer).is_some())
        .collect();
    let caches: BTreeSet<_> = (input.keep_uppermost(&holders).into_iter())
        .filter_map(|layer| cache(layer)?.hash.as_ref())
        .collect();
    draft.plan.needs_ldconfig = caches.len() > 1;
    let mut selected: BTreeSet<Vec<u8>> = BTreeSet::new();
    let must_run = |activating: &BTreeSet<usize>, interested: &[u8]| {
        let package = parse_package_name(interested);
        // A layer has run its triggers for the layers below it too.
        let activating = input.keep_uppermost(&activating.iter().copied().collect::<Vec<_>>());
        activating.len() > 1
            || activating
                .iter()
                .any(|layer| !packages.is_in_layer(*layer, package))
    };
    for line in lines::records(&reconcile_interests(input, FILE)) {
        let Some(blank) = line.iter().rposition(|byte| *byte == b' ') else {
            continue;
        };
        let (path, interested) = (&line[..blank], &line[blank + 1..]);
        let place = input.aliases.resolve(path);
        let activating = (0..input.layers.len())
            .filter(|layer| input.layers[*layer].state.listing.holds_below(&place))
            .collect();
        if must_run(&activating, interested) {
            selected.insert(path.to_vec());
        }
    }
    for (trigger, activating) in find_activations(input) {
        // The joint runs ldconfig itself, without dpkg.
        if trigger == b"ldconfig" {
            continue;
        }
        let interests = reconcile_interests(input, &[FOLDER, &trigger].concat());
        if lines::records(&interests).any(|package| must_run(&activating, package)) {
            selected.insert(trigger);
        }
    }
    draft.plan.triggers = selected.into_iter().collect();
}

/// The package in `package:architecture/noawait`.
fn parse_package_name(interested: &[u8]) -> &[u8] {
    let end = interested
        .iter()
        .position(|byte| matches!(byte, b'/' | b':'));
    &interested[..end.unwrap_or(interested.len())]
}

/// Reconciles the lines of a file of interests.
fn reconcile_interests(input: &Input<'_>, path: &[u8]) -> Vec<u8> {
    let versions = input.versions(path);
    let bytes: Vec<&[u8]> = versions.iter().map(|(_, bytes)| *bytes).collect();
    lines::reconcile(input.base_bytes(path), &bytes, &lines::key_by_line).unwrap_or_default()
}

/// Finds the named triggers, each with the layers whose packages activate it.
fn find_activations(input: &Input<'_>) -> BTreeMap<Vec<u8>, BTreeSet<usize>> {
    let bases = input
        .base
        .files
        .keys()
        .map(Vec::as_slice)
        .filter(|path| path.starts_with(FOLDER));
    let named: BTreeSet<&[u8]> = (input.paths_with_prefix(FOLDER).into_iter().chain(bases))
        .map(|path| &path[FOLDER.len()..])
        .filter(|name| ![b"File".as_slice(), b"Lock", b"Unincorp"].contains(name))
        .collect();
    let mut activations: BTreeMap<Vec<u8>, BTreeSet<usize>> = BTreeMap::new();
    for (layer, content) in input.layers.iter().enumerate() {
        let files = content
            .state
            .files
            .iter()
            .filter(|(path, _)| path.starts_with(INFO));
        for (path, bytes) in files {
            let is_script = path.ends_with(b".postinst");
            if !is_script && !path.ends_with(b".triggers") {
                continue;
            }
            for line in lines::records(bytes) {
                let mut words = line
                    .split(u8::is_ascii_whitespace)
                    .filter(|word| !word.is_empty());
                let is_activation = if is_script {
                    words.any(|word| word.ends_with(b"dpkg-trigger"))
                } else {
                    words
                        .next()
                        .is_some_and(|word| word.starts_with(b"activate"))
                };
                if is_activation {
                    for word in words.filter(|word| named.contains(word)) {
                        activations.entry(word.to_vec()).or_default().insert(layer);
                    }
                }
            }
        }
    }
    activations
}
