//! Refusals: why layers cannot be united, whose they are, and what to do.

use std::collections::BTreeSet;
use std::fmt;

use crate::formats::version::compare;

/// Which rule was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// A package that is not wholly installed, or one of the base that is gone.
    Package,
    /// One package in two versions.
    Version,
    /// Packages that declare that they cannot be in one system, or one for two architectures.
    Conflict,
    /// A package that needs another as the base had it, and another layer has upgraded that.
    Dependency,
    /// An account of the base that was changed, or two accounts that are not one.
    Account,
    /// Ranges of subordinate ids that overlap.
    SubordinateIds,
    /// Diversions that contradict each other.
    Diversion,
    /// Overrides of owner and mode that contradict each other.
    Override,
    /// Alternatives of one name with different links.
    Alternative,
    /// Records of one key with different values.
    Record,
    /// One path with two contents.
    Content,
    /// One path owned by two packages.
    Owner,
    /// One path that is a directory here and a file there, or removed here and changed there.
    Kind,
    /// A directory with two owners or modes.
    Metadata,
}

/// A reason not to unite layers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    /// The rule.
    pub reason: Reason,
    /// One extension, or those that contradict each other, in canonical order.
    pub extensions: Vec<String>,
    /// The package, file, account or alternative, with the values that differ.
    pub what: String,
    /// The way out.
    pub help: String,
}

impl Refusal {
    /// Of extensions that do not go together.
    pub(crate) fn between(reason: Reason, extensions: [&str; 2], what: String) -> Self {
        let [first, second] = extensions;
        let help =
            format!("let `{second}` require `{first}`, or write `packages: union` in the spec");
        let extensions = vec![first.to_owned(), second.to_owned()];
        Self {
            reason,
            extensions,
            what,
            help,
        }
    }

    /// Of an extension that is no addition to the base.
    pub(crate) fn alone(reason: Reason, extension: &str, what: String) -> Self {
        let help = "an extension adds to the base: change this in the base, or write \
                    `packages: union` in the spec";
        Self {
            reason,
            extensions: vec![extension.to_owned()],
            what,
            help: help.to_owned(),
        }
    }

    /// The same with another way out.
    pub(crate) fn with_help(mut self, help: &str) -> Self {
        help.clone_into(&mut self.help);
        self
    }
}

/// The way out where one of two versions is older, perhaps because its layer is.
pub(crate) fn suggest_reinstalling_older([one, two]: [(&str, &[u8]); 2]) -> String {
    let (name, _) = if compare(one.1, two.1).is_gt() {
        two
    } else {
        one
    };
    let again = suggest_reinstalling(name);
    format!(
        "{again}; where a version is pinned, pin the same in both; or write `packages: union` in the spec"
    )
}

/// The way out where a layer is of another day.
pub(crate) fn suggest_reinstalling(name: &str) -> String {
    format!("install `{name}` again, from what the archive has today: `--no-cache-filter {name}`")
}

/// How many paths of two extensions are told one by one.
const PATHS: usize = 3;

/// What of all refusals a person wants to read, sorted.
///
/// Where two extensions' packages contradict each other their files do so too, and two versions of one
/// package differ in every file.
pub(crate) fn keep_essential(mut refusals: Vec<Refusal>) -> Vec<Refusal> {
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
    let mut told = Vec::new();
    for alike in refusals.chunk_by(is_alike) {
        let mut some = alike.to_vec();
        some.truncate(PATHS);
        let more = alike.len() - some.len();
        if let Some(last) = some.last_mut().filter(|_| more > 0) {
            last.what = format!("{}; and {more} more of this kind", last.what);
        }
        told.append(&mut some);
    }
    told
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self
            .extensions
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        let (verb, plural) = if names.len() > 1 {
            ("unite", "s")
        } else {
            ("use", "")
        };
        let names = names.join(" and ");
        writeln!(
            formatter,
            "inlay: cannot {verb} extension{plural} {names}: {}",
            self.what
        )?;
        write!(formatter, "  help: {}", self.help)
    }
}
