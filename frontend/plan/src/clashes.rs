//! Reports pairs of extensions that are known to clash, or not to work together as intended.
//!
//! Packages are installed separately, so most conflicts between two extensions only show in the joint. The
//! conflicts that can be seen in the texts alone are reported here, before anything is built.

use std::collections::BTreeMap;

use source::{Code, Diagnostic, Diagnostics, Span};

use crate::{Content, Planned};

/// Warns of such pairs, and refuses only what the joint would certainly refuse.
pub(crate) fn check(diagnostics: &mut Diagnostics, extensions: &[Planned]) {
    check_repositories(diagnostics, extensions);
    check_alternatives(diagnostics, extensions);
    check_readers(diagnostics, extensions);
}

/// Reports a repository that two extensions give different keys: apt takes one key for each repository and
/// release.
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
            // Files of the build context are not read here, so two of them may have the same content.
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
                    .label(place, format!("`{}` adds it here", other.name))
                    .help(
                        "add the repository in one extension, and let the other require that one",
                    ),
            );
        }
    }
}

/// Warns of an alternative that the steps of two unrelated extensions choose.
fn check_alternatives(diagnostics: &mut Diagnostics, extensions: &[Planned]) {
    let mut chosen: BTreeMap<&str, (&Planned, Span)> = BTreeMap::new();
    for extension in extensions {
        for step in &extension.steps {
            for name in find_choices(&step.run) {
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
                        .help("choose it in only one of the two, or let one require the other, so that its choice wins"),
                );
            }
        }
    }
}

/// The alternatives that a command chooses: the names after `update-alternatives --set` or `--config`.
fn find_choices(run: &str) -> impl Iterator<Item = &str> {
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

/// A kind of package that, when it is installed, looks for packages that it does not depend on.
struct Reader {
    /// Whether a package is of this kind.
    matches: fn(&str) -> bool,
    /// Whether a package is one of those that it looks for.
    looks_for: fn(&str) -> bool,
    /// What happens to the package, as the rest of a sentence that begins with its name.
    effect: &'static str,
}

const READERS: &[Reader] = &[
    // Debian Emacs Policy: add-ons are compiled for each Emacs that is installed.
    Reader {
        matches: |name| name.starts_with("elpa-"),
        looks_for: |name| name.starts_with("emacs"),
        effect: "is compiled only for an Emacs that is already installed",
    },
    // `phpenmod` of php-common: a module is enabled in each PHP that is installed.
    Reader {
        matches: |name| is_php(name) && !is_php_program(name),
        looks_for: is_php_program,
        effect: "is enabled only in a PHP that is already installed",
    },
];

/// Whether a package is a part of PHP: a module or a program.
fn is_php(name: &str) -> bool {
    let rest = name.strip_prefix("php").unwrap_or_default();
    let rest = rest.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    rest.starts_with('-') && rest != "-common" && rest != "-dev"
}

/// Whether a package is one of the programs that run PHP, which Debian calls SAPIs.
fn is_php_program(name: &str) -> bool {
    let is_program = ["-cli", "-fpm", "-cgi", "-phpdbg", "-embed"]
        .iter()
        .any(|ending| name.ends_with(ending));
    name.starts_with("libapache2-mod-php") || name.starts_with("php") && is_program
}

/// Warns of an extension whose packages look for those of another one that it does not require.
fn check_readers(diagnostics: &mut Diagnostics, extensions: &[Planned]) {
    for extension in extensions {
        for (package, spans) in &extension.packages {
            let Some(reader) = READERS.iter().find(|one| (one.matches)(package.as_str())) else {
                continue;
            };
            let unseen = extensions.iter().filter(|other| {
                other.name != extension.name
                    && !extension.requires.contains(&other.name)
                    && !(extension.is_in_union && other.is_in_union)
            });
            let mut found = unseen.flat_map(|other| {
                let packages = other.packages.iter();
                packages.map(move |(name, spans)| (other, name, spans))
            });
            let Some((other, name, places)) =
                found.find(|(_, name, _)| (reader.looks_for)(name.as_str()))
            else {
                continue;
            };
            let message = format!(
                "`{package}` {}, but extension `{}` does not see `{name}` of `{}`",
                reader.effect, extension.name, other.name
            );
            diagnostics.push(
                Diagnostic::new(Code::UnseenPackage, spans[0], message)
                    .label(places[0], format!("`{}` installs it here", other.name))
                    .help(format!(
                        "let `{}` require `{}`: `requires: [{}]`",
                        extension.name, other.name, other.name
                    )),
            );
        }
    }
}
