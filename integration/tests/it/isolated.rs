//! `packages: isolated`: the packages of each extension are a layer of their own, and the joint reconciles
//! the layers.

use integration::Build;

use crate::{Ground, assert_has};

/// Sets that make accounts. Each takes the first free ids on its own, so that they collide.
const SETS: [(&str, &str); 4] = [
    ("bus", "dbus"),
    ("query", "jq"),
    ("store", "redis-server"),
    ("shell", "openssh-server"),
];

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
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn the_layers_are_one_system() {
    let ground = Ground::get();
    let isolated = build(ground, "isolated", &SETS).succeed();
    let sh = |command: &str| isolated.run(["sh", "-e", "-c", command]);
    assert_eq!(sh("dpkg --audit; dpkg --verify"), "");
    assert_has(&sh("apt-get check 2>&1"), &["Reading state information"]);

    // The packages are those of one installation of all of them.
    let union = build(ground, "union", &SETS).succeed();
    let at_once = union.run(["sh", "-e", "-c", INSTALLED]);
    assert_eq!(sh(INSTALLED), at_once);
    let by_hand = "apt-mark showmanual";
    assert_eq!(sh(by_hand), union.run(["sh", "-e", "-c", by_hand]));

    // No id belongs to two accounts, and files have the owners of one installation.
    let repeated = "for file in passwd group; do cut -d: -f3 /etc/$file | sort | uniq -d; done";
    assert_eq!(sh(repeated), "");
    let owners = "stat -c '%U:%G %a %n' /var/lib/redis /etc/redis/redis.conf";
    assert_eq!(sh(owners), union.run(["sh", "-e", "-c", owners]));

    // The programs work.
    assert_has(
        &sh("redis-server --daemonize yes > /dev/null; \
             for i in 1 2 3 4 5 6 7 8 9; do redis-cli ping && break || sleep 0.2; done"),
        &["PONG"],
    );
    assert_eq!(sh("echo '[40, 2]' | jq add"), "42");
    sh("ssh-keygen -A > /dev/null; mkdir -p /run/sshd; /usr/sbin/sshd -t");
    assert_has(&sh("dbus-daemon --version"), &["D-Bus"]);
    assert_has(
        &sh("for pause in 3 6 9 12 0; do \
                 apt-get update -qq -o APT::Update::Error-Mode=any > /dev/null 2>&1 && \
                     apt-get install -y -qq --download-only tmux > /dev/null 2>&1 && break; \
                 sleep $pause; \
             done; \
             apt-get install -y -qq --no-install-recommends tmux > /dev/null 2>&1; tmux -V"),
        &["tmux"],
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn no_layer_holds_a_machines_identity() {
    let ground = Ground::get();
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

/// Ten extensions with small packages.
const TEN: [(&str, &str); 10] = [
    ("bus", "dbus"),
    ("calculator", "bc"),
    ("editor", "nano"),
    ("kind", "file"),
    ("pager", "less"),
    ("query", "jq"),
    ("root", "sudo"),
    ("screen", "tmux"),
    ("shell", "zsh"),
    ("store", "redis-server"),
];

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_eleventh_extension_runs_its_own_packages_and_the_joint() {
    let ground = Ground::get();
    let first = build(ground, "isolated", &TEN).succeed();
    // The order of the list does not matter, because extensions are ordered by name.
    for (name, package) in [("above", "tree"), ("middle", "rsync"), ("zip", "zip")] {
        let mut sets = TEN.to_vec();
        sets.insert(sets.len() / 2, (name, package));
        let outcome = build(ground, "isolated", &sets).succeed();
        let allowed = [
            format!("[{name}] packages: {package}"),
            format!("[{name}] packages: {package} (layer)"),
            format!("[{name}] packages: {package} (state)"),
            "[joint] merge 11 system layers".to_owned(),
            "[joint] reconcile the databases of the image".to_owned(),
            "[joint] layer".to_owned(),
            "[image] merge 12 layers".to_owned(),
            format!("[{name}] packages: {package} (resolve)"),
            format!("[{name}] packages: {package} (fetch)"),
        ];
        for ran in outcome.ran() {
            assert!(allowed.contains(&ran), "{ran} ran, for {package}");
        }
        // An earlier run on this engine may have made everything already.
        if outcome.ran().contains(&allowed[0]) {
            assert!(outcome.ran().contains(&allowed[3]), "{:?}", outcome.ran());
        }
        assert_eq!(
            outcome.run(["sh", "-e", "-c", "dpkg --audit; dpkg --verify"]),
            ""
        );
    }
    let mut turned = TEN;
    turned.reverse();
    turned.swap(2, 7);
    let again = build(ground, "isolated", &turned).succeed();
    assert_eq!(again.ran(), [""; 0]);
    assert_eq!(again.digest(), first.digest());
    for removed in [0, 4, 9] {
        let mut sets = TEN.to_vec();
        sets.remove(removed);
        let outcome = build(ground, "isolated", &sets).succeed();
        for ran in outcome.ran() {
            let is_common = ran.starts_with("[joint] ") || ran.starts_with("[image] ");
            assert!(is_common, "{ran} ran, without {:?}", TEN[removed]);
        }
    }
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_second_extension_runs_nothing_of_the_first() {
    let ground = Ground::get();
    let one = |name: &str| {
        let step = format!("{{ run: 'echo TOKEN > /srv/{name}', network: none }}");
        format!("  - {{ name: {name}, install: {{ steps: [{step}] }} }}\n")
    };
    let spec = |names: &[&str]| {
        let uses: String = names.iter().copied().map(one).collect();
        format!("# syntax=ghcr.io/inlay/inlay:1\nbase: debian:bookworm\nextensions:\n{uses}")
    };
    let build = ground.build().spec(&spec(&["first"])).image();
    let alone = build.succeed();
    let layers = alone.inspect()["RootFS"]["Layers"]
        .as_array()
        .unwrap()
        .len();
    assert_eq!(layers, 2, "the layers of the base and of the extension");
    // Now there is a joint, which needs to know what the first extension changed.
    let build = build.spec(&spec(&["first", "second"]));
    let both = build.succeed();
    let ran = both.ran();
    assert!(
        ran.iter().all(|name| !name.starts_with("[first]")),
        "{ran:?}"
    );
    assert!(
        ran.iter().any(|name| name.starts_with("[second]")),
        "{ran:?}"
    );
    // One extension of the image is the same as when it is built on its own.
    let build = build.arguments(["--target", "second"]);
    let second = build.succeed();
    let ran = second.ran();
    assert!(
        ran.iter()
            .all(|name| name.starts_with("[image]") || name.ends_with("state)")),
        "{ran:?}"
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_single_package_layer_needs_no_joint() {
    let ground = Ground::get();
    let outcome = build(ground, "isolated", &SETS[1..2]).succeed();
    assert!(!outcome.text().contains("[joint]"), "{}", outcome.text());
    assert_eq!(
        outcome.run(["sh", "-e", "-c", "dpkg --audit; echo '[1]' | jq .[0]"]),
        "1"
    );
}
