//! Alternatives: names that several packages offer a program for, with links to the best one.

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
    let mut choices: BTreeMap<&[u8], Named<'_>> = BTreeMap::new();
    for (layer, alternative) in &versions {
        let links = [(*first, link.as_slice()), (*layer, &alternative.link)];
        check_links(input, name, links, draft);
        for (slave, link) in &alternative.slaves {
            let known = *slaves.entry(slave).or_insert((*layer, link));
            check_links(input, slave, [known, (*layer, link)], draft);
        }
        for (choice, (priority, paths)) in alternative.named_choices() {
            let before = choices.insert(choice, (priority, paths));
            if before.is_some_and(|(before, _)| before != priority) {
                let (name, choice) = (to_text(name), to_text(choice));
                draft.plan.warnings.push(format!(
                    "`{choice}` has two priorities for alternative `{name}`: the later layer's applies"
                ));
            }
        }
    }
    let manual = versions
        .iter()
        .rev()
        .find(|(_, alternative)| alternative.mode != b"auto");
    let mode = manual.map_or(b"auto".as_slice(), |(_, alternative)| &alternative.mode);
    let merged = Alternative {
        mode: mode.to_vec(),
        link: link.clone(),
        slaves: slaves
            .iter()
            .map(|(name, (_, link))| (name.to_vec(), link.to_vec()))
            .collect(),
        choices: (choices.iter())
            .map(|(path, (priority, paths))| {
                let paths = slaves
                    .keys()
                    .map(|slave| paths.get(slave).unwrap_or(&&b""[..]).to_vec());
                (path.to_vec(), priority.to_vec(), paths.collect())
            })
            .collect(),
    };
    let managed = [b"/etc/alternatives/".as_slice(), name].concat();
    choose(input, name, &managed, manual, draft);
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

/// Plans the links: to the best choice, or to the one that the base or an extension chose by hand.
fn choose(
    input: &Input<'_>,
    name: &[u8],
    managed: &[u8],
    manual: Option<&Version>,
    draft: &mut Draft,
) {
    let Some((layer, _)) = manual else {
        draft.plan.alternatives.push(Choice::Auto(name.to_vec()));
        return;
    };
    let state = layer.map_or(input.base, |layer| &input.layers[layer].state);
    let entry = state
        .listing
        .get(managed)
        .or_else(|| input.base.listing.get(managed));
    draft.plan.warnings.push(format!(
        "alternative `{}` stays as {} chose it by hand",
        to_text(name),
        input.show_layer(*layer)
    ));
    if let Some(entry) = entry {
        draft
            .plan
            .alternatives
            .push(Choice::Manual(name.to_vec(), entry.target.clone()));
    }
}
