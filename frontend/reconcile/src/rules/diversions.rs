//! Diversions: paths that a package has claimed, so that another's file goes elsewhere.
//!
//! dpkg applies a diversion to what is installed after it. A layer that did not know of it has its
//! file at the claimed path; the joint takes it where dpkg would have put it.

use std::collections::BTreeMap;

use crate::draft::Draft;
use crate::formats::diversion::{format, parse};
use crate::formats::listing::Kind;
use crate::formats::text::to_text;
use crate::input::Input;
use crate::plan::{Content, File, Move};
use crate::refusal::{Reason, Refusal};

const DIVERSIONS: &[u8] = b"/var/lib/dpkg/diversions";

/// Unites the records, and moves files that did not know of them.
pub(crate) fn reconcile(input: &Input<'_>, draft: &mut Draft) {
    let (mut united, _) = parse(input.base_bytes(DIVERSIONS));
    let base = united.clone();
    // Of each claimed path, the layers that know.
    let mut knowing: BTreeMap<Vec<u8>, Vec<usize>> = BTreeMap::new();
    for (layer, content) in input.layers.iter().enumerate() {
        let Some(bytes) = content.state.files.get(DIVERSIONS) else {
            continue;
        };
        let (records, _) = parse(bytes);
        for record in base.iter().filter(|record| !records.contains(record)) {
            let what = format!(
                "its installation removes the diversion of `{}` of the base",
                to_text(record[0])
            );
            draft
                .refusals
                .push(Refusal::alone(Reason::Diversion, input.name(layer), what));
        }
        for record in records.iter().filter(|record| !base.contains(record)) {
            let path = input.aliases.resolve(record[0]);
            let to = input.aliases.resolve(record[1]);
            let clash = united.iter().find(|other| {
                let other_path = input.aliases.resolve(other[0]);
                let other_to = input.aliases.resolve(other[1]);
                (other_path == path && (other_to != to || other[2] != record[2]))
                    || (other_path != path && other_to == to)
            });
            if let Some(other) = clash {
                let [path, to, package] = other.map(to_text);
                let [second_path, second_to, second_package] = record.map(to_text);
                let first = knowing.get(&input.aliases.resolve(other[0]));
                let first = first.map(|layers| layers[0]);
                let what = format!(
                    "`{path}` diverted to `{to}` by package `{package}` ({}), and `{second_path}` to \
                     `{second_to}` by package `{second_package}` ({})",
                    first.map_or("the base", |layer| input.name(layer)),
                    input.name(layer)
                );
                let refusal = match first {
                    Some(first) => input.refuse_pair(Reason::Diversion, [first, layer], what),
                    None => Refusal::alone(Reason::Diversion, input.name(layer), what),
                };
                let help = "dpkg would refuse the second too: take one of the two extensions out";
                draft.refusals.push(match first {
                    Some(_) => refusal.with_help(help),
                    None => refusal,
                });
                continue;
            }
            let is_known = knowing.contains_key(&path);
            knowing.entry(path).or_default().push(layer);
            if !is_known {
                united.push(*record);
            }
        }
    }
    if input.is_contested(DIVERSIONS) {
        draft.write(input, DIVERSIONS, format(&united, &[b""]));
    }
    for record in &united {
        let path = input.aliases.resolve(record[0]);
        let to = input.aliases.resolve(record[1]);
        if let Some(layers) = knowing.get(&path) {
            // Who is on such a layer knows, and of what is below it dpkg has moved the file.
            let is_told = |layer: &usize| {
                let is_near = |other: &usize| {
                    input.is_below(*other, *layer) || input.is_below(*layer, *other)
                };
                layers.contains(layer) || layers.iter().any(is_near)
            };
            let layers: Vec<usize> = (0..input.layers.len()).filter(is_told).collect();
            divert(input, &layers, &path, &to, draft);
        }
    }
}

/// Puts the files of layers that do not know of a diversion where it says.
fn divert(input: &Input<'_>, knowing: &[usize], path: &[u8], to: &[u8], draft: &mut Draft) {
    let holds = |layer: usize| {
        input.layers[layer]
            .state
            .listing
            .get(path)
            .filter(|entry| entry.is_file_or_link())
    };
    let unknowing = (0..input.layers.len()).filter(|layer| !knowing.contains(layer));
    let Some(layer) = unknowing.rev().find(|layer| holds(*layer).is_some()) else {
        return;
    };
    let Some(entry) = holds(layer) else { return };
    draft.handled.insert(path.to_vec());
    draft.handled.insert(to.to_vec());
    let is_shown = input
        .stacked_entry(path)
        .is_some_and(|(top, _)| top == Some(layer));
    let owner = draft.map_owner(Some(layer), entry);
    if entry.kind == Kind::Link {
        let content = Content::Link(entry.target.clone());
        draft
            .plan
            .files
            .insert(to.to_vec(), File { content, owner });
    } else if is_shown {
        draft.plan.moves.push(Move {
            from: path.to_vec(),
            to: to.to_vec(),
            owner,
        });
    } else {
        let what = format!(
            "`{}`, which `{}` installs and `{}` diverts",
            to_text(path),
            input.name(layer),
            input.name(knowing[0])
        );
        draft
            .refusals
            .push(input.refuse_pair(Reason::Diversion, [knowing[0], layer], what));
    }
    if !is_shown {
        return;
    }
    // The file of a layer that diverts is hidden below: it has to be shown again.
    let Some(holder) = knowing.iter().rev().find(|layer| holds(**layer).is_some()) else {
        if entry.kind == Kind::Link {
            draft.plan.remove.insert(path.to_vec());
        }
        return;
    };
    let Some(own) = holds(*holder) else { return };
    let owner = draft.map_owner(Some(*holder), own);
    let copied = input.layers[*holder].state.files.get(path);
    let content = match (own.kind, copied) {
        (Kind::Link, _) => Content::Link(own.target.clone()),
        (_, Some(bytes)) => Content::Bytes(bytes.clone()),
        (_, None) => {
            let what = format!(
                "`{}`, which `{}` diverts and of which its state has no copy",
                to_text(path),
                input.name(*holder)
            );
            draft
                .refusals
                .push(input.refuse_pair(Reason::Diversion, [*holder, layer], what));
            return;
        }
    };
    draft
        .plan
        .files
        .insert(path.to_vec(), File { content, owner });
}
