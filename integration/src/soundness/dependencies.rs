//! Explains why the image has a package that one installation of all sets would not bring.
//!
//! apt satisfies `a | b` with the first alternative, unless another one is installed or will be. So a set
//! that is installed on its own may bring another package than it would together with others. This is
//! computed here and not assumed: the set brings the package when it is installed on its own, something in
//! the set depends on it through a group of alternatives, and the reference satisfies that group with
//! another package.

use std::collections::{BTreeMap, BTreeSet};

/// A package in dpkg's status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Package {
    /// Groups of alternatives, of each of which one name must be installed.
    groups: Vec<Vec<String>>,
    provides: BTreeSet<String>,
}

/// Reads the installed packages of a status, by name.
pub(crate) fn read_packages(status: &str) -> BTreeMap<String, Package> {
    let mut packages: BTreeMap<String, Package> = BTreeMap::new();
    for stanza in status.split("\n\n") {
        let field = |name: &str| {
            let value = |line: &str| {
                line.strip_prefix(name)?
                    .strip_prefix(": ")
                    .map(str::to_owned)
            };
            stanza.lines().find_map(value).unwrap_or_default()
        };
        let name = field("Package");
        if name.is_empty() || !field("Status").ends_with(" installed") {
            continue;
        }
        let package = packages.entry(name).or_default();
        for list in [field("Pre-Depends"), field("Depends")] {
            package.groups.extend(groups(&list));
        }
        let provided = groups(&field("Provides")).into_iter().flatten();
        package.provides.extend(provided);
    }
    packages
}

/// The names in a field of relations: groups are separated by commas, alternatives by bars.
fn groups(list: &str) -> Vec<Vec<String>> {
    let name = |relation: &str| {
        let word = relation.split_whitespace().next().unwrap_or_default();
        let word = word.split([':', '(']).next().unwrap_or_default();
        word.to_owned()
    };
    let groups = list.split(',').filter(|group| !group.trim().is_empty());
    groups
        .map(|group| group.split('|').map(name).collect())
        .collect()
}

/// Explains packages that only the merged image has.
///
/// `alone` is what each set brings when it is installed on its own. A package that is not in the result has
/// no explanation.
pub(crate) fn explain(
    extra: &BTreeSet<String>,
    alone: &BTreeMap<String, BTreeSet<String>>,
    merged: &BTreeMap<String, Package>,
    reference: &BTreeMap<String, Package>,
) -> BTreeMap<String, String> {
    let mut explained: BTreeMap<String, String> = BTreeMap::new();
    loop {
        let next = extra
            .iter()
            .filter(|name| !explained.contains_key(*name))
            .find_map(|name| {
                let why = explain_one(name, alone, merged, reference, &explained)?;
                Some((name.clone(), why))
            });
        match next {
            None => return explained,
            Some((name, why)) => explained.insert(name, why),
        };
    }
}

fn explain_one(
    name: &str,
    alone: &BTreeMap<String, BTreeSet<String>>,
    merged: &BTreeMap<String, Package>,
    reference: &BTreeMap<String, Package>,
    explained: &BTreeMap<String, String>,
) -> Option<String> {
    let satisfies = |packages: &BTreeMap<String, Package>, candidate: &str, group: &[String]| {
        group.iter().any(|wanted| {
            wanted == candidate
                || packages
                    .get(candidate)
                    .is_some_and(|package| package.provides.contains(wanted))
        })
    };
    for (set, brought) in alone {
        if !brought.contains(name) {
            continue;
        }
        for depending in brought {
            let groups = merged.get(depending).map(|package| &package.groups);
            for group in groups.into_iter().flatten() {
                if !satisfies(merged, name, group) {
                    continue;
                }
                if explained.contains_key(depending) {
                    return Some(format!("needed by {depending}"));
                }
                let other = reference
                    .keys()
                    .find(|other| satisfies(reference, other, group) && !brought.contains(*other));
                if let Some(other) = other.filter(|_| reference.contains_key(depending)) {
                    let group = group.join(" | ");
                    return Some(format!(
                        "`{set}` on its own satisfies `{group}` of {depending} with it, the reference with {other}"
                    ));
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const MERGED: &str = "Package: maven\nStatus: install ok installed\nDepends: default-jre | java-runtime, sh:any (>= 1)\n\n\
        Package: default-jre\nStatus: install ok installed\nPre-Depends: small\n\n\
        Package: small\nStatus: install ok installed\n\n\
        Package: stray\nStatus: install ok installed\n\n\
        Package: jdk\nStatus: install ok installed\nProvides: java-runtime (= 5), java\n\n\
        Package: gone\nStatus: deinstall ok config-files\n";

    fn explained(extra: &[&str], brought: &[&str], reference: &[&str]) -> Vec<(String, String)> {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let merged = read_packages(MERGED);
        let mut there = merged.clone();
        there.retain(|name, _| reference.contains(&name.as_str()));
        let alone = BTreeMap::from([("maven".to_owned(), set(brought))]);
        let explained = explain(&set(extra), &alone, &merged, &there);
        explained.into_iter().collect()
    }

    #[test]
    fn another_alternative_explains_a_package() {
        let brought = ["maven", "default-jre", "small", "stray"];
        let extra = ["default-jre", "small", "stray"];
        let explained = explained(&extra, &brought, &["maven", "jdk"]);
        let why = "`maven` on its own satisfies `default-jre | java-runtime` of maven with it, the reference with jdk";
        let pair = |name: &str, why: &str| (name.to_owned(), why.to_owned());
        let expected = [
            pair("default-jre", why),
            pair("small", "needed by default-jre"),
        ];
        assert_eq!(explained, expected);
    }

    #[test]
    fn without_another_there_is_no_explanation() {
        let brought = ["maven", "default-jre"];
        assert_eq!(explained(&["default-jre"], &brought, &["maven"]), []);
        // There is no explanation for a package that the set does not bring on its own.
        assert_eq!(
            explained(&["default-jre"], &["maven"], &["maven", "jdk"]),
            []
        );
    }

    #[test]
    fn only_installed_packages_count() {
        assert!(!read_packages(MERGED).contains_key("gone"));
        let provided: Vec<String> = read_packages(MERGED)["jdk"]
            .provides
            .iter()
            .cloned()
            .collect();
        assert_eq!(provided, ["java", "java-runtime"]);
    }
}
