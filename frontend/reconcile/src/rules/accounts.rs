//! Accounts: passwd, group, shadow and gshadow, reconciled by name.
//!
//! Each layer was installed alone and gave the first free ids to its accounts, so ids collide. The earlier
//! layer keeps its id. The later layer's account gets another one, and so do its files ([`IdMap`]).
//!
//! [`IdMap`]: crate::ids::IdMap

mod files;
mod merge;

use crate::draft::Draft;
use crate::formats::table::{Row, Table};
use crate::formats::text::to_text;
use crate::ids::IdMap;
use crate::input::Input;
use crate::refusal::{Reason, Refusal};
use crate::rules::accounts::files::AccountFiles;
use crate::rules::accounts::merge::Merged;

/// The accounts of the image, by which other rules look names up.
pub(crate) struct Names {
    pub(crate) users: Table,
    pub(crate) groups: Table,
}

/// Reconciles accounts, and records in [`Draft::maps`] how the ids of each layer are mapped.
pub(crate) fn reconcile(input: &Input<'_>, draft: &mut Draft) -> Names {
    let base = AccountFiles::read_base(input);
    let mut merged = Merged::new(input, &base);
    let all: Vec<AccountFiles> = (0..input.layers.len())
        .map(|layer| AccountFiles::read_layer(input, layer))
        .collect();
    for (layer, own) in all.iter().enumerate() {
        merged.keep_asked(layer, own, draft);
    }
    for (layer, own) in all.iter().enumerate() {
        check_base(input, layer, &base, own, draft);
        let map = merged.add(layer, own, draft);
        draft.maps.push(map);
    }
    map_content(input, draft);
    let is_mapped = draft.maps.iter().any(|map| !map.is_empty());
    for (path, table) in merged.files.tables() {
        if input.is_contested(path) || (is_mapped && input.stacked_bytes(path).is_some()) {
            draft.write(input, path, table.to_bytes());
        }
    }
    Names {
        users: merged.files.users,
        groups: merged.files.groups,
    }
}

/// Maps the ids of content layers. A number in content is the account that the extension itself sees under it: its
/// own, or one of an extension that it requires.
fn map_content(input: &Input<'_>, draft: &mut Draft) {
    for (index, layer) in input.layers.iter().enumerate() {
        if !layer.is_content() {
            continue;
        }
        let is_own = |other: &usize| input.layers[*other].extension == layer.extension;
        let own = (0..input.layers.len()).filter(is_own);
        let seen: Vec<usize> = layer.below.iter().copied().chain(own).collect();
        let mut map = IdMap::default();
        for other in seen {
            map.users.extend(draft.maps[other].users.clone());
            map.groups.extend(draft.maps[other].groups.clone());
        }
        draft.maps[index] = map;
    }
}

/// Takes the part of a line that an extension must not change.
type Part<'p> = &'p dyn Fn(&Row) -> Row;

/// Refuses changes to accounts of the base. New members of its groups are allowed.
fn check_base(
    input: &Input<'_>,
    layer: usize,
    base: &AccountFiles,
    own: &AccountFiles,
    draft: &mut Draft,
) {
    let mut refuse = |what: String| {
        draft
            .refusals
            .push(Refusal::alone(Reason::Account, input.name(layer), what));
    };
    let whole = |row: &Row| row.clone();
    let named = |row: &Row| row.iter().take(3).cloned().collect();
    let secret = |row: &Row| row.iter().take(2).cloned().collect();
    let tables: [(&str, &Table, &Table, Part<'_>); 3] = [
        ("user", &base.users, &own.users, &whole),
        ("group", &base.groups, &own.groups, &named),
        ("password of user", &base.shadow, &own.shadow, &secret),
    ];
    for (kind, base, own, part) in tables {
        for row in base.rows() {
            let name = to_text(&row[0]);
            match own.get(&row[0]) {
                None => refuse(format!(
                    "its installation removes the {kind} `{name}` of the base"
                )),
                Some(other) if part(other) != part(row) => refuse(format!(
                    "its installation changes the {kind} `{name}` of the base{}",
                    show_difference(kind, row, other)
                )),
                Some(_) => {}
            }
        }
    }
}

/// Shows how an account differs from the base's. Passwords are not shown.
fn show_difference(kind: &str, row: &Row, other: &Row) -> String {
    if kind.starts_with("password") {
        return String::new();
    }
    format!(
        " from `{}` to `{}`",
        to_text(&row.join(&b':')),
        to_text(&other.join(&b':'))
    )
}
