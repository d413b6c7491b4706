//! Accounts: passwd, group, shadow, gshadow, subuid and subgid, united by name.
//!
//! Alone, each layer gives the first free number to its accounts, so numbers collide. The earlier
//! layer keeps its number; the later gets another, and its files another owner ([`IdMap`]).

use std::collections::BTreeMap;

use crate::draft::Draft;
use crate::formats::lines;
use crate::formats::table::{Row, Table, digits, id};
use crate::formats::text::text;
use crate::ids::{IdMap, free};
use crate::input::Input;
use crate::refusal::{Reason, Refusal};

const PASSWD: &[u8] = b"/etc/passwd";
const GROUP: &[u8] = b"/etc/group";
const SHADOW: &[u8] = b"/etc/shadow";
const GSHADOW: &[u8] = b"/etc/gshadow";

/// The accounts of the union, for those who name them.
pub(crate) struct Names {
    pub(crate) users: Table,
    pub(crate) groups: Table,
}

/// The four files of a root.
#[derive(Clone)]
struct Accounts {
    users: Table,
    groups: Table,
    shadow: Table,
    gshadow: Table,
}

/// Unites accounts, and says in [`Draft::maps`] and the plan whose files change owners.
pub(crate) fn unite(input: &Input<'_>, draft: &mut Draft) -> Names {
    let read = |path: &[u8], layer: Option<usize>| {
        let own = layer.and_then(|layer| {
            let databases = &input.layers[layer].databases;
            let files = &databases.files;
            files.get(path).or_else(|| databases.accounts.get(path))
        });
        Table::parse(own.map_or_else(|| input.original(path), Vec::as_slice))
    };
    let all = |layer| Accounts {
        users: read(PASSWD, layer),
        groups: read(GROUP, layer),
        shadow: read(SHADOW, layer),
        gshadow: read(GSHADOW, layer),
    };
    let base = all(None);
    let mut union = Union {
        united: base.clone(),
        origins: BTreeMap::new(),
        base,
    };
    for index in 0..input.layers.len() {
        let map = union.add(input, index, &all(Some(index)), draft);
        draft.maps.push(map);
    }
    let united = union.united;
    let is_mapped = draft.maps.iter().any(|map| !map.is_empty());
    let tables = [
        &united.users,
        &united.groups,
        &united.shadow,
        &united.gshadow,
    ];
    for (path, table) in [PASSWD, GROUP, SHADOW, GSHADOW].into_iter().zip(tables) {
        if input.is_contested(path) || (is_mapped && input.current(path).is_some()) {
            draft.write(input, path, table.bytes());
        }
    }
    for path in [b"/etc/subuid".as_slice(), b"/etc/subgid"] {
        unite_ranges(input, path, draft);
    }
    Names {
        users: united.users,
        groups: united.groups,
    }
}

/// What of a line an extension may not change.
type Part<'p> = &'p dyn Fn(&Row) -> Row;

struct Union {
    base: Accounts,
    united: Accounts,
    /// The layer that a user (`u`) or group (`g`) is first of.
    origins: BTreeMap<(char, Vec<u8>), usize>,
}

impl Union {
    fn add(&mut self, input: &Input<'_>, layer: usize, own: &Accounts, draft: &mut Draft) -> IdMap {
        let mut map = IdMap::default();
        self.check_base(input, layer, own, draft);
        for row in own.groups.rows().filter(|row| row.len() > 3) {
            self.add_group(input, layer, row, &mut map, draft);
        }
        for row in own.users.rows().filter(|row| row.len() > 3) {
            self.add_user(input, layer, row, &mut map, draft);
        }
        for row in own.gshadow.rows().filter(|row| row.len() > 3) {
            match self.united.gshadow.get_mut(&row[0]) {
                Some(have) => {
                    add_members(&mut have[2], &row[2]);
                    add_members(&mut have[3], &row[3]);
                }
                None => self.united.gshadow.push(row.clone()),
            }
        }
        for row in own.shadow.rows() {
            let name = text(&row[0]);
            match self.united.shadow.get(&row[0]) {
                None => self.united.shadow.push(row.clone()),
                // The day of the last change is that of the installation.
                Some(have) if have[1] == row[1] => {}
                Some(_) if self.base.shadow.get(&row[0]).is_some() => {}
                Some(_) if self.is_of_below(input, ('u', &row[0]), layer) => {
                    if let Some(have) = self.united.shadow.get_mut(&row[0]) {
                        have.clone_from(row);
                    }
                }
                Some(_) => {
                    let what = format!("user `{name}` with two passwords in `/etc/shadow`");
                    self.refuse(input, ('u', &row[0]), layer, what, draft);
                }
            }
        }
        map
    }

