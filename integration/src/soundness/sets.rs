//! The package sets of the sweep, each with a command that fails when the set is broken.
//!
//! The smoke runs as `sh -e -c` in a container, as root and without a network, after those of the
//! other sets. It has to pass in an image of one plain installation too, or it is the smoke that is
//! wrong. Beyond running its programs, it asks what a joint could spoil: owners, caches, links.

mod programs;
mod services;

use self::programs::PROGRAMS;
use self::services::SERVICES;
use crate::suite::Suite;

/// Packages that make one extension.
#[derive(Clone, Copy, Debug)]
pub struct Set {
    /// The extension's name.
    pub name: &'static str,
    bookworm: &'static [&'static str],
    /// Where the names differ.
    trixie: Option<&'static [&'static str]>,
    /// Shell text.
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

    /// The set of that name.
    pub fn named(name: &str) -> Option<&'static Set> {
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
pub const SETS: &[Set] = &joined();

const fn joined() -> [Set; PROGRAMS.len() + SERVICES.len()] {
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
    fn names_are_one_each() {
        let names: BTreeSet<&str> = SETS.iter().map(|set| set.name).collect();
        assert_eq!(names.len(), SETS.len());
        assert!(SETS.len() >= 30);
        assert!(Set::named("postgres").is_some() && Set::named("absent").is_none());
    }

    #[test]
    fn names_of_packages_follow_the_release() {
        let java = Set::named("java").unwrap();
        assert_eq!(java.packages(Suite::Bookworm), ["openjdk-17-jdk-headless"]);
        assert_eq!(java.packages(Suite::Trixie), ["openjdk-21-jdk-headless"]);
        let jq = Set::named("jq").unwrap();
        assert_eq!(jq.packages(Suite::Trixie), jq.packages(Suite::Bookworm));
    }
}
