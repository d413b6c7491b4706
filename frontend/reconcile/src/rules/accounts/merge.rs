//! The accounts of all layers together.

use std::collections::BTreeMap;
use std::fmt;

use crate::draft::Draft;
use crate::formats::table::{Row, format_id, parse_id};
use crate::formats::text::to_text;
use crate::ids::{IdMap, find_free};
use crate::input::Input;
use crate::refusal::{Reason, Refusal};
use crate::rules::accounts::files::AccountFiles;

/// The accounts that have been added so far.
pub(crate) struct Merged<'a> {
    input: &'a Input<'a>,
    base: &'a AccountFiles,
    pub(crate) files: AccountFiles,
    /// For each account, the first layer that has it.
    origins: BTreeMap<Account, usize>,
    asked: Asked,
}

/// A user or group, by its name.
type Account = (Kind, Vec<u8>);

/// The accounts that get an id which was asked for by number, each with the id and the first layer that has it.
type Asked = BTreeMap<Account, (u32, usize)>;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    User,
    Group,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::User => "user",
            Self::Group => "group",
        })
    }
}

impl<'a> Merged<'a> {
    /// Starts with the base's accounts.
    pub(crate) fn new(input: &'a Input<'a>, base: &'a AccountFiles) -> Self {
        Self {
            input,
            base,
            files: base.clone(),
            origins: BTreeMap::new(),
            asked: Asked::default(),
        }
    }

    /// Keeps the ids that a layer's extension asks for by number. Refuses the layer if another one asks for the same
    /// id, or for another id of the same account.
    pub(crate) fn keep_asked(&mut self, layer: usize, own: &AccountFiles, draft: &mut Draft) {
        let asked = &self.input.layers[layer].asked_ids;
        let tables = [
            (Kind::User, &own.users, &self.base.users),
            (Kind::Group, &own.groups, &self.base.groups),
        ];
        for (kind, own, base) in tables {
            for row in own.rows().filter(|row| base.get(&row[0]).is_none()) {
                let Some(id) = parse_id(row, 2).filter(|id| asked.contains(id)) else {
                    continue;
                };
                let account = (kind, row[0].clone());
                let known = self.asked.get(&account);
                let other = self.asked.iter().find(|((other, name), (taken, _))| {
                    *other == kind && *taken == id && *name != row[0]
                });
                let what = match (known, other) {
                    (Some((known, first)), _) if *known != id => Some((
                        *first,
                        format!(
                            "{kind} `{}` has the id {known} in `{}` and {id} in `{}`, and both ask for it by number",
                            to_text(&row[0]),
                            self.input.name(*first),
                            self.input.name(layer)
                        ),
                    )),
                    (None, Some(((_, name), (_, first)))) => Some((
                        *first,
                        format!(
                            "{kind}s `{}` of `{}` and `{}` of `{}` both ask for the id {id}",
                            to_text(name),
                            self.input.name(*first),
                            to_text(&row[0]),
                            self.input.name(layer)
                        ),
                    )),
                    _ => None,
                };
                match what {
                    Some((first, _)) if self.input.is_below(first, layer) => {}
                    Some((first, what)) => {
                        let help = "give one of them another id, or let the system choose (without `--uid` or `--gid`)";
                        let refusal = self
                            .input
                            .refuse_pair(Reason::Account, [first, layer], what);
                        draft.refusals.push(refusal.with_help(help));
                    }
                    None => {
                        self.asked.entry(account).or_insert((id, layer));
                    }
                }
            }
        }
    }

    /// Adds the accounts of a layer. Returns how its ids are mapped.
    pub(crate) fn add(&mut self, layer: usize, own: &AccountFiles, draft: &mut Draft) -> IdMap {
        let mut map = IdMap::default();
        for row in own.groups.rows() {
            self.add_group(layer, row, &mut map, draft);
        }
        for row in own.users.rows() {
            self.add_user(layer, row, &mut map, draft);
        }
        for row in own.gshadow.rows() {
            match self.files.gshadow.get_mut(&row[0]) {
                Some(have) => {
                    add_members(&mut have[2], &row[2]);
                    add_members(&mut have[3], &row[3]);
                }
                None => self.files.gshadow.push(row.clone()),
            }
        }
        for row in own.shadow.rows() {
            let name = to_text(&row[0]);
            match self.files.shadow.get(&row[0]) {
                None => self.files.shadow.push(row.clone()),
                // Only the day of the last change may differ: it is the day of the installation.
                Some(have) if have[1] == row[1] => {}
                Some(_) if self.base.shadow.get(&row[0]).is_some() => {}
                Some(_) if self.is_of_below(Kind::User, &row[0], layer) => {
                    if let Some(have) = self.files.shadow.get_mut(&row[0]) {
                        have.clone_from(row);
                    }
                }
                Some(_) => {
                    let what = format!("user `{name}` has two passwords in `/etc/shadow`");
                    draft
                        .refusals
                        .push(self.refuse(Kind::User, &row[0], layer, what));
                }
            }
        }
        map
    }

