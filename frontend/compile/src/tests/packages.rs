//! Exact packages: what is asked about them, in which order, and what the graph then has.

use std::collections::BTreeMap;

use apt::{Line, PackageList};
use buildkit_llb::{Digest, Output};
use fixtures::resolve_sound;
use plan::Plan;
use source::Sources;

use crate::tests::request;
use crate::{
    InstallationId, Known, QuestionId, Request, Target, compile, questions, wanted_packages,
};

/// A list with one package that is named after the installation.
fn list(id: &InstallationId) -> PackageList {
    let name: String = format!("{id:?}")
        .to_lowercase()
        .chars()
        .filter(char::is_ascii_lowercase)
        .collect();
    let line = format!(
        "install {name} amd64 1.0 {:0<64} 10 manual http://archive.test/a.deb",
        "a"
    );
    let mut list = PackageList::default();
    list.add(Line::parse(&line).unwrap());
    list
}

/// Every round of questions: their names, and the names of the vertices that answer them.
fn rounds(
    plan: &Plan,
    sources: &Sources,
    request: &mut Request,
) -> Vec<BTreeMap<QuestionId, String>> {
    let mut rounds = Vec::new();
    loop {
        let asked = questions(plan, sources, request);
        if asked.asked.is_empty() {
            return rounds;
        }
        let named = asked.asked.iter().map(|(id, question)| {
            let vertex = question.output.vertex().unwrap();
            (id.clone(), asked.graph.about(vertex).unwrap().name.clone())
        });
        rounds.push(named.collect());
        for id in asked.asked.keys() {
            match id {
                QuestionId::State(id) => {
                    request.known.states.insert(id.clone(), "state".to_owned());
                }
                QuestionId::Resolution(id) => {
                    request.known.lists.insert(id.clone(), list(id));
                }
                QuestionId::Checksum(..) => panic!("checksums are asked on their own"),
            }
        }
    }
}

/// The names of the vertices that answer questions, round by round.
fn names(text: &str) -> String {
    let (plan, sources) = resolve_sound(text);
    let rounds = rounds(&plan, &sources, &mut request(&plan));
    let rounds = rounds.iter().map(|round| {
        let mut names: Vec<&str> = round.values().map(String::as_str).collect();
        names.sort_unstable();
        names.join(", ")
    });
    rounds.collect::<Vec<_>>().join("\n")
}

/// The compiled graph and what was asked for it, with everything known.
fn known(text: &str) -> (Plan, Sources, Request) {
    let (plan, sources) = resolve_sound(text);
    let mut request = request(&plan);
    rounds(&plan, &sources, &mut request);
    (plan, sources, request)
}

fn vertices(plan: &Plan, sources: &Sources, request: &Request) -> BTreeMap<String, Digest> {
    let compiled = compile(plan, sources, request);
    let graph = &compiled.graph;
    let needed = graph.ancestors(compiled.root);
    needed
        .into_iter()
        .map(|vertex| (graph.about(vertex).unwrap().name.clone(), vertex))
        .collect()
}

const TWO: &str = "//- image.yaml
base: ubuntu:24.04
extensions:
  - { name: a, install: { packages: [jq] } }
  - { name: b, install: { packages: [git] }, build: { packages: [make], steps: [make] } }
";

