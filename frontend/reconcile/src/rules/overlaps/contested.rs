//! One path that several layers hold: which of them decides what the image has there.

use std::collections::{BTreeMap, BTreeSet};

use crate::draft::Draft;
use crate::formats::lines;
use crate::formats::listing::{Entry, Kind};
use crate::formats::text::to_text;
use crate::input::Input;
use crate::plan::Owner;
use crate::refusal::{Reason, Refusal};
use crate::state::Part;

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

/// The layer whose entry the image has at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Winner {
    /// The base: no layer has a say.
    Base,
    /// This layer.
    Layer(usize),
}

impl Winner {
    /// The winner's entry of a path, and its layer.
    pub(crate) fn entry<'a>(
        self,
        input: &Input<'a>,
        path: &[u8],
    ) -> Option<(Option<usize>, &'a Entry)> {
        match self {
            Winner::Base => Some((None, input.base.listing.get(path)?)),
            Winner::Layer(layer) => Some((Some(layer), input.entry(layer, path))),
        }
    }
}

/// Decides which layer the image takes a path from; `None` = it is refused, or nobody has changed what layers below
/// have.
pub(crate) fn decide(
    input: &Input<'_>,
    path: &[u8],
    holders: &[usize],
    owners: &Owners,
    overrides: &BTreeSet<Vec<u8>>,
    draft: &mut Draft,
) -> Option<Winner> {
    let speakers: Vec<usize> = (holders.iter().copied())
        .filter(|layer| input.has_say(*layer, path))
        .collect();
    let mut speakers = input.keep_uppermost(&speakers);
    if speakers.is_empty() {
        // A folder that several layers' content needs, and that nobody has made special.
        let base = input.base.listing.get(path)?;
        let is_other = |layer: &&usize| input.entry(**layer, path).kind != base.kind;
        if let Some(other) = holders.iter().find(is_other) {
            refuse_kind_of_base(input, path, *other, draft);
            return None;
        }
        return Some(Winner::Base);
    }
    drop_shipped(input, path, &mut speakers, owners, draft);
    let kind = |layer: usize| input.entry(layer, path).kind;
    let first = speakers[0];
    // Content was made without knowing what is there, so it has not moved what is in a folder.
    let is_made_blindly = (speakers.iter()).all(|layer| input.layers[*layer].is_content());
    let is_folder = |kind: Kind| kind == Kind::Directory;
    // A step below them may have moved it before.
    let is_changed =
        |layer: &usize| !input.layers[*layer].is_content() && input.has_say(*layer, path);
    let is_still_there = is_made_blindly && !holders.iter().any(is_changed);
    let base = input.base.listing.get(path).filter(|_| is_still_there);
    if let Some(base) = base
        && let Some(other) =
            (speakers.iter()).find(|layer| is_folder(kind(**layer)) != is_folder(base.kind))
    {
        refuse_kind_of_base(input, path, *other, draft);
        return None;
    }
    if let Some(other) = speakers.iter().find(|layer| kind(**layer) != kind(first)) {
        refuse_kinds(input, path, [first, *other], draft);
        return None;
    }
    let is_other = |layer: &&usize| is_folder(kind(**layer)) != is_folder(kind(first));
    if is_made_blindly && let Some(other) = holders.iter().find(is_other) {
        refuse_kinds(input, path, [first, *other], draft);
        return None;
    }
    if kind(first) == Kind::Directory {
        return if overrides.contains(path) {
            speakers.last().copied().map(Winner::Layer)
        } else {
            decide_folder(input, path, &speakers, draft)
        };
    }
    // What others put below the path needs a folder there.
    let needs_folder = |layer: &&usize| {
        kind(**layer) == Kind::Directory
            && !speakers
                .iter()
                .any(|speaker| input.is_below(**layer, *speaker))
            && (input.layers[**layer].is_content()
                || input.layers[**layer].state.listing.holds_below(path))
    };
    if let Some(other) = holders.iter().find(needs_folder) {
        refuse_kinds(input, path, [first, *other], draft);
        return None;
    }
    let is_agreed = check_content(input, path, &speakers, owners, overrides, draft);
    is_agreed.then(|| Winner::Layer(speakers[speakers.len() - 1]))
}

/// Lets what somebody said about a path win over what unrelated packages ship there.
fn drop_shipped(
    input: &Input<'_>,
    path: &[u8],
    speakers: &mut Vec<usize>,
    owners: &Owners,
    draft: &mut Draft,
) {
    let part = |layer: usize| input.layers[layer].part;
    let said: Vec<usize> = (speakers.iter().copied())
        .filter(|layer| part(*layer) != Part::Packages)
        .collect();
    let mut warnings = Vec::new();
    speakers.retain(|layer| {
        if part(*layer) != Part::Packages {
            return true;
        }
        let shipped = input.entry(*layer, path);
        for speaker in &said {
            let entry = input.entry(*speaker, path);
            let before = input.layers[*speaker].state.before.get(path);
            let is_link = entry.kind == Kind::Link;
            let values = [(*speaker, entry), (*layer, shipped)]
                .map(|(layer, entry)| draft.map_owner(Some(layer), entry));
            let is_same = entry.kind == shipped.kind
                && is_same_content(input, entry, shipped)
                && (is_link || values[0] == values[1]);
            // Folders have their own rule, and equal files need none.
            if entry.kind == Kind::Directory || shipped.kind == Kind::Directory || is_same {
                continue;
            }
            match before {
                // The step has edited what the package ships.
                Some(before) if before == shipped => return false,
                Some(_) => {}
                None => {
                    if !path.starts_with(b"/etc/") {
                        warnings.push(show_replacement(input, path, *speaker, *layer, owners));
                    }
                    return false;
                }
            }
        }
        true
    });
    draft.plan.warnings.append(&mut warnings);
}

