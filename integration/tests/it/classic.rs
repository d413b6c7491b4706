//! Engines that keep layers in another way: one that cannot merge, because it uses Docker's classic image store, and one
//! without overlays.

use std::collections::BTreeSet;

use integration::{Build, EmptyEngine, Store};

use crate::{Ground, assert_has};

const SPEC: &str = "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
packages: union
extensions:
  - name: made
    build: { steps: [{ run: 'install -D -m 0711 /dev/null $OUT/opt/made; echo TOKEN > $OUT/opt/made', network: none }] }
    environment: { MADE: TOKEN }
  - name: counted
    requires: [made]
    install:
      packages: [jq]
      files: [{ to: /etc/counted, text: TOKEN, mode: '0640' }]
      steps: [{ run: 'jq -n 40+2 > /srv/counted; cat /opt/made >> /srv/counted', network: none }]
    shell: { bash: 'export COUNTED=TOKEN' }
  - name: listed
    install: { packages: [tree] }
path: [/opt]
workdir: /srv
";

/// Prints everything by which commands in an image could distinguish it from another.
const TREE: &str = "find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /etc/hosts \
    -o -path /etc/hostname -o -path /etc/resolv.conf -o -path /.dockerenv -o -path /etc/mtab \\) -prune \
    -o ! -type d -printf '%p %y %m %U:%G %T@ %l\\n' -o -printf '%p %y %m %U:%G\\n' | sort; \
    find / -xdev -type f ! -path '/proc/*' ! -path '/sys/*' ! -path '/etc/host*' ! -path /etc/resolv.conf \
    -exec sha256sum {} + | sort";

