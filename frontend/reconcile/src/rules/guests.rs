//! Content that the commands of the joint read.
//!
//! The root of the joint has no content layers. What a trigger, `ldconfig` or `update-alternatives` reads of them is
//! put there while it runs.

use crate::draft::Draft;
use crate::formats::alternative::Alternative;
use crate::formats::listing::{Entry, Kind};
use crate::input::Input;
use crate::plan::{Choice, Content, Copied};

const ALTERNATIVES: &[u8] = b"/var/lib/dpkg/alternatives/";

/// What triggers with a name may read. Of those with a path it is known: what is below the path.
const READ_BY_NAMED: [&[u8]; 3] = [
    b"/etc",
    b"/usr/local/share/ca-certificates",
    b"/usr/share/ca-certificates",
];

/// Finds the content that the planned commands read.
pub(crate) fn find(input: &Input<'_>, draft: &mut Draft) {
    let folders = find_folders(input, draft);
    let choices = find_choices(input, draft);
    let needs_ldconfig = draft.plan.needs_ldconfig;
    for layer in (0..input.layers.len()).filter(|layer| input.layers[*layer].is_content()) {
        for (path, entry) in &input.layers[layer].state.listing.0 {
            if !is_shown(input, layer, path) {
                continue;
            }
            let is_read = entry.kind != Kind::Directory && is_below(&folders, path)
                || is_chosen(input, &choices, path);
            let is_library = needs_ldconfig && is_for_ldconfig(path, entry);
            if !is_read && !is_library {
                continue;
            }
            let from = input.layers[layer].original(path).to_vec();
            let owner = draft.map_owner(Some(layer), entry);
            let copied = Copied { layer, from, owner };
            // A trigger that may read all of `/etc` reads what tells `ldconfig` where to look, too.
            if is_library {
                draft.plan.libraries.insert(path.clone(), copied.clone());
            }
            if is_read {
                draft.plan.guests.insert(path.clone(), copied);
            }
        }
    }
}

/// Whether the image takes a path from this layer.
fn is_shown(input: &Input<'_>, layer: usize, path: &[u8]) -> bool {
    let shown = input.shown_entry(path);
    shown.is_some_and(|(top, _)| top == Some(layer))
}

fn is_below(folders: &[Vec<u8>], path: &[u8]) -> bool {
    let is_in = |folder: &Vec<u8>| {
        let rest = path.strip_prefix(folder.as_slice());
        rest.is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
    };
    folders.iter().any(is_in)
}

/// The folders that the selected triggers read.
fn find_folders(input: &Input<'_>, draft: &Draft) -> Vec<Vec<u8>> {
    let triggers = &draft.plan.triggers;
    let (paths, named): (Vec<_>, Vec<_>) = triggers.iter().partition(|name| name.starts_with(b"/"));
    let mut folders: Vec<Vec<u8>> = (paths.into_iter())
        .map(|path| input.aliases.resolve(path))
        .collect();
    if !named.is_empty() {
        folders.extend(READ_BY_NAMED.map(<[u8]>::to_vec));
    }
    folders
}

/// The paths between which the planned alternatives choose.
fn find_choices(input: &Input<'_>, draft: &Draft) -> Vec<Vec<u8>> {
    let mut choices = Vec::new();
    for choice in &draft.plan.alternatives {
        let (Choice::Auto(name) | Choice::Manual(name, _)) = choice;
        let path = [ALTERNATIVES, name].concat();
        let written = draft.plan.files.get(&path).map(|file| &file.content);
        let bytes = match written {
            Some(Content::Bytes(bytes)) => Some(bytes.as_slice()),
            _ => input.stacked_bytes(&path),
        };
        let Some(alternative) = bytes.and_then(Alternative::parse) else {
            continue;
        };
        for (path, _, slaves) in alternative.choices {
            choices.push(path);
            choices.extend(slaves);
        }
    }
    choices
        .iter()
        .map(|path| input.aliases.resolve(path))
        .collect()
}

/// Whether a path is a choice, or what a choice that is a link leads to.
fn is_chosen(input: &Input<'_>, choices: &[Vec<u8>], path: &[u8]) -> bool {
    choices.iter().any(|choice| {
        let mut at = choice.clone();
        // Few links lead to links.
        for _ in 0..4 {
            if at == path {
                return true;
            }
            match input.shown_entry(&at) {
                Some((_, entry)) if entry.kind == Kind::Link => {
                    at = crate::contents::follow(&at, &entry.target);
                }
                _ => return false,
            }
        }
        false
    })
}

/// Whether `ldconfig` may read a path: a library, or one of its own files.
fn is_for_ldconfig(path: &[u8], entry: &Entry) -> bool {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
    let is_library = (name.starts_with(b"lib") || name.starts_with(b"ld-"))
        && name.windows(3).any(|letters| letters == b".so");
    let is_own = path.starts_with(b"/etc/ld.so.conf");
    entry.kind != Kind::Directory && (is_library || is_own)
}
