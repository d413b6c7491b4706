//! What is asked about packages before a build, and what is wrong with the answers.

use gateway::fake::Script;

use crate::tests::{Built, LISTS, RESOLVE, answer_of, build, script, shown, with_packages};

/// A spec with two extensions that install these packages.
fn spec(first: &str, second: &str) -> String {
    format!(
        "base: ubuntu:24.04\nextensions:\n- {{ name: a, install: {{ packages: [{first}] }} }}\n\
         - {{ name: b, install: {{ packages: [{second}] }} }}\n"
    )
}

fn two(first: (&str, &str), second: (&str, &str)) -> Script {
    with_packages(script(&spec(first.0, second.0)), &[first, second])
}

async fn refused(first: (&str, &str), second: (&str, &str)) -> String {
    let built = build(two(first, second), &[]).await;
    shown(built.failure())
}

/// The arguments of the commands that were solved, each solve once.
fn asked(built: &Built) -> Vec<String> {
    let record = built.fake.record();
    let definitions = record
        .solves
        .iter()
        .filter_map(|solve| solve.definition.as_ref());
    let last = definitions.filter_map(|definition| {
        let operations = crate::tests::operations(definition);
        operations
            .into_iter()
            .rev()
            .find_map(|operation| match operation {
                gateway::pb::op::Op::Exec(exec) => Some(exec.meta?.args.join(" ")),
                _ => None,
            })
    });
    last.collect()
}

#[tokio::test]
async fn lists_come_first_then_what_apt_would_install_then_the_image() {
    let (jq, pv) = (answer_of("jq", ""), answer_of("pv", ""));
    let built = build(two(("jq", &jq), ("pv", &pv)), &[]).await;
    built.reply();
    let mut asked = asked(&built);
    assert_eq!(asked[0], LISTS);
    asked[1..3].sort();
    assert_eq!(
        asked[1..3],
        [format!("{RESOLVE} jq"), format!("{RESOLVE} pv")]
    );
    assert_eq!(asked.len(), 4);
}

