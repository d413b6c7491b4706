//! Paths that two layers hold: they agree, a rule has decided them, or they are refused.
//!
//! Here too is what follows from the listings alone: new owners of mapped layers' files, and the
//! removal of what an installation left behind.

use std::collections::{BTreeMap, BTreeSet};

use crate::draft::Draft;
use crate::formats::listing::{Entry, Kind};
use crate::formats::text::text;
use crate::input::Input;
use crate::paths::{is_generated, is_left_behind};
use crate::plan::{Content, File, Owner};
use crate::refusal::Reason;

const INFO: &[u8] = b"/var/lib/dpkg/info/";
const IDENTITY: &[u8] = b"/etc/machine-id";

/// Checks all paths, and adds owners and removals to the plan.
pub(crate) fn check(input: &Input<'_>, overrides: &BTreeSet<Vec<u8>>, draft: &mut Draft) {
    let mut holders: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
    for (index, layer) in input.layers.iter().enumerate() {
        for path in layer.databases.listing.0.keys() {
            holders.entry(path).or_default().push(index);
        }
    }
    let contested: BTreeMap<&[u8], Vec<usize>> = (holders.iter())
        .filter(|(_, layers)| layers.len() > 1)
        .map(|(path, layers)| (*path, input.uppermost(layers)))
        .filter(|(_, layers)| layers.len() > 1)
        .collect();
    let owners = owners(input, &contested);
    // What two rules could say of one path, the override says.
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
    leave_nothing(input, &holders, draft);
}

fn entry<'a>(input: &Input<'a>, layer: usize, path: &[u8]) -> &'a Entry {
    let entry = input.layers[layer].databases.listing.get(path);
    entry.expect("a holder of a path lists it")
}

/// The packages that own a contested path, by layer.
type Owners<'a> = BTreeMap<Vec<u8>, BTreeMap<Vec<u8>, usize>>;

fn owners<'a>(input: &Input<'a>, contested: &BTreeMap<&'a [u8], Vec<usize>>) -> Owners<'a> {
    let mut owners: Owners<'a> = BTreeMap::new();
    let mut seen: BTreeSet<(&[u8], &[u8])> = BTreeSet::new();
    for (index, layer) in input.layers.iter().enumerate() {
        for (path, list) in &layer.databases.files {
            let name = path
                .strip_prefix(INFO)
                .and_then(|name| name.strip_suffix(b".list"));
            let Some(name) = name else { continue };
            // A package may take files over from one that is below.
            let is_covered = input.layers.iter().any(|upper| {
                upper.below.contains(&index) && upper.databases.files.contains_key(path)
            });
            // A dependency that two layers share has the same list in both.
            if is_covered || !seen.insert((name, list)) {
                continue;
            }
            let package = name.split(|byte| *byte == b':').next().unwrap_or(name);
            for path in crate::formats::lines::records(list) {
                let path = input.aliases.canonical(path);
                if contested.contains_key(path.as_slice()) {
                    owners
                        .entry(path)
                        .or_default()
                        .entry(package.to_vec())
                        .or_insert(index);
                }
            }
        }
    }
    owners
}

fn check_path(
    input: &Input<'_>,
    path: &[u8],
    layers: &[usize],
    owners: &Owners<'_>,
    overrides: &BTreeSet<Vec<u8>>,
    draft: &mut Draft,
) {
    let first = layers[0];
    let one = entry(input, first, path);
    if let Some(other) = layers
        .iter()
        .find(|layer| entry(input, **layer, path).kind != one.kind)
    {
        let kinds = [(first, one.kind), (*other, entry(input, *other, path).kind)];
        let [(_, a), (_, b)] = kinds;
        let names = [input.name(first), input.name(*other)];
        let what = format!(
            "`{}` is {a} ({}) and {b} ({})",
            text(path),
            names[0],
            names[1]
        );
        draft
            .refusals
            .push(input.between(Reason::Kind, [first, *other], what));
        return;
    }
    if one.kind == Kind::Directory {
        if !overrides.contains(path) {
            check_directory(input, path, layers, draft);
        }
        return;
    }
    let identity = |layer: usize| {
        let entry = entry(input, layer, path);
        let owner = draft.mapped(Some(layer), entry);
        // Links have no mode of their own.
        let mode = if entry.kind == Kind::Link {
            0
        } else {
            owner.mode
        };
        let meta = if overrides.contains(path) {
            (0, 0, 0)
        } else {
            (mode, owner.uid, owner.gid)
        };
        // What enables a unit links to `/lib/…` where systemd is not there, and to `/usr/lib/…` else.
        let target = input.aliases.canonical(&entry.target);
        (meta, target, entry.size, &entry.hash)
    };
    let mut packages = owners.get(path).into_iter().flatten();
    let whose = match [packages.next(), packages.next()] {
        [Some((one, first)), Some((two, second))] if first != second => {
            let what = format!(
                "`{}` of two packages, `{}` ({}) and `{}` ({})",
                text(path),
                text(one),
                input.name(*first),
                text(two),
                input.name(*second)
            );
            let help = "if one package replaces the other, let its extension require the other's; \
                        else take one of the two extensions out";
            let refusal = input.between(Reason::Owner, [*first, *second], what);
            draft.refusals.push(refusal.with_help(help));
            return;
        }
        [Some((name, _)), _] => format!(" of package `{}`", text(name)),
        _ => String::new(),
    };
    let is_other = |layer: &&usize| identity(**layer) != identity(first);
    if let Some(other) = layers.iter().find(is_other) {
        let is_of_content = |layer: usize| {
            let (_, target, size, hash) = identity(layer);
            (target, size, hash)
        };
        let is_meta = is_of_content(first) == is_of_content(*other);
        let is_of_one_size = entry(input, first, path).size == entry(input, *other, path).size;
        let shown = |layer: usize| {
            let found = entry(input, layer, path);
            let value = if is_meta {
                label(draft.mapped(Some(layer), found))
            } else if found.kind == Kind::Link {
                format!("a link to `{}`", text(&found.target))
            } else if is_of_one_size {
                let hash = text(found.hash.as_deref().unwrap_or_default());
                format!("sha256 {hash:.12}…")
            } else {
                format!("{} bytes", found.size)
            };
            format!("{value} ({})", input.name(layer))
        };
        let what = format!(
            "`{}`{whose} with two {}, {} and {}",
            text(path),
            if is_meta {
                "owners or modes"
            } else {
                "contents"
            },
            shown(first),
            shown(*other)
        );
        let refusal = input.between(Reason::Content, [first, *other], what);
        draft.refusals.push(refusal);
    }
}

