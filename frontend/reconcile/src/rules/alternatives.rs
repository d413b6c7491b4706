//! Alternatives: one name, several programs for it, and links to the best.

use std::collections::BTreeMap;

use crate::draft::Draft;
use crate::formats::alternative::{Alternative, Named};
use crate::formats::text::to_text;
use crate::input::Input;
use crate::plan::Choice;
use crate::refusal::{Reason, Refusal};

const FOLDER: &[u8] = b"/var/lib/dpkg/alternatives/";

/// Unites the names of which layers hold different files.
pub(crate) fn reconcile(input: &Input<'_>, draft: &mut Draft) {
    for path in input.paths_with_prefix(FOLDER) {
        if input.is_contested(path) {
            reconcile_name(input, path, draft);
        }
    }
}

fn reconcile_name(input: &Input<'_>, path: &[u8], draft: &mut Draft) {
    let name = &path[FOLDER.len()..];
    let base = Some(input.base_bytes(path)).filter(|bytes| !bytes.is_empty());
    let versions = input.versions(path);
    let mut sources: Vec<(Option<usize>, Alternative)> = Vec::new();
    let all = base.map(|bytes| (None, bytes)).into_iter();
    for (layer, bytes) in all.chain(versions.iter().map(|(layer, bytes)| (Some(*layer), *bytes))) {
        match (Alternative::parse(bytes), layer) {
            (Some(alternative), _) => sources.push((layer, alternative)),
            (None, Some(layer)) => {
                let what = format!("`{}` is not of update-alternatives' format", to_text(path));
                let help = format!(
                    "see which script of the step `[{}] packages: …` writes it, or write `packages: \
                     union` in the spec",
                    input.name(layer)
                );
                let refusal = Refusal::alone(Reason::Alternative, input.name(layer), what);
                draft.refusals.push(refusal.with_help(&help));
            }
            (None, None) => {}
        }
    }
    let Some((first, alternative)) = sources.first() else {
        return;
    };
    let link = alternative.link.clone();
    let mut slaves: BTreeMap<&[u8], (Option<usize>, &[u8])> = BTreeMap::new();
    let mut choices: BTreeMap<&[u8], Named<'_>> = BTreeMap::new();
    for (layer, alternative) in &sources {
        let mut check = |name: &[u8], other: Option<usize>, one: &[u8], two: &[u8]| {
            if input.aliases.resolve(one) == input.aliases.resolve(two) {
                return;
            }
            let (name, one, two) = (to_text(name), to_text(one), to_text(two));
            let whose = |layer: Option<usize>| layer.map_or("the base", |layer| input.name(layer));
            let what = format!(
                "alternative `{name}` with two links, `{one}` ({}) and `{two}` ({})",
                whose(other),
                whose(*layer)
            );
            draft.refusals.push(match (other, *layer) {
                (Some(other), Some(layer)) => {
                    input.refuse_pair(Reason::Alternative, [other, layer], what)
                }
                (_, layer) => {
                    let extension = layer.map_or("", |layer| input.name(layer));
                    Refusal::alone(Reason::Alternative, extension, what)
                }
            });
        };
        check(name, *first, &link, &alternative.link);
        for (slave, link) in &alternative.slaves {
            let (other, have) = *slaves.entry(slave).or_insert((*layer, link));
            check(slave, other, have, link);
        }
        for (choice, (priority, paths)) in alternative.named_choices() {
            let before = choices.insert(choice, (priority, paths));
            if before.is_some_and(|(before, _)| before != priority) {
                let (name, choice) = (to_text(name), to_text(choice));
                draft.plan.warnings.push(format!(
                    "`{choice}` has two priorities for alternative `{name}`: the later's holds"
                ));
            }
        }
    }
    let manual = sources
        .iter()
        .rev()
        .find(|(_, alternative)| alternative.mode != b"auto");
    let mode = manual.map_or(b"auto".as_slice(), |(_, alternative)| &alternative.mode);
    let united = Alternative {
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
    draft.write(input, path, united.to_bytes());
    draft.handled.insert(managed);
    draft.handled.insert(input.aliases.resolve(&link));
    for (slave, (_, link)) in &slaves {
        draft
            .handled
            .insert([b"/etc/alternatives/".as_slice(), slave].concat());
        draft.handled.insert(input.aliases.resolve(link));
    }
}

/// Has the links made: the best choice, or the one that an extension has chosen by hand.
fn choose(
    input: &Input<'_>,
    name: &[u8],
    managed: &[u8],
    manual: Option<&(Option<usize>, Alternative)>,
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
    let whose = layer.map_or("the base".to_owned(), |layer| {
        format!("`{}`", input.name(layer))
    });
    let name_text = to_text(name);
    draft.plan.warnings.push(format!(
        "alternative `{name_text}` stays as {whose} chose it by hand"
    ));
    if let Some(entry) = entry {
        draft
            .plan
            .alternatives
            .push(Choice::Manual(name.to_vec(), entry.target.clone()));
    }
}
