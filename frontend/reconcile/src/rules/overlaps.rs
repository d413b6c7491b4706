//! Paths that several layers hold: which layer decides what the image has there, or why none can.
//!
//! `docs/isolation.md` has the rule. [`contested`] applies it to one path, and [`settled`] plans what follows from
//! it. This rule also plans the removal of what installations left behind.

mod contested;
mod removals;
mod settled;

use std::collections::{BTreeMap, BTreeSet};

use crate::draft::Draft;
use crate::formats::listing::Kind;
use crate::formats::text::to_text;
use crate::input::Input;
use crate::paths::{is_database, is_generated, is_left_behind};
use crate::plan::{Content, File};
use crate::refusal::{Reason, Refusal};
use crate::rules::overlaps::contested::{Winner, decide, find_owners};
use crate::rules::overlaps::settled::{change_owners, cover_links, settle};

const IDENTITY: &[u8] = b"/etc/machine-id";

/// For each path, the layers that hold it, in their order.
type Holders<'a> = BTreeMap<&'a [u8], Vec<usize>>;

/// Checks all paths that several layers hold, and plans owners, copies and removals.
pub(crate) fn check(input: &Input<'_>, overrides: &BTreeSet<Vec<u8>>, draft: &mut Draft) {
    let mut holders: Holders<'_> = BTreeMap::new();
    for (index, layer) in input.layers.iter().enumerate() {
        for path in layer.state.listing.0.keys() {
            holders.entry(path).or_default().push(index);
        }
    }
    refuse_content_in_databases(input, draft);
    let contested: Holders<'_> = (holders.iter())
        .filter(|(path, layers)| is_contested(input, draft, path, layers))
        .map(|(path, layers)| (*path, layers.clone()))
        .collect();
    let owners = find_owners(input, &contested);
    // An override takes precedence over the other owners of a path.
    let overridden = std::mem::take(&mut draft.plan.owners);
    change_owners(input, &holders, draft);
    let mut winners: BTreeMap<&[u8], Winner> = BTreeMap::new();
    for (path, layers) in &contested {
        // What an output or a file has there was not generated from packages.
        let is_said = (layers.iter()).any(|layer| input.layers[*layer].is_content());
        let is_decided =
            draft.handled.contains(*path) || is_left_behind(path) || is_generated(path) && !is_said;
        if is_decided {
            continue;
        }
        if let Some(winner) = decide(input, path, layers, &owners, overrides, draft) {
            winners.insert(path, winner);
        }
    }
    for (path, winner) in &winners {
        settle(input, path, *winner, overrides, draft);
    }
    settled::find_bash_configuration(input, &winners, draft);
    cover_links(input, draft);
    settled::add_parents(input, &winners, draft);
    draft.plan.owners.extend(overridden);
    removals::check(input, &holders, &winners, draft);
    remove_leftovers(input, &holders, draft);
}

/// Whether the layers that hold a path could disagree on it, or the image could show the wrong one.
fn is_contested(input: &Input<'_>, draft: &Draft, path: &[u8], layers: &[usize]) -> bool {
    match layers {
        [layer] if input.layers[*layer].is_content() => {
            let is_mapped = !draft.maps[*layer].is_empty();
            let moved = input.layers[*layer].moved.contains_key(path);
            is_mapped || moved || input.base.listing.get(path).is_some()
        }
        [] | [_] => false,
        _ => true,
    }
}

/// Refuses content at the path of a database, because each layer has its own version of it.
fn refuse_content_in_databases(input: &Input<'_>, draft: &mut Draft) {
    for layer in input.layers.iter().filter(|layer| layer.is_content()) {
        let paths = layer.state.listing.0.iter();
        let databases =
            paths.filter(|(path, entry)| entry.kind != Kind::Directory && is_database(path));
        for (path, _) in databases {
            let what = format!(
                "it has `{}`, which the whole system has only one of",
                to_text(path)
            );
            let help = "change it in a step, with the system's own command (`useradd`, `update-alternatives`, …)";
            let refusal = Refusal::alone(Reason::Content, &layer.extension, what);
            draft.refusals.push(refusal.with_help(help));
        }
    }
}

/// Plans to remove what installations left behind, and to empty the machine's identity again.
fn remove_leftovers(input: &Input<'_>, holders: &Holders<'_>, draft: &mut Draft) {
    for (path, layers) in holders {
        let mut system = layers.iter().rev();
        let Some(top) = system.find(|layer| !input.layers[**layer].is_content()) else {
            continue;
        };
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
