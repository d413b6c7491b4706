//! Refusals: why layers cannot be combined, which extensions they belong to, and what to do about it.

use std::collections::BTreeSet;
use std::fmt;

use crate::formats::version::compare;

/// The rule that layers break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// A package is not completely installed, or a package that was there before is removed.
    Package,
    /// A package has two versions.
    Version,
    /// Packages declare that they cannot be in one system, or a package has two architectures.
    Conflict,
    /// A package depends on the base's version of another one, which another layer upgrades.
    Dependency,
    /// An account of the base is changed, or two accounts of the same name differ.
    Account,
    /// Ranges of subordinate ids overlap.
    SubordinateIds,
    /// Diversions contradict each other, or a diverted file cannot be moved.
    Diversion,
    /// Overrides of owner and mode contradict each other.
    Override,
    /// An alternative has different links.
    Alternative,
    /// Records with the same key differ.
    Record,
    /// A path has two contents.
    Content,
    /// A path belongs to two packages.
    Owner,
    /// A path has two kinds, or one layer removes it and another changes it.
    Kind,
    /// A directory has two owners or modes.
    Metadata,
}

/// Why layers cannot be combined, or why one cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    /// The rule that is broken.
    pub reason: Reason,
    /// The extensions that contradict each other, in canonical order, or the one that cannot be used.
    pub extensions: Vec<String>,
    /// What is wrong: the package, file, account or alternative, with the values that differ.
    pub what: String,
    /// What to do about it.
    pub help: String,
}

impl Refusal {
    /// Refuses two extensions that contradict each other.
    pub(crate) fn between(reason: Reason, extensions: [&str; 2], what: String) -> Self {
        let [first, second] = extensions;
        let help = format!(
            "{}, or write `packages: union` in the spec",
            suggest_after([first, second])
        );
        let extensions = vec![first.to_owned(), second.to_owned()];
        Self {
            reason,
            extensions,
            what,
            help,
        }
    }

    /// Refuses an extension that does not just add to the base.
    pub(crate) fn alone(reason: Reason, extension: &str, what: String) -> Self {
        let help =
            "an extension adds to the base: make this change in the base itself, or leave it out";
        Self {
            reason,
            extensions: vec![extension.to_owned()],
            what,
            help: help.to_owned(),
        }
    }

    /// Replaces the help.
    pub(crate) fn with_help(mut self, help: &str) -> Self {
        help.clone_into(&mut self.help);
        self
    }
}

/// Suggests to put the second extension on the first one.
pub(crate) fn suggest_after([first, second]: [&str; 2]) -> String {
    format!(
        "put `{second}` on `{first}` (`- {second}: {{ after: {first} }}`, or `requires` in its definition)"
    )
}

/// Suggests how two extensions get one version of a package: the one with the older version is put on the other.
pub(crate) fn suggest_one_version([one, two]: [(&str, &[u8]); 2]) -> String {
    let (newer, older) = if compare(one.1, two.1).is_lt() {
        (two.0, one.0)
    } else {
        (one.0, two.0)
    };
    format!(
        "{}, so that apt chooses one version for both; if a version is pinned, pin the same one in both; or \
         write `packages: union` in the spec",
        suggest_after([newer, older])
    )
}

/// How many similar refusals of the same extensions are shown one by one.
const SIMILAR: usize = 3;

/// Keeps the refusals that a person wants to read, and sorts them.
///
/// If the packages of two extensions contradict each other, so do their files, and two versions of a package
/// differ in every file.
pub fn keep_essential(mut refusals: Vec<Refusal>) -> Vec<Refusal> {
    refusals.sort();
    refusals.dedup();
    let is_of_packages = |refusal: &&Refusal| refusal.reason <= Reason::Dependency;
    let apart: BTreeSet<Vec<String>> = (refusals.iter())
        .filter(is_of_packages)
        .map(|refusal| refusal.extensions.clone())
        .collect();
    refusals.retain(|refusal| {
        refusal.reason < Reason::Diversion || !apart.contains(&refusal.extensions)
    });
    let is_alike = |one: &Refusal, two: &Refusal| {
        one.reason >= Reason::Record && one.reason == two.reason && one.extensions == two.extensions
    };
    let mut kept = Vec::new();
    for alike in refusals.chunk_by(is_alike) {
        let mut some = alike.to_vec();
        some.truncate(SIMILAR);
        let more = alike.len() - some.len();
        if let Some(last) = some.last_mut().filter(|_| more > 0) {
            last.what = format!("{}; and {more} more like this", last.what);
        }
        kept.append(&mut some);
    }
    kept
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self
            .extensions
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        let (noun, verb) = if names.len() > 1 {
            ("extensions", "combined")
        } else {
            ("extension", "used")
        };
        let names = names.join(" and ");
        writeln!(
            formatter,
            "inlay: {noun} {names} cannot be {verb}: {}",
            self.what
        )?;
        write!(formatter, "  help: {}", self.help)
    }
}
