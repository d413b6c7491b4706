//! Overrides of owner and mode: reconciled by path, and applied to the stack once more.

use std::collections::BTreeSet;

use crate::draft::Draft;
use crate::formats::lines;
use crate::formats::table::Table;
use crate::formats::text::to_text;
use crate::input::Input;
use crate::plan::Owner;
use crate::refusal::Reason;
use crate::rules::accounts::Names;

const OVERRIDES: &[u8] = b"/var/lib/dpkg/statoverride";

/// Reconciles the overrides. Returns the paths of those that the base does not have.
pub(crate) fn reconcile(input: &Input<'_>, names: &Names, draft: &mut Draft) -> BTreeSet<Vec<u8>> {
    let versions = input.versions(OVERRIDES);
    let bytes: Vec<&[u8]> = versions.iter().map(|(_, bytes)| *bytes).collect();
    let key = |line: &[u8]| match parse(line) {
        Some([_, _, _, path]) => input.aliases.resolve(path),
        None => line.to_vec(),
    };
    let base = input.base_bytes(OVERRIDES);
    let merged = match lines::reconcile(base, &bytes, &key) {
        Ok(merged) => merged,
        Err(clashes) => {
            draft.handled.insert(OVERRIDES.to_vec());
            for clash in clashes {
                let [(first, one), (second, two)] = [clash.first, clash.second];
                let layers = [versions[first].0, versions[second].0];
                let [first, second] = layers.map(|layer| input.name(layer));
                let what = format!(
                    "the overrides of dpkg-statoverride contradict each other, `{}` in `{first}` and `{}` in `{second}`",
                    to_text(one),
                    to_text(two)
                );
                draft
                    .refusals
                    .push(input.refuse_pair(Reason::Override, layers, what));
            }
            return BTreeSet::new();
        }
    };
    let mut paths = BTreeSet::new();
    for line in lines::records(&merged) {
        if lines::records(base).any(|other| other == line) {
            continue;
        }
        let Some([user, group, mode, path]) = parse(line) else {
            continue;
        };
        let path = input.aliases.resolve(path);
        let (Some(uid), Some(gid), Some(mode)) = (
            find_id(user, &names.users),
            find_id(group, &names.groups),
            parse_mode(mode),
        ) else {
            let line = to_text(line);
            draft.plan.warnings.push(format!(
                "override `{line}` is not applied: its user, group or mode is unknown"
            ));
            continue;
        };
        if let Some((layer, entry)) = input.stacked_entry(&path) {
            let owner = Owner { mode, uid, gid };
            // An owner that differs only in a mapped id is set together with those of the layer's other files.
            let is_set = layer.is_some() && draft.map_owner(layer, entry) == owner;
            if !is_set {
                draft.plan.owners.insert(path.clone(), owner);
            }
        }
        paths.insert(path);
    }
    if input.is_contested(OVERRIDES) {
        draft.write(input, OVERRIDES, merged);
    }
    paths
}

/// Splits a line into user, group, mode and path.
fn parse(line: &[u8]) -> Option<[&[u8]; 4]> {
    let mut fields = line.splitn(4, |byte| *byte == b' ');
    Some([
        fields.next()?,
        fields.next()?,
        fields.next()?,
        fields.next()?,
    ])
}

/// The id of a user or group, given by name or as `#` and a number.
fn find_id(name: &[u8], table: &Table) -> Option<u32> {
    let digits = match name.strip_prefix(b"#") {
        Some(digits) => digits,
        None => table.get(name)?.get(2)?,
    };
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn parse_mode(mode: &[u8]) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(mode).ok()?, 8).ok()
}
