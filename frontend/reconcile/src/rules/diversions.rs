//! Diversions: paths that a package claims, so that the files of other packages go elsewhere.
//!
//! dpkg applies a diversion to what is installed after it. A layer that was installed without knowing the
//! diversion has its file at the diverted path, and the joint moves that file to where dpkg would have put
//! it.

use std::collections::BTreeMap;

use crate::draft::Draft;
use crate::formats::diversion::{Diversion, format, parse};
use crate::formats::listing::{Entry, Kind};
use crate::formats::text::to_text;
use crate::input::Input;
use crate::plan::{Content, File, Move};
use crate::refusal::{Reason, Refusal};

const DIVERSIONS: &[u8] = b"/var/lib/dpkg/diversions";

/// Reconciles the list of diversions, and moves the files of layers that did not know them.
pub(crate) fn reconcile(input: &Input<'_>, draft: &mut Draft) {
    let (mut merged, _) = parse(input.base_bytes(DIVERSIONS));
    let base = merged.clone();
    // For each diverted path, the layers that know its diversion.
    let mut knowing: BTreeMap<Vec<u8>, Vec<usize>> = BTreeMap::new();
    for (layer, content) in input.layers.iter().enumerate() {
        let Some(bytes) = content.state.files.get(DIVERSIONS) else {
            continue;
        };
        let (records, _) = parse(bytes);
        for record in base.iter().filter(|record| !records.contains(record)) {
            let what = format!(
                "its installation removes the base's diversion of `{}`",
                to_text(record[0])
            );
            draft
                .refusals
                .push(Refusal::alone(Reason::Diversion, input.name(layer), what));
        }
        for record in records.iter().filter(|record| !base.contains(record)) {
            let path = input.aliases.resolve(record[0]);
            if let Some(other) = merged.iter().find(|other| clashes(input, other, record)) {
                let first = knowing.get(&input.aliases.resolve(other[0]));
                let first = first.map(|layers| layers[0]);
                refuse(input, (first, other), (layer, record), draft);
                continue;
            }
            let is_known = knowing.contains_key(&path);
            knowing.entry(path).or_default().push(layer);
            if !is_known {
                merged.push(*record);
            }
        }
    }
    if input.is_contested(DIVERSIONS) {
        draft.write(input, DIVERSIONS, format(&merged, &[b""]));
    }
    for record in &merged {
        let path = input.aliases.resolve(record[0]);
        let to = input.aliases.resolve(record[1]);
        if let Some(layers) = knowing.get(&path) {
            // A layer that was installed on a diverting one knows its diversion. For layers below the
            // diverting one, dpkg has moved the file.
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

/// Whether two diversions contradict each other.
fn clashes(input: &Input<'_>, one: &Diversion<'_>, two: &Diversion<'_>) -> bool {
    let [path, other_path] = [one[0], two[0]].map(|path| input.aliases.resolve(path));
    let [to, other_to] = [one[1], two[1]].map(|path| input.aliases.resolve(path));
    if path == other_path {
        to != other_to || one[2] != two[2]
    } else {
        to == other_to
    }
}

fn refuse(
    input: &Input<'_>,
    (first, one): (Option<usize>, &Diversion<'_>),
    (second, two): (usize, &Diversion<'_>),
    draft: &mut Draft,
) {
    let show = |[path, to, package]: &Diversion<'_>, layer: Option<usize>| {
        format!(
            "`{}` is diverted to `{}` by package `{}` of {}",
            to_text(path),
            to_text(to),
            to_text(package),
            input.show_layer(layer)
        )
    };
    let what = format!("{}, and {}", show(one, first), show(two, Some(second)));
    draft.refusals.push(match first {
        Some(first) => {
            let help =
                "dpkg would also refuse the second diversion: remove one of the two extensions";
            let refusal = input.refuse_pair(Reason::Diversion, [first, second], what);
            refusal.with_help(help)
        }
        None => Refusal::alone(Reason::Diversion, input.name(second), what),
    });
}

/// Moves the files of layers that do not know a diversion to where it points.
fn divert(input: &Input<'_>, knowing: &[usize], path: &[u8], to: &[u8], draft: &mut Draft) {
    // dpkg diverts what packages install, and not what others put there.
    let unknowing = (0..input.layers.len())
        .filter(|layer| !knowing.contains(layer) && !input.layers[*layer].is_content());
    let Some((layer, entry)) = find_top(input, unknowing, path) else {
        return;
    };
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
            "`{}` is installed by `{}` and diverted by `{}`",
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
    match find_top(input, knowing.iter().copied(), path) {
        Some(holder) => restore(input, holder, layer, path, draft),
        None if entry.kind == Kind::Link => {
            draft.plan.remove.insert(path.to_vec());
        }
        None => {}
    }
}

/// Puts the file of a diverting layer back to its path, where the file of another layer hides it.
fn restore(
    input: &Input<'_>,
    (holder, own): (usize, &Entry),
    hiding: usize,
    path: &[u8],
    draft: &mut Draft,
) {
    let copied = input.layers[holder].state.files.get(path);
    let content = match (own.kind, copied) {
        (Kind::Link, _) => Content::Link(own.target.clone()),
        (_, Some(bytes)) => Content::Bytes(bytes.clone()),
        (_, None) => {
            let what = format!(
                "`{}` is diverted by `{}`, whose state has no copy of it",
                to_text(path),
                input.name(holder)
            );
            draft
                .refusals
                .push(input.refuse_pair(Reason::Diversion, [holder, hiding], what));
            return;
        }
    };
    let owner = draft.map_owner(Some(holder), own);
    draft
        .plan
        .files
        .insert(path.to_vec(), File { content, owner });
}

/// Finds the uppermost of some layers with a file or link at a path.
fn find_top<'a>(
    input: &Input<'a>,
    layers: impl DoubleEndedIterator<Item = usize>,
    path: &[u8],
) -> Option<(usize, &'a Entry)> {
    layers.rev().find_map(|layer| {
        let entry = input.layers[layer].state.listing.get(path)?;
        entry.is_file_or_link().then_some((layer, entry))
    })
}
