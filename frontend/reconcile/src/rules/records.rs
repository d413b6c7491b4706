//! Files with one record on each line: shells, ucf's files, and SGML catalogs.

use crate::draft::Draft;
use crate::formats::lines::{self, Key};
use crate::formats::text::to_text;
use crate::input::Input;
use crate::refusal::Reason;

/// Reconciles these files.
pub(crate) fn reconcile(input: &Input<'_>, draft: &mut Draft) {
    let plain: [&[u8]; 5] = [
        b"/var/lib/dpkg/arch",
        b"/etc/shells",
        b"/var/lib/shells.state",
        b"/var/lib/xml-core/catalog",
        b"/var/lib/sgml-base/supercatalog",
    ];
    for path in plain
        .into_iter()
        .chain(input.paths_with_prefix(b"/etc/sgml/"))
    {
        reconcile_file(input, path, &lines::key_by_line, draft);
    }
    // A checksum, two blanks and a path.
    let hashed = |line: &[u8]| line.get(34..).unwrap_or(line).to_vec();
    reconcile_file(input, b"/var/lib/ucf/hashfile", &hashed, draft);
    // A package, blanks and a path.
    let registered = |line: &[u8]| {
        let blank = line.iter().rposition(u8::is_ascii_whitespace);
        line[blank.map_or(0, |blank| blank + 1)..].to_vec()
    };
    reconcile_file(input, b"/var/lib/ucf/registry", &registered, draft);
}

/// Reconciles one file, and refuses layers whose lines for one key differ.
pub(crate) fn reconcile_file(input: &Input<'_>, path: &[u8], key: Key<'_>, draft: &mut Draft) {
    if !input.is_contested(path) {
        return;
    }
    let versions = input.versions(path);
    let bytes: Vec<&[u8]> = versions.iter().map(|(_, bytes)| *bytes).collect();
    match lines::reconcile(input.base_bytes(path), &bytes, key) {
        Ok(merged) => draft.write(input, path, merged),
        Err(clashes) => {
            draft.handled.insert(path.to_vec());
            for clash in clashes {
                let [(first, one), (second, two)] = [clash.first, clash.second];
                let layers = [versions[first].0, versions[second].0];
                let [first, second] = layers.map(|layer| input.name(layer));
                let what = format!(
                    "`{}` has two records for `{}`, `{}` in `{first}` and `{}` in `{second}`",
                    to_text(path),
                    to_text(&clash.key),
                    to_text(one),
                    to_text(two)
                );
                draft
                    .refusals
                    .push(input.refuse_pair(Reason::Record, layers, what));
            }
        }
    }
}
