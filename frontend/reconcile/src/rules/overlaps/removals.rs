//! Paths that a step removed, and what other layers have at or below them.

use std::collections::{BTreeMap, BTreeSet};

use crate::draft::Draft;
use crate::formats::listing::Kind;
use crate::formats::text::to_text;
use crate::input::Input;
use crate::paths::{is_generated, is_left_behind};
use crate::plan::{Above, Copied};
use crate::refusal::Reason;
use crate::rules::overlaps::Holders;
use crate::rules::overlaps::contested::Winner;

/// Refuses layers if one removes what an unrelated one changes, and plans what follows from all other removals.
pub(super) fn check(
    input: &Input<'_>,
    holders: &Holders<'_>,
    winners: &BTreeMap<&[u8], Winner>,
    draft: &mut Draft,
) {
    for (index, layer) in input.layers.iter().enumerate() {
        for path in &layer.removed {
            let is_decided =
                draft.handled.contains(path) || is_left_behind(path) || is_generated(path);
            if !is_decided {
                check_path(input, index, path, holders, draft);
            }
        }
        rescue(input, index, winners, draft);
    }
}

fn is_unrelated(input: &Input<'_>, one: usize, two: usize) -> bool {
    one != two && !input.is_below(one, two) && !input.is_below(two, one)
}

/// Checks one path that a layer removed.
fn check_path(
    input: &Input<'_>,
    index: usize,
    path: &[u8],
    holders: &Holders<'_>,
    draft: &mut Draft,
) {
    let holders = holders.get(path).map_or(&[][..], Vec::as_slice);
    let others = holders
        .iter()
        .copied()
        .filter(|other| is_unrelated(input, *other, index));
    let mut comes_back = false;
    for other in others {
        let entry = input.entry(other, path);
        // A folder that another layer only puts something into stays for that.
        if input.has_say(other, path) && !entry.is_ordinary_folder() {
            let (removing, changing) = (input.name(index), input.name(other));
            let what = format!(
                "`{}` is removed by `{removing}` and changed by `{changing}`",
                to_text(path)
            );
            draft
                .refusals
                .push(input.refuse_pair(Reason::Kind, [index, other], what));
        } else if other > index && entry.kind != Kind::Directory {
            comes_back = true;
        }
    }
    // A later layer that holds the path without having changed it brings it back.
    let is_remade = holders.iter().any(|other| input.is_below(index, *other));
    if comes_back && !is_remade {
        draft.plan.remove.insert(path.to_vec());
    }
}

/// Plans to look for what earlier, unrelated layers put into folders that a layer removed or emptied. An engine may
/// take it away together with the folder.
fn rescue(input: &Input<'_>, index: usize, winners: &BTreeMap<&[u8], Winner>, draft: &mut Draft) {
    let layer = &input.layers[index];
    if layer.removed.is_empty() {
        return;
    }
    let emptied = find_emptied(input, index);
    for (other, content) in input.layers.iter().enumerate().take(index) {
        if !is_unrelated(input, other, index) {
            continue;
        }
        for (path, entry) in &content.state.listing.0 {
            let is_in = |folder: &[u8]| layer.removed.contains(folder) || emptied.contains(folder);
            let mut ends = (1..path.len()).filter(|end| path[*end] == b'/');
            if layer.removed.contains(path)
                || !ends.any(|end| is_in(&path[..end]))
                || is_left_behind(path)
                || draft.handled.contains(path)
                || !input.has_say(other, path) && entry.kind != Kind::Directory
                || is_decided_by_another(input, other, path, winners)
            {
                continue;
            }
            let (holder, shown) = match winners.get(path.as_slice()) {
                Some(Winner::Base) => (None, input.base.listing.get(path).unwrap_or(entry)),
                _ => (Some(other), entry),
            };
            let owner = draft.map_owner(holder, shown);
            let from = content.original(path).to_vec();
            let copied = Copied {
                layer: other,
                from,
                owner,
            };
            if !content.is_content() {
                draft.plan.rescued.entry(path.clone()).or_insert(copied);
                continue;
            }
            let above = match entry.kind {
                Kind::Directory => Above::Folder(owner),
                Kind::Link => Above::Link(entry.target.clone(), owner),
                _ => Above::File(copied),
            };
            draft.plan.above.entry(path.clone()).or_insert(above);
        }
    }
}

/// Whether the image has a path as another layer has it or removed it, which is looked for itself.
fn is_decided_by_another(
    input: &Input<'_>,
    layer: usize,
    path: &[u8],
    winners: &BTreeMap<&[u8], Winner>,
) -> bool {
    let is_made_on_it = input.layers.iter().any(|later| {
        let has_path = later.state.listing.get(path).is_some() || later.removed.contains(path);
        later.below.contains(&layer) && has_path
    });
    let winner = winners.get(path);
    is_made_on_it || matches!(winner, Some(Winner::Layer(winner)) if *winner != layer)
}

/// The folders that a layer may have made anew: it removed or rewrote all that was in them.
fn find_emptied(input: &Input<'_>, index: usize) -> BTreeSet<Vec<u8>> {
    let layer = &input.layers[index];
    let parent = |path: &[u8]| {
        let end = path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
        path[..end].to_vec()
    };
    let candidates: BTreeSet<Vec<u8>> = layer.removed.iter().map(|path| parent(path)).collect();
    let mut kept: BTreeMap<Vec<u8>, bool> =
        candidates.into_iter().map(|path| (path, false)).collect();
    let below = layer
        .below
        .iter()
        .map(|below| &input.layers[*below].state.listing);
    for listing in std::iter::once(&input.base.listing).chain(below) {
        for path in listing.0.keys() {
            let is_gone = layer.removed.contains(path) || layer.state.listing.get(path).is_some();
            if !is_gone && let Some(kept) = kept.get_mut(&parent(path)) {
                *kept = true;
            }
        }
    }
    let emptied = kept
        .into_iter()
        .filter(|(path, kept)| !path.is_empty() && !kept);
    emptied.map(|(path, _)| path).collect()
}
