//! Packages that declare conflicts, as dpkg and apt interpret them.

use insta::assert_snapshot;

use crate::tests::*;
use crate::{Layer, plan};

/// A stanza with these fields, for architecture amd64 and version 1.0 unless they say otherwise.
fn record(name: &str, fields: &str) -> String {
    let default = |field: &str, line: &str| {
        let is_said = fields.lines().any(|line| line.starts_with(field));
        if is_said {
            String::new()
        } else {
            format!("{line}\n")
        }
    };
    format!(
        "Package: {name}\nStatus: install ok installed\n{}{}{fields}\n\n",
        default("Architecture", "Architecture: amd64"),
        default("Version", "Version: 1.0")
    )
    .replace("\n\n\n", "\n\n")
}

/// A layer with one package that has these fields.
fn with(extension: &str, name: &str, fields: &str) -> Layer {
    layer(extension).adds(STATUS, &record(name, fields))
}

fn refusals(layers: &[Layer]) -> String {
    match plan(&base(), layers, "amd64") {
        Ok(_) => String::new(),
        Err(refusals) => show(&refusals).replace("  help", "help"),
    }
}

/// Whether package `x` with the first fields and package `y` with the second are refused, in either order.
fn conflict(one: &str, two: &str) -> bool {
    let layers = [with("a", "x", one), with("b", "y", two)];
    let is_refused = !refusals(&layers).is_empty();
    let [first, second] = layers;
    let is_refused_backward = !refusals(&[second, first]).is_empty();
    assert_eq!(is_refused, is_refused_backward, "the order must not decide");
    is_refused
}

#[test]
fn conflicts_apply_to_names_and_versions() {
    for field in ["Conflicts", "Breaks"] {
        let declares = |relation: &str| format!("{field}: z, {relation}");
        assert!(conflict(&declares("y"), ""));
        assert!(conflict(&declares("y (<< 2)"), "Version: 2~rc1"));
        assert!(!conflict(&declares("y (<< 2)"), "Version: 2"));
        assert!(!conflict(&declares("y (<< 2)"), "Version: 1:1"));
        assert!(!conflict(&declares("yy"), ""));
    }
    // Other fields are no reason to refuse, and `Replaces` does not lift a conflict.
    assert!(!conflict("Replaces: y\nSuggests: y\nProvides: y", ""));
    assert!(conflict("Conflicts: y\nReplaces: y", ""));
}

#[test]
fn conflicts_apply_to_provided_names() {
    assert!(conflict("Conflicts: v", "Provides: u, v"));
    assert!(conflict("Breaks: v (<< 3)", "Provides: v (= 2)"));
    assert!(!conflict("Breaks: v (<< 3)", "Provides: v (= 3)"));
    assert!(!conflict("Breaks: v (<< 3)", "Provides: v"));
    // A package that allows only one of its kind excludes all others, not itself.
    let only = "Conflicts: v\nProvides: v";
    assert!(conflict(only, only));
    assert!(!conflict(only, ""));
}

#[test]
fn conflicts_apply_to_all_architectures_unless_one_is_given() {
    let foreign = "Architecture: i386";
    assert!(conflict("Conflicts: y", foreign));
    assert!(conflict("Conflicts: y:any", foreign));
    assert!(conflict("Conflicts: y:i386", foreign));
    assert!(!conflict("Conflicts: y:amd64", foreign));
    assert!(conflict("Conflicts: y:amd64", "Architecture: all"));
}

#[test]
fn packages_of_one_layer_are_not_checked() {
    let pair = record("x", "Conflicts: y") + &record("y", "");
    assert_eq!(
        refusals(&[layer("a").adds(STATUS, &pair), with("b", "z", "")]),
        ""
    );
    assert_eq!(
        refusals(&[layer("a").adds(STATUS, &pair), with("b", "y", "")]),
        ""
    );
    // The base has `adduser`, and apt allowed both together.
    let with_base = with("a", "x", "Conflicts: adduser (<< 4)");
    assert_eq!(refusals(&[with_base, with("b", "z", "")]), "");
}

