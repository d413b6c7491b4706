//! An engine that cannot merge, because it uses Docker's classic image store.

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

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn the_image_is_the_same() {
    let ground = Ground::get();
    let build = ground.build().spec(SPEC).image();
    let merged = build.succeed();
    let classic = EmptyEngine::start(&ground.engine, Store::Classic).unwrap();
    let own = Build::new(&classic, &ground.flags).spec(&SPEC.replace("TOKEN", build.token()));
    let own = own.image();
    let copied = own.succeed();
    let sh = |outcome: &integration::Outcome<'_>| outcome.run(["sh", "-e", "-c", TREE]);
    let (one, two) = (sh(&merged), sh(&copied));
    assert_has(
        &one,
        &[
            "/opt/made f 711 0:0 ",
            "/etc/counted f 640 0:0 ",
            "/usr/bin/jq f ",
        ],
    );
    let (one, two): (BTreeSet<&str>, BTreeSet<&str>) =
        (one.lines().collect(), two.lines().collect());
    let differences: Vec<&&str> = one.symmetric_difference(&two).collect();
    assert_eq!(differences, [&""; 0]);
    for key in ["Env", "WorkingDir", "Cmd", "Labels"] {
        assert_eq!(
            merged.inspect()["Config"][key],
            copied.inspect()["Config"][key]
        );
    }
    assert_eq!(own.succeed().ran(), [""; 0]);

    // The user is told, if the client shows messages.
    let mut plain = classic.docker(["buildx", "build", "--progress=plain"]);
    plain.args(&ground.flags).arg("--file");
    plain.arg(own.path().join("inlay.yaml")).arg(own.path());
    let said = plain.output().unwrap();
    assert_has(
        &String::from_utf8_lossy(&[said.stdout, said.stderr].concat()),
        &["inlay: this engine cannot merge layers"],
    );
}
