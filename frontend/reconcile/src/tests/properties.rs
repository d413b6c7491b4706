//! Properties that hold for all inputs, each with a mutant that it catches.

use std::fmt::Write;

use proptest::prelude::*;

use crate::Plan;
use crate::formats::alternative::Alternative;
use crate::formats::table::Table;
use crate::formats::{diversion, lines, stanza as stanzas};
use crate::tests::*;

/// Bytes with many separators.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        Just(b'\n'),
        Just(b':'),
        Just(b' '),
        Just(b'/'),
        b'a'..=b'c',
        any::<u8>()
    ];
    prop::collection::vec(byte, 0..80)
}

/// For each layer, which of five services it installs.
fn subsets() -> impl Strategy<Value = Vec<Vec<bool>>> {
    prop::collection::vec(prop::collection::vec(any::<bool>(), 5), 1..4)
}

/// Installs services alone on the base. Like adduser, it gives each account the first free id.
fn install(index: usize, choice: &[bool]) -> crate::Layer {
    let names = ["_ssh", "messagebus", "redis", "docker", "mysql"];
    let mut new = layer(&format!("extension{index}"));
    let (mut users, mut groups, mut shells) = (String::new(), String::new(), String::new());
    let mut id = 100;
    for name in names
        .iter()
        .zip(choice)
        .filter(|(_, is_in)| **is_in)
        .map(|(name, _)| name)
    {
        id += 1;
        writeln!(users, "{name}:x:{id}:{id}::/nonexistent:/usr/sbin/nologin").unwrap();
        writeln!(groups, "{name}:x:{id}:").unwrap();
        writeln!(shells, "/usr/bin/{name}").unwrap();
        let path = format!("/var/lib/{name}");
        new = new
            .package(name, "1.0", &[&path])
            .entry(&path, directory(0o750, id, id));
    }
    if id > 100 {
        new = new
            .adds("/etc/passwd", &users)
            .adds("/etc/group", &groups)
            .adds("/etc/shells", &shells);
    }
    new
}

fn all(choices: &[Vec<bool>]) -> Vec<crate::Layer> {
    choices
        .iter()
        .enumerate()
        .map(|(index, choice)| install(index, choice))
        .collect()
}

/// The content of a file after the plan is applied.
fn outcome(plan: &Plan, layers: &[crate::Layer], path: &str) -> String {
    let written = read_written(plan, path);
    if !written.is_empty() {
        return written;
    }
    let held = layers
        .iter()
        .rev()
        .find_map(|layer| layer.state.files.get(path.as_bytes()));
    held.map_or_else(|| read_base(path), |bytes| crate::to_text(bytes))
}

