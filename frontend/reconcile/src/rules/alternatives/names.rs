//! Names and links of alternatives: each belongs to one alternative, as its master or as one of its slaves.
//!
//! `update-alternatives` refuses a master that is a slave elsewhere, and a link that another name has. Layers that were
//! made without each other have never been asked.

use std::collections::BTreeMap;

use crate::draft::Draft;
use crate::formats::alternative::Alternative;
use crate::formats::text::to_text;
use crate::input::Input;
use crate::refusal::Reason;
use crate::rules::alternatives::FOLDER;

/// Whose a name or a link is: the master alternative, and the name if it is a slave's.
type Role<'a> = (&'a [u8], Option<Vec<u8>>);

/// Refuses layers in which one name or one link has different roles.
pub(super) fn check(input: &Input<'_>, draft: &mut Draft) {
    let mut names: BTreeMap<Vec<u8>, Vec<(usize, Role<'_>)>> = BTreeMap::new();
    let mut links: BTreeMap<Vec<u8>, Vec<(usize, Role<'_>)>> = BTreeMap::new();
    for path in input.paths_with_prefix(FOLDER) {
        let master = &path[FOLDER.len()..];
        for (layer, bytes) in input.versions(path) {
            let Some(alternative) = Alternative::parse(bytes) else {
                continue;
            };
            let own = std::iter::once((master.to_vec(), alternative.link, None));
            let slaves = (alternative.slaves.into_iter())
                .map(|(name, link)| (name.clone(), link, Some(name)));
            for (name, link, slave) in own.chain(slaves) {
                let role = (layer, (master, slave));
                names.entry(name).or_default().push(role.clone());
                let link = input.aliases.resolve(&link);
                links.entry(link).or_default().push(role);
            }
        }
    }
    for (kind, roles) in [("name", &names), ("link", &links)] {
        for (what, roles) in roles {
            check_roles(input, kind, what, roles, draft);
        }
    }
}

fn check_roles(
    input: &Input<'_>,
    kind: &str,
    what: &[u8],
    roles: &[(usize, Role<'_>)],
    draft: &mut Draft,
) {
    let [(first, role), others @ ..] = roles else {
        return;
    };
    let other = others.iter().find(|(layer, other)| {
        let is_unrelated = !input.is_below(*first, *layer) && !input.is_below(*layer, *first);
        is_unrelated && layer != first && other != role
    });
    let Some((second, other)) = other else { return };
    let show = |(master, slave): &Role<'_>| match slave {
        None => format!("alternative `{}` itself", to_text(master)),
        Some(slave) => format!(
            "`{}`, which comes with alternative `{}`,",
            to_text(slave),
            to_text(master)
        ),
    };
    let what = format!(
        "the {kind} `{}` is that of {} in `{}` and of {} in `{}`",
        to_text(what),
        show(role),
        input.name(*first),
        show(other),
        input.name(*second)
    );
    let help = "update-alternatives would refuse one of them: remove one of the two extensions";
    let refusal = input.refuse_pair(Reason::Alternative, [*first, *second], what);
    draft.refusals.push(refusal.with_help(help));
}