#[test]
fn an_upgrade_of_the_base_is_checked_against_other_layers() {
    let upgrade = |fields: &str| {
        let status = read_base(STATUS).replace("Version: 2.36-9+deb12u14", fields);
        assert_ne!(
            status,
            read_base(STATUS),
            "the base's libc6 has another version"
        );
        layer("a").file(STATUS, &status)
    };
    let upgraded = || upgrade("Version: 2.36-9+deb12u15");
    assert_snapshot!(refusals(&[upgraded(), with("b", "y", "Depends: libc6 (= 2.36-9+deb12u14)")]), @"
    inlay: extensions `a` and `b` cannot be combined: `b` installs `y` 1.0, which depends on `libc6 (= 2.36-9+deb12u14)`, and `a` upgrades the base's `libc6` to 2.36-9+deb12u15
    help: put `b` on `a` (`- b: { after: a }`, or `requires` in its definition), or write `packages: union` in the spec
    ");
    assert_snapshot!(refusals(&[upgraded(), with("b", "y", "Breaks: libc6 (>> 2.36-9+deb12u14)")]), @"
    inlay: extensions `a` and `b` cannot be combined: `b` installs `y` 1.0, which declares `Breaks: libc6 (>> 2.36-9+deb12u14)`, and `a` installs `libc6` 2.36-9+deb12u15
    help: put `b` on `a` (`- b: { after: a }`, or `requires` in its definition): apt then looks for versions that go together; or remove one of the two extensions
    ");
    let met = "Depends: libc6 (>= 2.36), absent | libc6, libc6 (<< 1) | adduser";
    assert_eq!(refusals(&[upgraded(), with("b", "y", met)]), "");
}

#[test]
fn one_package_with_two_architectures() {
    let of = |extension: &str, architecture: &str, fields: &str| {
        with(
            extension,
            "x",
            &format!("Architecture: {architecture}\n{fields}"),
        )
    };
    let same = "Multi-Arch: same";
    assert_eq!(
        refusals(&[of("a", "amd64", same), of("b", "i386", same)]),
        ""
    );
    assert_snapshot!(refusals(&[of("a", "amd64", ""), of("b", "i386", same)]), @"
    inlay: extensions `a` and `b` cannot be combined: package `x` has two architectures, 1.0 for amd64 in `a` and 1.0 for i386 in `b`
    help: dpkg installs it for only one architecture: use the same one in both extensions
    ");
    let newer = "Version: 1.1\nMulti-Arch: same";
    assert_snapshot!(refusals(&[of("a", "amd64", newer), of("b", "i386", same)]), @"
    inlay: extensions `a` and `b` cannot be combined: package `x` has two versions, 1.1 for amd64 in `a` and 1.0 for i386 in `b`
    help: put `b` on `a` (`- b: { after: a }`, or `requires` in its definition), so that apt chooses one version for both; if a version is pinned, pin the same one in both; or write `packages: union` in the spec
    ");
}

#[test]
fn the_help_depends_on_the_kind_of_conflict() {
    let by_hand = [
        with(
            "clock",
            "chrony",
            "Conflicts: time-daemon\nProvides: time-daemon",
        ),
        with(
            "time",
            "openntpd",
            "Conflicts: ntp, time-daemon\nProvides: time-daemon",
        ),
    ];
    assert_snapshot!(refusals(&by_hand), @"
    inlay: extensions `clock` and `time` cannot be combined: `clock` installs `chrony` 1.0, which declares `Conflicts: time-daemon`, and `time` installs `openntpd` 1.0, which provides it
    help: no system can have both packages: remove one of the two extensions
    ");
    let mark = "Package: y\nArchitecture: amd64\nAuto-Installed: 1\n\n";
    let dependency = [
        with("a", "x", "Breaks: y"),
        with("b", "y", "").file(MARKS, mark),
    ];
    assert_snapshot!(refusals(&dependency), @"
    inlay: extensions `a` and `b` cannot be combined: `a` installs `x` 1.0, which declares `Breaks: y`, and `b` installs `y` 1.0
    help: `y` was installed as a dependency, and apt may find an alternative: put `b` on `a` (`- b: { after: a }`, or `requires` in its definition), write `packages: union` in the spec, or remove one of the two extensions
    ");
    let old = [
        with("a", "x", "Breaks: v (<< 2)"),
        with("b", "y", "Provides: v (= 1)"),
    ];
    assert_snapshot!(refusals(&old), @"
    inlay: extensions `a` and `b` cannot be combined: `a` installs `x` 1.0, which declares `Breaks: v (<< 2)`, and `b` installs `y` 1.0, which provides `v (= 1)`
    help: put `b` on `a` (`- b: { after: a }`, or `requires` in its definition): apt then looks for versions that go together; or remove one of the two extensions
    ");
}
