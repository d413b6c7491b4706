//! Plans what follows once it is decided which layer a path is taken from.
//!
//! The joint's root is the stack of the base and the system layers. Its changes become a layer, but only what then
//! differs from the root. Where a content layer hides what the root has rightly, the path is therefore put *above*,
//! into a layer that holds exactly what is written to it.

use std::collections::{BTreeMap, BTreeSet};

use crate::draft::Draft;
use crate::formats::listing::{Entry, Kind};
use crate::input::Input;
use crate::paths::is_left_behind;
use crate::plan::{Above, Copied, Owner};
use crate::rules::overlaps::Holders;
use crate::rules::overlaps::contested::{Winner, is_same_content};

/// Plans the mapped owners of all files that the stack takes from layers with mapped ids.
pub(super) fn change_owners(input: &Input<'_>, holders: &Holders<'_>, draft: &mut Draft) {
    let mut lists: Vec<Vec<Vec<u8>>> = vec![Vec::new(); input.layers.len()];
    for (path, layers) in holders {
        let mut system = layers.iter().rev();
        let Some(top) = system
            .find(|layer| !input.layers[**layer].is_content())
            .copied()
        else {
            continue;
        };
        if draft.maps[top].is_empty() {
            continue;
        }
        let entry = input.entry(top, path);
        let owner = draft.map_owner(Some(top), entry);
        if entry.kind != Kind::Link {
            lists[top].push(path.to_vec());
        }
        let is_changed = (owner.uid, owner.gid) != (entry.uid, entry.gid);
        let is_kept = !(draft.plan.files.contains_key(*path)
            || entry.is_file_or_link() && is_left_behind(path));
        if is_changed && is_kept {
            draft.plan.owners.insert(path.to_vec(), owner);
        }
    }
    for ((map, paths), layer) in draft.maps.iter().zip(lists).zip(input.layers) {
        if !map.is_empty() && !layer.is_content() {
            draft.plan.access_lists.push((map.clone(), paths));
        }
    }
}

/// Plans what makes the image have a path as its winner does.
pub(super) fn settle(
    input: &Input<'_>,
    path: &[u8],
    winner: Winner,
    overrides: &BTreeSet<Vec<u8>>,
    draft: &mut Draft,
) {
    let Some((layer, entry)) = winner.entry(input, path) else {
        return;
    };
    let owner = draft.map_owner(layer, entry);
    let is_content = layer.is_some_and(|layer| input.layers[layer].is_content());
    let stacked = input.stacked_entry(path);
    if !is_content {
        let is_stacked = stacked.is_some_and(|(top, have)| {
            top == layer || have.kind == entry.kind && is_same_content(input, have, entry)
        });
        match layer {
            _ if is_stacked => {
                let have = stacked.map(|(_, have)| raw_owner(have));
                if have != Some(owner) && !overrides.contains(path) && entry.kind != Kind::Link {
                    draft.plan.owners.insert(path.to_vec(), owner);
                }
            }
            Some(layer) => {
                let from = path.to_vec();
                let copied = Copied { layer, from, owner };
                draft.plan.copies.insert(path.to_vec(), copied);
            }
            None => {}
        }
    } else if entry.kind == Kind::Directory
        && let Some((_, have)) = stacked
        && have.kind == Kind::Directory
        && raw_owner(have) != owner
    {
        // What the joint writes below the folder brings the folder with it.
        draft.plan.owners.insert(path.to_vec(), owner);
    }
    let Some((top, shown)) = input.shown_entry(path) else {
        return;
    };
    let hides = top.is_some_and(|top| input.layers[top].is_content());
    let is_moved = layer.is_some_and(|layer| input.layers[layer].moved.contains_key(path));
    let is_shown = !is_moved
        && shown.kind == entry.kind
        && is_same_content(input, shown, entry)
        && (entry.kind == Kind::Link || raw_owner(shown) == owner);
    // Without content above it, the joint's own layer shows what its root has.
    if is_shown || !hides && !is_content {
        return;
    }
    if let Some(above) = above(input, path, layer, entry, owner) {
        draft.plan.above.insert(path.to_vec(), above);
    }
}

/// What is put above all layers to show an entry; `None` = nothing can be.
fn above(
    input: &Input<'_>,
    path: &[u8],
    layer: Option<usize>,
    entry: &Entry,
    owner: Owner,
) -> Option<Above> {
    match (entry.kind, layer) {
        (Kind::Directory, _) => Some(Above::Folder(owner)),
        (Kind::Link, _) => Some(Above::Link(entry.target.clone(), owner)),
        (_, Some(layer)) => {
            let from = input.layers[layer].original(path).to_vec();
            Some(Above::File(Copied { layer, from, owner }))
        }
        (_, None) => None,
    }
}

/// Plans to show the links of the image again at whose paths content has folders.
pub(super) fn cover_links(input: &Input<'_>, draft: &mut Draft) {
    for link in input.layers.iter().flat_map(|layer| &layer.hidden_links) {
        if let Some((layer, entry)) = input.stacked_entry(link) {
            let owner = draft.map_owner(layer, entry);
            let target = entry.target.clone();
            draft
                .plan
                .above
                .insert(link.clone(), Above::Link(target, owner));
        }
    }
}

/// Finds the content layer whose configuration of bash the image has.
pub(super) fn find_bash_configuration(
    input: &Input<'_>,
    winners: &BTreeMap<&[u8], Winner>,
    draft: &mut Draft,
) {
    let path = b"/etc/bash.bashrc".as_slice();
    let winner = match winners.get(path) {
        Some(winner) => winner.entry(input, path),
        None => input.shown_entry(path),
    };
    let Some((Some(layer), entry)) = winner else {
        return;
    };
    if input.layers[layer].is_content() && entry.kind == Kind::File {
        let from = input.layers[layer].original(path).to_vec();
        let owner = draft.map_owner(Some(layer), entry);
        draft.plan.bash_configuration = Some(Copied { layer, from, owner });
    }
}

/// Adds the folders that what is put above is in, with the owners and modes that they have in the image.
pub(super) fn add_parents(input: &Input<'_>, winners: &BTreeMap<&[u8], Winner>, draft: &mut Draft) {
    let mut parents: BTreeSet<Vec<u8>> = BTreeSet::new();
    for path in draft.plan.above.keys() {
        let ends = (1..path.len()).filter(|end| path[*end] == b'/');
        parents.extend(ends.map(|end| path[..end].to_vec()));
    }
    for parent in parents {
        if draft.plan.above.contains_key(&parent) {
            continue;
        }
        let winner = winners.get(parent.as_slice());
        let entry = match winner {
            Some(winner) => winner.entry(input, &parent),
            None => input.shown_entry(&parent),
        };
        let owner = entry.map_or(Owner::ORDINARY_FOLDER, |(layer, entry)| {
            draft.map_owner(layer, entry)
        });
        draft.plan.above.insert(parent, Above::Folder(owner));
    }
}

/// The owner and mode of an entry, with the ids that its layer has.
fn raw_owner(entry: &Entry) -> Owner {
    Owner {
        mode: entry.mode,
        uid: entry.uid,
        gid: entry.gid,
    }
}
