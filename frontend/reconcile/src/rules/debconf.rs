//! debconf's databases: questions and templates by name, with the packages that own them.

use std::collections::{BTreeMap, BTreeSet};

use crate::draft::Draft;
use crate::formats::stanza::{Stanza, join, split};
use crate::formats::text::to_text;
use crate::input::Input;

const FILES: [&[u8]; 3] = [
    b"/var/cache/debconf/config.dat",
    b"/var/cache/debconf/templates.dat",
    b"/var/cache/debconf/passwords.dat",
];

/// Reconciles the three files. A stanza gets the owners of all versions. Otherwise a change replaces what the
/// base has, and of two different changes the later one applies.
pub(crate) fn reconcile(input: &Input<'_>, draft: &mut Draft) {
    for path in FILES {
        if input.is_contested(path) {
            reconcile_file(input, path, draft);
        }
    }
}

fn reconcile_file(input: &Input<'_>, path: &[u8], draft: &mut Draft) {
    let named = |bytes: &[u8]| -> BTreeMap<Vec<u8>, Stanza> {
        let stanzas = split(bytes).into_iter();
        stanzas
            .filter_map(|stanza| Some((stanza.field("Name")?.to_vec(), stanza.with_blank_line())))
            .collect()
    };
    let base = named(input.base_bytes(path));
    // debconf writes stanzas sorted by name, so there is no other order to keep.
    let mut merged = base.clone();
    let mut origins: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    for (layer, bytes) in input.versions(path) {
        for (name, stanza) in named(bytes) {
            if base.get(&name) == Some(&stanza) {
                continue;
            }
            let next = match merged.get(&name) {
                None => stanza,
                Some(have) => {
                    let owners = parse_owners(have).into_iter().chain(parse_owners(&stanza));
                    let owners = owners
                        .collect::<BTreeSet<_>>()
                        .into_iter()
                        .collect::<Vec<_>>();
                    let owners = owners.join(b", ".as_slice());
                    let one = have.with_field("Owners", &owners);
                    let two = stanza.with_field("Owners", &owners);
                    if let Some(other) = origins.get(&name)
                        && one != two
                    {
                        draft.plan.warnings.push(format!(
                            "`{}` and `{}` answer `{}` differently: the later answer applies",
                            input.name(*other),
                            input.name(layer),
                            to_text(&name)
                        ));
                    }
                    two
                }
            };
            origins.insert(name.clone(), layer);
            merged.insert(name, next);
        }
    }
    draft.write(input, path, join(merged.values()));
}

/// The packages in the field `Owners`.
fn parse_owners(stanza: &Stanza) -> BTreeSet<&[u8]> {
    let names = stanza
        .field("Owners")
        .unwrap_or_default()
        .split(|byte| *byte == b',');
    names
        .map(<[u8]>::trim_ascii)
        .filter(|name| !name.is_empty())
        .collect()
}
