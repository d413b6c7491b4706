//! Images that are made in one root, where each command has seen what was there before.

use crate::tests::*;
use crate::{Above, Layer, plan_one_root};

fn text(content: &str) -> Entry {
    file(content, 0o644, 0, 0)
}

/// A folder of an extension, and a file in it.
fn bringing(part: Part) -> Layer {
    let folder = layer("one")
        .part(part)
        .entry("/srv/pool", directory(0o755, 0, 0));
    folder.entry("/srv/pool/file", text("1"))
}

/// A step that removes the whole folder.
fn sweeping() -> Layer {
    let step = layer("two").part(Part::Steps);
    step.removes("/srv/pool").removes("/srv/pool/file")
}

fn refusals(layers: Vec<Layer>) -> String {
    show(&plan_one_root(&base(), layers).unwrap_err())
}

#[test]
fn what_a_step_would_not_have_seen_alone_is_put_back() {
    for part in [Part::Output, Part::Steps] {
        let plan = plan_one_root(&base(), vec![bringing(part), sweeping()]).unwrap();
        assert!(matches!(
            plan.above[b"/srv/pool".as_slice()],
            Above::Folder(_)
        ));
        assert!(matches!(
            &plan.above[b"/srv/pool/file".as_slice()],
            Above::File(copied) if copied.layer == 0
        ));
        // Who requires the extension may remove it.
        let plan = plan_one_root(&base(), vec![bringing(part), sweeping().on([0])]).unwrap();
        assert_eq!(plan.above, crate::Plan::default().above);
        // A later layer has it again.
        let again = layer("three").part(Part::Output).on([0]);
        let again = again.entry("/srv/pool/file", text("3"));
        let layers = vec![bringing(part), sweeping(), again];
        let plan = plan_one_root(&base(), layers).unwrap();
        assert!(!plan.above.contains_key(b"/srv/pool/file".as_slice()));
    }
}

#[test]
fn what_a_step_removes_of_the_base_must_not_be_changed_by_others() {
    let mut base = base();
    base.listing.0.insert(b"/etc/issue".to_vec(), text("0"));
    let one = layer("one")
        .part(Part::Files)
        .entry("/etc/issue", text("1"));
    let two = layer("two").part(Part::Steps).removes("/etc/issue");
    let refusals = plan_one_root(&base, vec![one, two]).unwrap_err();
    assert!(
        show(&refusals).contains("`/etc/issue` is removed by `two` and changed by `one`"),
        "{}",
        show(&refusals)
    );
}

#[test]
fn a_step_that_saw_the_file_of_another_has_no_right_to_change_it() {
    let step = layer("two")
        .part(Part::Steps)
        .was("/srv/pool/file", text("1"))
        .entry("/srv/pool/file", text("1 and 2"));
    let texts = refusals(vec![bringing(Part::Output), step.clone()]);
    assert!(
        texts.contains(
            "`/srv/pool/file` has different contents, 1 bytes in `one` and 7 bytes in `two`"
        ),
        "{texts}"
    );
    plan_one_root(&base(), vec![bringing(Part::Output), step.on([0])]).unwrap();
}

#[test]
fn databases_have_been_changed_one_after_another() {
    let step = |extension: &str, accounts: &str| {
        let step = layer(extension).part(Part::Steps);
        step.file("/etc/passwd", accounts)
    };
    let layers = vec![step("one", "a\n"), step("two", "a\nb\n")];
    let plan = plan_one_root(&base(), layers).unwrap();
    assert_eq!(plan, crate::Plan::default());
}

#[test]
fn content_in_a_database_is_refused() {
    let one = layer("one")
        .part(Part::Files)
        .entry("/etc/passwd", text("1"));
    let texts = refusals(vec![one]);
    assert!(
        texts.contains("which the whole system has only one of"),
        "{texts}"
    );
}
