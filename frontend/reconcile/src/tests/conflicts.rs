//! Packages that declare against one another, as dpkg and apt read it.

use insta::assert_snapshot;

use crate::tests::*;
use crate::{Layer, plan};

/// A stanza of these fields; for amd64 and 1.0 where they do not say.
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

/// A layer with one package of these fields.
fn with(extension: &str, name: &str, fields: &str) -> Layer {
    layer(extension).adds(STATUS, &record(name, fields))
}

fn refusals(layers: &[Layer]) -> String {
    match plan(&base(), layers, "amd64") {
        Ok(_) => String::new(),
        Err(refusals) => show(&refusals).replace("  help", "help"),
    }
}

/// Whether package `x` of these fields and package `y` of those are refused, whoever comes first.
fn conflict(one: &str, two: &str) -> bool {
    let layers = [with("a", "x", one), with("b", "y", two)];
    let is_refused = !refusals(&layers).is_empty();
    let [first, second] = layers;
    let is_refused_backward = !refusals(&[second, first]).is_empty();
    assert_eq!(is_refused, is_refused_backward, "the order decides");
    is_refused
}

#[test]
fn names_and_versions_are_meant() {
    for field in ["Conflicts", "Breaks"] {
        let declares = |relation: &str| format!("{field}: z, {relation}");
        assert!(conflict(&declares("y"), ""));
        assert!(conflict(&declares("y (<< 2)"), "Version: 2~rc1"));
        assert!(!conflict(&declares("y (<< 2)"), "Version: 2"));
        assert!(!conflict(&declares("y (<< 2)"), "Version: 1:1"));
        assert!(!conflict(&declares("yy"), ""));
    }
    // What else a package says of another is no reason, and `Replaces` makes nothing good.
    assert!(!conflict("Replaces: y\nSuggests: y\nProvides: y", ""));
    assert!(conflict("Conflicts: y\nReplaces: y", ""));
}

#[test]
fn what_is_provided_is_meant_too() {
    assert!(conflict("Conflicts: v", "Provides: u, v"));
    assert!(conflict("Breaks: v (<< 3)", "Provides: v (= 2)"));
    assert!(!conflict("Breaks: v (<< 3)", "Provides: v (= 3)"));
    assert!(!conflict("Breaks: v (<< 3)", "Provides: v"));
    // The only one of its kind: it means all others, not itself.
    let only = "Conflicts: v\nProvides: v";
    assert!(conflict(only, only));
    assert!(!conflict(only, ""));
}

#[test]
fn architectures_are_all_where_none_is_said() {
    let foreign = "Architecture: i386";
    assert!(conflict("Conflicts: y", foreign));
    assert!(conflict("Conflicts: y:any", foreign));
    assert!(conflict("Conflicts: y:i386", foreign));
    assert!(!conflict("Conflicts: y:amd64", foreign));
    assert!(conflict("Conflicts: y:amd64", "Architecture: all"));
}

#[test]
fn what_one_layer_has_together_was_apts_business() {
    let pair = record("x", "Conflicts: y") + &record("y", "");
    assert_eq!(
        refusals(&[layer("a").adds(STATUS, &pair), with("b", "z", "")]),
        ""
    );
    assert_eq!(
        refusals(&[layer("a").adds(STATUS, &pair), with("b", "y", "")]),
        ""
    );
    // The base has `adduser`, and apt let them be.
    let with_base = with("a", "x", "Conflicts: adduser (<< 4)");
    assert_eq!(refusals(&[with_base, with("b", "z", "")]), "");
}

#[test]
fn an_upgrade_of_the_base_meets_what_others_brought() {
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
    inlay: cannot unite extensions `a` and `b`: `b` installs `y` 1.0, which depends on `libc6 (= 2.36-9+deb12u14)`, and `a` upgrades the base's `libc6` to 2.36-9+deb12u15
    help: install `b` again, from what the archive has today: `--no-cache-filter b`; or write `packages: union` in the spec
    ");
    assert_snapshot!(refusals(&[upgraded(), with("b", "y", "Breaks: libc6 (>> 2.36-9+deb12u14)")]), @"
    inlay: cannot unite extensions `a` and `b`: `b` installs `y` 1.0, which declares `Breaks: libc6 (>> 2.36-9+deb12u14)`, and `a` installs `libc6` 2.36-9+deb12u15
    help: install `b` again, from what the archive has today: `--no-cache-filter b`; or take one of the two extensions out
    ");
    let met = "Depends: libc6 (>= 2.36), absent | libc6, libc6 (<< 1) | adduser";
    assert_eq!(refusals(&[upgraded(), with("b", "y", met)]), "");
}

#[test]
fn one_name_of_two_architectures() {
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
    inlay: cannot unite extensions `a` and `b`: package `x` of two architectures, 1.0 for amd64 (a) and 1.0 for i386 (b)
    help: dpkg installs it for one architecture only: ask for the same one in both
    ");
    let newer = "Version: 1.1\nMulti-Arch: same";
    assert_snapshot!(refusals(&[of("a", "amd64", newer), of("b", "i386", same)]), @"
    inlay: cannot unite extensions `a` and `b`: package `x` in two versions, 1.1 for amd64 (a) and 1.0 for i386 (b)
    help: install `b` again, from what the archive has today: `--no-cache-filter b`; where a version is pinned, pin the same in both; or write `packages: union` in the spec
    ");
}

#[test]
fn the_help_is_of_the_kind_of_conflict() {
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
    inlay: cannot unite extensions `clock` and `time`: `clock` installs `chrony` 1.0, which declares `Conflicts: time-daemon`, and `time` installs `openntpd` 1.0, which provides it
    help: no system can have both packages: take one of the two extensions out
    ");
    let mark = "Package: y\nArchitecture: amd64\nAuto-Installed: 1\n\n";
    let dependency = [
        with("a", "x", "Breaks: y"),
        with("b", "y", "").file(MARKS, mark),
    ];
    assert_snapshot!(refusals(&dependency), @"
    inlay: cannot unite extensions `a` and `b`: `a` installs `x` 1.0, which declares `Breaks: y`, and `b` installs `y` 1.0
    help: `y` is there as a dependency, for which apt may find another: let `b` require `a`, or write `packages: union` in the spec; or take one of the two extensions out
    ");
    let old = [
        with("a", "x", "Breaks: v (<< 2)"),
        with("b", "y", "Provides: v (= 1)"),
    ];
    assert_snapshot!(refusals(&old), @"
    inlay: cannot unite extensions `a` and `b`: `a` installs `x` 1.0, which declares `Breaks: v (<< 2)`, and `b` installs `y` 1.0, which provides `v (= 1)`
    help: install `b` again, from what the archive has today: `--no-cache-filter b`; or take one of the two extensions out
    ");
}
