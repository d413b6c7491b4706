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
    lists ubuntu:24.04 DIGEST
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
    inlay.lock 9-9: packages aed5a0aef1e5d54dfe69b3a2eec7e00c589d67169a55acf1342e24196e47c4e5 extension b
    ");
    let fewer = SPEC.lines().take(3).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(failure(&fewer, &lock, &[LOCK]).await.replace(&DIGEST[7..], "DIGEST"), @"
    inlay.lock:9:10: the spec installs no packages of `extension b` [E0261]; help: write the lock again with `--call=lock`
    inlay.lock 9-9: packages aed5a0aef1e5d54dfe69b3a2eec7e00c589d67169a55acf1342e24196e47c4e5 extension b
    ");
    let other = SPEC.replace("ubuntu:24.04", "debian:bookworm");
    insta::assert_snapshot!(failure(&other, &lock, &[LOCK]).await, @"
    2 problems:
      inlay.lock:3:7: the spec uses no image `ubuntu:24.04` [E0261]; help: write the lock again with `--call=lock`
      inlay.yaml:1:7: `inlay.lock` does not have the image `debian:bookworm` [E0261]; help: write the lock again with `--call=lock`
    inlay.lock 3-3: image ubuntu:24.04 sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
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
    inlay.lock:8:3: a line of a lock begins with `image`, `extension`, `platform`, `lists`, `source`, `packages`, `install`, `manual` or `remove` [E0260]; help: write the lock again with `--call=lock`, or take it from the history of your project
    inlay.lock 8-8:   instal jq amd64 1.0 DIGEST 10 manual http://archive.test/jq.deb
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

/// An extension of the catalogue, in a version for which it has no checksum.
const OTHER_VERSION: &str = "base: ubuntu:24.04\nextensions:\n- tool: { version: '2.0' }\n";
const TOOL: &str = "name: tool
parameters: { version: '1.0' }
build:
  sources: [{ url: 'http://files.test/tool-${version}', to: tool, sha256: SHA }]
  steps: [make]
";

async fn build_tool(script: Script, values: &[(&str, &str)], definition: &str) -> Built {
    let definition = definition.replace("SHA", &DIGEST["sha256:".len()..]);
    let files = [("tool/extension.yaml", definition.as_str())];
    crate::tests::build_with(script, values, &files).await
}

const FOUND: &str = "2222222222222222222222222222222222222222222222222222222222222222";

/// The lock of the spec with the other version.
async fn lock_of_tool() -> String {
    let command = "/bin/sh -e /run/inlay/checksum /run/inlay/fetched";
    let script = script(OTHER_VERSION).with_file(command, "sha256", FOUND);
    let built = build_tool(script, &[("requestid", "frontend.lock")], TOOL).await;
    String::from_utf8(built.reply().metadata["result.txt"].clone()).unwrap()
}

#[tokio::test]
async fn a_lock_has_the_checksums_of_other_versions() {
    let lock = lock_of_tool().await;
    insta::assert_snapshot!(lock.replace(&DIGEST[7..], "DIGEST"), @"
    # What the names in the spec stood for. `--call=lock` writes it.
    lock 1
    image debian:bookworm sha256:DIGEST
    image ubuntu:24.04 sha256:DIGEST
    extension tool ece36cb7d5cc82e80d7b9c43d7d025f13c75074b4e7ee07fc5d5f2cafcc4e45d

    platform linux/amd64
    source url http://files.test/tool-2.0 2222222222222222222222222222222222222222222222222222222222222222
    ");
    // Without it, there is no checksum; with it, the download is checked, and the lock stays what it is.
    let built = build_tool(script(OTHER_VERSION), &[], TOOL).await;
    insta::assert_snapshot!(shown(built.failure()), @r#"
    inlay.yaml:3:20: extension `tool` lists no checksum for `http://files.test/tool-2.0` [E0208]; help: write a lock, which looks it up (`--call=lock`), or add it: `- tool: { version: "2.0", sha256: … }`
    inlay.yaml 3-3: - tool: { version: '2.0' }
    extensions/tool/extension.yaml 4-4:   sources: [{ url: 'http://files.test/tool-${version}', to: tool, sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03 }]
    "#);
    let built = build_tool(with_lock(OTHER_VERSION, &lock), &[LOCK], TOOL).await;
    let checked = format!("sha256:{FOUND}");
    let definition = built.definition();
    let attributes = crate::tests::operations(&definition).into_iter();
    let is_checked = attributes.filter_map(|operation| match operation {
        gateway::pb::op::Op::Source(source) => source.attrs.get("http.checksum").cloned(),
        _ => None,
    });
    assert_eq!(is_checked.collect::<Vec<_>>(), [checked]);
    let again = [("requestid", "frontend.lock")];
    let built = build_tool(with_lock(OTHER_VERSION, &lock), &again, TOOL).await;
    assert_eq!(built.reply().metadata["result.txt"], lock.as_bytes());
}

#[tokio::test]
async fn a_lock_holds_the_content_of_extensions() {
    let lock = lock_of_tool().await;
    let other = TOOL.replace("make", "make all");
    let built = build_tool(with_lock(OTHER_VERSION, &lock), &[], &other).await;
    built.reply();
    insta::assert_snapshot!(warnings(&built).join("\n"), @"W0012: `inlay.lock` was written for another content of the extension `tool` (line 3)");
    for mode in ["locked", "frozen"] {
        let mode = [("build-arg:INLAY_LOCK", mode)];
        let built = build_tool(with_lock(OTHER_VERSION, &lock), &mode, &other).await;
        insta::allow_duplicates! { insta::assert_snapshot!(shown(built.failure()), @"
        inlay.yaml:3:3: `inlay.lock` was written for another content of the extension `tool` [E0261]; help: use the version of inlay that the lock was written with, or write the lock again with `--call=lock`
        inlay.yaml 3-3: - tool: { version: '2.0' }
        inlay.lock 5-5: extension tool ece36cb7d5cc82e80d7b9c43d7d025f13c75074b4e7ee07fc5d5f2cafcc4e45d
        ") };
    }
    // What it has beside what the spec uses does not match either.
    let fewer = "base: ubuntu:24.04\n";
    let built = build_tool(with_lock(fewer, &lock), &[LOCK], TOOL).await;
    insta::assert_snapshot!(shown(built.failure()), @"
    3 problems:
      inlay.lock:3:7: the spec uses no image `debian:bookworm` [E0261]; help: write the lock again with `--call=lock`
      inlay.lock:5:11: the spec does not look up an extension `tool` [E0261]; help: write the lock again with `--call=lock`
      inlay.lock:8:8: the spec needs no checksum of `http://files.test/tool-2.0` [E0261]; help: write the lock again with `--call=lock`
    inlay.lock 3-3: image debian:bookworm sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
    inlay.lock 5-5: extension tool ece36cb7d5cc82e80d7b9c43d7d025f13c75074b4e7ee07fc5d5f2cafcc4e45d
    inlay.lock 8-8: source url http://files.test/tool-2.0 2222222222222222222222222222222222222222222222222222222222222222
    ");
    // An upgrade of the extension takes what it has today.
    let upgrade = [
        ("build-arg:INLAY_LOCK", "upgrade=tool"),
        ("requestid", "frontend.lock"),
    ];
    let command = "/bin/sh -e /run/inlay/checksum /run/inlay/fetched";
    let renewed = FOUND.replace('2', "3");
    let script = with_lock(OTHER_VERSION, &lock).with_file(command, "sha256", renewed.as_str());
    let built = build_tool(script, &upgrade, &other).await;
    let upgraded = String::from_utf8_lossy(&built.reply().metadata["result.txt"]).into_owned();
    assert!(upgraded.contains(&format!(
        "source url http://files.test/tool-2.0 {renewed}\n"
    )));
    assert_eq!(warnings(&built), [""; 0]);
}

#[tokio::test]
async fn an_image_has_its_lock_as_a_label() {
    let lock = lock_of(asked(), &[]).await;
    let label = |built: &Built| built.config()["config"]["Labels"]["inlay.lock"].clone();
    let labelled = label(&build(asked(), &[]).await);
    let lines = lock.split_inclusive('\n');
    let without_lists: String = lines.filter(|line| !line.starts_with("lists ")).collect();
    assert_eq!(labelled, without_lists);
    // It can be used as a lock itself.
    let built = build(with_lock(SPEC, &without_lists), &[LOCK]).await;
    assert_eq!(label(&built), labelled);
    // The user's own label wins.
    let own = format!("{SPEC}labels: {{ inlay.lock: '' }}\n");
    let (jq, pv) = (answer_of("jq", ""), answer_of("pv", ""));
    let own = with_packages(script(&own), &[("jq", &jq), ("pv", &pv)]);
    assert_eq!(label(&build(own, &[]).await), "");
}

#[tokio::test]
async fn other_package_lists_than_those_of_the_lock_are_told() {
    let lock = lock_of(asked(), &[]).await;
    let old = lock.replace(
        &format!("lists ubuntu:24.04 {}", &DIGEST[7..]),
        &format!("lists ubuntu:24.04 {FOUND}"),
    );
    let more = SPEC.replace("[pv]", "[pv, less]");
    let answer = answer_of("pv", "");
    let told = async |lock: &str| {
        let script = with_packages(with_lock(&more, lock), &[("less pv", &answer)]);
        warnings(&build(script, &[]).await)
    };
    assert_eq!(told(&lock).await.len(), 1);
    insta::assert_snapshot!(told(&old).await.join("\n"), @"
    W0012: `inlay.lock` has the packages of `extension b` for something else than the spec asks for (line 4)
    W0012: what `inlay.lock` does not have is resolved from other package lists than it was written from (line 1)
    ");
}

/// A frozen lock that is out of date does not become one that matches.
#[tokio::test]
async fn a_frozen_lock_stays_what_it_is() {
    let lock = lock_of(asked(), &[]).await;
    let more = SPEC.replace("[pv]", "[pv, less]");
    let frozen = ("build-arg:INLAY_LOCK", "frozen");
    assert_eq!(lock_of(with_lock(&more, &lock), &[frozen]).await, lock);
    let built = build(with_lock(&more, &lock), &[frozen]).await;
    let label = built.config()["config"]["Labels"]["inlay.lock"].clone();
    let built = build(with_lock(&more, label.as_str().unwrap()), &[LOCK]).await;
    assert!(shown(built.failure()).contains("E0261"));
}
