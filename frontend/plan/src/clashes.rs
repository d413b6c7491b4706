//! Pairs of extensions that are known to clash, or to work in another way than was meant.
//!
//! Packages are installed separately, so most of what two extensions disagree about shows only in the
//! joint. What can be told from the texts alone is told here, before anything is built.

use std::collections::BTreeMap;

use source::{Code, Diagnostic, Diagnostics, Span};

use crate::{Content, Planned};

/// Warns of pairs of extensions, and refuses only what the joint would certainly refuse.
pub(crate) fn check(diagnostics: &mut Diagnostics, extensions: &[Planned]) {
    check_repositories(diagnostics, extensions);
    check_alternatives(diagnostics, extensions);
    check_readers(diagnostics, extensions);
}

/// One repository with two keys: apt takes one key for a repository and a release.
fn check_repositories(diagnostics: &mut Diagnostics, extensions: &[Planned]) {
    let mut seen: BTreeMap<(&str, Option<&str>), (&Planned, &Content, Span)> = BTreeMap::new();
    for extension in extensions {
        for repository in &extension.repositories {
            let name = (
                repository.url.trim_end_matches('/'),
                repository.suite.as_deref(),
            );
            let entry = (extension, &repository.key, repository.span);
            let (other, key, place) = *seen.entry(name).or_insert(entry);
            if *key == repository.key {
                continue;
            }
            // Files of the build context are not read here, and may hold the same bytes.
            let is_certain = matches!(
                (key, &repository.key),
                (Content::File(..), Content::File(..))
            );
            let code = if is_certain {
                Code::ConflictingKey
            } else {
                Code::OtherKey
            };
            let message = format!(
                "extensions `{}` and `{}` give the repository `{}` {}",
                other.name,
                extension.name,
                repository.url,
                if is_certain {
                    "different keys"
                } else {
                    "keys from different files"
                }
            );
            diagnostics.push(
                Diagnostic::new(code, repository.span, message)
                    .label(place, format!("`{}` names it here", other.name))
                    .help("name it in one extension, and let the other require that one"),
            );
        }
    }
}

/// One alternative that the steps of two extensions choose.
fn check_alternatives(diagnostics: &mut Diagnostics, extensions: &[Planned]) {
    let mut chosen: BTreeMap<&str, (&Planned, Span)> = BTreeMap::new();
    for extension in extensions {
        for step in &extension.steps {
            for name in choices(&step.run) {
                let (other, place) = *chosen.entry(name).or_insert((extension, step.span));
                let is_above =
                    other.name == extension.name || extension.requires.contains(&other.name);
                if is_above {
                    continue;
                }
                let message = format!(
                    "steps of extensions `{}` and `{}` both choose the alternative `{name}`",
                    other.name, extension.name
                );
                diagnostics.push(
                    Diagnostic::new(Code::SameAlternative, step.span, message)
                        .label(place, format!("`{}` chooses it here", other.name))
                        .help("choose it in one of the two, or let one require the other: then its choice holds"),
                );
            }
        }
    }
}

/// The names after `update-alternatives --set` in a command.
fn choices(run: &str) -> impl Iterator<Item = &str> {
    let words: Vec<&str> = run.split_whitespace().collect();
    let is_choice = |words: &[&str]| {
        words[0].ends_with("update-alternatives") && matches!(words[1], "--set" | "--config")
    };
    words
        .windows(3)
        .filter(|words| is_choice(words))
        .map(|words| words[2])
        .collect::<Vec<_>>()
        .into_iter()
}

/// What a package does with those of another, without depending on it.
struct Reader {
    /// Whether a package is of the kind that looks.
    looks: fn(&str) -> bool,
    /// Whether a package is of the kind that it looks for.
    is_looked_for: fn(&str) -> bool,
    /// What it does, in a sentence after its name.
    does: &'static str,
}

const READERS: &[Reader] = &[
    // Debian Emacs Policy: add-ons are compiled for each Emacs that is there.
    Reader {
        looks: |name| name.starts_with("elpa-"),
        is_looked_for: |name| name.starts_with("emacs"),
        does: "is compiled for each Emacs that is there",
    },
    // `phpenmod` of php-common: a module is enabled in each PHP that is there.
    Reader {
        looks: |name| is_php(name) && !is_php_program(name),
        is_looked_for: is_php_program,
        does: "is enabled in each PHP that is there",
    },
];

fn is_php(name: &str) -> bool {
    let rest = name.strip_prefix("php").unwrap_or_default();
    let rest = rest.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    rest.starts_with('-') && rest != "-common" && rest != "-dev"
}

/// Those that run PHP, which Debian calls SAPIs.
fn is_php_program(name: &str) -> bool {
    let is_program = ["-cli", "-fpm", "-cgi", "-phpdbg", "-embed"]
        .iter()
        .any(|ending| name.ends_with(ending));
    name.starts_with("libapache2-mod-php") || name.starts_with("php") && is_program
}

/// An extension whose packages look for those of another, and that does not require it.
fn check_readers(diagnostics: &mut Diagnostics, extensions: &[Planned]) {
    for extension in extensions {
        for (package, spans) in &extension.packages {
            let Some(reader) = READERS.iter().find(|one| (one.looks)(package.as_str())) else {
                continue;
            };
            let apart = extensions.iter().filter(|other| {
                other.name != extension.name
                    && !extension.requires.contains(&other.name)
                    && !(extension.is_in_union && other.is_in_union)
            });
            let mut found = apart.flat_map(|other| {
                let packages = other.packages.iter();
                packages.map(move |(name, spans)| (other, name, spans))
            });
            let Some((other, name, places)) =
                found.find(|(_, name, _)| (reader.is_looked_for)(name.as_str()))
            else {
                continue;
            };
            let message = format!(
                "`{package}` {} when it is installed, and extension `{}` does not see `{name}` of `{}`",
                reader.does, extension.name, other.name
            );
            diagnostics.push(
                Diagnostic::new(Code::UnseenPackage, spans[0], message)
                    .label(places[0], format!("`{}` brings it here", other.name))
                    .help(format!(
                        "let `{}` require `{}`: `requires: [{}]`",
                        extension.name, other.name, other.name
                    )),
            );
        }
    }
}
