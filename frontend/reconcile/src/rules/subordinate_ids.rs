//! Ranges of subordinate ids in subuid and subgid, which two accounts must not share.

use crate::draft::Draft;
use crate::formats::lines;
use crate::formats::table::{Row, Table, parse_id};
use crate::formats::text::to_text;
use crate::input::Input;
use crate::refusal::Reason;

/// Reconciles both files.
pub(crate) fn reconcile(input: &Input<'_>, draft: &mut Draft) {
    for path in [b"/etc/subuid".as_slice(), b"/etc/subgid"] {
        reconcile_ranges(input, path, draft);
    }
}

/// Reconciles one file, whose lines hold a name, the first id and the number of ids.
fn reconcile_ranges(input: &Input<'_>, path: &'static [u8], draft: &mut Draft) {
    if !input.is_contested(path) {
        return;
    }
    let versions = input.versions(path);
    let bytes: Vec<&[u8]> = versions.iter().map(|(_, bytes)| *bytes).collect();
    let merged =
        lines::reconcile(input.base_bytes(path), &bytes, &lines::key_by_line).unwrap_or_default();
    let origin = |row: &Row| {
        let line = row.join(&b':');
        let has = |(_, bytes): &&(usize, &[u8])| lines::records(bytes).any(|other| other == line);
        versions.iter().find(has).map_or(0, |(layer, _)| *layer)
    };
    let table = Table::parse(&merged);
    let mut ranges: Vec<(u32, u32, &Row)> = (table.rows())
        .filter_map(|row| {
            let first = parse_id(row, 1)?;
            Some((first, first.saturating_add(parse_id(row, 2)?), row))
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
                "ranges in `{}` overlap, `{}` in `{first}` and `{}` in `{second}`",
                to_text(path),
                to_text(&one.join(&b':')),
                to_text(&two.join(&b':'))
            );
            draft
                .refusals
                .push(input.refuse_pair(Reason::SubordinateIds, layers, what));
        }
    }
    draft.write(input, path, merged);
}
