//! The form of what a source names: a package with one exact version, or an address.
//!
//! Checked twice: as it is written, when a parameter may stand anywhere, and by `plan` when parameters
//! have their values, since a value can be a range or bring options of a client with it.

use crate::{Part, Template};

/// Stands for a parameter's value where a template is checked.
const HOLE: char = '\u{1}';

/// Checks the text of a source without parameters; `kind` is its key: `pypi`, `npm`, `crate`, `url`,
/// or of a repository: `suite`, `component`.
///
/// The error is a phrase that says what to write.
pub fn package_form(kind: &str, text: &str) -> Result<(), &'static str> {
    let is_clean = !text.contains(char::is_control);
    form(kind, if is_clean { text } else { "" })
}

/// Checks a source in which parameters stand for anything that the form allows in their place.
pub(crate) fn template_form(kind: &str, template: &Template) -> Result<(), &'static str> {
    let text: String = template
        .parts()
        .iter()
        .map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Parameter(_) => HOLE.to_string(),
        })
        .collect();
    form(kind, &text)
}

fn form(kind: &str, text: &str) -> Result<(), &'static str> {
    let (holds, phrase) = match kind {
        "pypi" => (
            is_wheel(text),
            "write `name==version`, with one exact version",
        ),
        "npm" => (
            is_npm_package(text),
            "write `name@1.2.3` or `@scope/name@1.2.3`, with one exact version",
        ),
        "crate" => (is_crate(text), "write `name@1.2.3`, with one exact version"),
        "suite" => (
            is_suite(text),
            "write a release such as `bookworm`, or a path that ends with `/`",
        ),
        "component" => (
            has_only(text, "._+/-"),
            "a word such as `main`, of letters, digits and `.`, `_`, `+`, `/`, `-`",
        ),
        _ => (
            is_address(text),
            "write an address that begins with `https://` or `http://`, without blanks",
        ),
    };
    if holds { Ok(()) } else { Err(phrase) }
}

fn is_wheel(text: &str) -> bool {
    // A version begins with a digit: PEP 440.
    let begins = |letter: char| letter.is_ascii_digit() || letter == HOLE;
    text.split_once("==").is_some_and(|(name, version)| {
        has_only(name, "._-") && has_only(version, ".+!_-") && version.starts_with(begins)
    })
}

fn is_npm_package(text: &str) -> bool {
    let is_part = |part: &str| has_only(part, "._~-");
    text.rsplit_once('@').is_some_and(|(name, version)| {
        let is_name = match name.strip_prefix('@') {
            Some(scoped) => scoped
                .split_once('/')
                .is_some_and(|(scope, name)| is_part(scope) && is_part(name)),
            None => is_part(name),
        };
        is_name && is_exact(version)
    })
}

fn is_crate(text: &str) -> bool {
    text.rsplit_once('@')
        .is_some_and(|(name, version)| has_only(name, "_-") && is_exact(version))
}

fn is_suite(text: &str) -> bool {
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == HOLE;
    text.starts_with(|letter| is_word(letter) || letter == '.')
        && text
            .chars()
            .all(|letter| is_word(letter) || "._+~/-".contains(letter))
}

fn is_address(text: &str) -> bool {
    let rest = ["https://", "http://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme))
        .or_else(|| text.strip_prefix(HOLE).map(|_| text));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
}

/// Whether text begins with a letter or digit (or a parameter) and has only these besides.
fn has_only(text: &str, others: &str) -> bool {
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == HOLE;
    text.starts_with(is_word)
        && text
            .chars()
            .all(|letter| is_word(letter) || others.contains(letter))
}

/// Whether a version names one release to npm and to cargo: `1.2` is a range to both.
fn is_exact(version: &str) -> bool {
    if version.contains(HOLE) {
        return version.chars().all(|letter| {
            letter.is_ascii_alphanumeric() || letter == HOLE || ".+-".contains(letter)
        });
    }
    let end = version.find(['-', '+']).unwrap_or(version.len());
    let (numbers, rest) = version.split_at(end);
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    numbers.split('.').count() == 3
        && numbers.split('.').all(is_number)
        && (rest.is_empty() || has_only(&rest[1..], ".+-"))
}