/// Mode and numbers of user and group, as `stat` shows them.
fn label(owner: Owner) -> String {
    format!("{:04o} {}:{}", owner.mode, owner.uid, owner.gid)
}

/// A directory gets the one owner and mode that is not the base's, or not everybody's.
fn check_directory(input: &Input<'_>, path: &[u8], layers: &[usize], draft: &mut Draft) {
    let standard = Owner {
        mode: 0o755,
        uid: 0,
        gid: 0,
    };
    let ordinary = input
        .base
        .listing
        .get(path)
        .map_or(standard, |entry| draft.mapped(None, entry));
    let value = |layer: usize| draft.mapped(Some(layer), entry(input, layer, path));
    let mut special: Vec<(usize, Owner)> = Vec::new();
    for layer in layers {
        let value = value(*layer);
        if value != ordinary && special.iter().all(|(_, other)| *other != value) {
            special.push((*layer, value));
        }
    }
    let shown = layers.last().map(|layer| value(*layer));
    match special.as_slice() {
        [(_, owner)] if shown != Some(*owner) => {
            draft.plan.owners.insert(path.to_vec(), *owner);
        }
        [(first, one), (second, two), ..] => {
            let what = format!(
                "directory `{}` with two owners or modes, {} ({}) and {} ({})",
                text(path),
                label(*one),
                input.name(*first),
                label(*two),
                input.name(*second)
            );
            draft
                .refusals
                .push(input.between(Reason::Metadata, [*first, *second], what));
        }
        _ => {}
    }
}

/// Gives what a mapped layer shows in the stack its owner there.
fn change_owners(input: &Input<'_>, holders: &BTreeMap<&[u8], Vec<usize>>, draft: &mut Draft) {
    let mut lists: Vec<Vec<Vec<u8>>> = vec![Vec::new(); input.layers.len()];
    for (path, layers) in holders {
        let Some(top) = layers.last().copied() else {
            continue;
        };
        if draft.maps[top].is_empty() {
            continue;
        }
        let entry = entry(input, top, path);
        let owner = draft.mapped(Some(top), entry);
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

/// A path of the base that one layer removes and another changes.
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
                    "`{}`, which `{removing}` removes and `{changing}` changes",
                    text(path)
                );
                draft
                    .refusals
                    .push(input.between(Reason::Kind, [index, *other], what));
            }
        }
    }
}

/// Removes what installations left, and gives the base its empty identity back.
fn leave_nothing(input: &Input<'_>, holders: &BTreeMap<&[u8], Vec<usize>>, draft: &mut Draft) {
    for (path, layers) in holders {
        let Some(top) = layers.last() else { continue };
        let is_new = input.base.listing.get(path).is_none();
        // Links such as `/run/shm` are no traces.
        if is_new && is_left_behind(path) && entry(input, *top, path).kind == Kind::File {
            draft.plan.remove.insert(path.to_vec());
        }
        if *path == IDENTITY && entry(input, *top, path).size > 0 {
            match input.base.listing.get(path) {
                None => {
                    draft.plan.remove.insert(path.to_vec());
                }
                Some(base) if base.size == 0 => {
                    let owner = draft.mapped(None, base);
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
