//! What a step removed, and what others have at or below it.

use insta::assert_snapshot;

use crate::tests::*;
use crate::{Above, Layer};

fn text(content: &str) -> Entry {
    file(content, 0o644, 0, 0)
}

/// A base with a folder and two files in it.
fn with_documents() -> State {
    let mut base = base();
    let entries = [
        ("/srv/doc", directory(0o755, 0, 0)),
        ("/srv/doc/a", text("a")),
        ("/srv/doc/b", text("b")),
    ];
    for (path, entry) in entries {
        base.listing.0.insert(path.into(), entry);
    }
    base
}

/// A step that removes the whole folder.
fn removing() -> Layer {
    layer("slim")
        .part(Part::Steps)
        .removes("/srv/doc")
        .removes("/srv/doc/a")
        .removes("/srv/doc/b")
}

/// A step that empties the folder.
fn emptying() -> Layer {
    layer("slim")
        .part(Part::Steps)
        .entry("/srv/doc", directory(0o755, 0, 0))
        .was("/srv/doc", directory(0o755, 0, 0))
        .removes("/srv/doc/a")
        .removes("/srv/doc/b")
}

fn adding(part: Part) -> Layer {
    let new = layer("more")
        .part(part)
        .entry("/srv/doc", directory(0o755, 0, 0));
    let new = new.entry("/srv/doc/c", text("c"));
    if part == Part::Output {
        new
    } else {
        new.was("/srv/doc", directory(0o755, 0, 0))
    }
}

#[test]
fn what_others_put_into_a_removed_folder_stays() {
    for slim in [removing(), emptying()] {
        let plan = plan(
            &with_documents(),
            &[adding(Part::Packages), slim.clone()],
            "amd64",
        )
        .unwrap();
        assert!(
            plan.rescued.contains_key(b"/srv/doc/c".as_slice()),
            "{:?}",
            plan.rescued
        );
        let plan = crate::plan(&with_documents(), &[adding(Part::Output), slim], "amd64").unwrap();
        assert!(
            matches!(
                plan.above.get(b"/srv/doc/c".as_slice()),
                Some(Above::File(_))
            ),
            "{:?}",
            plan.above
        );
    }
}

#[test]
fn what_is_put_back_is_what_the_image_has() {
    let more = |part| adding(part).entry("/srv/doc/d", directory(0o755, 0, 0));
    let upper = |name| layer(name).on([0]);
    // An extension that requires the first has its own version, or removed it.
    for upper in [
        upper("over")
            .part(Part::Output)
            .entry("/srv/doc/c", text("over")),
        upper("over").part(Part::Steps).removes("/srv/doc/c"),
    ] {
        let layers = [more(Part::Output), upper, removing()];
        let plan = plan(&with_documents(), &layers, "amd64").unwrap();
        let lower = plan.above.get(b"/srv/doc/c".as_slice());
        let is_lower = |above: &Above| matches!(above, Above::File(copied) if copied.layer == 0);
        assert!(!lower.is_some_and(is_lower), "{lower:?}");
        assert_eq!(lower.is_some(), layers[1].removed.is_empty(), "{lower:?}");
        let after = [more(Part::Output), removing(), layers[1].clone()];
        let plan = crate::plan(&with_documents(), &after, "amd64").unwrap();
        assert!(
            !plan.above.contains_key(b"/srv/doc/c".as_slice()),
            "{:?}",
            plan.above
        );
    }
    // A special folder wins over an ordinary one, wherever it comes from.
    let special = layer("private")
        .part(Part::Output)
        .entry("/srv/doc/d", directory(0o700, 0, 0));
    let mut layers = vec![more(Part::Output), special, removing()];
    for _ in 0..2 {
        let plan = plan(&with_documents(), &layers, "amd64").unwrap();
        let folder = plan.above.get(b"/srv/doc/d".as_slice());
        assert!(
            matches!(folder, Some(Above::Folder(owner)) if owner.mode == 0o700),
            "{folder:?}"
        );
        layers.swap(0, 1);
    }
}

#[test]
fn nothing_is_looked_for_where_something_stayed() {
    let mut one = emptying();
    one.removed.remove(b"/srv/doc/b".as_slice());
    let plan = plan(&with_documents(), &[adding(Part::Output), one], "amd64").unwrap();
    assert!(
        plan.rescued.is_empty() && plan.above.is_empty(),
        "{:?}",
        plan.above
    );
}

#[test]
fn a_removed_path_does_not_come_back() {
    let silent = layer("z")
        .part(Part::Steps)
        .entry("/srv/doc/a", text("a"))
        .was("/srv/doc/a", text("a"));
    let slim = layer("slim").part(Part::Steps).removes("/srv/doc/a");
    let after = plan(&with_documents(), &[slim.clone(), silent.clone()], "amd64").unwrap();
    assert!(after.remove.contains(b"/srv/doc/a".as_slice()));
    let before = plan(&with_documents(), &[silent, slim], "amd64").unwrap();
    assert!(before.remove.is_empty());
}

#[test]
fn a_removed_path_that_another_changes_is_refused() {
    let changing = layer("z")
        .part(Part::Steps)
        .entry("/srv/doc/a", text("changed"))
        .was("/srv/doc/a", text("a"));
    let refusals = plan(&with_documents(), &[removing(), changing], "amd64").unwrap_err();
    assert_snapshot!(show(&refusals).replace("  help", "help"), @"
    inlay: extensions `slim` and `z` cannot be combined: `/srv/doc/a` is removed by `slim` and changed by `z`
    help: put `z` on `slim` (`- z: { after: slim }`, or `requires` in its definition): it may then change what `slim` brings; or remove one of the two
    ");
}