/// Builds a spec on an engine that merges and on one that cannot, and compares the images path by path. Returns what
/// [`TREE`] prints.
fn compare(ground: &Ground, classic: &EmptyEngine, spec: &str) -> (String, Vec<serde_json::Value>) {
    let build = ground.build().spec(spec).image();
    let merged = build.succeed();
    let own = Build::new(classic, &ground.flags).spec(&spec.replace("TOKEN", build.token()));
    let own = own.image();
    let copied = own.succeed();
    let sh = |outcome: &integration::Outcome<'_>| outcome.run(["sh", "-e", "-c", TREE]);
    let (one, two) = (sh(&merged), sh(&copied));
    {
        let (one, two): (BTreeSet<&str>, BTreeSet<&str>) =
            (one.lines().collect(), two.lines().collect());
        let differences: Vec<&&str> = one.symmetric_difference(&two).collect();
        assert_eq!(differences, [&""; 0]);
    }
    assert_eq!(own.succeed().ran(), [""; 0]);
    let configurations = [merged, copied].map(|outcome| outcome.inspect()["Config"].clone());
    (one, configurations.to_vec())
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn the_image_is_the_same() {
    let ground = Ground::get();
    let classic = EmptyEngine::start(&ground.engine, Store::Classic).unwrap();
    let (tree, mut configurations) = compare(ground, &classic, SPEC);
    // Packages are installed in other sets there, on one root, so the locks differ.
    for (configuration, name) in configurations
        .iter_mut()
        .zip(["union", "extension counted"])
    {
        let lock = configuration["Labels"]
            .as_object_mut()
            .and_then(|labels| labels.remove("inlay.lock"))
            .unwrap();
        let line = lock
            .as_str()
            .unwrap()
            .lines()
            .find(|line| line.starts_with("packages "));
        assert_has(line.unwrap(), &[name]);
    }
    assert_has(
        &tree,
        &[
            "/opt/made f 711 0:0 ",
            "/etc/counted f 640 0:0 ",
            "/usr/bin/jq f ",
        ],
    );
    for key in ["Env", "WorkingDir", "Cmd", "Labels"] {
        assert_eq!(configurations[0][key], configurations[1][key]);
    }

    // The user is told, if the client shows messages.
    let own = Build::new(&classic, &ground.flags).spec(SPEC);
    let mut plain = classic.docker(["buildx", "build", "--progress=plain"]);
    plain.args(&ground.flags).arg("--file");
    plain.arg(own.path().join("inlay.yaml")).arg(own.path());
    let said = plain.output().unwrap();
    assert_has(
        &String::from_utf8_lossy(&[said.stdout, said.stderr].concat()),
        &["inlay: this engine cannot merge layers"],
    );
}

/// Extensions that have folders and links in common, of which none contradicts another.
const TOGETHER: &str = "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
packages: isolated
extensions:
  - name: account
    install:
      steps:
        - run: |
            useradd --create-home --uid 1000 --shell /bin/sh dev
            chmod 0700 /home/dev
            mkdir -p /data/real /srv/pool
            ln -s /data/real /srv/data
          network: none
  - name: dotfiles
    install: { files: [{ to: /home/dev/.note, text: TOKEN }] }
  - name: linked
    install: { files: [{ to: /srv/data/deep/file, text: TOKEN }] }
  - name: made
    build:
      steps:
        - run: |
            mkdir -p $OUT/opt/made $OUT/srv/pool $OUT/usr/local/share/fonts
            echo TOKEN > $OUT/usr/local/share/fonts/made
            echo TOKEN > $OUT/opt/made/one
            ln $OUT/opt/made/one $OUT/opt/made/two
            ln -s one $OUT/opt/made/three
            echo TOKEN > $OUT/srv/pool/made
            chmod 4750 $OUT/opt/made/one
            chmod 2770 $OUT/opt/made
          network: none
  - name: sweeping
    install: { steps: [{ run: 'rm -rf /srv/pool /usr/share/doc/bash', network: none }] }
  - name: counted
    install:
      packages: [jq]
      files: [{ to: /usr/bin/jq, text: TOKEN, mode: '0755' }]
";

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn folders_and_links_are_as_on_other_engines() {
    let ground = Ground::get();
    let classic = EmptyEngine::start(&ground.engine, Store::Classic).unwrap();
    let (tree, _) = compare(ground, &classic, TOGETHER);
    assert_has(
        &tree,
        &[
            "/home/dev d 700 1000:1000\n",
            "/srv/data l 777 0:0 ",
            "/data/real/deep/file f 644 0:0 ",
            "/opt/made d 2770 0:0\n",
            "/opt/made/one f 4750 0:0 ",
            "/srv/pool/made f 644 0:0 ",
        ],
    );
}

/// Pairs of extensions that contradict each other, and what is said about them.
const APART: [(&str, &str); 4] = [
    (
        "
  - { name: one, build: { steps: [{ run: 'mkdir -p $OUT/opt/x; echo 1 > $OUT/opt/x/file', network: none }] } }
  - { name: two, build: { steps: [{ run: 'mkdir -p $OUT/opt/x; echo 22 > $OUT/opt/x/file', network: none }] } }
",
        "inlay: extensions `one` and `two` cannot be combined: `/opt/x/file` has different contents, 2 bytes in `one` \
         and 3 bytes in `two`",
    ),
    (
        "
  - { name: one, install: { files: [{ to: /etc/issue, text: mine }] } }
  - { name: two, install: { steps: [{ run: 'rm /etc/issue', network: none }] } }
",
        "inlay: extensions `one` and `two` cannot be combined: `/etc/issue` is removed by `two` and changed by `one`",
    ),
    (
        "
  - { name: one, install: { steps: [{ run: 'echo 1 > /srv/file', network: none }] } }
  - { name: two, install: { files: [{ to: /srv/file, text: two }] } }
",
        "inlay: extensions `one` and `two` cannot be combined: `/srv/file` has different contents, 2 bytes in `one` \
         and 4 bytes in `two`",
    ),
    (
        "
  - { name: one, install: { steps: [{ run: 'ln -s /absent /srv/away', network: none }] } }
  - { name: two, install: { files: [{ to: /srv/away/file, text: two }] } }
",
        "inlay: extension `two` cannot be used: it has `/srv/away/file`, and `/srv/away` is a link to `/absent` in the \
         image, where no folder is",
    ),
];

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn what_is_refused_is_refused_as_on_other_engines() {
    let ground = Ground::get();
    let classic = EmptyEngine::start(&ground.engine, Store::Classic).unwrap();
    for (extensions, refusal) in APART {
        let spec = format!(
            "# syntax=ghcr.io/inlay/inlay:1\nbase: debian:bookworm\nextensions:{extensions}"
        );
        for build in [ground.build(), Build::new(&classic, &ground.flags)] {
            let outcome = build.spec(&spec).fail();
            assert_has(&outcome.progress.logs(), &[refusal]);
        }
    }
}

/// Where layers are no overlays, states are made by comparing all of both roots, and roots, caches and the files of other
/// builds are on one file system.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_engine_without_overlays_makes_the_same_image() {
    let ground = Ground::get();
    let native = EmptyEngine::start(&ground.engine, Store::Native).unwrap();
    let info = native.docker(["info", "--format", "{{.Driver}}"]).output();
    assert_eq!(
        String::from_utf8_lossy(&info.unwrap().stdout).trim(),
        "native"
    );
    let (tree, _) = compare(ground, &native, TOGETHER);
    assert_has(
        &tree,
        &["/srv/pool/made f 644 0:0 ", "/usr/bin/jq f 755 0:0 "],
    );
}
