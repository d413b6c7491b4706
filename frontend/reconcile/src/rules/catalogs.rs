//! The XML catalog: a head, one entry on each line, and an end. `update-xmlcatalog` sorts the entries.

use crate::draft::Draft;
use crate::formats::lines;
use crate::input::Input;

const CATALOG: &[u8] = b"/etc/xml/catalog";
const END: &[u8] = b"</catalog>";

/// Writes a catalog with the last layer's head and the entries of all layers.
pub(crate) fn reconcile(input: &Input<'_>, draft: &mut Draft) {
    if !input.is_contested(CATALOG) {
        return;
    }
    let versions = input.versions(CATALOG);
    let bodies: Vec<Vec<u8>> = versions
        .iter()
        .map(|(_, bytes)| lines::join(&split_catalog(bytes).1))
        .collect();
    let bodies: Vec<&[u8]> = bodies.iter().map(Vec::as_slice).collect();
    let base = lines::join(&split_catalog(input.base_bytes(CATALOG)).1);
    let Ok(entries) = lines::reconcile(&base, &bodies, &lines::key_by_line) else {
        return;
    };
    let head = versions
        .last()
        .map(|(_, bytes)| split_catalog(bytes).0)
        .unwrap_or_default();
    let mut entries: Vec<&[u8]> = lines::records(&entries).collect();
    entries.sort_unstable();
    let merged = [head.as_slice(), &entries, &[END, b""]].concat();
    draft.write(input, CATALOG, lines::join(&merged));
}

/// Splits a catalog into its head, which ends with the opening tag, and its entries.
fn split_catalog(bytes: &[u8]) -> (Vec<&[u8]>, Vec<&[u8]>) {
    let all: Vec<&[u8]> = lines::records(bytes)
        .filter(|line| line.trim_ascii() != END)
        .collect();
    let opening = all
        .iter()
        .position(|line| line.trim_ascii_start().starts_with(b"<catalog"));
    let is_closed = |line: &&[u8]| line.trim_ascii_end().ends_with(b">");
    let head = opening.map_or(0, |start| {
        start
            + all[start..]
                .iter()
                .position(is_closed)
                .map_or(0, |closed| closed + 1)
    });
    (all[..head].to_vec(), all[head..].to_vec())
}