#[test]
fn lists_of_each_image_are_asked_for_first_then_all_installations() {
    insta::assert_snapshot!(names(TWO), @"
    [packages] lists of debian:bookworm, [packages] lists of ubuntu:24.04
    [a] packages: jq (resolve), [b] packages: git (resolve), [packages] debian:bookworm: make (resolve)
    ");
}

#[test]
fn an_extension_on_packages_alone_is_resolved_before_they_are_installed() {
    let text = TWO.replace("name: b,", "name: b, requires: [a],");
    insta::assert_snapshot!(names(&text), @"
    [packages] lists of debian:bookworm, [packages] lists of ubuntu:24.04
    [a] packages: jq (resolve), [b] packages: git (resolve), [packages] debian:bookworm: make (resolve)
    ");
}

#[test]
fn an_extension_on_steps_or_files_is_resolved_on_what_they_make() {
    let text = TWO
        .replace("name: b,", "name: b, requires: [a],")
        .replace("[jq] }", "[jq], steps: [dpkg --add-architecture i386] }");
    insta::assert_snapshot!(names(&text), @"
    [packages] lists of debian:bookworm, [packages] lists of ubuntu:24.04
    [a] packages: jq (resolve), [packages] debian:bookworm: make (resolve)
    [b] packages: git (lists)
    [b] packages: git (resolve)
    ");
    let text = TWO.replace("name: b,", "name: b, requires: [a],").replace(
        "[jq] }",
        "[jq], files: [{ to: /etc/apt/apt.conf, text: x }] }",
    );
    insta::assert_snapshot!(names(&text), @"
    [packages] lists of debian:bookworm, [packages] lists of ubuntu:24.04
    [a] packages: jq (resolve), [packages] debian:bookworm: make (resolve)
    [b] packages: git (lists)
    [b] packages: git (resolve)
    ");
}

#[test]
fn repositories_have_lists_of_their_own_which_who_requires_them_shares() {
    let text = "//- image.yaml
base: ubuntu:24.04
extensions: [a, { name: b, requires: [a], install: { packages: [git] } }]
//- extensions/a/extension.yaml
name: a
install:
  packages: [tool]
  repositories: [{ url: https://x.org/debian, suite: ./, key: a.asc }]
//- extensions/a/a.asc
key
";
    insta::assert_snapshot!(names(text), @"
    [packages] lists of ubuntu:24.04
    [a] packages: tool (lists)
    [a] packages: tool (resolve), [b] packages: git (resolve)
    ");
}

#[test]
fn what_is_not_built_is_not_asked_for() {
    let (plan, sources) = resolve_sound(TWO);
    let mut request = request(&plan);
    request.target = Target::Output(plan.extensions[1].name.clone());
    let rounds = rounds(&plan, &sources, &mut request);
    let asked: Vec<&String> = rounds.iter().flat_map(BTreeMap::values).collect();
    insta::assert_snapshot!(format!("{asked:?}"), @r#"["[packages] lists of debian:bookworm", "[packages] debian:bookworm: make (resolve)"]"#);
}

/// The digest of a state stands in what is asked about it, and not in what is installed.
#[test]
fn another_state_is_another_question_and_no_other_installation() {
    let (plan, sources, request) = known(TWO);
    let before = vertices(&plan, &sources, &request);
    let mut renewed = request.clone();
    for digest in renewed.known.states.values_mut() {
        "another".clone_into(digest);
    }
    let after = vertices(&plan, &sources, &renewed);
    let differ: Vec<&String> = before
        .iter()
        .filter(|(name, vertex)| after.get(*name) != Some(vertex))
        .map(|(name, _)| name)
        .collect();
    insta::assert_snapshot!(format!("{differ:#?}"), @r#"
    [
        "[a] packages: jq (resolve)",
        "[b] packages: git (resolve)",
        "[image] merge 5 layers",
        "[packages] debian:bookworm: make (resolve)",
    ]
    "#);
}

/// What an extension asks, and what it then installs, does not depend on the others (I1).
#[test]
fn neither_questions_nor_installations_know_of_other_extensions() {
    let (plan, sources, request) = known(TWO);
    let both = vertices(&plan, &sources, &request);
    let alone = "//- image.yaml\nbase: ubuntu:24.04\nextensions: [{ name: a, install: { packages: [jq] } }]\n";
    let (plan, sources, request) = known(alone);
    let alone = vertices(&plan, &sources, &request);
    for name in [
        "[packages] lists of ubuntu:24.04",
        "[a] packages: jq (resolve)",
        "[a] packages: jq (fetch)",
        "[a] packages: jq",
    ] {
        assert_eq!(alone[name], both[name], "{name}");
    }
}

/// A list that comes from elsewhere needs no lists of archives, and gives the same installation.
#[test]
fn a_list_from_elsewhere_gives_the_same_installation() {
    let (plan, sources, request) = known(TWO);
    let asked = vertices(&plan, &sources, &request);
    let mut given = request.clone();
    given.known = Known {
        states: BTreeMap::new(),
        lists: request.known.lists.clone(),
        changes: BTreeMap::new(),
    };
    assert!(questions(&plan, &sources, &given).asked.is_empty());
    let given = vertices(&plan, &sources, &given);
    assert_eq!(given["[a] packages: jq"], asked["[a] packages: jq"]);
    assert!(!given.contains_key("[packages] lists of ubuntu:24.04"));
}

/// What newer lists changed has a line of its own, and everything else is as before.
#[test]
fn what_newer_lists_change_is_told() {
    let (plan, sources, request) = known(TWO);
    let before = vertices(&plan, &sources, &request);
    let mut told = request.clone();
    let id = InstallationId::Extension(plan.extensions[0].name.clone());
    let changes = |count| {
        (1..=count)
            .map(|number| format!("lib{number} 1 → 2"))
            .collect()
    };
    told.known.changes.insert(id.clone(), changes(5));
    let five = "[packages] extension a: lib1 1 → 2, lib2 1 → 2, lib3 1 → 2, lib4 1 → 2, lib5 1 → 2";
    assert!(vertices(&plan, &sources, &told).contains_key(five));
    told.known.changes.insert(id, changes(7));
    let after = vertices(&plan, &sources, &told);
    let new: Vec<&String> = after
        .keys()
        .filter(|name| !before.contains_key(*name))
        .collect();
    insta::assert_snapshot!(format!("{new:?}"), @r#"["[packages] extension a: lib1 1 → 2, lib2 1 → 2, lib3 1 → 2, lib4 1 → 2, lib5 1 → 2 and 2 more"]"#);
}

#[test]
fn only_package_lists_are_fetched_again_if_newer_ones_are_asked_for() {
    let (plan, sources, mut request) = known(TWO);
    request.renews_packages = true;
    let compiled = compile(&plan, &sources, &request);
    let again = compiled.graph.vertices().filter_map(|vertex| {
        let about = compiled.graph.about(vertex)?;
        about.ignore_cache.then(|| about.name.clone())
    });
    let mut again: Vec<String> = again.collect();
    again.sort();
    assert_eq!(
        again,
        [
            "[packages] lists of debian:bookworm",
            "[packages] lists of ubuntu:24.04"
        ]
    );
    assert_ne!(compiled.root, Output::SCRATCH);
}

/// Another time of the archives makes other lists and resolutions, and an entry of a lock for something else.
#[test]
fn a_snapshot_is_part_of_what_is_asked() {
    let text = "//- image.yaml\nbase: debian:bookworm\nextensions:\n- { name: x, install: { packages: [jq] } }\n";
    let at = |time: &str| format!("{text}snapshot: {time}\n");
    let asked = |text: &str| {
        let (plan, _, request) = known(text);
        let wanted = wanted_packages(&plan, &request).into_values();
        wanted.map(|one| one.asked).collect::<Vec<_>>()
    };
    assert_ne!(asked(text), asked(&at("2026-11-01")));
    assert_ne!(asked(&at("2026-11-02")), asked(&at("2026-11-01")));
    assert_eq!(asked(&at("20261101T000000Z")), asked(&at("2026-11-01")));

    let questions = |text: &str| {
        let (plan, sources) = resolve_sound(text);
        let mut request = request(&plan);
        let mut asked = Vec::new();
        loop {
            let questions = questions(&plan, &sources, &request);
            let Some((id, question)) = questions.asked.into_iter().next() else {
                return asked;
            };
            let vertex = question.output.vertex().unwrap();
            let op = questions.graph.op(vertex).unwrap();
            let Some(buildkit_llb::pb::op::Op::Exec(exec)) = &op.op else {
                panic!("{op:?}");
            };
            let environment = &exec.meta.as_ref().unwrap().env;
            let time = environment
                .iter()
                .find(|one| one.starts_with("INLAY_SNAPSHOT="));
            asked.push(time.cloned());
            match id {
                QuestionId::State(id) => {
                    request.known.states.insert(id, "state".to_owned());
                }
                QuestionId::Resolution(id) => {
                    request.known.lists.insert(id.clone(), list(&id));
                }
                QuestionId::Checksum(..) => panic!("checksums are asked on their own"),
            }
        }
    };
    assert_eq!(questions(text), [None, None]);
    let time = Some("INLAY_SNAPSHOT=20261101T000000Z".to_owned());
    assert_eq!(questions(&at("2026-11-01")), [time.clone(), time]);
}
