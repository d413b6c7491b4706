//! `packages: isolated`: the packages of each extension as a layer of its own, united by the joint.

use integration::Build;

use crate::{Ground, assert_has};

/// Sets that make accounts: each alone takes the first free ids, so that they collide.
const SETS: [(&str, &str); 4] = [
    ("bus", "dbus"),
    ("query", "jq"),
    ("store", "redis-server"),
    ("shell", "openssh-server"),
];

const MORE: (&str, &str) = ("listing", "tree");

pub(crate) fn spec(mode: &str, sets: &[(&str, &str)]) -> String {
    let uses = sets.iter().map(|(name, package)| {
        format!("  - {{ name: {name}, install: {{ packages: [{package}] }} }}")
    });
    let uses = uses.collect::<Vec<_>>().join("\n");
    format!(
        "# syntax=ghcr.io/inlay/inlay:1\nbase: debian:bookworm\npackages: {mode}\nextensions:\n{uses}\n"
    )
}

fn build<'a>(ground: &'a Ground, mode: &str, sets: &[(&str, &str)]) -> Build<'a> {
    ground.build().spec(&spec(mode, sets)).image()
}

const INSTALLED: &str = "dpkg-query -W -f '${Package} ${Version} ${db:Status-Abbrev}\\n'";

#[test]
fn the_layers_are_one_system() {
    let Some(ground) = Ground::get() else { return };
    let isolated = build(ground, "isolated", &SETS).succeed();
    let sh = |command: &str| isolated.run(["sh", "-e", "-c", command]);
    assert_eq!(sh("dpkg --audit; dpkg --verify"), "");
    assert_has(&sh("apt-get check 2>&1"), &["Reading state information"]);

    // The same packages as one installation of all of them gives.
    let union = build(ground, "union", &SETS).succeed();
    let at_once = union.run(["sh", "-e", "-c", INSTALLED]);
    assert_eq!(sh(INSTALLED), at_once);
    let by_hand = "apt-mark showmanual";
    assert_eq!(sh(by_hand), union.run(["sh", "-e", "-c", by_hand]));

    // No id is two accounts', and files belong to whom they did.
    let repeated = "for file in passwd group; do cut -d: -f3 /etc/$file | sort | uniq -d; done";
    assert_eq!(sh(repeated), "");
    let owners = "stat -c '%U:%G %a %n' /var/lib/redis /etc/redis/redis.conf";
    assert_eq!(sh(owners), union.run(["sh", "-e", "-c", owners]));

    // What they are for works.
    assert_has(
        &sh("redis-server --daemonize yes > /dev/null; \
             for i in 1 2 3 4 5 6 7 8 9; do redis-cli ping && break || sleep 0.2; done"),
        &["PONG"],
    );
    assert_eq!(sh("echo '[40, 2]' | jq add"), "42");
    sh("ssh-keygen -A > /dev/null; mkdir -p /run/sshd; /usr/sbin/sshd -t");
    assert_has(&sh("dbus-daemon --version"), &["D-Bus"]);
    assert_has(
        &sh(
            "apt-get update -qq; apt-get install -y -qq --no-install-recommends tmux > /dev/null 2>&1; tmux -V",
        ),
        &["tmux"],
    );
}

#[test]
fn no_layer_holds_a_machines_identity() {
    let Some(ground) = Ground::get() else { return };
    let outcome = build(ground, "isolated", &SETS).archive().succeed();
    for entry in outcome.archive().entries() {
        let path = &entry.path;
        let is_left_behind = ["ssh_host_", "dbus/machine-id", "run/adduser"];
        let found = is_left_behind.iter().any(|part| path.contains(part));
        assert!(!found, "a layer holds {path}");
        let is_identity = path.ends_with("etc/machine-id");
        assert!(
            !is_identity || entry.content.is_empty(),
            "a layer holds an identity"
        );
    }
}

#[test]
fn an_added_extension_runs_its_own_packages_and_the_joint() {
    let Some(ground) = Ground::get() else { return };
    build(ground, "isolated", &SETS).alone().succeed();
    let mut reordered = SETS;
    reordered.reverse();
    assert_eq!(
        build(ground, "isolated", &reordered)
            .alone()
            .succeed()
            .ran(),
        [""; 0]
    );
    for place in [0, 2, SETS.len()] {
        let mut sets = SETS.to_vec();
        // Each place is another package, so that each is added for the first time.
        let package = ["tree", "less", "file"][place / 2];
        sets.insert(place, (MORE.0, package));
        let outcome = build(ground, "isolated", &sets).alone().succeed();
        let allowed = [
            format!("[{}] packages: {package}", MORE.0),
            format!("[{}] packages: {package} (layer)", MORE.0),
            "[joint] merge 5 layers of the system".to_owned(),
            "[joint] unite the databases of the image".to_owned(),
            "[joint] layer".to_owned(),
            "[image] merge 6 layers".to_owned(),
        ];
        for ran in outcome.ran() {
            assert!(
                allowed.contains(&ran),
                "{ran} ran, with {package} at {place}"
            );
        }
        // Another test's build may have installed the package before, and the joint is new in any case.
        assert!(outcome.ran().contains(&allowed[3]), "{:?}", outcome.ran());
        assert_eq!(
            outcome.run(["sh", "-e", "-c", "dpkg --audit; dpkg --verify"]),
            ""
        );
    }
}

#[test]
fn a_single_package_layer_needs_no_joint() {
    let Some(ground) = Ground::get() else { return };
    let outcome = build(ground, "isolated", &SETS[1..2]).succeed();
    assert!(!outcome.text().contains("[joint]"), "{}", outcome.text());
    assert_eq!(
        outcome.run(["sh", "-e", "-c", "dpkg --audit; echo '[1]' | jq .[0]"]),
        "1"
    );
}
