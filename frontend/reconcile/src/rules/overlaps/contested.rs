//! One path that several layers hold, and whether what they hold is the same.

use std::collections::{BTreeMap, BTreeSet};

use crate::draft::Draft;
use crate::formats::lines;
use crate::formats::listing::Kind;
use crate::formats::text::to_text;
use crate::input::Input;
use crate::plan::Owner;
use crate::refusal::Reason;

const INFO: &[u8] = b"/var/lib/dpkg/info/";

/// For each contested path, the packages that own it, each with a layer that installed it.
pub(crate) type Owners = BTreeMap<Vec<u8>, BTreeMap<Vec<u8>, usize>>;

/// Finds the packages that own contested paths.
pub(crate) fn find_owners(input: &Input<'_>, contested: &BTreeMap<&[u8], Vec<usize>>) -> Owners {
    let mut owners: Owners = BTreeMap::new();
    let mut seen: BTreeSet<(&[u8], &[u8])> = BTreeSet::new();
    for (index, layer) in input.layers.iter().enumerate() {
        for (path, list) in &layer.state.files {
            let name = path
                .strip_prefix(INFO)
                .and_then(|name| name.strip_suffix(b".list"));
            let Some(name) = name else { continue };
            // A package may take over files from one that is below.
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

/// Checks a contested path: the layers must agree on its kind, package, content, owner and mode.
pub(crate) fn check_path(
    input: &Input<'_>,
    path: &[u8],
    layers: &[usize],
    owners: &Owners,
    overrides: &BTreeSet<Vec<u8>>,
    draft: &mut Draft,
) {
    let first = layers[0];
    let kind = |layer: usize| input.entry(layer, path).kind;
    if let Some(other) = layers.iter().find(|layer| kind(**layer) != kind(first)) {
        let what = format!(
            "`{}` is {} in `{}` and {} in `{}`",
            to_text(path),
            kind(first),
            input.name(first),
            kind(*other),
            input.name(*other)
        );
        draft
            .refusals
            .push(input.refuse_pair(Reason::Kind, [first, *other], what));
        return;
    }
    if kind(first) != Kind::Directory {
        check_content(input, path, layers, owners, overrides, draft);
    } else if !overrides.contains(path) {
        check_directory(input, path, layers, draft);
    }
}

/// Refuses layers if a file or link belongs to two packages or differs between layers.
fn check_content(
    input: &Input<'_>,
    path: &[u8],
    layers: &[usize],
    owners: &Owners,
    overrides: &BTreeSet<Vec<u8>>,
    draft: &mut Draft,
) {
    let mut packages = owners.get(path).into_iter().flatten();
    let package = match [packages.next(), packages.next()] {
        [Some((one, first)), Some((two, second))] if first != second => {
            let what = format!(
                "`{}` belongs to two packages, `{}` in `{}` and `{}` in `{}`",
                to_text(path),
                to_text(one),
                input.name(*first),
                to_text(two),
                input.name(*second)
            );
            let help = "if one package replaces the other, make its extension require the other's; \
                        otherwise remove one of the two extensions";
            let refusal = input.refuse_pair(Reason::Owner, [*first, *second], what);
            draft.refusals.push(refusal.with_help(help));
            return;
        }
        [Some((name, _)), _] => format!(" of package `{}`", to_text(name)),
        _ => String::new(),
    };
    let content = |layer: usize| {
        let entry = input.entry(layer, path);
        // The link that enables a unit points to `/lib/…` if systemd is absent, otherwise to `/usr/lib/…`.
        let target = input.aliases.resolve(&entry.target);
        (target, entry.size, &entry.hash)
    };
    let metadata = |layer: usize| {
        let entry = input.entry(layer, path);
        let owner = draft.map_owner(Some(layer), entry);
        // Links have no mode of their own.
        let is_link = entry.kind == Kind::Link;
        let mode = if is_link { 0 } else { owner.mode };
        (!overrides.contains(path)).then_some((mode, owner.uid, owner.gid))
    };
    let first = layers[0];
    let is_other =
        |layer: &&usize| content(**layer) != content(first) || metadata(**layer) != metadata(first);
    let Some(other) = layers.iter().find(is_other) else {
        return;
    };
    let (difference, values) = if content(first) == content(*other) {
        let show = |layer| show_owner(draft.map_owner(Some(layer), input.entry(layer, path)));
        ("owners or modes", [show(first), show(*other)])
    } else {
        ("contents", show_contents(input, path, [first, *other]))
    };
    let [one, two] = values;
    let what = format!(
        "`{}`{package} has different {difference}, {one} in `{}` and {two} in `{}`",
        to_text(path),
        input.name(first),
        input.name(*other)
    );
    let refusal = input.refuse_pair(Reason::Content, [first, *other], what);
    draft.refusals.push(refusal);
}

/// Shows what tells two contents apart: the targets of links, the sizes of files, or else their hashes.
fn show_contents(input: &Input<'_>, path: &[u8], layers: [usize; 2]) -> [String; 2] {
    let entries = layers.map(|layer| input.entry(layer, path));
    let has_one_size = entries[0].size == entries[1].size;
    entries.map(|entry| {
        if entry.kind == Kind::Link {
            format!("a link to `{}`", to_text(&entry.target))
        } else if has_one_size {
            let hash = to_text(entry.hash.as_deref().unwrap_or_default());
            format!("sha256 {hash:.12}…")
        } else {
            format!("{} bytes", entry.size)
        }
    })
}

/// Shows a mode and the ids of user and group as `stat` does.
fn show_owner(owner: Owner) -> String {
    format!("{:04o} {}:{}", owner.mode, owner.uid, owner.gid)
}

/// Gives a directory the owner and mode that differ from the base's or the usual ones. Refuses layers that
/// set different ones.
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
                "directory `{}` has different owners or modes, {} in `{}` and {} in `{}`",
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
