//! Every refusal, in the words that the user reads.

use insta::assert_snapshot;

use crate::tests::*;

#[test]
fn two_versions() {
    let [a, b] = [
        layer("a").package("x", "1.0", &[]),
        layer("b").package("x", "2.0", &[]),
    ];
    assert_snapshot!(expect_refusals(&[a, b]), @"
    inlay: extensions `a` and `b` cannot be combined: package `x` has two versions, 1.0 in `a` and 2.0 in `b`
    help: put `a` on `b` (`- a: { after: b }`, or `requires` in its definition), so that apt chooses one version for both; if a version is pinned, pin the same one in both; or write `packages: union` in the spec
    ");
}

#[test]
fn half_installed_package() {
    let status = read_base(STATUS) + &stanza("x", "1", "install ok half-configured");
    assert_snapshot!(expect_refusals(&[layer("a").file(STATUS, &status)]), @"
    inlay: extension `a` cannot be used: package `x` is in the state `install ok half-configured`
    help: its installation did not complete: see the output of the step `[a] packages: …`
    ");
}

#[test]
fn removed_package_of_the_base() {
    let status = read_base(STATUS).replace("Package: libc6\n", "Package: libc7\n");
    assert_snapshot!(expect_refusals(&[layer("a").file(STATUS, &status)]), @"
    inlay: extension `a` cannot be used: its installation removes the package `libc6` of the base
    help: an extension adds to the base: make this change in the base itself, or leave it out
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
    inlay: extension `a` cannot be used: its installation changes the user `root` of the base from `root:x:0:0:root:/root:/bin/bash` to `root:x:0:0:root:/root:/bin/zsh`
    help: an extension adds to the base: make this change in the base itself, or leave it out
    inlay: extension `a` cannot be used: its installation removes the group `games` of the base
    help: an extension adds to the base: make this change in the base itself, or leave it out
    ");
}

#[test]
fn accounts_of_one_name_that_differ() {
    let user = |name: &str, home: &str| {
        layer(name)
            .adds("/etc/passwd", &format!("git:x:100:65534::{home}:/bin/sh\n"))
            .adds("/etc/shadow", &format!("git:{name}:19675::::::\n"))
    };
    assert_snapshot!(expect_refusals(&[user("a", "/srv/git"), user("b", "/var/lib/git")]), @"
    inlay: extensions `a` and `b` cannot be combined: user `git` differs, `git:x:100:65534::/srv/git:/bin/sh` in `a` and `git:x:100:65534::/var/lib/git:/bin/sh` in `b`
    help: put `b` on `a` (`- b: { after: a }`, or `requires` in its definition), or write `packages: union` in the spec
    inlay: extensions `a` and `b` cannot be combined: user `git` has two passwords in `/etc/shadow`
    help: put `b` on `a` (`- b: { after: a }`, or `requires` in its definition), or write `packages: union` in the spec
    ");
}

#[test]
fn an_id_that_debian_assigns() {
    let group = |extension: &str, name: &str| {
        layer(extension).adds("/etc/group", &format!("{name}:x:64:\n"))
    };
    assert_snapshot!(expect_refusals(&[group("a", "one"), group("b", "two")]), @"
    inlay: extensions `a` and `b` cannot be combined: groups `one` of `a` and `two` of `b` have the same id 64, and no other id in its range is free
    help: create one of the two in the base with another id, or remove one of the extensions
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
    inlay: extensions `a` and `b` cannot be combined: ranges in `/etc/subuid` overlap, `one:100000:65536` in `a` and `two:100000:65536` in `b`
    help: put `b` on `a` (`- b: { after: a }`, or `requires` in its definition), or write `packages: union` in the spec
    ");
}

#[test]
fn diversions_that_contradict() {
    let divert = |extension: &str, to: &str| {
        layer(extension).adds(DIVERSIONS, &format!("/bin/x\n{to}\n{extension}-tools\n"))
    };
    assert_snapshot!(expect_refusals(&[divert("a", "/bin/x.a"), divert("b", "/usr/bin/x.b")]), @"
    inlay: extensions `a` and `b` cannot be combined: `/bin/x` is diverted to `/bin/x.a` by package `a-tools` of `a`, and `/bin/x` is diverted to `/usr/bin/x.b` by package `b-tools` of `b`
    help: dpkg would also refuse the second diversion: remove one of the two extensions
    ");
    assert_snapshot!(expect_refusals(&[layer("a").file(DIVERSIONS, "")]), @"
    inlay: extension `a` cannot be used: its installation removes the base's diversion of `/bin/sh`
    help: an extension adds to the base: make this change in the base itself, or leave it out
    inlay: extension `a` cannot be used: its installation removes the base's diversion of `/usr/share/man/man1/sh.1.gz`
    help: an extension adds to the base: make this change in the base itself, or leave it out
    ");
}

#[test]
fn a_diverted_file_that_cannot_be_read() {
    let diverting = layer("b")
        .adds(DIVERSIONS, "/bin/x\n/bin/x.b\nb\n")
        .file("/usr/bin/x", "b");
    let hidden = layer("a").entry("/usr/bin/x", file("a", 0o755, 0, 0));
    assert_snapshot!(expect_refusals(&[hidden, diverting]), @"
    inlay: extensions `a` and `b` cannot be combined: `/usr/bin/x` is installed by `a` and diverted by `b`
    help: put `b` on `a` (`- b: { after: a }`, or `requires` in its definition), or write `packages: union` in the spec
    ");
    let copyless = layer("a")
        .adds(DIVERSIONS, "/bin/x\n/bin/x.b\nb\n")
        .entry("/usr/bin/x", file("a", 0o755, 0, 0));
    let shown = layer("b").entry("/usr/bin/x", file("b", 0o755, 0, 0));
    assert_snapshot!(expect_refusals(&[copyless, shown]), @"
    inlay: extensions `a` and `b` cannot be combined: `/usr/bin/x` is diverted by `a`, whose state has no copy of it
    help: put `b` on `a` (`- b: { after: a }`, or `requires` in its definition), or write `packages: union` in the spec
    ");
}

#[test]
fn overrides_that_contradict() {
    let set = |extension: &str, mode: &str| {
        layer(extension).adds(OVERRIDES, &format!("root root {mode} /usr/bin/x\n"))
    };
    assert_snapshot!(expect_refusals(&[set("a", "4755"), set("b", "755")]), @"
    inlay: extensions `a` and `b` cannot be combined: the overrides of dpkg-statoverride contradict each other, `root root 4755 /usr/bin/x` in `a` and `root root 755 /usr/bin/x` in `b`
    help: put `b` on `a` (`- b: { after: a }`, or `requires` in its definition), or write `packages: union` in the spec
    ");
}

#[test]
fn alternatives_with_two_links() {
    let path = "/var/lib/dpkg/alternatives/vi";
    let name = |extension: &str, link: &str| {
        layer(extension).file(path, &format!("auto\n{link}\n\n/x\n1\n\n"))
    };
    assert_snapshot!(expect_refusals(&[name("a", "/usr/bin/vi"), name("b", "/usr/local/bin/vi")]), @"
    inlay: extensions `a` and `b` cannot be combined: alternative `vi` has two links, `/usr/bin/vi` in `a` and `/usr/local/bin/vi` in `b`
    help: put `b` on `a` (`- b: { after: a }`, or `requires` in its definition), or write `packages: union` in the spec
    ");
    assert_snapshot!(expect_refusals(&[layer("a").file(path, "auto"), name("b", "/usr/bin/vi")]), @"
    inlay: extension `a` cannot be used: `/var/lib/dpkg/alternatives/vi` does not have the format of update-alternatives
    help: find the script of the step `[a] packages: …` that writes it, or write `packages: union` in the spec
    ");
}

/// A state that was taken of a part of a root, or while something was still running.
#[test]
fn a_state_that_contradicts_itself() {
    let list = |name: &str| format!("/var/lib/dpkg/info/{name}.list");
    let lost = layer("a")
        .package("x", "1", &[])
        .file(&list("y:amd64"), "/y\n");
    let mut bare = layer("a").package("x", "1", &[]).package("y", "1", &[]);
    bare.state.files.remove(list("y").as_bytes());
    bare.state.listing.0.remove(list("y").as_bytes());
    // Nothing says of any package.
    expect_refusals(&[layer("a").file(&list("y"), "/y\n")]);
    let all: Vec<String> = [lost, bare]
        .into_iter()
        .map(|layer| expect_refusals(&[layer]))
        .collect();
    assert_snapshot!(all.join("\n"), @"
    inlay: extension `a` cannot be used: the state of its system contradicts itself: it has `/var/lib/dpkg/info/y:amd64.list`, but no record of that package
    help: its installation was disturbed: run it again with `--no-cache-filter a`
    inlay: extension `a` cannot be used: the state of its system contradicts itself: it has a record of the package `y`, but no list of its files
    help: its installation was disturbed: run it again with `--no-cache-filter a`
    ");
    // What is below has the list.
    let below = layer("a").package("x", "1", &[]);
    let status = String::from_utf8(below.state.files[STATUS.as_bytes()].clone()).unwrap();
    let above = layer("b")
        .file(STATUS, &status)
        .package("z", "1", &[])
        .on([0]);
    make_plan(&[below, above]);
}

/// What unrelated layers chose or registered differently for one alternative.
#[test]
fn alternatives_that_contradict() {
    let path = |name: &str| format!("/var/lib/dpkg/alternatives/{name}");
    let vi = |extension: &str, mode: &str, priority: u32, page: &str| {
        let slave = if page.is_empty() {
            ""
        } else {
            "vi.1\n/man/vi.1\n"
        };
        let text = format!("{mode}\n/usr/bin/vi\n{slave}\n/x\n{priority}\n{page}\n");
        let text = if page.is_empty() { text } else { text + "\n" };
        layer(extension).file(&path("vi"), &text)
    };
    let chosen = |extension: &str, target: &str| {
        let manual = vi(extension, "manual", 1, "");
        manual.entry("/etc/alternatives/vi", link(target))
    };
    let master =
        |extension: &str| layer(extension).file(&path("page"), "auto\n/man/vi.1\n\n/y\n1\n\n");
    let slave = |extension: &str| {
        let text = "auto\n/usr/bin/ed\nvi\n/usr/bin/ed.vi\n\n/x\n1\n/z\n\n";
        layer(extension).file(&path("ed"), text)
    };
    let pairs = [
        [vi("a", "auto", 1, ""), vi("b", "auto", 2, "")],
        [vi("a", "auto", 1, "/p"), vi("b", "auto", 1, "/q")],
        [chosen("a", "/x"), chosen("b", "/y")],
        [vi("a", "auto", 1, ""), slave("b")],
        [vi("a", "auto", 1, "/p"), master("b")],
    ];
    let mut all = Vec::new();
    for [one, two] in pairs {
        let refusals = expect_refusals(&[one.clone(), two.clone()]);
        all.push(refusals.lines().next().unwrap().to_owned());
        expect_refusals(&[two.clone(), one.clone()]);
        // Who was made on the other has been asked by update-alternatives itself.
        make_plan(&[one, two.on([0])]);
    }
    assert_snapshot!(all.join("\n"), @"
    inlay: extensions `a` and `b` cannot be combined: choice `/x` of alternative `vi` has different priorities in `a` and `b`
    inlay: extensions `a` and `b` cannot be combined: choice `/x` of alternative `vi` has different programs that come with it in `a` and `b`
    inlay: extensions `a` and `b` cannot be combined: `/etc/alternatives/vi` has different contents, a link to `/x` in `a` and a link to `/y` in `b`
    inlay: extensions `a` and `b` cannot be combined: the name `vi` is that of `vi`, which comes with alternative `ed`, in `b` and of alternative `vi` itself in `a`
    inlay: extensions `a` and `b` cannot be combined: the link `/man/vi.1` is that of alternative `page` itself in `b` and of `vi.1`, which comes with alternative `vi`, in `a`
    ");
    // One page is more than none, and equal choices agree.
    make_plan(&[vi("a", "auto", 1, "/p"), vi("b", "auto", 1, "")]);
    make_plan(&[vi("a", "auto", 1, ""), vi("b", "auto", 1, "/p")]);
    make_plan(&[
        vi("a", "auto", 1, "/p"),
        vi("b", "auto", 1, "/p"),
        vi("c", "auto", 1, ""),
    ]);
    make_plan(&[chosen("a", "/x"), chosen("b", "/x"), vi("c", "auto", 1, "")]);
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
    inlay: extensions `a` and `b` cannot be combined: `/var/lib/ucf/hashfile` has two records for `/etc/x.conf`, `11111111111111111111111111111111  /etc/x.conf` in `a` and `22222222222222222222222222222222  /etc/x.conf` in `b`
    help: put `b` on `a` (`- b: { after: a }`, or `requires` in its definition), or write `packages: union` in the spec
    ");
}

#[test]
fn one_path_with_two_contents() {
    let x = |extension: &str, content: &str| {
        layer(extension).entry("/usr/bin/x", file(content, 0o755, 0, 0))
    };
    let [a, b] = [x("a", "a").package("x-one", "1", &["/bin/x"]), x("b", "b")];
    assert_snapshot!(expect_refusals(&[a, b]), @"
    inlay: extensions `a` and `b` cannot be combined: `/usr/bin/x` of package `x-one` has different contents, sha256 a00000000000… in `a` and sha256 b00000000000… in `b`
    help: put `b` on `a` (`- b: { after: a }`, or `requires` in its definition), or write `packages: union` in the spec
    ");
    let b = layer("b").entry("/usr/bin/x", file("a", 0o4755, 0, 0));
    assert_snapshot!(expect_refusals(&[x("a", "a"), b]), @"
    inlay: extensions `a` and `b` cannot be combined: `/usr/bin/x` has different owners or modes, 0755 0:0 in `a` and 4755 0:0 in `b`
    help: put `b` on `a` (`- b: { after: a }`, or `requires` in its definition), or write `packages: union` in the spec
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
    inlay: extensions `a` and `b` cannot be combined: `/usr/bin/x` belongs to two packages, `a-tools` in `a` and `b-tools` in `b`
    help: if one package replaces the other, make its extension require the other's; otherwise remove one of the two extensions
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
    inlay: extensions `a` and `b` cannot be combined: `/etc/shells` is removed by `a` and changed by `b`
    help: put `b` on `a` (`- b: { after: a }`, or `requires` in its definition), or write `packages: union` in the spec
    inlay: extensions `a` and `b` cannot be combined: `/srv/x` is a directory in `a` and a symbolic link in `b`
    help: only one of the two can have this path: change where one of them puts it, or remove one of the two
    ");
}

#[test]
fn directories_with_two_special_values() {
    let x = |extension: &str, mode| layer(extension).entry("/srv/x", directory(mode, 0, 0));
    assert_snapshot!(expect_refusals(&[x("a", 0o700), x("b", 0o1777)]), @"
    inlay: extensions `a` and `b` cannot be combined: directory `/srv/x` has different owners or modes, 0700 0:0 in `a` and 1777 0:0 in `b`
    help: put `b` on `a` (`- b: { after: a }`, or `requires` in its definition), or write `packages: union` in the spec
    ");
}

#[test]
fn refusals_that_follow_from_others_are_left_out() {
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
    // If many files of two extensions differ, only some of them are shown.
    let same_version = x("b", "2.0");
    let status = read_base(STATUS) + &stanza("x", "1.0", "install ok installed");
    assert_snapshot!(expect_refusals(&[x("a", "1.0"), same_version.file(STATUS, &status)]), @"
    inlay: extensions `a` and `b` cannot be combined: `/usr/share/x/0` has different contents, sha256 1.0000000000… in `a` and sha256 2.0000000000… in `b`
    help: put `b` on `a` (`- b: { after: a }`, or `requires` in its definition), or write `packages: union` in the spec
    inlay: extensions `a` and `b` cannot be combined: `/usr/share/x/1` has different contents, sha256 1.0000000000… in `a` and sha256 2.0000000000… in `b`
    help: put `b` on `a` (`- b: { after: a }`, or `requires` in its definition), or write `packages: union` in the spec
    inlay: extensions `a` and `b` cannot be combined: `/usr/share/x/2` has different contents, sha256 1.0000000000… in `a` and sha256 2.0000000000… in `b`; and 6 more like this
    help: put `b` on `a` (`- b: { after: a }`, or `requires` in its definition), or write `packages: union` in the spec
    ");
}
