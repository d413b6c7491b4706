//! States of an archive: what is built at one of them stays as it is until somebody asks for the next.

mod asked;
mod places;
mod repository;
mod snapshots;

use std::fmt::Display;
use std::io::Write as _;
use std::sync::atomic::Ordering;

use integration::{Build, Outcome};

use crate::served::Server;
use crate::states::repository::Repository;
use crate::{Ground, assert_has};

/// A spec of extensions with the names of their packages.
fn spec(packages: &[&str]) -> String {
    spec_of(
        packages
            .iter()
            .map(|package| (format!("e-{package}"), *package)),
    )
}

/// A spec of extensions, each with its name and its packages.
fn spec_of<P: Display>(extensions: impl IntoIterator<Item = (String, P)>) -> String {
    let uses = extensions.into_iter().map(|(name, packages)| {
        format!("- {{ name: {name}, install: {{ packages: [{packages}] }} }}\n")
    });
    let uses: String = uses.collect();
    format!("# syntax=ghcr.io/inlay/inlay:1\nbase: debian:bookworm\nextensions:\n{uses}")
}

fn build<'a>(ground: &'a Ground, base: &str, packages: &[&str]) -> Build<'a> {
    build_spec(ground, base, &spec(packages))
}

/// The build of an image on this base, with the network that the repository is in.
fn build_spec<'a>(ground: &'a Ground, base: &str, spec: &str) -> Build<'a> {
    let build = ground.build().spec(spec).image();
    build
        .image_in_place_of("debian:bookworm", base)
        .arguments(["--network", "host"])
}

const TEN: [&str; 10] = ["p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9"];

/// The versions of our packages in an image, which must be sound.
fn versions(outcome: &Outcome<'_>) -> String {
    let list = "dpkg --audit; dpkg --verify; apt-get check > /dev/null; \
                dpkg-query -W -f '${Package}=${Version} ' 'p?' libshared extra 2> /dev/null || true";
    outcome.run(["sh", "-c", list]).trim_end().to_owned()
}

