//! Commands, package repositories and packages on the user's base.

use std::fs;
use std::path::Path;

use integration::{Build, Outcome};

use crate::{Ground, assert_has};

/// The steps of this extension and of `runner` make accounts, which get the same ids when installed on their
/// own. `guest` requires `watcher` and changes what it made.
const WATCHER: &str = "name: watcher
parameters: { login: /bin/sh }
install:
  packages: [jq]
  files: [{ text: \"level: 1\", to: /etc/watcher }]
  steps:
    - useradd --system --shell \"$LOGIN\" watcher
    - |
      # TOKEN
      install -d -o watcher -g watcher -m 0750 /srv/watcher
      echo '{\"of\": \"steps\"}' | jq -r .of > /srv/watcher/made
      chown watcher:watcher /etc/watcher
      echo \"$LEVEL $0\" >> /srv/watcher/made
environment: { LEVEL: high }
";

const RUNNER: &str = "name: runner
install:
  steps:
    - run: |
        useradd --system runner
        install -d -o runner -g runner /srv/runner # TOKEN
      network: none
";

const GUEST: &str = "name: guest
requires: [watcher]
install:
  packages: [tree]
  steps:
    - { run: \"usermod --shell /bin/bash watcher && echo guest >> /srv/watcher/made\", network: none }
";

const LATE: &str =
    "{ name: late, install: { steps: [{ run: 'echo TOKEN > /srv/late', network: none }] } }";

fn build<'a>(ground: &'a Ground, uses: &[&str]) -> Build<'a> {
    let uses = uses.join("\n  - ");
    ground
        .build()
        .spec(&format!(
            "# syntax=ghcr.io/inlay/inlay:1\nbase: debian:bookworm\nextensions:\n  - {uses}\n"
        ))
        .file("watcher/extension.yaml", WATCHER)
        .file("runner/extension.yaml", RUNNER)
        .file("guest/extension.yaml", GUEST)
        .image()
        .in_company()
}

fn sh(outcome: &Outcome<'_>, command: &str) -> String {
    outcome.run(["sh", "-e", "-c", command])
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn the_layers_of_steps_make_one_system() {
    let ground = Ground::get();
    let build = build(ground, &["./watcher", "./runner", "./guest"]);
    let first = build.succeed();
    assert_eq!(
        sh(&first, "cat /srv/watcher/made"),
        "steps\nhigh inlay\nguest"
    );
    // On their own, both accounts got the first free id.
    assert_eq!(
        sh(
            &first,
            "stat -c '%U:%G %a' /srv/watcher /srv/watcher/made /etc/watcher /srv/runner"
        ),
        "watcher:watcher 750\nroot:root 644\nwatcher:watcher 644\nrunner:runner 755"
            .replace("made", "")
    );
    assert_eq!(
        sh(
            &first,
            "for file in passwd group; do cut -d: -f3 /etc/$file | sort | uniq -d; done"
        ),
        ""
    );
    assert_eq!(
        sh(&first, "getent passwd watcher | cut -d: -f7"),
        "/bin/bash"
    );
    assert_eq!(
        sh(
            &first,
            "dpkg --audit; dpkg --verify; command -v jq; command -v tree"
        ),
        "/usr/bin/jq\n/usr/bin/tree"
    );
    // The build leaves nothing behind.
    let left = "find /run /var/lib/apt/lists /var/cache/apt -type f";
    assert_eq!(sh(&first, left), "");
    let again = build.succeed();
    assert_eq!(again.ran(), [""; 0]);
    assert_eq!(again.digest(), first.digest());

    // One more extension runs its own vertices and the joint.
    let build = build.spec(&format!(
        "# syntax=ghcr.io/inlay/inlay:1\nbase: debian:bookworm\nextensions: [./guest, {LATE}, ./runner, ./watcher]\n"
    ));
    let more = build.succeed();
    let ran = more.ran();
    for name in &ran {
        let is_its_own = name.starts_with("[late]")
            || name.starts_with("[joint]")
            || name.starts_with("[image]");
        assert!(is_its_own, "{name} ran");
    }
    assert!(
        ran.iter().any(|name| name.starts_with("[late] steps:")),
        "{ran:?}"
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_failing_step_is_reported_with_its_place() {
    let ground = Ground::get();
    let outcome = ground
        .build()
        .spec(
            "# syntax=ghcr.io/inlay/inlay:1\nbase: debian:bookworm\nextensions:\n  - name: broken\n    install:\n      steps:\n        - \"true\"\n        - echo TOKEN; exit 3\n",
        )
        .fail();
    assert_has(&outcome.progress.logs(), &["inlay: step 2 of 2 failed"]);
    assert_has(outcome.text(), &["inlay.yaml:7", ">>>", "exit code 3"]);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_extension_may_ask_to_be_in_the_union() {
    let ground = Ground::get();
    let outcome = build(
        ground,
        &[
            "{ name: bus, install: { packages: [dbus], union: for a test } }",
            "{ name: store, install: { packages: [redis-server], union: for a test } }",
            "./runner",
            "{ name: query, install: { packages: [jq] } }",
        ],
    )
    .succeed();
    let all = outcome.progress.all();
    let set = "[packages] debian:bookworm: dbus redis-server";
    assert!(all.contains(set), "{all:?}");
    assert!(all.contains("[query] packages: jq"), "{all:?}");
    let repeated = "for file in passwd group; do cut -d: -f3 /etc/$file | sort | uniq -d; done";
    assert_eq!(sh(&outcome, repeated), "");
    assert_eq!(sh(&outcome, "dpkg --audit; dpkg --verify"), "");
    assert_eq!(
        sh(&outcome, "stat -c %U /var/lib/redis /srv/runner"),
        "redis\nrunner"
    );
}

/// Finds the address of the mirror that this machine's own apt uses.
fn find_mirror() -> Option<String> {
    let mut files = vec![Path::new("/etc/apt/sources.list").to_owned()];
    let folder = fs::read_dir("/etc/apt/sources.list.d")
        .into_iter()
        .flatten();
    files.extend(folder.filter_map(|entry| entry.ok().map(|entry| entry.path())));
    let texts = files
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok());
    texts
        .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|line| line.starts_with("URIs:") || line.starts_with("deb "))
        .flat_map(|line| {
            let words = line.split_whitespace().map(str::to_owned);
            words.collect::<Vec<_>>()
        })
        .find(|word| word.starts_with("http") && word.trim_end_matches('/').ends_with("/debian"))
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn packages_come_from_a_repository_with_its_key() {
    let ground = Ground::get();
    let Some(mirror) = find_mirror() else {
        panic!("this machine's apt has no mirror of Debian");
    };
    // Every base has the key that signs Debian. The repository is another release of Debian.
    let key = ground
        .build()
        .spec("# syntax=ghcr.io/inlay/inlay:1\nbase: debian:bookworm\nextensions: []\n");
    let key = key.image().succeed();
    let key = key.run([
        "sh",
        "-c",
        "base64 -w 0 /usr/share/keyrings/debian-archive-keyring.gpg",
    ]);
    let of = |key: &str| {
        ground
            .build()
            .spec("# syntax=ghcr.io/inlay/inlay:1\nbase: debian:bookworm\nextensions: [./newer, { name: query, install: { packages: [jq] } }]\n")
            .file(
                "newer/extension.yaml",
                &format!(
                    "name: newer\ninstall:\n  packages: [tree]\n  repositories:\n    - {{ url: {mirror}, suite: bookworm-backports, components: [main], key: {key} }}\n"
                ),
            )
            .image()
    };
    let build = of("key.gpg");
    let decoded = Path::new(&build.path()).join("newer/key.gpg");
    let decoder = std::process::Command::new("base64")
        .arg("-d")
        .stdin({
            let encoded = build.path().join("encoded");
            fs::write(&encoded, &key).unwrap();
            fs::File::open(encoded).unwrap()
        })
        .stdout(fs::File::create(decoded).unwrap())
        .status()
        .unwrap();
    assert!(decoder.success());
    let outcome = build.succeed();
    let said = sh(
        &outcome,
        "apt-get update 2>&1; apt-cache policy; tree --version",
    );
    assert_has(&said, &["bookworm-backports/main", "tree v"]);
    assert_eq!(
        sh(
            &outcome,
            "dpkg --audit; dpkg --verify; ls /etc/apt/keyrings | wc -l"
        ),
        "1"
    );

    // Packages that are signed with another key are refused.
    let build = of("key.asc").file(
        "newer/key.asc",
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQENBF\n-----END PGP PUBLIC KEY BLOCK-----\n",
    );
    let outcome = build.fail();
    assert_has(&outcome.progress.logs(), &["bookworm-backports"]);
    assert_has(outcome.text(), &["newer/extension.yaml:3"]);
}
