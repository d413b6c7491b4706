//! Locks: what `--call=lock` writes, and what builds make of it.

use gateway::fake::Script;

use crate::tests::{Built, DIGEST, answer_of, build, script, shown, with_packages};

const SPEC: &str = "base: ubuntu:24.04
extensions:
- { name: a, install: { packages: [jq] } }
- { name: b, install: { packages: [pv] }, requires: [a] }
";

fn asked() -> Script {
    let (jq, pv) = (answer_of("jq", ""), answer_of("pv", ""));
    with_packages(script(SPEC), &[("jq", &jq), ("pv", &pv)])
}

async fn lock_of(script: Script, values: &[(&str, &str)]) -> String {
    let mut values = values.to_vec();
    values.push(("requestid", "frontend.lock"));
    let built = build(script, &values).await;
    String::from_utf8(built.reply().metadata["result.txt"].clone()).unwrap()
}

/// A spec with a lock beside it, and an engine that can answer nothing about packages.
fn with_lock(spec: &str, lock: &str) -> Script {
    script(spec).with_file("local://dockerfile", "inlay.lock", lock)
}

/// Whether something was asked about packages.
fn has_asked(built: &Built) -> bool {
    let record = built.fake.record();
    let definitions = record
        .solves
        .iter()
        .filter_map(|solve| solve.definition.as_ref());
    definitions
        .flat_map(crate::tests::operations)
        .any(|operation| match operation {
            gateway::pb::op::Op::Exec(exec) => exec
                .meta
                .is_some_and(|meta| meta.args.join(" ").contains("resolve-packages")),
            _ => false,
        })
}

fn warnings(built: &Built) -> Vec<String> {
    let record = built.fake.record();
    let all = record.warnings.iter();
    all.map(|warning| String::from_utf8_lossy(&warning.short).into_owned())
        .collect()
}

const LOCK: (&str, &str) = ("build-arg:INLAY_LOCK", "locked");