/// E0250: the archive has no package of this name.
#[tokio::test]
async fn a_package_that_does_not_exist_is_an_error_at_its_name() {
    let jq = answer_of("jq", "");
    let unknown = "== unknown\njqq=1.0\tjq jql\n";
    insta::assert_snapshot!(refused(("jq", &jq), ("jqq=1.0", unknown)).await, @"
    inlay.yaml:4:36: there is no package `jqq` in the archive of the image [E0250]; help: packages with similar names: `jq`, `jql`
    inlay.yaml 4-4: - { name: b, install: { packages: [jqq=1.0] } }
    ");
}

/// E0251: apt's own reason.
#[tokio::test]
async fn what_apt_cannot_install_is_an_error_with_its_reason() {
    let jq = answer_of("jq", "");
    let failure = "== failure\nReading package lists...\nE: Version '9' for 'pv' was not found\n";
    insta::assert_snapshot!(refused(("jq", &jq), ("pv=9", failure)).await, @"
    inlay.yaml:4:36: apt cannot install these packages, `pv=9`: Version '9' for 'pv' was not found [E0251]; help: ask for another version or release, or take out what cannot be had
    inlay.yaml 4-4: - { name: b, install: { packages: [pv=9] } }
    ");
    let foreign = "== failure\nE: Unable to locate package pv:arm64\n";
    insta::assert_snapshot!(refused(("jq", &jq), ("pv:arm64", foreign)).await, @"
    inlay.yaml:4:36: apt cannot install these packages, `pv:arm64`: Unable to locate package pv:arm64 [E0251]; help: write `pv`, or use a base to which `dpkg --add-architecture arm64` has added the architecture
    inlay.yaml 4-4: - { name: b, install: { packages: [pv:arm64] } }
    ");
    let provided = "== failure\nPackage editor is a virtual package provided by:\n  nano 7.2\n  vim 9\n\nE: Package 'editor' has no installation candidate\n";
    insta::assert_snapshot!(refused(("jq", &jq), ("editor", provided)).await, @"
    inlay.yaml:4:36: apt cannot install these packages, `editor`: Package 'editor' has no installation candidate [E0251]; help: ask for one of the packages that provide it, such as `nano`, `vim`
    inlay.yaml 4-4: - { name: b, install: { packages: [editor] } }
    ");
    // The package that apt names is shown.
    let script = with_packages(
        script(&spec("jq", "bc, pv=9")),
        &[("jq", &jq), ("bc pv=9", failure)],
    );
    let built = build(script, &[]).await;
    insta::assert_snapshot!(shown(built.failure()), @"
    inlay.yaml:4:40: apt cannot install these packages, `bc pv=9`: Version '9' for 'pv' was not found [E0251]; help: ask for another version or release, or take out what cannot be had
    inlay.yaml 4-4: - { name: b, install: { packages: [bc, pv=9] } }
    ");
    let failure = "== failure\nSome packages could not be installed.\nThe following packages have unmet dependencies:\n pv : Depends: libx (>= 2) but 1 is to be installed\nE: Unable to correct problems, you have held broken packages.\n";
    insta::assert_snapshot!(refused(("jq", &jq), ("pv", failure)).await, @"
    inlay.yaml:4:36: apt cannot install these packages, `pv`: pv : Depends: libx (>= 2) but 1 is to be installed [E0251]; help: ask for another version or release, or take out what cannot be had
    inlay.yaml 4-4: - { name: b, install: { packages: [pv] } }
    ");
}

/// E0252: an extension only adds.
#[tokio::test]
async fn packages_that_would_remove_others_are_an_error() {
    let jq = answer_of("jq", "");
    let removing = answer_of("pv", "").replace(
        "0 upgraded",
        "The following packages will be REMOVED:\n  tar\n0 upgraded",
    );
    insta::assert_snapshot!(refused(("jq", &jq), ("pv", &removing)).await, @"
    inlay.yaml:4:36: cannot install `pv` on its own: apt would remove `tar`, which the base or a required extension has [E0252]; help: an extension can only add: take one of the packages out, or, if the base has it, write `packages: union` in the spec so that apt can replace it
    inlay.yaml 4-4: - { name: b, install: { packages: [pv] } }
    ");
    // As one set with all others, they may.
    let union = spec("jq", "pv").replace("extensions:", "packages: union\nextensions:");
    let built = build(with_packages(script(&union), &[("jq pv", &removing)]), &[]).await;
    built.reply();
}

/// E0253: found before anything is installed.
#[tokio::test]
async fn packages_of_two_extensions_that_exclude_each_other_are_an_error() {
    let jq = answer_of("jq", "Conflicts: viewer\n");
    let pv = answer_of("pv", "Provides: viewer\n");
    insta::assert_snapshot!(refused(("jq", &jq), ("pv", &pv)).await, @"
    inlay.yaml:4:3: extensions `a` and `b` cannot be combined: `a` installs `jq` 1.0, which declares `Conflicts: viewer`, and `b` installs `pv` 1.0, which provides it [E0253]; help: no system can have both packages: remove one of the two extensions
    inlay.yaml 4-4: - { name: b, install: { packages: [pv] } }
    inlay.yaml 3-3: - { name: a, install: { packages: [jq] } }
    ");
    // Steps may change what packages bring, so the joint decides.
    let spec = spec("jq", "pv").replace("[pv] }", "[pv], steps: [\"dpkg --purge pv\"] }");
    let built = build(
        with_packages(script(&spec), &[("jq", &jq), ("pv", &pv)]),
        &[],
    )
    .await;
    built.reply();
}

#[tokio::test]
async fn an_answer_in_another_form_names_the_place_that_asks() {
    let jq = answer_of("jq", "");
    insta::assert_snapshot!(refused(("jq", &jq), ("pv", "== said\n'http\n")).await, @"
    apt prints the address `'http`
    inlay.yaml 4-4: - { name: b, install: { packages: [pv] } }
    ");
}
