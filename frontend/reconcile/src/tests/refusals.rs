//! Every refusal, as the user reads it.

use insta::assert_snapshot;

use crate::tests::*;
use crate::{Layer, plan};

fn expect_refusals(layers: &[Layer]) -> String {
    let refusals = plan(&base(), layers, "amd64").expect_err("layers that cannot be united");
    show(&refusals).replace("  help", "help")
}

#[test]
fn two_versions() {
    let [a, b] = [
        layer("a").package("x", "1.0", &[]),
        layer("b").package("x", "2.0", &[]),
    ];
    assert_snapshot!(expect_refusals(&[a, b]), @"
    inlay: cannot unite extensions `a` and `b`: package `x` in two versions, 1.0 (a) and 2.0 (b)
    help: install `a` again, from what the archive has today: `--no-cache-filter a`; where a version is pinned, pin the same in both; or write `packages: union` in the spec
    ");
}

#[test]
fn half_installed_package() {
    let status = read_base(STATUS) + &stanza("x", "1", "install ok half-configured");
    assert_snapshot!(expect_refusals(&[layer("a").file(STATUS, &status)]), @"
    inlay: cannot use extension `a`: package `x` is in the state `install ok half-configured`
    help: its installation did not end well: see what the step `[a] packages: …` printed
    ");
}

#[test]
fn removed_package_of_the_base() {
    let status = read_base(STATUS).replace("Package: libc6\n", "Package: libc7\n");
    assert_snapshot!(expect_refusals(&[layer("a").file(STATUS, &status)]), @"
    inlay: cannot use extension `a`: its installation removes the package `libc6` of the base
    help: an extension adds to the base: change this in the base, or write `packages: union` in the spec
    ");
}

#[test]
fn changed_account_of_the_base() {
    let users = read_base("/etc/passwd").replace("/root:/bin/bash", "/root:/bin/zsh");
    let groups = read_base("/etc/group").replace("games:x:60:\n", "");
    let a = layer("a")
        .file("/etc/passwd", &users)
        .file("/etc/group", &groups);
    assert_snapshot!(expect_refusals(&[a]), @"
    inlay: cannot use extension `a`: it changes the user `root` of the base: from `root:x:0:0:root:/root:/bin/bash` to `root:x:0:0:root:/root:/bin/zsh`
    help: an extension adds to the base: change this in the base, or write `packages: union` in the spec
    inlay: cannot use extension `a`: it removes the group `games` of the base
    help: an extension adds to the base: change this in the base, or write `packages: union` in the spec
    ");
}

#[test]
fn accounts_that_are_not_one() {
    let user = |name: &str, home: &str| {
        layer(name)
            .adds("/etc/passwd", &format!("git:x:100:65534::{home}:/bin/sh\n"))
            .adds("/etc/shadow", &format!("git:{name}:19675::::::\n"))
    };
    assert_snapshot!(expect_refusals(&[user("a", "/srv/git"), user("b", "/var/lib/git")]), @"
    inlay: cannot unite extensions `a` and `b`: user `git` as `git:x:100:65534::/srv/git:/bin/sh` (a) and as `git:x:100:65534::/var/lib/git:/bin/sh` (b)
    help: let `b` require `a`, or write `packages: union` in the spec
    inlay: cannot unite extensions `a` and `b`: user `git` with two passwords in `/etc/shadow`
    help: let `b` require `a`, or write `packages: union` in the spec
    ");
}

#[test]
fn a_number_that_policy_gives() {
    let group = |extension: &str, name: &str| {
        layer(extension).adds("/etc/group", &format!("{name}:x:64:\n"))
    };
    assert_snapshot!(expect_refusals(&[group("a", "one"), group("b", "two")]), @"
    inlay: cannot unite extensions `a` and `b`: groups `one` (a) and `two` (b) with the same id 64, and none of its range is free
    help: make one of the two in the base, with another id, or take one extension out
    ");
}

#[test]
fn subordinate_ids_that_overlap() {
    let range = |extension: &str, line: &str| layer(extension).file("/etc/subuid", line);
    let [a, b] = [
        range("a", "one:100000:65536\n"),
        range("b", "two:100000:65536\n"),
    ];
    assert_snapshot!(expect_refusals(&[a, b]), @"
    inlay: cannot unite extensions `a` and `b`: ranges of `/etc/subuid` that overlap, `one:100000:65536` (a) and `two:100000:65536` (b)
    help: let `b` require `a`, or write `packages: union` in the spec
    ");
}

#[test]
fn diversions_that_contradict() {
    let divert = |extension: &str, to: &str| {
        layer(extension).adds(DIVERSIONS, &format!("/bin/x\n{to}\n{extension}-tools\n"))
    };
    assert_snapshot!(expect_refusals(&[divert("a", "/bin/x.a"), divert("b", "/usr/bin/x.b")]), @"
    inlay: cannot unite extensions `a` and `b`: `/bin/x` diverted to `/bin/x.a` by package `a-tools` (a), and `/bin/x` to `/usr/bin/x.b` by package `b-tools` (b)
    help: dpkg would refuse the second too: take one of the two extensions out
    ");
    assert_snapshot!(expect_refusals(&[layer("a").file(DIVERSIONS, "")]), @"
    inlay: cannot use extension `a`: its installation removes the diversion of `/bin/sh` of the base
    help: an extension adds to the base: change this in the base, or write `packages: union` in the spec
    inlay: cannot use extension `a`: its installation removes the diversion of `/usr/share/man/man1/sh.1.gz` of the base
    help: an extension adds to the base: change this in the base, or write `packages: union` in the spec
    ");
}

#[test]
fn a_diverted_file_that_cannot_be_read() {
    let diverting = layer("b")
        .adds(DIVERSIONS, "/bin/x\n/bin/x.b\nb\n")
        .file("/usr/bin/x", "b");
    let hidden = layer("a").entry("/usr/bin/x", file("a", 0o755, 0, 0));
    assert_snapshot!(expect_refusals(&[hidden, diverting]), @"
    inlay: cannot unite extensions `a` and `b`: `/usr/bin/x`, which `a` installs and `b` diverts
    help: let `b` require `a`, or write `packages: union` in the spec
    ");
    let copyless = layer("a")
        .adds(DIVERSIONS, "/bin/x\n/bin/x.b\nb\n")
        .entry("/usr/bin/x", file("a", 0o755, 0, 0));
    let shown = layer("b").entry("/usr/bin/x", file("b", 0o755, 0, 0));
    assert_snapshot!(expect_refusals(&[copyless, shown]), @"
    inlay: cannot unite extensions `a` and `b`: `/usr/bin/x`, which `a` diverts and of which its state has no copy
    help: let `b` require `a`, or write `packages: union` in the spec
    ");
}

#[test]
fn overrides_that_contradict() {
    let set = |extension: &str, mode: &str| {
        layer(extension).adds(OVERRIDES, &format!("root root {mode} /usr/bin/x\n"))
    };
    assert_snapshot!(expect_refusals(&[set("a", "4755"), set("b", "755")]), @"
    inlay: cannot unite extensions `a` and `b`: overrides of dpkg-statoverride, `root root 4755 /usr/bin/x` (a) and `root root 755 /usr/bin/x` (b)
    help: let `b` require `a`, or write `packages: union` in the spec
    ");
}

#[test]
fn alternatives_with_two_links() {
    let path = "/var/lib/dpkg/alternatives/vi";
    let name = |extension: &str, link: &str| {
        layer(extension).file(path, &format!("auto\n{link}\n\n/x\n1\n\n"))
    };
    assert_snapshot!(expect_refusals(&[name("a", "/usr/bin/vi"), name("b", "/usr/local/bin/vi")]), @"
    inlay: cannot unite extensions `a` and `b`: alternative `vi` with two links, `/usr/bin/vi` (a) and `/usr/local/bin/vi` (b)
    help: let `b` require `a`, or write `packages: union` in the spec
    ");
    assert_snapshot!(expect_refusals(&[layer("a").file(path, "auto"), name("b", "/usr/bin/vi")]), @"
    inlay: cannot use extension `a`: `/var/lib/dpkg/alternatives/vi` is not of update-alternatives' format
    help: see which script of the step `[a] packages: …` writes it, or write `packages: union` in the spec
    ");
}

#[test]
fn records_that_contradict() {
    let record = |extension: &str, digit: &str| {
        layer(extension).file(
            "/var/lib/ucf/hashfile",
            &format!("{}  /etc/x.conf\n", digit.repeat(32)),
        )
    };
    assert_snapshot!(expect_refusals(&[record("a", "1"), record("b", "2")]), @"
    inlay: cannot unite extensions `a` and `b`: `/var/lib/ucf/hashfile` has two records of `/etc/x.conf`, `11111111111111111111111111111111  /etc/x.conf` (a) and `22222222222222222222222222222222  /etc/x.conf` (b)
    help: let `b` require `a`, or write `packages: union` in the spec
    ");
}

#[test]
fn one_path_with_two_contents() {
    let x = |extension: &str, content: &str| {
        layer(extension).entry("/usr/bin/x", file(content, 0o755, 0, 0))
    };
    let [a, b] = [x("a", "a").package("x-one", "1", &["/bin/x"]), x("b", "b")];
    assert_snapshot!(expect_refusals(&[a, b]), @"
    inlay: cannot unite extensions `a` and `b`: `/usr/bin/x` of package `x-one` with two contents, sha256 a00000000000… (a) and sha256 b00000000000… (b)
    help: let `b` require `a`, or write `packages: union` in the spec
    ");
    let b = layer("b").entry("/usr/bin/x", file("a", 0o4755, 0, 0));
    assert_snapshot!(expect_refusals(&[x("a", "a"), b]), @"
    inlay: cannot unite extensions `a` and `b`: `/usr/bin/x` with two owners or modes, 0755 0:0 (a) and 4755 0:0 (b)
    help: let `b` require `a`, or write `packages: union` in the spec
    ");
}

#[test]
fn one_path_of_two_packages() {
    let x = |extension: &str| {
        let package = format!("{extension}-tools");
        layer(extension)
            .package(&package, "1", &["/bin/x"])
            .entry("/usr/bin/x", file("", 0o755, 0, 0))
    };
    assert_snapshot!(expect_refusals(&[x("a"), x("b")]), @"
    inlay: cannot unite extensions `a` and `b`: `/usr/bin/x` of two packages, `a-tools` (a) and `b-tools` (b)
    help: if one package replaces the other, let its extension require the other's; else take one of the two extensions out
    ");
}

#[test]
fn types_that_clash() {
    let a = layer("a")
        .entry("/srv/x", directory(0o755, 0, 0))
        .removes("/etc/shells");
    let b = layer("b")
        .entry("/srv/x", link("/y"))
        .entry("/etc/shells", file("", 0o644, 0, 0));
    assert_snapshot!(expect_refusals(&[a, b]), @"
    inlay: cannot unite extensions `a` and `b`: `/etc/shells`, which `a` removes and `b` changes
    help: let `b` require `a`, or write `packages: union` in the spec
    inlay: cannot unite extensions `a` and `b`: `/srv/x` is a directory (a) and a symbolic link (b)
    help: let `b` require `a`, or write `packages: union` in the spec
    ");
}

#[test]
fn directories_with_two_special_values() {
    let x = |extension: &str, mode| layer(extension).entry("/srv/x", directory(mode, 0, 0));
    assert_snapshot!(expect_refusals(&[x("a", 0o700), x("b", 0o1777)]), @r"
    inlay: cannot unite extensions `a` and `b`: directory `/srv/x` with two owners or modes, 0700 0:0 (a) and 1777 0:0 (b)
    help: let `b` require `a`, or write `packages: union` in the spec
    ");
}

#[test]
fn what_follows_from_another_refusal_is_not_told() {
    let x = |extension: &str, version: &str| {
        let mut new = layer(extension).package("x", version, &["/usr/bin/x"]);
        for number in 0..9 {
            let path = format!("/usr/share/x/{number}");
            new = new.entry(&path, file(version, 0o644, 0, 0));
        }
        new
    };
    let texts = expect_refusals(&[x("a", "1.0"), x("b", "2.0"), x("c", "2.0")]);
    assert!(!texts.contains("/usr/share"), "{texts}");
    assert_eq!(texts.matches("inlay: ").count(), 2, "{texts}");
    // Of many files of two extensions some are told.
    let same_version = x("b", "2.0").package("y", "1", &[]);
    let status = read_base(STATUS) + &stanza("x", "1.0", "install ok installed");
    assert_snapshot!(expect_refusals(&[x("a", "1.0"), same_version.file(STATUS, &status)]), @"
    inlay: cannot unite extensions `a` and `b`: `/usr/share/x/0` with two contents, sha256 1.0000000000… (a) and sha256 2.0000000000… (b)
    help: let `b` require `a`, or write `packages: union` in the spec
    inlay: cannot unite extensions `a` and `b`: `/usr/share/x/1` with two contents, sha256 1.0000000000… (a) and sha256 2.0000000000… (b)
    help: let `b` require `a`, or write `packages: union` in the spec
    inlay: cannot unite extensions `a` and `b`: `/usr/share/x/2` with two contents, sha256 1.0000000000… (a) and sha256 2.0000000000… (b); and 6 more of this kind
    help: let `b` require `a`, or write `packages: union` in the spec
    ");
}
