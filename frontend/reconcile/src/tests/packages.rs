//! Packages: dpkg's status, apt's marks, and triggers.

use insta::assert_snapshot;

use crate::tests::*;

#[test]
fn new_stanzas_follow_those_of_the_base() {
    let plan = make_plan(&[
        layer("git")
            .package("git", "2.39", &[])
            .package("zlib1g", "1.2", &[]),
        layer("vim")
            .package("vim", "9.0", &[])
            .package("zlib1g", "1.2", &[]),
    ]);
    let status = read_written(&plan, STATUS);
    assert!(status.starts_with(&read_base(STATUS)));
    let names: Vec<_> = status
        .lines()
        .filter_map(|line| line.strip_prefix("Package: "))
        .collect();
    assert_eq!(
        names.join(" "),
        "adduser base-files debianutils libc6 git zlib1g vim"
    );
}

#[test]
fn an_upgrade_of_the_base_applies_in_any_order() {
    let upgraded = read_base(STATUS).replace("Package: libc6\n", "Package: libc6\nX: upgraded\n");
    let plan = make_plan(&[
        layer("a").file(STATUS, &upgraded),
        layer("b").package("vim", "9.0", &[]),
    ]);
    assert!(read_written(&plan, STATUS).contains("X: upgraded"));
}

#[test]
fn a_package_that_one_layer_asks_for_is_not_automatic() {
    let mark = |name: &str| format!("Package: {name}\nArchitecture: amd64\nAuto-Installed: 1\n\n");
    let plan = make_plan(&[
        layer("a")
            .package("curl", "1", &[])
            .package("perl", "5", &[])
            .file(MARKS, &(mark("curl") + &mark("perl"))),
        layer("b")
            .package("curl", "1", &[])
            .package("vim", "9", &[])
            .file(MARKS, &mark("vim")),
    ]);
    assert_snapshot!(read_written(&plan, MARKS), @r"
    Package: perl
    Architecture: amd64
    Auto-Installed: 1

    Package: vim
    Architecture: amd64
    Auto-Installed: 1
    ");
}

#[test]
fn triggers_run_if_two_layers_activate_them_or_the_package_was_absent() {
    let file_list = "/var/lib/dpkg/triggers/File";
    let page = |extension: &str| {
        layer(extension).entry(
            &format!("/usr/share/man/man1/{extension}.1.gz"),
            file("", 0o644, 0, 0),
        )
    };
    let watching = |new: crate::Layer| {
        new.adds(file_list, "/usr/share/man man-db/noawait\n")
            .package("man-db", "2", &[])
    };
    let selected = |layers: &[crate::Layer]| {
        make_plan(layers)
            .triggers
            .iter()
            .map(|name| to_text(name))
            .collect::<Vec<_>>()
    };
    assert_eq!(selected(&[watching(page("a"))]), Vec::<String>::new());
    assert_eq!(
        selected(&[watching(layer("a")), page("b")]),
        ["/usr/share/man"]
    );
    assert_eq!(
        selected(&[watching(page("a")), page("b")]),
        ["/usr/share/man"]
    );
    let named = |extension: &str| {
        layer(extension)
            .file("/var/lib/dpkg/triggers/update-ca", "ca-certificates\n")
            .file(
                &format!("/var/lib/dpkg/info/{extension}.triggers"),
                "activate-noawait update-ca\n",
            )
    };
    assert_eq!(selected(&[named("a"), layer("b")]), ["update-ca"]);
    assert_eq!(
        selected(&[named("a").package("ca-certificates", "1", &[])]),
        Vec::<String>::new()
    );
}

#[test]
fn two_caches_of_libraries_need_ldconfig() {
    let cache = |name: &str| layer(name).entry("/etc/ld.so.cache", file(name, 0o644, 0, 0));
    assert!(make_plan(&[cache("a"), cache("b")]).needs_ldconfig);
    assert!(!make_plan(&[cache("a"), layer("b")]).needs_ldconfig);
}