/// The extensions whose packages were installed.
fn installed(outcome: &Outcome<'_>) -> Vec<String> {
    let ran = outcome.ran().into_iter();
    let mut names: Vec<String> = ran
        .filter(|name| name.contains("] packages: ") && !name.ends_with(')'))
        .map(|name| name[1..].split(']').next().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

const FIRST: &str = "libshared=1 p0=1 p1=1 p2=1 p3=1 p4=1 p5=1 p6=1 p7=1 p8=1 p9=1";

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_state_stays_until_somebody_asks_for_the_next() {
    let ground = Ground::get();
    let repository = Repository::new(ground);
    let base = repository.base(ground);
    let first = build(ground, &base, &TEN).succeed();
    assert_eq!(versions(&first), FIRST);
    repository.go_on();

    // Nothing changed in the spec, so nothing runs.
    let again = build(ground, &base, &TEN).succeed();
    assert_eq!(again.ran(), [""; 0]);
    assert_eq!(again.digest(), first.digest());

    // An extension that is added shares a dependency which has a newer version by now.
    let mut eleven = TEN.to_vec();
    eleven.push("extra");
    let added = build(ground, &base, &eleven).succeed();
    assert_eq!(installed(&added), ["e-extra"]);
    assert_eq!(versions(&added), format!("extra=1 {FIRST}"));

    // Asked for newer lists: exactly those run whose packages changed, and the image is what an installation
    // today gives.
    let renewed = build(ground, &base, &eleven)
        .arguments(["--pull"])
        .succeed();
    let changed = ["e-extra", "e-p0", "e-p1", "e-p2", "e-p3", "e-p4", "e-p7"];
    assert_eq!(installed(&renewed), changed);
    for told in ["e-extra", "e-p0", "e-p4"] {
        let told = format!("[packages] extension {told}: libshared 1 → 2");
        assert!(
            renewed.ran().contains(&told),
            "{told} is not in {:?}",
            renewed.ran()
        );
    }
    let second = "extra=1 libshared=2 p0=1 p1=1 p2=1 p3=1 p4=1 p5=1 p6=1 p7=2 p8=1 p9=1";
    assert_eq!(versions(&renewed), second);

    // Another image that shares extensions with it has the same state.
    let other = build(ground, &base, &["p0", "p8", "extra"]).succeed();
    assert_eq!(installed(&other), [""; 0]);
    assert_eq!(versions(&other), "extra=1 libshared=2 p0=1 p8=1");
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_state_is_renewed_if_the_archive_has_forgotten_it() {
    let ground = Ground::get();
    let repository = Repository::new(ground);
    let base = repository.base(ground);
    let first = build(ground, &base, &["p0", "p5"]).succeed();
    assert_eq!(versions(&first), "libshared=1 p0=1 p5=1");
    repository.go_on();
    // The lists that are kept name a version of `p7` that is not there any more.
    let outcome = build(ground, &base, &["p0", "p5", "p7"]).succeed();
    assert_eq!(versions(&outcome), "libshared=2 p0=1 p5=1 p7=2");
    assert_eq!(installed(&outcome), ["e-p0", "e-p7"]);
}

/// A lock keeps what its names stood for, also on an engine that has never built the image.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_lock_keeps_what_was_found_first() {
    let ground = Ground::get();
    let repository = Repository::new(ground);
    let base = repository.base(ground);
    let spec = build(ground, &base, &["p0", "p5"]);
    let lock = spec.call("lock").output;
    assert_eq!(spec.call("lock").output, lock);
    assert_has(
        &lock,
        &["install libshared all 1 ", "install p0 all 1 ", " manual "],
    );
    let first = spec.succeed();
    repository.go_on();

    // Newer lists are asked for, and the lock holds.
    let locked = build(ground, &base, &["p0", "p5"]).file("inlay.lock", &lock);
    let locked = locked.arguments(["--pull"]);
    let same = locked.succeed();
    // It is another merge of the same layers: package lists are not among its inputs.
    assert_eq!(same.ran(), ["[image] merge 3 layers"]);
    assert_eq!(same.digest(), first.digest());
    // What the lock does not have is resolved, and goes with the rest or is refused.
    let more = build(ground, &base, &["p0", "p5", "p8"]).file("inlay.lock", &lock);
    let outcome = more.succeed();
    assert_eq!(versions(&outcome), "libshared=1 p0=1 p5=1 p8=1");
    assert_has(&outcome.progress.warnings(), &["W0012", "extension e-p8"]);
    let insists = more.arguments(["--build-arg", "INLAY_LOCK=locked"]);
    assert_has(insists.fail().text(), &["[E0261]", "extension e-p8"]);

    // An upgrade of one leaves the others, and one of all takes what the archive has today.
    let upgrade = |value: &str| {
        let spec = build(ground, &base, &["p0", "p5"]).file("inlay.lock", &lock);
        let value = format!("INLAY_LOCK={value}");
        spec.arguments(["--build-arg", &value]).call("lock").output
    };
    assert_has(&upgrade("upgrade=e-p5"), &["install libshared all 1 "]);
    let upgraded = upgrade("upgrade");
    assert_has(
        &upgraded,
        &["install libshared all 2 ", "install p0 all 1 "],
    );
    let outcome = build(ground, &base, &["p0", "p5"])
        .file("inlay.lock", &upgraded)
        .succeed();
    assert_eq!(installed(&outcome), ["e-p0"]);
    assert_eq!(versions(&outcome), "libshared=2 p0=1 p5=1");
}

/// A lock names what the archive no longer has, and no engine has it.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn what_a_lock_names_and_nobody_has_is_told() {
    let ground = Ground::get();
    let repository = Repository::new(ground);
    let base = repository.base(ground);
    let lock = build(ground, &base, &["p7"]).call("lock").output;
    repository.go_on();
    let locked = build(ground, &base, &["p7"]).file("inlay.lock", &lock);
    let frozen = locked
        .arguments(["--build-arg", "INLAY_LOCK=frozen"])
        .fail();
    assert_has(
        &frozen.progress.logs(),
        &["the archive no longer has p7_1_all"],
    );
    assert_has(frozen.text(), &["INLAY_LOCK=upgrade"]);
    // If nobody insists on the lock, the build goes on without it.
    let locked = build(ground, &base, &["p7"]).file("inlay.lock", &lock);
    assert_eq!(versions(&locked.succeed()), "p7=2");
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn what_excludes_another_is_refused_before_anything_is_installed() {
    let ground = Ground::get();
    let repository = Repository::new(ground);
    let base = repository.base(ground);
    let outcome = build(ground, &base, &["against", "p0", "p5"]).fail();
    assert_has(
        outcome.text(),
        &["Conflicts: p5", "[E0253]", "inlay.yaml:6"],
    );
    assert_eq!(installed(&outcome), [""; 0]);
}

/// The archive gives no lists before a builder has run. It runs once, also if nothing may come from the cache.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn builders_run_while_packages_are_looked_up() {
    let ground = Ground::get();
    let repository = Repository::new(ground);
    let base = repository.base(ground);
    repository.waits.store(true, Ordering::SeqCst);
    let waits = repository.waits.clone();
    let called = Server::start(move |mut stream, count| {
        waits.store(false, Ordering::SeqCst);
        count.fetch_add(1, Ordering::SeqCst);
        stream.write_all(b"now\n")
    });
    let call = format!(
        "read -r said < /dev/tcp/127.0.0.1/{}; mkdir -p $OUT/opt; echo $said > $OUT/opt/said",
        called.port
    );
    let spec = spec(&["p0"])
        + &format!(
            "- name: made\n  build: {{ on: base, steps: [\"bash -c '{call}' # TOKEN\"] }}\n"
        );
    let build = build_spec(ground, &base, &spec);
    let outcome = build.arguments(["--no-cache"]).succeed();
    assert_eq!(outcome.run(["cat", "/opt/said"]), "now");
    assert!(!repository.waits.load(Ordering::SeqCst));
    assert_eq!(called.count(), 1);
}
