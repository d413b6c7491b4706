//! The package sets of the sweep, each with a smoke test that fails when the set is broken.
//!
//! Smoke tests run one after another with `sh -e -c` in a container, as root, and need no network. They must
//! pass in an image of one plain installation too; otherwise the test itself is wrong. Beyond running the
//! programs, they check what a joint could spoil: owners, caches, links.

mod programs;
mod services;

use crate::soundness::sets::programs::PROGRAMS;
use crate::soundness::sets::services::SERVICES;
use crate::suite::Suite;

/// The packages of one extension.
#[derive(Clone, Copy, Debug)]
pub struct Set {
    /// The extension's name.
    pub name: &'static str,
    bookworm: &'static [&'static str],
    /// The packages' names in trixie, where they differ.
    trixie: Option<&'static [&'static str]>,
    /// The smoke test, as shell text.
    pub(crate) smoke: &'static str,
}

impl Set {
    /// The packages' names in the release.
    pub fn packages(&self, suite: Suite) -> &'static [&'static str] {
        match suite {
            Suite::Bookworm => self.bookworm,
            Suite::Trixie => self.trixie.unwrap_or(self.bookworm),
        }
    }

    /// Finds the set of that name.
    pub fn find(name: &str) -> Option<&'static Set> {
        SETS.iter().find(|set| set.name == name)
    }
}

const fn set(
    name: &'static str,
    bookworm: &'static [&'static str],
    trixie: Option<&'static [&'static str]>,
    smoke: &'static str,
) -> Set {
    Set {
        name,
        bookworm,
        trixie,
        smoke,
    }
}

/// All sets. What a seed draws depends on their order.
pub const SETS: &[Set] = &join_sets();

const fn join_sets() -> [Set; PROGRAMS.len() + SERVICES.len()] {
    let mut all = [PROGRAMS[0]; PROGRAMS.len() + SERVICES.len()];
    let mut index = 0;
    while index < all.len() {
        all[index] = if index < PROGRAMS.len() {
            PROGRAMS[index]
        } else {
            SERVICES[index - PROGRAMS.len()]
        };
        index += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique() {
        let names: BTreeSet<&str> = SETS.iter().map(|set| set.name).collect();
        assert_eq!(names.len(), SETS.len());
        assert!(SETS.len() >= 30);
        assert!(Set::find("postgres").is_some() && Set::find("absent").is_none());
    }

    #[test]
    fn names_of_packages_depend_on_the_release() {
        let java = Set::find("java").unwrap();
        assert_eq!(java.packages(Suite::Bookworm), ["openjdk-17-jdk-headless"]);
        assert_eq!(java.packages(Suite::Trixie), ["openjdk-21-jdk-headless"]);
        let jq = Set::find("jq").unwrap();
        assert_eq!(jq.packages(Suite::Trixie), jq.packages(Suite::Bookworm));
    }
}