    /// Refuses changes of what the base has; new members of its groups are none.
    fn check_base(&self, input: &Input<'_>, layer: usize, own: &Accounts, draft: &mut Draft) {
        let mut refuse = |what: String| {
            draft
                .refusals
                .push(Refusal::alone(Reason::Account, input.name(layer), what));
        };
        let whole = |row: &Row| row.clone();
        let named = |row: &Row| row.iter().take(3).cloned().collect();
        let secret = |row: &Row| row.iter().take(2).cloned().collect();
        let tables: [(&str, &Table, &Table, Part<'_>); 3] = [
            ("user", &self.base.users, &own.users, &whole),
            ("group", &self.base.groups, &own.groups, &named),
            ("password of user", &self.base.shadow, &own.shadow, &secret),
        ];
        for (kind, base, own, part) in tables {
            for row in base.rows() {
                let name = text(&row[0]);
                match own.get(&row[0]) {
                    None => refuse(format!("it removes the {kind} `{name}` of the base")),
                    Some(other) if part(other) != part(row) => refuse(format!(
                        "it changes the {kind} `{name}` of the base{}",
                        difference(kind, row, other)
                    )),
                    Some(_) => {}
                }
            }
        }
    }

    fn add_group(
        &mut self,
        input: &Input<'_>,
        layer: usize,
        row: &Row,
        map: &mut IdMap,
        draft: &mut Draft,
    ) {
        let Some(wanted) = id(row, 2) else { return };
        if let Some(have) = self.united.groups.get_mut(&row[0]) {
            add_members(&mut have[3], &row[3]);
            let have = id(have, 2).unwrap_or(wanted);
            if have != wanted && self.base.groups.get(&row[0]).is_none() {
                map.groups.insert(wanted, have);
            }
            return;
        }
        let used = self.united.groups.used();
        let mut new = row.clone();
        if let Some(given) = free_or_refuse(input, "group", wanted, row, &used, layer, self, draft)
        {
            if given != wanted {
                map.groups.insert(wanted, given);
                new[2] = digits(given);
            }
            self.origins.insert(('g', row[0].clone()), layer);
            self.united.groups.push(new);
        }
    }

    fn add_user(
        &mut self,
        input: &Input<'_>,
        layer: usize,
        row: &Row,
        map: &mut IdMap,
        draft: &mut Draft,
    ) {
        let (Some(wanted), Some(group)) = (id(row, 2), id(row, 3)) else {
            return;
        };
        if self.base.users.get(&row[0]).is_some() {
            return;
        }
        let mut new = row.clone();
        new[3] = digits(map.group(group));
        if let Some(have) = self.united.users.get(&row[0]) {
            let number = id(have, 2).unwrap_or(wanted);
            new[2] = digits(number);
            if *have != new && self.is_of_below(input, ('u', &row[0]), layer) {
                if let Some(have) = self.united.users.get_mut(&row[0]) {
                    have.clone_from(&new);
                }
            } else if *have != new {
                let what = format!(
                    "user `{}` as `{}` ({}) and as `{}` ({})",
                    text(&row[0]),
                    text(&have.join(&b':')),
                    self.origin(input, 'u', &row[0]),
                    text(&new.join(&b':')),
                    input.name(layer)
                );
                self.refuse(input, ('u', &row[0]), layer, what, draft);
            }
            if number != wanted {
                map.users.insert(wanted, number);
            }
            return;
        }
        let used = self.united.users.used();
        if let Some(given) = free_or_refuse(input, "user", wanted, row, &used, layer, self, draft) {
            if given != wanted {
                map.users.insert(wanted, given);
                new[2] = digits(given);
            }
            self.origins.insert(('u', row[0].clone()), layer);
            self.united.users.push(new);
        }
    }

    /// Whether an account is first of a layer below: what is made on that may change it.
    fn is_of_below(&self, input: &Input<'_>, (kind, name): (char, &[u8]), layer: usize) -> bool {
        let origin = self.origins.get(&(kind, name.to_vec()));
        origin.is_some_and(|origin| input.is_below(*origin, layer))
    }

    /// The extension that an account is first of.
    fn origin<'i>(&self, input: &Input<'i>, kind: char, name: &[u8]) -> &'i str {
        let layer = self.origins.get(&(kind, name.to_vec()));
        layer.map_or("the base", |layer| input.name(*layer))
    }

    fn refuse(
        &self,
        input: &Input<'_>,
        (kind, name): (char, &[u8]),
        layer: usize,
        what: String,
        draft: &mut Draft,
    ) {
        draft
            .refusals
            .push(match self.origins.get(&(kind, name.to_vec())) {
                Some(origin) => input.between(Reason::Account, [*origin, layer], what),
                None => Refusal::alone(Reason::Account, input.name(layer), what),
            });
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "one place for users and groups alike"
)]
fn free_or_refuse(
    input: &Input<'_>,
    kind: &str,
    wanted: u32,
    row: &Row,
    used: &BTreeMap<u32, Vec<u8>>,
    layer: usize,
    union: &Union,
    draft: &mut Draft,
) -> Option<u32> {
    let Some(holder) = used.get(&wanted) else {
        return Some(wanted);
    };
    let given = free(wanted, |id| used.contains_key(&id));
    if given.is_none() {
        let (name, holder_name) = (text(&row[0]), text(holder));
        let letter = if kind == "user" { 'u' } else { 'g' };
        let what = format!(
            "{kind}s `{holder_name}` ({}) and `{name}` ({}) with the same id {wanted}, and none of its \
             range is free",
            union.origin(input, letter, holder),
            input.name(layer)
        );
        let help = "make one of the two in the base, with another id, or take one extension out";
        union.refuse(input, (letter, holder), layer, what, draft);
        if let Some(refusal) = draft.refusals.pop() {
            draft.refusals.push(refusal.with_help(help));
        }
    }
    given
}