#[tokio::test]
async fn a_lock_has_images_and_exact_packages() {
    let lock = lock_of(asked(), &[]).await;
    assert_eq!(lock, lock_of(asked(), &[]).await);
    let lock = lock.replace(&DIGEST["sha256:".len()..], "DIGEST");
    insta::assert_snapshot!(lock, @"
    # What the names in the spec stood for. `--call=lock` writes it.
    lock 1
    image ubuntu:24.04 sha256:DIGEST

    platform linux/amd64
    packages dc419432640178c27572fc100b6130582792ac59adaf74e5d858fc3d49e2c7e9 extension a
      install jq amd64 1.0 DIGEST 10 manual http://archive.test/jq.deb
    packages aed5a0aef1e5d54dfe69b3a2eec7e00c589d67169a55acf1342e24196e47c4e5 extension b
      install pv amd64 1.0 DIGEST 10 manual http://archive.test/pv.deb
    ");
}

#[tokio::test]
async fn with_a_lock_nothing_is_asked() {
    let lock = lock_of(asked(), &[]).await;
    for values in [&[][..], &[LOCK], &[("build-arg:INLAY_LOCK", "frozen")]] {
        let built = build(with_lock(SPEC, &lock), values).await;
        built.reply();
        assert!(!has_asked(&built));
        assert_eq!(warnings(&built), [""; 0]);
    }
    // The image is what it is without the lock, and so is the lock that is written again.
    let free = build(asked(), &[]).await;
    let locked = build(with_lock(SPEC, &lock), &[]).await;
    assert_eq!(free.config(), locked.config());
    assert_eq!(lock_of(with_lock(SPEC, &lock), &[]).await, lock);
}

#[tokio::test]
async fn what_a_lock_does_not_have_is_resolved_with_a_warning() {
    let lock = lock_of(asked(), &[]).await;
    let more = SPEC.replace("[pv]", "[pv, less]");
    let answer = answer_of("pv", "");
    let script = with_packages(with_lock(&more, &lock), &[("less pv", &answer)]);
    let built = build(script, &[]).await;
    built.reply();
    assert!(has_asked(&built));
    insta::assert_snapshot!(warnings(&built).join("\n"), @"W0012: `inlay.lock` has the packages of `extension b` for something else than the spec asks for (line 4)");
}

/// E0261: the build insists on a lock that matches.
#[tokio::test]
async fn a_build_that_insists_on_a_lock_fails_without_a_matching_one() {
    let lock = lock_of(asked(), &[]).await;
    let failure = async |spec: &str, lock: &str, values: &[(&str, &str)]| {
        let built = build(with_lock(spec, lock), values).await;
        shown(built.failure())
    };
    let more = SPEC.replace("[pv]", "[pv, less]");
    insta::assert_snapshot!(failure(&more, &lock, &[LOCK]).await, @"
    inlay.yaml:4:40: `inlay.lock` has the packages of `extension b` for something else than the spec asks for [E0261]; help: write the lock again with `--call=lock`
    inlay.yaml 4-4: - { name: b, install: { packages: [pv, less] }, requires: [a] }
    inlay.lock 8-8: packages aed5a0aef1e5d54dfe69b3a2eec7e00c589d67169a55acf1342e24196e47c4e5 extension b
    ");
    let fewer = SPEC.lines().take(3).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(failure(&fewer, &lock, &[LOCK]).await.replace(&DIGEST[7..], "DIGEST"), @"
    inlay.lock:8:10: the spec installs no packages of `extension b` [E0261]; help: write the lock again with `--call=lock`
    inlay.lock 8-8: packages aed5a0aef1e5d54dfe69b3a2eec7e00c589d67169a55acf1342e24196e47c4e5 extension b
    ");
    let other = SPEC.replace("ubuntu:24.04", "debian:bookworm");
    insta::assert_snapshot!(failure(&other, &lock, &[LOCK]).await, @"
    inlay.yaml:1:7: `inlay.lock` does not have the image `debian:bookworm` [E0261]; help: write the lock again with `--call=lock`
    inlay.yaml 1-1: base: debian:bookworm
    ");
    // Frozen, it is used as it is.
    let built = build(
        with_lock(&more, &lock),
        &[("build-arg:INLAY_LOCK", "frozen")],
    )
    .await;
    built.reply();
    assert!(!has_asked(&built));
    let none = build(script(SPEC), &[LOCK]).await;
    insta::assert_snapshot!(shown(none.failure()), @"
    inlay.yaml:1:7: there is no lock beside the spec [E0261]; help: write one with `--call=lock`
    inlay.yaml 1-1: base: ubuntu:24.04
    ");
}

#[tokio::test]
async fn an_upgrade_asks_again_for_all_or_for_some() {
    let lock = lock_of(asked(), &[]).await;
    let newer = answer_of("jq", "").replace("1.0", "1.1");
    let pv = answer_of("pv", "");
    let engine = with_packages(with_lock(SPEC, &lock), &[("jq", &newer), ("pv", &pv)]);
    let upgraded = async |value: &str| {
        let lock = lock_of(engine.clone(), &[("build-arg:INLAY_LOCK", value)]).await;
        lock.matches("1.1").count()
    };
    assert_eq!(upgraded("").await, 0);
    assert_eq!(upgraded("upgrade=b").await, 0);
    assert_eq!(upgraded("upgrade=a").await, 1);
    assert_eq!(upgraded("upgrade").await, 1);
    for (value, expected) in [
        ("upgraed", "did you mean `upgrade`?"),
        ("x", "it is `locked`, `frozen`, `upgrade` or `upgrade=NAME`"),
        ("upgrade=A b", "`A b` is not a valid extension name"),
    ] {
        let built = build(script(SPEC), &[("build-arg:INLAY_LOCK", value)]).await;
        let message = &built.failure().message;
        assert!(message.contains(expected), "{message}");
    }
}

/// E0260: every line of a lock is checked.
#[tokio::test]
async fn a_lock_that_was_edited_is_an_error_at_its_line() {
    let lock = lock_of(asked(), &[])
        .await
        .replace("  install jq", "  instal jq");
    let built = build(with_lock(SPEC, &lock), &[]).await;
    let said = shown(built.failure()).replace(&DIGEST[7..], "DIGEST");
    insta::assert_snapshot!(said, @"
    inlay.lock:7:3: a line of a lock begins with `image`, `platform`, `packages`, `install`, `manual` or `remove` [E0260]; help: write the lock again with `--call=lock`, or take it from the history of your project
    inlay.lock 7-7:   instal jq amd64 1.0 DIGEST 10 manual http://archive.test/jq.deb
    ");
    // An upgrade does not read it.
    let broken = asked().with_file("local://dockerfile", "inlay.yaml.lock", lock.as_str());
    lock_of(broken, &[("build-arg:INLAY_LOCK", "upgrade")]).await;
}

/// The lock of one of several specs in a folder is named after its spec.
#[tokio::test]
async fn a_spec_s_own_lock_comes_first() {
    let lock = lock_of(asked(), &[]).await;
    let engine =
        with_lock(SPEC, "broken").with_file("local://dockerfile", "inlay.yaml.lock", lock.as_str());
    let built = build(engine, &[LOCK]).await;
    built.reply();
}
