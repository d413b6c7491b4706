//! Paths that two layers hold. Either the layers agree, or a rule has decided the path, or they are refused.
//!
//! This rule also plans what follows from the listings alone: new owners for files whose ids are mapped, and
//! the removal of what installations left behind.

mod contested;

use std::collections::{BTreeMap, BTreeSet};

use crate::draft::Draft;
use crate::formats::listing::Kind;
use crate::formats::text::to_text;
use crate::input::Input;
use crate::paths::{is_generated, is_left_behind};
use crate::plan::{Content, File};
use crate::refusal::Reason;
use crate::rules::overlaps::contested::{check_path, find_owners};

const IDENTITY: &[u8] = b"/etc/machine-id";

/// Checks all contested paths, and plans owners and removals.
pub(crate) fn check(input: &Input<'_>, overrides: &BTreeSet<Vec<u8>>, draft: &mut Draft) {
    let mut holders: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
    for (index, layer) in input.layers.iter().enumerate() {
        for path in layer.state.listing.0.keys() {
            holders.entry(path).or_default().push(index);
        }
    }
    let contested: BTreeMap<&[u8], Vec<usize>> = (holders.iter())
        .filter(|(_, layers)| layers.len() > 1)
        .map(|(path, layers)| (*path, input.keep_uppermost(layers)))
        .filter(|(_, layers)| layers.len() > 1)
        .collect();
    let owners = find_owners(input, &contested);
    // An override takes precedence over the other owners of a path.
    let overridden = std::mem::take(&mut draft.plan.owners);
    change_owners(input, &holders, draft);
    for (path, layers) in &contested {
        let is_decided =
            draft.handled.contains(*path) || is_left_behind(path) || is_generated(path);
        if !is_decided {
            check_path(input, path, layers, &owners, overrides, draft);
        }
    }
    draft.plan.owners.extend(overridden);
    check_removals(input, &holders, draft);
    remove_leftovers(input, &holders, draft);
}

/// Plans the mapped owners of all files that the stack takes from layers with mapped ids.
fn change_owners(input: &Input<'_>, holders: &BTreeMap<&[u8], Vec<usize>>, draft: &mut Draft) {
    let mut lists: Vec<Vec<Vec<u8>>> = vec![Vec::new(); input.layers.len()];
    for (path, layers) in holders {
        let Some(top) = layers.last().copied() else {
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
    for (map, paths) in draft.maps.iter().zip(lists) {
        if !map.is_empty() {
            draft.plan.access_lists.push((map.clone(), paths));
        }
    }
}

/// Refuses layers if one removes a path of the base that another changes.
fn check_removals(input: &Input<'_>, holders: &BTreeMap<&[u8], Vec<usize>>, draft: &mut Draft) {
    for (index, layer) in input.layers.iter().enumerate() {
        for path in &layer.removed {
            if draft.handled.contains(path) || is_left_behind(path) || is_generated(path) {
                continue;
            }
            let changing = holders.get(path.as_slice()).into_iter().flatten();
            let is_apart = |other: &&usize| {
                **other != index
                    && !input.is_below(**other, index)
                    && !input.is_below(index, **other)
            };
            for other in changing.filter(is_apart) {
                let (removing, changing) = (input.name(index), input.name(*other));
                let what = format!(
                    "`{}` is removed by `{removing}` and changed by `{changing}`",
                    to_text(path)
                );
                draft
                    .refusals
                    .push(input.refuse_pair(Reason::Kind, [index, *other], what));
            }
        }
    }
}

/// Plans to remove what installations left behind, and to empty the machine's identity again.
fn remove_leftovers(input: &Input<'_>, holders: &BTreeMap<&[u8], Vec<usize>>, draft: &mut Draft) {
    for (path, layers) in holders {
        let Some(top) = layers.last() else { continue };
        let is_new = input.base.listing.get(path).is_none();
        // Links such as `/run/shm` are not leftovers.
        if is_new && is_left_behind(path) && input.entry(*top, path).kind == Kind::File {
            draft.plan.remove.insert(path.to_vec());
        }
        if *path == IDENTITY && input.entry(*top, path).size > 0 {
            match input.base.listing.get(path) {
                None => {
                    draft.plan.remove.insert(path.to_vec());
                }
                Some(base) if base.size == 0 => {
                    let owner = draft.map_owner(None, base);
                    let content = Content::Bytes(Vec::new());
                    draft
                        .plan
                        .files
                        .insert(path.to_vec(), File { content, owner });
                }
                Some(_) => {}
            }
        }
    }
}