fn difference(kind: &str, row: &Row, other: &Row) -> String {
    if kind.starts_with("password") {
        return String::new();
    }
    format!(
        ": from `{}` to `{}`",
        text(&row.join(&b':')),
        text(&other.join(&b':'))
    )
}

/// Adds the names of one list, separated by commas, that another lacks.
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

/// Subordinate ids: lines of name, first and count.
fn unite_ranges(input: &Input<'_>, path: &'static [u8], draft: &mut Draft) {
    if !input.is_contested(path) {
        return;
    }
    let versions = input.versions(path);
    let bytes: Vec<&[u8]> = versions.iter().map(|(_, bytes)| *bytes).collect();
    let united = lines::unite(input.original(path), &bytes, &lines::whole).unwrap_or_default();
    let origin = |row: &Row| {
        let line = row.join(&b':');
        let has = |(_, bytes): &&(usize, &[u8])| lines::records(bytes).any(|other| other == line);
        versions.iter().find(has).map_or(0, |(layer, _)| *layer)
    };
    let table = Table::parse(&united);
    let mut ranges: Vec<(u32, u32, &Row)> = (table.rows())
        .filter_map(|row| {
            let first = id(row, 1)?;
            Some((first, first.saturating_add(id(row, 2)?), row))
        })
        .collect();
    ranges.sort_unstable();
    for pair in ranges.windows(2) {
        let [(_, end, one), (first, _, two)] = pair else {
            continue;
        };
        if first < end {
            let layers = [origin(one), origin(two)];
            let [first, second] = layers.map(|layer| input.name(layer));
            let what = format!(
                "ranges of `{}` that overlap, `{}` ({first}) and `{}` ({second})",
                text(path),
                text(&one.join(&b':')),
                text(&two.join(&b':'))
            );
            draft
                .refusals
                .push(input.between(Reason::SubordinateIds, layers, what));
        }
    }
    draft.write(input, path, united);
}
