//! Packages that are not installed yet.

use std::collections::BTreeSet;

use insta::assert_snapshot;

use crate::{Installation, check_packages};

const BASE: &str =
    "Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.36\n";

/// What an extension of this name would install: each package with its version and more fields.
fn installation(extension: &str, packages: &[(&str, &str, &str)]) -> Installation {
    let records = packages.iter().map(|(name, version, fields)| {
        format!(
            "Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n{fields}\n"
        )
    });
    Installation {
        extension: extension.to_owned(),
        records: records.collect(),
        ..Installation::default()
    }
}

fn refusals(installations: &[Installation]) -> String {
    let refusals = check_packages(BASE, installations, "amd64");
    let refusals: Vec<String> = refusals.iter().map(ToString::to_string).collect();
    refusals.join("\n")
}

#[test]
fn shared_packages_of_one_version_are_fine() {
    let one = installation("a", &[("curl", "7", ""), ("libcurl4", "7", "")]);
    let two = installation("b", &[("git", "2", ""), ("libcurl4", "7", "")]);
    assert_eq!(refusals(&[one, two]), "");
}

#[test]
fn conflicts_versions_and_upgrades_of_the_base_are_refused() {
    let one = installation(
        "a",
        &[("chrony", "4", "Conflicts: time-daemon\n"), ("x", "1", "")],
    );
    let two = installation("b", &[("openntpd", "6", "Provides: time-daemon\n")]);
    let three = installation("c", &[("x", "2", ""), ("libc6", "2.40", "")]);
    let four = installation("d", &[("y", "1", "Depends: libc6 (<< 2.37)\n")]);
    assert_snapshot!(refusals(&[one, two, three, four]), @"
    inlay: extensions `a` and `c` cannot be combined: package `x` has two versions, 1 in `a` and 2 in `c`
      help: put `a` on `c` (`- a: { after: c }`, or `requires` in its definition), so that apt chooses one version for both; if a version is pinned, pin the same one in both; or write `packages: union` in the spec
    inlay: extensions `a` and `b` cannot be combined: `a` installs `chrony` 4, which declares `Conflicts: time-daemon`, and `b` installs `openntpd` 6, which provides it
      help: no system can have both packages: remove one of the two extensions
    inlay: extensions `c` and `d` cannot be combined: `d` installs `y` 1, which depends on `libc6 (<< 2.37)`, and `c` upgrades the base's `libc6` to 2.40
      help: put `d` on `c` (`- d: { after: c }`, or `requires` in its definition), or write `packages: union` in the spec
    ");
}

#[test]
fn a_package_that_only_others_need_can_be_avoided() {
    let one = installation("a", &[("msmtp", "1", "Conflicts: mailer\n")]);
    let mut two = installation(
        "b",
        &[("mailx", "1", ""), ("exim", "4", "Provides: mailer\n")],
    );
    two.automatic = BTreeSet::from([("exim".to_owned(), "amd64".to_owned())]);
    assert_snapshot!(refusals(&[one, two]), @"
    inlay: extensions `a` and `b` cannot be combined: `a` installs `msmtp` 1, which declares `Conflicts: mailer`, and `b` installs `exim` 4, which provides it
      help: `exim` was installed as a dependency, and apt may find an alternative: put `b` on `a` (`- b: { after: a }`, or `requires` in its definition), write `packages: union` in the spec, or remove one of the two extensions
    ");
}

#[test]
fn what_is_made_on_another_may_change_its_packages() {
    let one = installation("a", &[("x", "1", "")]);
    let mut two = installation("b", &[("x", "2", "Conflicts: z\n"), ("z", "1", "")]);
    two.below = BTreeSet::from([0]);
    assert_eq!(refusals(&[one, two]), "");
}
