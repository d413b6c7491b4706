//! Images in company: what an image shows, an image with unrelated extensions beside its own shows too.
//!
//! An image of a test is made once more with three more extensions, whose names come before, between and after others.
//! Each command that the test runs in the image runs in that image too, and must print all that it prints alone: more
//! lines are fine, since some commands look at all of an image. Some tests ask for that themselves; with
//! `INLAY_TEST_COMPANY=1`, every image is made in company.

use std::fmt::Write as _;

/// The variable that asks for company.
const VARIABLE: &str = "INLAY_TEST_COMPANY";

/// The names of the extensions, each with a package of its own.
const OTHERS: [(&str, &str); 3] = [
    ("a0-beside", "bc"),
    ("m-beside", "less"),
    ("zz-beside", "time"),
];

/// Whether images are made in company.
pub(crate) fn is_wanted() -> bool {
    std::env::var_os(VARIABLE).is_some_and(|value| !value.is_empty())
}

/// A spec with the other extensions; `None` = the spec has no list that could take them.
pub(crate) fn add(spec: &str) -> Option<String> {
    let mut with = String::new();
    let mut is_added = false;
    let mut lines = spec.lines();
    while let Some(line) = lines.next() {
        let Some(rest) = line.strip_prefix("extensions:").filter(|_| !is_added) else {
            with.push_str(line);
            with.push('\n');
            continue;
        };
        is_added = true;
        if let Some(list) = rest.trim_start().strip_prefix('[') {
            let others: Vec<String> = OTHERS.iter().map(|other| flow(*other)).collect();
            let separator = if list.trim_start().starts_with(']') {
                ""
            } else {
                ", "
            };
            writeln!(with, "extensions: [{}{separator}{list}", others.join(", ")).ok()?;
            continue;
        }
        with.push_str(line);
        with.push('\n');
        let mut rest = lines.clone();
        let next = rest.find(|line| !line.trim().is_empty());
        let next = next.unwrap_or("  - ");
        let indent = &next[..next.len() - next.trim_start().len()];
        for other in OTHERS {
            writeln!(with, "{indent}- {}", flow(other)).ok()?;
        }
    }
    is_added.then_some(with)
}

/// What a command prints, without lines about the other extensions, durations and the names of temporary folders.
fn without_others(said: &str) -> Vec<String> {
    let lines = said.lines().filter(|line| !line.contains("-beside"));
    let words = lines.map(|line| {
        let words = line.split(' ').filter(|word| {
            let number = word.strip_suffix("ms").or_else(|| word.strip_suffix('s'));
            number.is_none_or(|number| number.parse::<f64>().is_err())
                && !word.contains("/tmp/tmp.")
        });
        words.collect::<Vec<_>>().join(" ")
    });
    words.collect()
}

/// The lines that a command prints alone and not in company.
pub(crate) fn find_missing(alone: &str, company: &str) -> Vec<String> {
    let mut others = without_others(company);
    let mut missing = Vec::new();
    for line in without_others(alone) {
        match others.iter().position(|other| *other == line) {
            Some(at) => {
                others.swap_remove(at);
            }
            None => missing.push(line),
        }
    }
    missing
}

/// An extension that brings each kind of part.
fn flow((name, package): (&str, &str)) -> String {
    format!(
        "{{ name: {name}, build: {{ steps: [\"mkdir -p $OUT/opt/{name} && echo {name} > $OUT/opt/{name}/it\"] }}, \
         install: {{ packages: [{package}], files: [{{ to: /etc/beside/{name}, text: {name} }}], \
         steps: [\"useradd --system {name} && install -d -o {name} /srv/{name}\"] }} }}"
    )
}

#[cfg(test)]
mod tests {
    use super::{add, find_missing};

    #[test]
    fn extensions_are_added_to_any_list() {
        for (spec, expected) in [
            ("extensions:\n\n    - a\n", "\n    - { name: zz-beside"),
            (
                "base: x\nextensions:\n  - a\n  - b\npath: []\n",
                "  - { name: zz-beside",
            ),
            ("extensions:\n- a\n", "- { name: a0-beside"),
            ("extensions: [a, b]\n", "extensions: [{ name: a0-beside"),
            ("extensions: []\n", "] } }]\n"),
        ] {
            let with = add(spec).unwrap();
            assert!(with.contains(expected), "{with}");
        }
        assert_eq!(add("base: x\n"), None);
    }

    #[test]
    fn more_is_fine_and_less_is_not() {
        let alone = "a\nb\nadded 1 in 3ms";
        assert_eq!(
            find_missing(alone, "c\na\nadded 1 in 29ms\nm-beside\nb"),
            [""; 0]
        );
        assert_eq!(
            find_missing(alone, "a\na\nadded 2 in 3ms"),
            ["b", "added 1 in"]
        );
    }
}
