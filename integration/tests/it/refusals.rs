//! Refusals of real packages as people read them, and checks that the advice in them works.

use insta::assert_snapshot;

use crate::Ground;

/// A spec of extensions, each with its name, its requirements and its package.
fn spec(sets: &[(&str, &str, &str)]) -> String {
    let uses = sets.iter().map(|(name, requires, package)| {
        format!(
            "  - {{ name: {name}, requires: [{requires}], install: {{ packages: [{package}] }} }}\n"
        )
    });
    let uses: String = uses.collect();
    format!(
        "# syntax=ghcr.io/inlay/inlay:1\nbase: debian:bookworm\npackages: isolated\nextensions:\n{uses}"
    )
}

/// Builds the extensions, which must be refused, and returns the refusals with `VERSION` for each version.
fn refusals(ground: &Ground, sets: &[(&str, &str, &str)]) -> String {
    let outcome = ground.build().spec(&spec(sets)).fail();
    let logs = outcome.progress.logs();
    let of_joint = logs.lines().filter(|line| {
        let beginnings = ["inlay: extension", "  help: "];
        beginnings
            .iter()
            .any(|beginning| line.starts_with(beginning))
    });
    // What is known before anything is installed comes with the place in the spec.
    let is_early = |line: &&str| line.contains("inlay.yaml:") && line.contains("[E025");
    let early = outcome.text().lines().filter(is_early);
    let early = early.map(|line| &line[line.find("inlay.yaml:").unwrap_or(0)..]);
    let lines = of_joint.chain(early).map(|line| {
        let words = line.trim_start().split(' ').map(without_version);
        words.collect::<Vec<_>>().join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn without_version(word: &str) -> String {
    let version = word.trim_end_matches([',', ';']);
    let is_version =
        version.starts_with(|letter: char| letter.is_ascii_digit()) && version.contains(['.', '-']);
    if is_version {
        word.replace(version, "VERSION")
    } else {
        word.to_owned()
    }
}

/// Builds the extensions, checks that the image is sound, and returns what a command prints in it.
fn run(ground: &Ground, sets: &[(&str, &str, &str)], command: &str) -> String {
    let outcome = ground.build().image().spec(&spec(sets)).succeed();
    let checks = "dpkg --audit; apt-get check > /dev/null 2>&1";
    outcome.run(["sh", "-e", "-c", &format!("{checks}; {command}")])
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn packages_that_declare_a_conflict_without_sharing_a_path() {
    let ground = Ground::get();
    assert_snapshot!(refusals(ground, &[("clock", "", "chrony"), ("time", "", "openntpd")]), @"inlay.yaml:6:5: extensions `clock` and `time` cannot be combined: `clock` installs `chrony` VERSION, which declares `Conflicts: time-daemon`, and `time` installs `openntpd` VERSION, which provides it [E0253]; help: no system can have both packages: remove one of the two extensions");
    let sets = [("filter", "", "ufw"), ("rules", "", "iptables-persistent")];
    assert_snapshot!(refusals(ground, &sets), @"
    inlay.yaml:6:5: extensions `filter` and `rules` cannot be combined: `filter` installs `ufw` VERSION, which declares `Breaks: iptables-persistent`, and `rules` installs `iptables-persistent` VERSION [E0253]; help: no system can have both packages: remove one of the two extensions
    inlay.yaml:6:5: extensions `filter` and `rules` cannot be combined: `filter` installs `ufw` VERSION, which declares `Breaks: netfilter-persistent`, and `rules` installs `netfilter-persistent` VERSION [E0253]; help: `netfilter-persistent` was installed as a dependency, and apt may find an alternative: put `rules` on `filter` (`- rules: { after: filter }`, or `requires` in its definition), write `packages: union` in the spec, or remove one of the two extensions
    ");
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_dependency_with_an_alternative() {
    let ground = Ground::get();
    let mailing = |requires| {
        [
            ("mail", "", "msmtp-mta"),
            ("reading", requires, "bsd-mailx"),
        ]
    };
    assert_snapshot!(refusals(ground, &mailing("")), @"
    inlay.yaml:6:5: extensions `mail` and `reading` cannot be combined: `reading` installs `exim4-config` VERSION, which declares `Conflicts: msmtp-mta`, and `mail` installs `msmtp-mta` VERSION [E0253]; help: `exim4-config` was installed as a dependency, and apt may find an alternative: put `reading` on `mail` (`- reading: { after: mail }`, or `requires` in its definition), write `packages: union` in the spec, or remove one of the two extensions
    inlay.yaml:6:5: extensions `mail` and `reading` cannot be combined: `reading` installs `exim4-daemon-light` VERSION, which declares `Conflicts: mail-transport-agent`, and `mail` installs `msmtp-mta` VERSION, which provides it [E0253]; help: `exim4-daemon-light` was installed as a dependency, and apt may find an alternative: put `reading` on `mail` (`- reading: { after: mail }`, or `requires` in its definition), write `packages: union` in the spec, or remove one of the two extensions
    ");
    let installed =
        "dpkg-query -W -f '${Package} ' 'exim4*' msmtp-mta bsd-mailx 2> /dev/null || true";
    assert_snapshot!(run(ground, &mailing("mail"), installed), @"bsd-mailx msmtp-mta");
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_file_that_two_scripts_change() {
    let ground = Ground::get();
    let names = |requires| {
        [
            ("hosts", "", "libnss-myhostname"),
            ("sudoers", requires, "libnss-sudo"),
        ]
    };
    assert_snapshot!(refusals(ground, &names("")), @"
    inlay: extensions `hosts` and `sudoers` cannot be combined: `/etc/nsswitch.conf` has different contents, 505 bytes in `hosts` and 510 bytes in `sudoers`
    help: put `sudoers` on `hosts` (`- sudoers: { after: hosts }`, or `requires` in its definition), or write `packages: union` in the spec
    ");
    let lines = "grep -e '^hosts' -e '^sudoers' /etc/nsswitch.conf";
    assert_snapshot!(run(ground, &names("hosts"), lines), @"
    hosts:          files myhostname dns
    sudoers: files
    ");
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_file_that_another_package_diverts() {
    let ground = Ground::get();
    let tools = |requires| {
        [
            ("more", "", "moreutils"),
            ("parallel", requires, "parallel"),
        ]
    };
    assert_snapshot!(refusals(ground, &tools("")), @"
    inlay: extensions `more` and `parallel` cannot be combined: `/usr/bin/parallel` is installed by `more` and diverted by `parallel`
    help: put `parallel` on `more` (`- parallel: { after: more }`, or `requires` in its definition), or write `packages: union` in the spec
    inlay: extensions `more` and `parallel` cannot be combined: `/usr/share/man/man1/parallel.1.gz` is installed by `more` and diverted by `parallel`
    help: put `parallel` on `more` (`- parallel: { after: more }`, or `requires` in its definition), or write `packages: union` in the spec
    ");
    let version = "parallel --version | head -n 1 | cut -d ' ' -f 1,2; dpkg-divert --list '/usr/bin/parallel'";
    assert_snapshot!(run(ground, &tools("more"), version), @"
    GNU parallel
    diversion of /usr/bin/parallel to /usr/bin/parallel.moreutils by parallel
    ");
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn packages_that_replace_each_other() {
    let ground = Ground::get();
    let relays = |requires| {
        [
            ("first", "", "msmtp-mta"),
            ("second", requires, "nullmailer"),
        ]
    };
    assert_snapshot!(refusals(ground, &relays("")), @"inlay.yaml:6:5: extensions `first` and `second` cannot be combined: `first` installs `msmtp-mta` VERSION, which declares `Conflicts: mail-transport-agent`, and `second` installs `nullmailer` VERSION, which provides it [E0253]; help: no system can have both packages: remove one of the two extensions");
    assert_snapshot!(refusals(ground, &relays("first")), @"inlay.yaml:6:62: cannot install `nullmailer` on its own: apt would remove `msmtp-mta`, which the base or a required extension has [E0252]; help: an extension can only add: take one of the packages out, or, if the base has it, write `packages: union` in the spec so that apt can replace it");
}
