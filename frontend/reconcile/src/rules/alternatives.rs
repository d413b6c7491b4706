//! Alternatives: names that several packages offer a program for, with links to the best one.

mod names;

use std::collections::BTreeMap;

use crate::draft::Draft;
use crate::formats::alternative::{Alternative, Named};
use crate::formats::text::to_text;
use crate::input::Input;
use crate::plan::Choice;
use crate::refusal::{Reason, Refusal};

const FOLDER: &[u8] = b"/var/lib/dpkg/alternatives/";

/// Reconciles the alternatives for which layers hold different files.
pub(crate) fn reconcile(input: &Input<'_>, draft: &mut Draft) {
    names::check(input, draft);
    for path in input.paths_with_prefix(FOLDER) {
        if input.is_contested(path) {
            reconcile_alternative(input, path, draft);
        }
    }
}

/// A version of an alternative and the layer that holds it, unless that is the base.
type Version = (Option<usize>, Alternative);

fn reconcile_alternative(input: &Input<'_>, path: &[u8], draft: &mut Draft) {
    let name = &path[FOLDER.len()..];
    let versions = parse_versions(input, path, draft);
    let Some((first, alternative)) = versions.first() else {
        return;
    };
    let link = alternative.link.clone();
    let mut slaves: BTreeMap<&[u8], (Option<usize>, &[u8])> = BTreeMap::new();
    let of_base = versions.first().filter(|(layer, _)| layer.is_none());
    let of_base: BTreeMap<&[u8], Named<'_>> = of_base
        .map(|(_, alternative)| alternative.named_choices().collect())
        .unwrap_or_default();
    let mut choices: BTreeMap<&[u8], (Option<usize>, Named<'_>)> = BTreeMap::new();
    for (layer, alternative) in &versions {
        let links = [(*first, link.as_slice()), (*layer, &alternative.link)];
        check_links(input, name, links, draft);
        for (slave, link) in &alternative.slaves {
            let known = *slaves.entry(slave).or_insert((*layer, link));
            check_links(input, slave, [known, (*layer, link)], draft);
        }
        for (choice, named) in alternative.named_choices() {
            // A layer that left a choice as the base has it says nothing about it.
            if layer.is_some() && of_base.get(choice) == Some(&named) {
                continue;
            }
            add_choice(input, name, (choice, *layer, named), &mut choices, draft);
        }
    }
    let manual = find_manual(input, name, &versions, draft);
    let mode = manual.map_or(b"auto".as_slice(), |(_, alternative)| &alternative.mode);
    let merged = Alternative {
        mode: mode.to_vec(),
        link: link.clone(),
        slaves: slaves
            .iter()
            .map(|(name, (_, link))| (name.to_vec(), link.to_vec()))
            .collect(),
        choices: (choices.iter())
            .map(|(path, (_, (priority, paths)))| {
                let paths = slaves
                    .keys()
                    .map(|slave| paths.get(slave).unwrap_or(&&b""[..]).to_vec());
                (path.to_vec(), priority.to_vec(), paths.collect())
            })
            .collect(),
    };
    let managed = [b"/etc/alternatives/".as_slice(), name].concat();
    choose(input, name, manual, draft);
    draft.write(input, path, merged.to_bytes());
    draft.handled.insert(managed);
    draft.handled.insert(input.aliases.resolve(&link));
    for (slave, (_, link)) in &slaves {
        draft
            .handled
            .insert([b"/etc/alternatives/".as_slice(), slave].concat());
        draft.handled.insert(input.aliases.resolve(link));
    }
}

/// Parses all versions of an alternative, the base's first, and refuses layers whose version cannot be parsed.
fn parse_versions(input: &Input<'_>, path: &[u8], draft: &mut Draft) -> Vec<Version> {
    let base = Some(input.base_bytes(path)).filter(|bytes| !bytes.is_empty());
    let base = base.map(|bytes| (None, bytes)).into_iter();
    let layers = input.versions(path).into_iter();
    let all = base.chain(layers.map(|(layer, bytes)| (Some(layer), bytes)));
    let mut versions = Vec::new();
    for (layer, bytes) in all {
        match (Alternative::parse(bytes), layer) {
            (Some(alternative), _) => versions.push((layer, alternative)),
            (None, Some(layer)) => {
                let what = format!(
                    "`{}` does not have the format of update-alternatives",
                    to_text(path)
                );
                let help = format!(
                    "find the script of the step `[{}] packages: …` that writes it, or write `packages: \
                     union` in the spec",
                    input.name(layer)
                );
                let refusal = Refusal::alone(Reason::Alternative, input.name(layer), what);
                draft.refusals.push(refusal.with_help(&help));
            }
            (None, None) => {}
        }
    }
    versions
}

/// Refuses two versions whose links for one name differ.
fn check_links(
    input: &Input<'_>,
    name: &[u8],
    [(first, one), (second, two)]: [(Option<usize>, &[u8]); 2],
    draft: &mut Draft,
) {
    if input.aliases.resolve(one) == input.aliases.resolve(two) {
        return;
    }
    let what = format!(
        "alternative `{}` has two links, `{}` in {} and `{}` in {}",
        to_text(name),
        to_text(one),
        input.show_layer(first),
        to_text(two),
        input.show_layer(second)
    );
    draft.refusals.push(match (first, second) {
        (Some(first), Some(second)) => {
            input.refuse_pair(Reason::Alternative, [first, second], what)
        }
        (_, layer) => {
            let extension = layer.map_or("", |layer| input.name(layer));
            Refusal::alone(Reason::Alternative, extension, what)
        }
    });
}

/// Adds a choice. Two layers that were not made on each other must agree on its priority and its slaves.
fn add_choice<'a>(
    input: &Input<'_>,
    name: &[u8],
    (choice, layer, named): (&'a [u8], Option<usize>, Named<'a>),
    choices: &mut BTreeMap<&'a [u8], (Option<usize>, Named<'a>)>,
    draft: &mut Draft,
) {
    let Some((known, before)) = choices.get_mut(choice) else {
        choices.insert(choice, (layer, named));
        return;
    };
    let (Some(first), Some(second)) = (*known, layer) else {
        // The layer has changed what the base says.
        (*known, *before) = (layer, named);
        return;
    };
    let (priority, mut paths) = named;
    paths.retain(|_, path| !path.is_empty());
    before.1.retain(|_, path| !path.is_empty());
    let differs = |slave: &&[u8]| {
        let [one, two] = [before.1.get(slave), paths.get(slave)];
        one.is_some() && two.is_some() && one != two
    };
    let what = if before.0 != priority {
        Some("priorities")
    } else if paths.keys().any(differs) {
        Some("programs that come with it")
    } else {
        None
    };
    if let Some(what) = what {
        let what = format!(
            "choice `{}` of alternative `{}` has different {what} in `{}` and `{}`",
            to_text(choice),
            to_text(name),
            input.name(first),
            input.name(second)
        );
        let refusal = input.refuse_pair(Reason::Alternative, [first, second], what);
        draft.refusals.push(refusal);
    }
    before.1.extend(paths);
}