/// Says that something replaces what a package ships.
fn show_replacement(
    input: &Input<'_>,
    path: &[u8],
    speaker: usize,
    layer: usize,
    owners: &Owners,
) -> String {
    let package = owners.get(path).and_then(|packages| packages.keys().next());
    let package = package.map_or(String::new(), |name| {
        format!(" of package `{}`", to_text(name))
    });
    let part = match input.layers[speaker].part {
        Part::Output => "the output",
        Part::Files => "a file",
        Part::Packages | Part::Steps => "a step",
    };
    format!(
        "{part} of `{}` replaces `{}`{package}, which `{}` installs",
        input.name(speaker),
        to_text(path),
        input.name(layer)
    )
}

/// Refuses a layer that has a path as another kind than the base.
fn refuse_kind_of_base(input: &Input<'_>, path: &[u8], layer: usize, draft: &mut Draft) {
    let Some(base) = input.base.listing.get(path) else {
        return;
    };
    let what = format!(
        "`{}` is {} in the base and {} in `{}`",
        to_text(path),
        base.kind,
        input.entry(layer, path).kind,
        input.name(layer)
    );
    let help = "put it elsewhere, or change the base";
    let refusal = Refusal::alone(Reason::Kind, input.name(layer), what);
    draft.refusals.push(refusal.with_help(help));
}

fn refuse_kinds(input: &Input<'_>, path: &[u8], [first, other]: [usize; 2], draft: &mut Draft) {
    let [first, other] = [first.min(other), first.max(other)];
    let kind = |layer: usize| input.entry(layer, path).kind;
    let what = format!(
        "`{}` is {} in `{}` and {} in `{}`",
        to_text(path),
        kind(first),
        input.name(first),
        kind(other),
        input.name(other)
    );
    let refusal = input.refuse_pair(Reason::Kind, [first, other], what);
    let has_folder = [first, other].map(|layer| kind(layer) == Kind::Directory);
    let parts = [first, other].map(|layer| input.layers[layer].part);
    // Only a step can have seen what is in a folder that it replaces, or what uses a file.
    let is_for_good = has_folder[0] != has_folder[1] && parts[1] != Part::Steps;
    draft.refusals.push(if is_for_good {
        let help = "only one of the two can have this path: change where one of them puts it, or remove one of the two";
        refusal.with_help(help)
    } else {
        refusal
    });
}

/// Whether two entries of one kind have the same content: the bytes of files, the targets of links.
pub(crate) fn is_same_content(input: &Input<'_>, one: &Entry, two: &Entry) -> bool {
    // The link that enables a unit points to `/lib/…` if systemd is absent, otherwise to `/usr/lib/…`.
    let target = |entry: &Entry| input.aliases.resolve(&entry.target);
    one.size == two.size
        && one.hash == two.hash
        && one.attributes == two.attributes
        && target(one) == target(two)
}

/// Refuses layers if a file or link belongs to two packages or differs between layers. Returns whether they agree.
fn check_content(
    input: &Input<'_>,
    path: &[u8],
    layers: &[usize],
    owners: &Owners,
    overrides: &BTreeSet<Vec<u8>>,
    draft: &mut Draft,
) -> bool {
    let shipping = |layer: &usize| layers.contains(layer);
    let packages = owners.get(path).into_iter().flatten();
    let mut packages = packages.filter(|(_, layer)| {
        shipping(layer) || layers.iter().any(|upper| input.is_below(**layer, *upper))
    });
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
            return false;
        }
        [Some((name, _)), _] => format!(" of package `{}`", to_text(name)),
        _ => String::new(),
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
    let is_same = |one: usize, two: usize| {
        is_same_content(input, input.entry(one, path), input.entry(two, path))
    };
    let is_other =
        |layer: &&usize| !is_same(**layer, first) || metadata(**layer) != metadata(first);
    let Some(other) = layers.iter().find(is_other) else {
        return true;
    };
    let (difference, values) = if is_same(first, *other) {
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
    false
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

/// Decides on a folder: an ordinary one yields to a special one. Refuses layers that made different special ones.
fn decide_folder(
    input: &Input<'_>,
    path: &[u8],
    speakers: &[usize],
    draft: &mut Draft,
) -> Option<Winner> {
    let ordinary = input
        .base
        .listing
        .get(path)
        .map_or(Owner::ORDINARY_FOLDER, |entry| draft.map_owner(None, entry));
    let value = |layer: usize| draft.map_owner(Some(layer), input.entry(layer, path));
    let mut special: Vec<(usize, Owner)> = Vec::new();
    for layer in speakers {
        let value = value(*layer);
        if value != ordinary && special.iter().all(|(_, other)| *other != value) {
            special.push((*layer, value));
        }
    }
    match special.as_slice() {
        [] => Some(Winner::Layer(speakers[speakers.len() - 1])),
        [(layer, _)] => Some(Winner::Layer(*layer)),
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
            None
        }
    }
}