fn sorted(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

proptest! {
    #[test]
    fn join_of_split_is_the_file(bytes in bytes()) {
        prop_assert_eq!(&stanzas::join(&stanzas::split(&bytes)), &bytes);
        prop_assert_eq!(&lines::join(&lines::split(&bytes)), &bytes);
        prop_assert_eq!(&Table::parse(&bytes).to_bytes(), &bytes);
        let (records, rest) = diversion::parse(&bytes);
        prop_assert_eq!(&diversion::format(&records, &rest), &bytes);
        if let Some(alternative) = Alternative::parse(&bytes) {
            prop_assert_eq!(&alternative.to_bytes(), &bytes);
        }
    }

    #[test]
    fn a_field_is_found_and_replaced(value in "[a-z ]{0,8}", other in "[a-z]{1,8}") {
        let text = format!("Package: x\nStatus: {value}\n more\nVersion: 1\n\n");
        let stanza = &stanzas::split(text.as_bytes())[0];
        let replaced = stanza.with_field("status", other.as_bytes());
        prop_assert_eq!(replaced.field("Status"), Some(other.as_bytes()));
        prop_assert_eq!(replaced.field("Version"), Some(b"1".as_slice()));
        prop_assert_eq!(stanza.with_field("Absent", b"x"), stanza.clone());
    }

    #[test]
    fn reconciled_lines_are_the_same_from_either_side(one in "[a-c\n]{0,12}", two in "[a-c\n]{0,12}") {
        let reconcile = |versions: [&str; 2]| {
            let versions = versions.map(str::as_bytes);
            crate::to_text(&lines::reconcile(b"a\n", &versions, &lines::key_by_line).unwrap())
        };
        prop_assert_eq!(sorted(&reconcile([&one, &two])), sorted(&reconcile([&two, &one])));
        // Reconciling the result again adds nothing.
        let once = reconcile([&one, &two]);
        prop_assert_eq!(reconcile([&once, &two]), once);
    }

    #[test]
    fn the_plan_for_one_layer_is_empty(choice in prop::collection::vec(any::<bool>(), 5)) {
        prop_assert!(make_plan(&[install(0, &choice)]).is_empty());
    }

    #[test]
    fn the_order_of_layers_decides_only_ids_and_order(choices in subsets()) {
        let forward = all(&choices);
        let backward: Vec<_> = forward.iter().rev().cloned().collect();
        let (one, two) = (make_plan(&forward), make_plan(&backward));
        for path in [STATUS, "/etc/shells"] {
            let texts = [outcome(&one, &forward, path), outcome(&two, &backward, path)];
            prop_assert_eq!(sorted(&texts[0]), sorted(&texts[1]));
        }
        let names = |plan: &Plan, layers: &[crate::Layer]| {
            let table = Table::parse(outcome(plan, layers, "/etc/passwd").as_bytes());
            let mut names: Vec<_> = table.0.iter().map(|row| row[0].clone()).collect();
            names.sort();
            names
        };
        prop_assert_eq!(names(&one, &forward), names(&two, &backward));
    }

    #[test]
    fn each_id_has_one_name_and_files_follow(choices in subsets()) {
        let layers = all(&choices);
        let plan = make_plan(&layers);
        let table = Table::parse(outcome(&plan, &layers, "/etc/passwd").as_bytes());
        prop_assert!(numbers_are_unique(&table));
        for row in table.0.iter().filter(|row| row.len() > 3) {
            let path = format!("/var/lib/{}", crate::to_text(&row[0]));
            let top = layers.iter().rev().find_map(|layer| layer.state.listing.get(path.as_bytes()));
            let Some(top) = top else { continue };
            let uid = plan.owners.get(path.as_bytes()).map_or(top.uid, |owner| owner.uid);
            prop_assert_eq!(uid.to_string(), crate::to_text(&row[2]));
        }
    }
}

fn numbers_are_unique(table: &Table) -> bool {
    let mut numbers: Vec<_> = table.0.iter().filter_map(|row| row.get(2)).collect();
    let count = numbers.len();
    numbers.sort();
    numbers.dedup();
    numbers.len() == count
}

#[test]
fn files_of_a_real_system_are_parsed_without_loss() {
    for alternative in [
        include_str!("../fixtures/which"),
        include_str!("../fixtures/editor"),
        include_str!("../fixtures/iptables"),
    ] {
        let parsed = Alternative::parse(alternative.as_bytes()).unwrap();
        assert!(!parsed.choices.is_empty());
    }
    assert_eq!(
        diversion::parse(read_base(DIVERSIONS).as_bytes()).0.len(),
        2
    );
    let status = read_base(STATUS);
    let parsed = stanzas::split(status.as_bytes());
    assert_eq!(parsed.len(), 4);
    assert!(
        parsed
            .iter()
            .all(|stanza| stanza.with_blank_line() == *stanza)
    );
    assert_eq!(parsed[0].field("Version"), Some(b"3.134".as_slice()));
}

// The mutants: the properties above must not hold for code that is wrong.

#[test]
fn mutant_that_drops_empty_lines_is_not_lossless() {
    let text = b"a: 1\n\n\nb: 2\n";
    let kept: Vec<_> = stanzas::split(text)
        .iter()
        .map(stanzas::Stanza::with_blank_line)
        .collect();
    assert_ne!(stanzas::join(&kept), text);
    let records: Vec<_> = lines::records(text).collect();
    assert_ne!(lines::join(&records), text);
}

#[test]
fn mutant_that_concatenates_tables_has_an_id_twice() {
    let layers = all(&[
        vec![true, false, false, false, false],
        vec![false, true, false, false, false],
    ]);
    let mut table = Table::default();
    for layer in &layers {
        table
            .0
            .extend(Table::parse(&layer.state.files[b"/etc/passwd".as_slice()]).0);
    }
    table.0.dedup();
    assert!(!numbers_are_unique(&table));
}

#[test]
fn mutant_that_keeps_the_last_file_depends_on_the_order() {
    let last = |layers: &[crate::Layer]| outcome(&Plan::default(), layers, "/etc/shells");
    let mut layers = all(&[
        vec![true, false, false, false, false],
        vec![false, true, false, false, false],
    ]);
    let one = last(&layers);
    layers.reverse();
    assert_ne!(sorted(&one), sorted(&last(&layers)));
}

#[test]
fn mutant_that_always_writes_has_a_plan_for_one_layer() {
    let layer = install(0, &[true; 5]);
    let mut plan = make_plan(std::slice::from_ref(&layer));
    let path = b"/etc/passwd".to_vec();
    let content = crate::Content::Bytes(layer.state.files[&path].clone());
    let owner = crate::Owner {
        mode: 0o644,
        uid: 0,
        gid: 0,
    };
    plan.files.insert(path, crate::File { content, owner });
    assert!(!plan.is_empty());
}

#[test]
fn mutant_that_forgets_the_files_leaves_them_to_another_account() {
    let layers = all(&[
        vec![true, false, false, false, false],
        vec![false, true, false, false, false],
    ]);
    let mut plan = make_plan(&layers);
    assert_eq!(
        plan.owners
            .remove(b"/var/lib/messagebus".as_slice())
            .unwrap()
            .uid,
        102
    );
}
