//! Layers that were installed on others, which they may change.

use insta::assert_snapshot;

use crate::Plan;
use crate::tests::*;

#[test]
fn a_layer_may_upgrade_packages_below_it() {
    let one = layer("a").package("x", "1.0", &[]);
    let two = |below: bool| {
        let upgraded = layer("b").package("x", "2.0", &[]);
        if below { upgraded.on([0]) } else { upgraded }
    };
    assert_eq!(make_plan(&[one.clone(), two(true)]), Plan::default());
    assert!(expect_refusals(&[one.clone(), two(false)]).contains("two versions"));
    // A third layer with the first version contradicts the second layer.
    let third = layer("c").package("x", "1.0", &[]);
    let texts = expect_refusals(&[one, two(true), third]);
    assert!(
        texts.starts_with("inlay: extensions `b` and `c` cannot be combined: package `x`"),
        "{texts}"
    );
}

#[test]
fn a_layer_must_not_remove_packages_below_it() {
    let one = layer("relay").package("msmtp-mta", "1.8", &[]);
    let two = || layer("queue").package("nullmailer", "2.2", &[]).on([0]);
    // The result is the same if the package's configuration has stayed.
    let left = stanza("msmtp-mta", "1.8", "deinstall ok config-files");
    let status = read_base(STATUS) + &left + &stanza("nullmailer", "2.2", "install ok installed");
    let texts = expect_refusals(&[one.clone(), two().file(STATUS, &status)]);
    assert_eq!(texts, expect_refusals(&[one.clone(), two()]));
    assert_snapshot!(expect_refusals(&[one, two()]), @"
    inlay: extensions `relay` and `queue` cannot be combined: the installation of `queue` removes the package `msmtp-mta`, which its requirement `relay` brings
    help: apt removes one package in order to install another: remove one of the two extensions
    ");
}

#[test]
fn a_layer_may_change_paths_below_it() {
    let path = "/etc/x.conf";
    let x =
        |extension: &str, content: &str| layer(extension).entry(path, file(content, 0o644, 0, 0));
    assert_eq!(
        make_plan(&[x("a", "1"), x("b", "2").on([0])]),
        Plan::default()
    );
    assert!(
        expect_refusals(&[x("a", "1"), x("b", "2").on([0]), x("c", "1")]).contains("`b` and `c`")
    );
    // It may also remove the path.
    let gone = layer("b").removes(path).on([0]);
    assert_eq!(make_plan(&[x("a", "1"), gone]), Plan::default());
    // A file that a package took over, as `Replaces` allows, belongs to one package.
    let owned =
        |extension: &str, package: &str| x(extension, extension).package(package, "1", &[path]);
    let over = owned("b", "new")
        .file("/var/lib/dpkg/info/old.list", "\n")
        .on([0]);
    let status = read_base(STATUS)
        + &stanza("old", "1", "install ok installed")
        + &stanza("new", "1", "install ok installed");
    assert_eq!(
        make_plan(&[owned("a", "old"), over.file(STATUS, &status)]),
        Plan::default()
    );
}

#[test]
fn a_diversion_has_moved_the_files_below_it() {
    let diverted = "/usr/bin/x\n/usr/bin/x.old\nb\n";
    let one = || layer("a").entry("/usr/bin/x", file("a", 0o755, 0, 0));
    let two = layer("b")
        .adds(DIVERSIONS, diverted)
        .entry("/usr/bin/x", file("b", 0o755, 0, 0))
        .entry("/usr/bin/x.old", file("a", 0o755, 0, 0));
    assert_eq!(make_plan(&[one(), two.clone().on([0])]), Plan::default());
    assert!(expect_refusals(&[one(), two.clone()]).contains("diverted"));
    // The second layer was installed with knowledge of the diversion.
    let diverting = layer("a").adds(DIVERSIONS, diverted);
    let late = layer("b")
        .entry("/usr/bin/x.old", file("b", 0o755, 0, 0))
        .on([0]);
    assert_eq!(make_plan(&[diverting, late]), Plan::default());
}

#[test]
fn the_upper_version_of_a_record_applies() {
    let line = |extension: &str, digit: &str| {
        let line = format!("{}  /etc/x.conf\n", digit.repeat(32));
        layer(extension).file("/var/lib/ucf/hashfile", &line)
    };
    assert_eq!(
        make_plan(&[line("a", "1"), line("b", "2").on([0])]),
        Plan::default()
    );
    let name = |extension: &str, link: &str| {
        let text = format!("auto\n{link}\n\n/x\n1\n\n");
        layer(extension).file("/var/lib/dpkg/alternatives/vi", &text)
    };
    let renamed = name("b", "/usr/local/bin/vi").on([0]);
    assert_eq!(
        make_plan(&[name("a", "/usr/bin/vi"), renamed]),
        Plan::default()
    );
}

#[test]
fn triggers_have_run_for_the_layers_below() {
    let page = |extension: &str| {
        let path = format!("/usr/share/man/man1/{extension}.1.gz");
        layer(extension).entry(&path, file("", 0o644, 0, 0))
    };
    let one = page("a")
        .adds(
            "/var/lib/dpkg/triggers/File",
            "/usr/share/man man-db/noawait\n",
        )
        .package("man-db", "2", &[])
        .entry("/etc/ld.so.cache", file("a", 0o644, 0, 0));
    let two = |below: bool| {
        let new = page("b").entry("/etc/ld.so.cache", file("b", 0o644, 0, 0));
        if below {
            new.package("man-db", "2", &[]).on([0])
        } else {
            new
        }
    };
    let plan = make_plan(&[one.clone(), two(true)]);
    assert!(!plan.runs_commands(), "{plan:?}");
    let plan = make_plan(&[one, two(false)]);
    assert!(plan.needs_ldconfig && plan.triggers.len() == 1, "{plan:?}");
}

#[test]
fn an_account_from_below_keeps_its_id_in_all_layers() {
    let user = |extension: &str, lines: &str| layer(extension).adds("/etc/passwd", lines);
    let redis = "redis:x:100:65534::/:/bin/false\n";
    let layers = [
        user("a", "ssh:x:100:65534::/:/bin/false\n"),
        user("b", redis).entry("/var/lib/redis", directory(0o750, 100, 0)),
        user("c", &format!("{redis}relay:x:101:65534::/:/bin/false\n"))
            .entry("/var/lib/redis/c", directory(0o750, 100, 0))
            .entry("/var/mail", directory(0o750, 101, 0))
            .on([1]),
    ];
    let plan = make_plan(&layers);
    let users = read_written(&plan, "/etc/passwd").replace(&read_base("/etc/passwd"), "");
    assert_snapshot!(users, @"
ssh:x:100:65534::/:/bin/false
redis:x:101:65534::/:/bin/false
relay:x:102:65534::/:/bin/false
");
    let owner = |path: &str| plan.owners[path.as_bytes()].uid;
    assert_eq!(
        ["/var/lib/redis", "/var/lib/redis/c", "/var/mail"].map(owner),
        [101, 101, 102]
    );
}

#[test]
fn files_follow_an_account_that_their_layer_did_not_add() {
    let user = |extension: &str, lines: &str| layer(extension).adds("/etc/passwd", lines);
    let redis = "redis:x:100:65534::/:/bin/false\n";
    let steps = |sees: &str| {
        let entry = directory(0o750, 100, 0);
        let steps = layer("b").entry("/srv/queue", entry).on([1]);
        steps.sees_users(sees)
    };
    let layers = |sees: &str| {
        [
            user("a", "ssh:x:100:65534::/:/bin/false\n"),
            user("b", redis),
            steps(sees),
        ]
    };
    let owner = |plan: &Plan| plan.owners.get(b"/srv/queue".as_slice()).map(|one| one.uid);
    assert_eq!(owner(&make_plan(&layers(redis))), Some(101));
    // Without the name behind the id, the owner cannot be known.
    assert_eq!(owner(&make_plan(&layers(""))), None);
}

#[test]
fn a_layer_may_change_accounts_below_it() {
    let user = |extension: &str, shell: &str| {
        layer(extension).adds("/etc/passwd", &format!("dev:x:1000:1000::/:{shell}\n"))
    };
    let one = user("a", "/bin/sh");
    let two = user("b", "/bin/zsh");
    assert!(expect_refusals(&[one.clone(), two.clone()]).contains("user `dev`"));
    let third = layer("c").adds("/etc/passwd", "relay:x:100:65534::/:/bin/false\n");
    let plan = make_plan(&[one, two.on([0]), third]);
    let users = read_written(&plan, "/etc/passwd").replace(&read_base("/etc/passwd"), "");
    assert_snapshot!(users, @"
dev:x:1000:1000::/:/bin/zsh
relay:x:100:65534::/:/bin/false
");
}

#[test]
fn marks_from_below_are_kept() {
    let mark = |extension: &str, name: &str| {
        let line = format!("Package: {name}\nArchitecture: amd64\nAuto-Installed: 1\n\n");
        layer(extension).package(name, "1", &[]).file(MARKS, &line)
    };
    // The steps install nothing. Another layer has marks, so the joint writes the file.
    let steps = layer("a").entry("/srv/a", directory(0o755, 0, 0)).on([0]);
    let plan = make_plan(&[mark("a", "x"), steps, mark("b", "y")]);
    assert_snapshot!(read_written(&plan, MARKS), @"
Package: x
Architecture: amd64
Auto-Installed: 1

Package: y
Architecture: amd64
Auto-Installed: 1
");
}
