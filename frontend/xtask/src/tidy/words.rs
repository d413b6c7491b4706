//! Forms of words that are not idiomatic English, and a name that meant two things, do not come back.

use std::path::Path;

use crate::tidy::{files, text};

/// What must not be written, each in two parts, so that this file is not among its own findings. Then what
/// to write instead.
const FORMS: [(&str, &str, &str); 3] = [
    (" is n", "o `", "`x` is not a valid y"),
    ("is non", "e of", "must be `a`, `b` or `c`"),
    ("fn uni", "te", "`reconcile`, or the verb for what is done"),
];

#[test]
fn stilted_forms_are_not_written() {
    let mut findings = Vec::new();
    for path in files() {
        let is_prose = path
            .extension()
            .is_some_and(|end| end == "rs" || end == "md");
        if is_prose {
            findings.extend(find(&path, &text(&path)));
        }
    }
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}

/// The findings in a text, each with its line. After `there` the first two forms are idiomatic.
fn find(path: &Path, text: &str) -> Vec<String> {
    let lines = text.lines().enumerate().flat_map(|(index, line)| {
        let is_found = |form: &str| {
            let mut places = line.match_indices(form);
            places.any(|(at, _)| !line[..at].trim_end().ends_with("here"))
        };
        let forms = FORMS.map(|(begin, end, instead)| (format!("{begin}{end}"), instead));
        let found = forms.into_iter().filter(move |(form, _)| is_found(form));
        found.map(move |(form, instead)| {
            let place = format!("{}:{}", path.display(), index + 1);
            format!("{place}: {form:?}; write {instead:?}: {}", line.trim())
        })
    });
    lines.collect()
}

#[test]
fn every_form_is_found() {
    let forms = FORMS.map(|(begin, end, _)| format!("word{begin}{end} word"));
    let found = find(Path::new("a.md"), &forms.join("\n\n"));
    assert_eq!(found.len(), FORMS.len(), "{found:?}");
    assert!(found[1].starts_with("a.md:3: "), "{found:?}");
    assert_eq!(
        find(Path::new("a.md"), "There is no extension `uvv`."),
        [""; 0]
    );
}
