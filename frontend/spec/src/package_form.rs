//! The forms of what is fetched by name: a package in one exact version, an address, and the parts of
//! a repository of Debian packages.
//!
//! A form is checked twice: as it is written, where parameters can stand anywhere, and again by `plan`
//! when the parameters have their values. A value could turn the text into a range of versions, or pass
//! options to the client that fetches the package.

use std::fmt;

use crate::{Part, Template};

/// Stands for the value of a parameter where a template is checked.
const HOLE: char = '\u{1}';

/// A form of text that names something to fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PackageForm {
    /// A package of PyPI in one exact version: `name==version`.
    Pypi,
    /// A package of npm in one exact version: `name@1.2.3`.
    Npm,
    /// A crate in one exact version: `name@1.2.3`.
    Crate,
    /// An address, `http://` or `https://`.
    Url,
    /// The release of a repository of Debian packages, or a path in it.
    Suite,
    /// A component of a repository of Debian packages.
    Component,
}

impl PackageForm {
    /// Its key in the format, such as `pypi`; for a component, the singular of its key.
    pub fn as_str(self) -> &'static str {
        match self {
            PackageForm::Pypi => "pypi",
            PackageForm::Npm => "npm",
            PackageForm::Crate => "crate",
            PackageForm::Url => "url",
            PackageForm::Suite => "suite",
            PackageForm::Component => "component",
        }
    }

    /// Checks text in which all parameters have their values; the error is a phrase that says what to
    /// write.
    pub fn check(self, text: &str) -> Result<(), &'static str> {
        let is_clean = !text.contains(char::is_control);
        self.check_with_holes(if is_clean { text } else { "" })
    }

    /// Checks a template, in which a parameter stands for anything that the form allows in its place.
    pub(crate) fn check_template(self, template: &Template) -> Result<(), &'static str> {
        let text: String = template
            .parts()
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Parameter(_) => HOLE.to_string(),
            })
            .collect();
        self.check_with_holes(&text)
    }

    fn check_with_holes(self, text: &str) -> Result<(), &'static str> {
        let (holds, phrase) = match self {
            PackageForm::Pypi => (
                is_wheel(text),
                "write `name==version`, with one exact version",
            ),
            PackageForm::Npm => (
                is_npm_package(text),
                "write `name@1.2.3` or `@scope/name@1.2.3`, with one exact version",
            ),
            PackageForm::Crate => (is_crate(text), "write `name@1.2.3`, with one exact version"),
            PackageForm::Url => (
                is_address(text),
                "write an address that begins with `https://` or `http://`, without blanks",
            ),
            PackageForm::Suite => (
                is_suite(text),
                "write a release such as `bookworm`, or a path that ends with `/`",
            ),
            PackageForm::Component => (
                has_only(text, "._+/-"),
                "write a word such as `main`, of letters, digits, `.`, `_`, `+`, `/` and `-`",
            ),
        };
        if holds { Ok(()) } else { Err(phrase) }
    }
}

impl fmt::Display for PackageForm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

fn is_wheel(text: &str) -> bool {
    // PEP 440: a version begins with a digit.
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

/// Whether text begins with a letter, a digit or a parameter, and has only these and `others` in it.
fn has_only(text: &str, others: &str) -> bool {
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == HOLE;
    text.starts_with(is_word)
        && text
            .chars()
            .all(|letter| is_word(letter) || others.contains(letter))
}

/// Whether a version names one release. To npm and to cargo, `1.2` is a range.
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
