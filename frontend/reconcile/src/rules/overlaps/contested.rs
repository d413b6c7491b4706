//! One path in several layers: whether what they hold goes together.

use std::collections::{BTreeMap, BTreeSet};

use crate::draft::Draft;
use crate::formats::lines;
use crate::formats::listing::Kind;
use crate::formats::text::to_text;
use crate::input::Input;
use crate::plan::Owner;
use crate::refusal::Reason;

const INFO: &[u8] = b"/var/lib/dpkg/info/";

/// The packages that own a contested path, by layer.
pub(crate) type Owners = BTreeMap<Vec<u8>, BTreeMap<Vec<u8>, usize>>;

pub(crate) fn find_owners(input: &Input<'_>, contested: &BTreeMap<&[u8], Vec<usize>>) -> Owners {
    let mut owners: Owners = BTreeMap::new();
    let mut seen: BTreeSet<(&[u8], &[u8])> = BTreeSet::new();
    for (index, layer) in input.layers.iter().enumerate() {
        for (path, list) in &layer.state.files {
            let name = path
                .strip_prefix(INFO)
                .and_then(|name| name.strip_suffix(b".list"));
            let Some(name) = name else { continue };
            // A package may take files over from one that is below.
            let is_covered = input
                .layers
                .iter()
                .any(|upper| upper.below.contains(&index) && upper.state.files.contains_key(path));
            // A dependency that two layers share has the same list in both.
            if is_covered || !seen.insert((name, list)) {
                continue;
            }
            let package = name.split(|byte| *byte == b':').next().unwrap_or(name);
            for path in lines::records(list) {
                let path = input.aliases.resolve(path);
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

pub(crate) fn check_path(
    input: &Input<'_>,
    path: &[u8],
    layers: &[usize],
    owners: &Owners,
    overrides: &BTreeSet<Vec<u8>>,
    draft: &mut Draft,
) {
    let first = layers[0];
    let one = input.entry(first, path);
    if let Some(other) = layers
        .iter()
        .find(|layer| input.entry(**layer, path).kind != one.kind)
    {
        let kinds = [(first, one.kind), (*other, input.entry(*other, path).kind)];
        let [(_, a), (_, b)] = kinds;
        let names = [input.name(first), input.name(*other)];
        let what = format!(
            "`{}` is {a} ({}) and {b} ({})",
            to_text(path),
            names[0],
            names[1]
        );
        draft
            .refusals
            .push(input.refuse_pair(Reason::Kind, [first, *other], what));
        return;
    }
    if one.kind == Kind::Directory {
        if !overrides.contains(path) {
            check_directory(input, path, layers, draft);
        }
        return;
    }
    let identity = |layer: usize| {
        let entry = input.entry(layer, path);
        let owner = draft.map_owner(Some(layer), entry);
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
        let target = input.aliases.resolve(&entry.target);
        (meta, target, entry.size, &entry.hash)
    };
    let mut packages = owners.get(path).into_iter().flatten();
    let whose = match [packages.next(), packages.next()] {
        [Some((one, first)), Some((two, second))] if first != second => {
            let what = format!(
                "`{}` of two packages, `{}` ({}) and `{}` ({})",
                to_text(path),
                to_text(one),
                input.name(*first),
                to_text(two),
                input.name(*second)
            );
            let help = "if one package replaces the other, let its extension require the other's; \
                        else take one of the two extensions out";
            let refusal = input.refuse_pair(Reason::Owner, [*first, *second], what);
            draft.refusals.push(refusal.with_help(help));
            return;
        }
        [Some((name, _)), _] => format!(" of package `{}`", to_text(name)),
        _ => String::new(),
    };
    let is_other = |layer: &&usize| identity(**layer) != identity(first);
    if let Some(other) = layers.iter().find(is_other) {
        let is_of_content = |layer: usize| {
            let (_, target, size, hash) = identity(layer);
            (target, size, hash)
        };
        let is_meta = is_of_content(first) == is_of_content(*other);
        let is_of_one_size = input.entry(first, path).size == input.entry(*other, path).size;
        let shown = |layer: usize| {
            let found = input.entry(layer, path);
            let value = if is_meta {
                show_owner(draft.map_owner(Some(layer), found))
            } else if found.kind == Kind::Link {
                format!("a link to `{}`", to_text(&found.target))
            } else if is_of_one_size {
                let hash = to_text(found.hash.as_deref().unwrap_or_default());
                format!("sha256 {hash:.12}…")
            } else {
                format!("{} bytes", found.size)
            };
            format!("{value} ({})", input.name(layer))
        };
        let what = format!(
            "`{}`{whose} with two {}, {} and {}",
            to_text(path),
            if is_meta {
                "owners or modes"
            } else {
                "contents"
            },
            shown(first),
            shown(*other)
        );
        let refusal = input.refuse_pair(Reason::Content, [first, *other], what);
        draft.refusals.push(refusal);
    }
}

/// Mode and numbers of user and group, as `stat` shows them.
fn show_owner(owner: Owner) -> String {
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
        .map_or(standard, |entry| draft.map_owner(None, entry));
    let value = |layer: usize| draft.map_owner(Some(layer), input.entry(layer, path));
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
                to_text(path),
                show_owner(*one),
                input.name(*first),
                show_owner(*two),
                input.name(*second)
            );
            draft
                .refusals
                .push(input.refuse_pair(Reason::Metadata, [*first, *second], what));
        }
        _ => {}
    }
}
