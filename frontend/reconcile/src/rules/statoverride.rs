//! Overrides of owner and mode: united by path, and applied to the stack again.

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

/// User, group, mode and path of a line.
pub(crate) fn parse(line: &[u8]) -> Option<[&[u8]; 4]> {
    let mut fields = line.splitn(4, |byte| *byte == b' ');
    Some([
        fields.next()?,
        fields.next()?,
        fields.next()?,
        fields.next()?,
    ])
}

/// Unites overrides; the paths of those that the base has not.
pub(crate) fn reconcile(input: &Input<'_>, names: &Names, draft: &mut Draft) -> BTreeSet<Vec<u8>> {
    let versions = input.versions(OVERRIDES);
    let bytes: Vec<&[u8]> = versions.iter().map(|(_, bytes)| *bytes).collect();
    let key = |line: &[u8]| match parse(line) {
        Some([_, _, _, path]) => input.aliases.resolve(path),
        None => line.to_vec(),
    };
    let base = input.base_bytes(OVERRIDES);
    let united = match lines::reconcile(base, &bytes, &key) {
        Ok(united) => united,
        Err(clashes) => {
            draft.handled.insert(OVERRIDES.to_vec());
            for clash in clashes {
                let [(first, one), (second, two)] = [clash.first, clash.second];
                let layers = [versions[first].0, versions[second].0];
                let [first, second] = layers.map(|layer| input.name(layer));
                let what = format!(
                    "overrides of dpkg-statoverride, `{}` ({first}) and `{}` ({second})",
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
    for line in lines::records(&united) {
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
            draft
                .plan
                .warnings
                .push(format!("override `{line}` names nobody of the union"));
            continue;
        };
        if let Some((layer, entry)) = input.stacked_entry(&path) {
            let owner = Owner { mode, uid, gid };
            // Owners that differ only by the layer's ids are set with those of its other files.
            let is_set = layer.is_some() && draft.map_owner(layer, entry) == owner;
            if !is_set {
                draft.plan.owners.insert(path.clone(), owner);
            }
        }
        paths.insert(path);
    }
    if input.is_contested(OVERRIDES) {
        draft.write(input, OVERRIDES, united);
    }
    paths
}

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