/// The version that was chosen by hand. Two layers must have chosen the same.
fn find_manual<'v>(
    input: &Input<'_>,
    name: &[u8],
    versions: &'v [Version],
    draft: &mut Draft,
) -> Option<&'v Version> {
    let is_manual = |version: &&Version| version.1.mode != b"auto";
    let of_base = versions.first().filter(|(layer, _)| layer.is_none());
    let target = |layer: Option<usize>| find_target(input, layer, name);
    let of_base_target = of_base.filter(is_manual).map(|_| target(None));
    // A layer that left what the base chose says nothing.
    let chosen: Vec<(usize, &Version)> = (versions.iter().filter(is_manual))
        .filter_map(|version| Some((version.0?, version)))
        .filter(|(layer, _)| of_base_target.as_ref() != Some(&target(Some(*layer))))
        .collect();
    let Some((first, version)) = chosen.first() else {
        // Who went back to the best choice has a say, too.
        let is_left = versions.iter().all(|version| is_manual(&version));
        return of_base.filter(is_manual).filter(|_| is_left);
    };
    for (other, _) in &chosen[1..] {
        let targets = [target(Some(*first)), target(Some(*other))];
        if targets[0] != targets[1] {
            let [one, two] = targets.map(|target| to_text(&target.unwrap_or_default()));
            let what = format!(
                "alternative `{}` is set by hand to `{one}` in `{}` and to `{two}` in `{}`",
                to_text(name),
                input.name(*first),
                input.name(*other)
            );
            let refusal = input.refuse_pair(Reason::Alternative, [*first, *other], what);
            draft.refusals.push(refusal);
        }
    }
    Some(version)
}

/// What the managed link of an alternative leads to in the root of a layer.
fn find_target(input: &Input<'_>, layer: Option<usize>, name: &[u8]) -> Option<Vec<u8>> {
    let managed = [b"/etc/alternatives/".as_slice(), name].concat();
    let state = layer.map_or(input.base, |layer| &input.layers[layer].state);
    let entry = state.listing.get(&managed);
    let entry = entry.or_else(|| input.base.listing.get(&managed));
    entry.map(|entry| entry.target.clone())
}

/// Plans the links: to the best choice, or to the one that the base or an extension chose by hand.
fn choose(input: &Input<'_>, name: &[u8], manual: Option<&Version>, draft: &mut Draft) {
    let Some((layer, _)) = manual else {
        draft.plan.alternatives.push(Choice::Auto(name.to_vec()));
        return;
    };
    draft.plan.warnings.push(format!(
        "alternative `{}` stays as {} chose it by hand",
        to_text(name),
        input.show_layer(*layer)
    ));
    if let Some(target) = find_target(input, *layer, name) {
        let choice = Choice::Manual(name.to_vec(), target);
        draft.plan.alternatives.push(choice);
    }
}
