//! Paths of an image that is made in one root, where each extension's content and steps are put on all that is
//! before them.
//!
//! Databases need no reconciliation there, since every command has changed those of the command before. Paths are
//! decided as in a joint. A step may have seen what unrelated extensions brought, so what it removed of that is put
//! back.

use std::collections::BTreeSet;

use crate::aliases::Aliases;
use crate::draft::Draft;
use crate::formats::listing::Kind;
use crate::input::Input;
use crate::paths::{is_database, is_generated, is_left_behind};
use crate::plan::{Above, Copied, Plan};
use crate::refusal::{Refusal, keep_essential};
use crate::rules::overlaps;
use crate::state::{Layer, Part, State};

/// Plans what one root still lacks. The layers are in the order in which they were put into it, and each one's state
/// is that of the command in this root.
///
/// # Errors
/// The sorted refusals if the layers cannot be combined.
pub fn plan_one_root(base: &State, mut layers: Vec<Layer>) -> Result<Plan, Vec<Refusal>> {
    let lost: Vec<(usize, Vec<u8>)> = (0..layers.len())
        .flat_map(|index| {
            let lost = forget_unseen(base, &mut layers, index).into_iter();
            lost.map(move |path| (index, path))
        })
        .collect();
    let input = Input {
        base,
        layers: &layers,
        architecture: b"",
        aliases: Aliases::find(&base.listing),
    };
    let mut draft = Draft {
        handled: find_databases(&layers),
        ..Draft::default()
    };
    draft.maps.resize_with(layers.len(), Default::default);
    overlaps::check(&input, &BTreeSet::new(), &mut draft);
    for (index, path) in &lost {
        restore(&input, *index, path, &mut draft);
    }
    if draft.refusals.is_empty() {
        Ok(draft.plan)
    } else {
        Err(keep_essential(draft.refusals))
    }
}

/// The databases that system layers hold, each of which has been changed by one command after another.
fn find_databases(layers: &[Layer]) -> BTreeSet<Vec<u8>> {
    let system = layers.iter().filter(|layer| !layer.is_content());
    let paths = system.flat_map(|layer| {
        let listed = layer.state.listing.0.keys().chain(&layer.removed);
        let databases = listed.filter(|path| is_database(path));
        databases.chain(layer.state.files.keys())
    });
    paths.cloned().collect()
}

/// Takes those paths out of what a step removed that it would not have seen without unrelated extensions, and returns
/// them.
fn forget_unseen(base: &State, layers: &mut [Layer], index: usize) -> BTreeSet<Vec<u8>> {
    let layer = &layers[index];
    if layer.part != Part::Steps {
        return BTreeSet::new();
    }
    let is_seen = |path: &Vec<u8>| {
        let mut below = layer.below.iter();
        base.listing.get(path).is_some()
            || below.any(|below| layers[*below].state.listing.get(path).is_some())
    };
    let (seen, unseen) = layer.removed.iter().cloned().partition(is_seen);
    layers[index].removed = seen;
    unseen
}

/// Plans to put back what a step removed of an unrelated, earlier extension, unless a later layer has it again.
fn restore(input: &Input<'_>, index: usize, path: &[u8], draft: &mut Draft) {
    if is_left_behind(path) || is_generated(path) || draft.handled.contains(path) {
        return;
    }
    let holds = |layer: &usize| input.layers[*layer].state.listing.get(path).is_some();
    if (index..input.layers.len()).any(|layer| holds(&layer)) {
        return;
    }
    // Whoever requires its extension may have removed it before.
    let Some(layer) = (0..index).rev().find(holds) else {
        return;
    };
    let entry = input.entry(layer, path);
    let owner = draft.map_owner(Some(layer), entry);
    let from = input.layers[layer].original(path).to_vec();
    let copied = Copied { layer, from, owner };
    let above = match entry.kind {
        Kind::Directory => Above::Folder(owner),
        Kind::Link => Above::Link(entry.target.clone(), owner),
        Kind::File | Kind::Other(_) => Above::File(copied),
    };
    draft.plan.above.entry(path.to_vec()).or_insert(above);
}