    fn add_group(&mut self, layer: usize, row: &Row, map: &mut IdMap, draft: &mut Draft) {
        let Some(wanted) = parse_id(row, 2) else {
            return;
        };
        if let Some(have) = self.files.groups.get_mut(&row[0]) {
            add_members(&mut have[3], &row[3]);
            let have = parse_id(have, 2).unwrap_or(wanted);
            if have != wanted && self.base.groups.get(&row[0]).is_none() {
                map.groups.insert(wanted, have);
            }
            return;
        }
        let mut new = row.clone();
        if let Some(given) = self.give_id(Kind::Group, wanted, &row[0], layer, draft) {
            if given != wanted {
                map.groups.insert(wanted, given);
                new[2] = format_id(given);
            }
            self.origins.insert((Kind::Group, row[0].clone()), layer);
            self.files.groups.push(new);
        }
    }

    fn add_user(&mut self, layer: usize, row: &Row, map: &mut IdMap, draft: &mut Draft) {
        let (Some(wanted), Some(group)) = (parse_id(row, 2), parse_id(row, 3)) else {
            return;
        };
        if self.base.users.get(&row[0]).is_some() {
            return;
        }
        let mut new = row.clone();
        new[3] = format_id(map.map_group(group));
        if let Some(have) = self.files.users.get(&row[0]) {
            let number = parse_id(have, 2).unwrap_or(wanted);
            new[2] = format_id(number);
            if *have != new && self.is_of_below(Kind::User, &row[0], layer) {
                if let Some(have) = self.files.users.get_mut(&row[0]) {
                    have.clone_from(&new);
                }
            } else if *have != new {
                let what = format!(
                    "user `{}` differs, `{}` in {} and `{}` in `{}`",
                    to_text(&row[0]),
                    to_text(&have.join(&b':')),
                    self.show_origin(Kind::User, &row[0]),
                    to_text(&new.join(&b':')),
                    self.input.name(layer)
                );
                draft
                    .refusals
                    .push(self.refuse(Kind::User, &row[0], layer, what));
            }
            if number != wanted {
                map.users.insert(wanted, number);
            }
            return;
        }
        if let Some(given) = self.give_id(Kind::User, wanted, &row[0], layer, draft) {
            if given != wanted {
                map.users.insert(wanted, given);
                new[2] = format_id(given);
            }
            self.origins.insert((Kind::User, row[0].clone()), layer);
            self.files.users.push(new);
        }
    }

    /// Gives an id to a new account: its own or a free one of the same range. Refuses the layer if none is
    /// free.
    fn give_id(
        &self,
        kind: Kind,
        wanted: u32,
        name: &[u8],
        layer: usize,
        draft: &mut Draft,
    ) -> Option<u32> {
        let table = match kind {
            Kind::User => &self.files.users,
            Kind::Group => &self.files.groups,
        };
        if let Some((id, _)) = self.asked.get(&(kind, name.to_vec())) {
            return Some(*id);
        }
        let mut used = table.used_ids();
        for ((other, name), (id, _)) in &self.asked {
            if *other == kind {
                used.entry(*id).or_insert_with(|| name.clone());
            }
        }
        let Some(holder) = used.get(&wanted) else {
            return Some(wanted);
        };
        let given = find_free(wanted, |id| used.contains_key(&id));
        if given.is_none() {
            let what = format!(
                "{kind}s `{}` of {} and `{}` of `{}` have the same id {wanted}, and no other id in its range is free",
                to_text(holder),
                self.show_origin(kind, holder),
                to_text(name),
                self.input.name(layer)
            );
            let help = "create one of the two in the base with another id, or remove one of the extensions";
            let refusal = self.refuse(kind, holder, layer, what);
            draft.refusals.push(refusal.with_help(help));
        }
        given
    }

    /// Whether the first layer with an account is below this one, which may then change it.
    fn is_of_below(&self, kind: Kind, name: &[u8], layer: usize) -> bool {
        let origin = self.origins.get(&(kind, name.to_vec()));
        origin.is_some_and(|origin| self.input.is_below(*origin, layer))
    }

    /// Shows the first layer with an account.
    fn show_origin(&self, kind: Kind, name: &[u8]) -> String {
        let layer = self.origins.get(&(kind, name.to_vec()));
        self.input.show_layer(layer.copied())
    }

    /// Refuses the account of a layer because of one that was added before.
    fn refuse(&self, kind: Kind, name: &[u8], layer: usize, what: String) -> Refusal {
        match self.origins.get(&(kind, name.to_vec())) {
            Some(origin) => self
                .input
                .refuse_pair(Reason::Account, [*origin, layer], what),
            None => Refusal::alone(Reason::Account, self.input.name(layer), what),
        }
    }
}

/// Adds the names that are missing to a list whose names are separated by commas.
fn add_members(have: &mut Vec<u8>, more: &[u8]) {
    for name in more
        .split(|byte| *byte == b',')
        .filter(|name| !name.is_empty())
    {
        if have.split(|byte| *byte == b',').all(|other| other != name) {
            if !have.is_empty() {
                have.push(b',');
            }
            have.extend_from_slice(name);
        }
    }
}
