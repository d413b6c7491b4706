//! Which of several layers decides what the image has at a path.

use insta::assert_snapshot;
use proptest::prelude::*;

use crate::tests::*;
use crate::{Above, Layer, Owner};

const PATH: &str = "/opt/x";

/// What an image shows at a path; `None` = nothing.
type Shown = Option<(Kind, Owner, Vec<u8>)>;

#[expect(
    clippy::unnecessary_wraps,
    reason = "it is compared with what may be nothing"
)]
fn show(entry: &Entry, owner: Owner) -> Shown {
    let content = entry.hash.clone().unwrap_or_else(|| entry.target.clone());
    let mode = if entry.kind == Kind::Link {
        0
    } else {
        owner.mode
    };
    Some((entry.kind, Owner { mode, ..owner }, content))
}

fn owner(entry: &Entry) -> Owner {
    let (mode, uid, gid) = (entry.mode, entry.uid, entry.gid);
    Owner { mode, uid, gid }
}

/// What the image shows at a path: what the plan puts above, then what it changes in its root, then the top layer.
fn shown(plan: &Plan, base: &State, layers: &[Layer], path: &str) -> Shown {
    let path = path.as_bytes();
    let of = |layer: usize| layers[layer].state.listing.get(path).unwrap();
    match plan.above.get(path) {
        Some(Above::Folder(owner)) => return Some((Kind::Directory, *owner, Vec::new())),
        Some(Above::Link(target, owner)) => {
            return Some((Kind::Link, Owner { mode: 0, ..*owner }, target.clone()));
        }
        Some(Above::File(copied)) => return show(of(copied.layer), copied.owner),
        None => {}
    }
    let top = |counts: &dyn Fn(&Layer) -> bool| {
        let counted = layers.iter().rev().filter(|layer| counts(layer));
        let mut entries = counted.filter_map(|layer| layer.state.listing.get(path));
        entries.next().or_else(|| base.listing.get(path))
    };
    if let Some(copied) = plan.copies.get(path) {
        return show(of(copied.layer), copied.owner);
    }
    let in_root = top(&|layer| !layer.is_content());
    if let (Some(owner), Some(entry)) = (plan.owners.get(path), in_root) {
        return show(entry, *owner);
    }
    top(&|_| true).and_then(|entry| show(entry, owner(entry)))
}

/// What the image of a set of layers shows, or the word `refused`.
fn outcome(base: &State, layers: &[Layer]) -> Result<Shown, &'static str> {
    match plan(base, layers, "amd64") {
        Ok(plan) => Ok(shown(&plan, base, layers, PATH)),
        Err(_) => Err("refused"),
    }
}

fn one(part: Part, entry: Entry) -> Layer {
    layer("one").part(part).entry(PATH, entry)
}

fn two(part: Part, entry: Entry) -> Layer {
    layer("two").part(part).entry(PATH, entry)
}

fn text(content: &str) -> Entry {
    file(content, 0o644, 0, 0)
}

/// The outcome of two unrelated layers, which must not depend on their order.
fn both(first: &Layer, second: &Layer) -> Result<Shown, &'static str> {
    let results = [
        outcome(&base(), &[first.clone(), second.clone()]),
        outcome(&base(), &[second.clone(), first.clone()]),
    ];
    assert_eq!(results[0], results[1], "the order decides");
    results[0].clone()
}

#[test]
fn what_somebody_said_wins_over_what_a_package_ships() {
    for part in [Part::Output, Part::Files, Part::Steps] {
        let result = both(
            &one(Part::Packages, text("shipped")),
            &two(part, text("said")),
        );
        assert_eq!(
            result,
            Ok(show(&text("said"), owner(&text("said")))),
            "{part:?}"
        );
        let layers = [
            one(Part::Packages, text("shipped")),
            two(part, text("said")),
        ];
        assert_eq!(make_plan(&layers).warnings.len(), 1, "{part:?}");
    }
}

#[test]
fn what_somebody_said_wins_over_what_is_generated() {
    let cache = "/etc/ssl/certs/java/cacerts";
    let made = |name: &str| layer(name).entry(cache, text(name));
    let said = layer("mine").part(Part::Files).entry(cache, text("mine"));
    let base = base();
    for layers in [
        [said.clone(), made("a"), made("b")],
        [made("a"), said.clone(), made("b")],
        [made("a"), made("b"), said.clone()],
    ] {
        let plan = plan(&base, &layers, "amd64").unwrap();
        let result = shown(&plan, &base, &layers, cache);
        assert_eq!(result, show(&text("mine"), owner(&text("mine"))));
    }
    // Packages alone may differ there, but not in what they ship.
    make_plan(&[made("a"), made("b")]);
    for (path, is_equal) in [
        ("/usr/share/mime/types", true),
        ("/usr/share/mime/text/plain.xml", true),
        ("/usr/share/mime/packages/x.xml", false),
        ("/usr/share/icons/hicolor/icon-theme.cache", true),
        ("/usr/share/icons/hicolor/x.png", false),
    ] {
        let of = |name: &str| layer(name).entry(path, text(name));
        assert_eq!(
            plan(&base, &[of("a"), of("b")], "amd64").is_ok(),
            is_equal,
            "{path}"
        );
    }
}

#[test]
fn content_of_another_kind_than_the_base_s_is_refused_unless_a_step_moved_that() {
    let with = |entry: &Entry| {
        let mut base = base();
        base.listing.0.insert(PATH.into(), entry.clone());
        base
    };
    let folder = directory(0o700, 0, 0);
    for (known, said) in [
        (directory(0o755, 0, 0), text("x")),
        (text("x"), folder.clone()),
    ] {
        for part in [Part::Output, Part::Files] {
            let result = outcome(&with(&known), &[one(part, said.clone())]);
            assert_eq!(result, Err("refused"), "{known:?} {part:?}");
        }
        let moving = one(Part::Steps, said.clone()).was(PATH, known.clone());
        let upper = two(Part::Output, said.clone()).on([0]);
        let result = outcome(&with(&known), &[moving, upper]);
        assert_eq!(result, Ok(show(&said, owner(&said))));
        // A step that left it has moved nothing.
        let silent = one(Part::Steps, known.clone()).was(PATH, known.clone());
        let result = outcome(&with(&known), &[silent, two(Part::Output, said)]);
        assert_eq!(result, Err("refused"));
    }
}

#[test]
fn the_way_out_fits_the_kinds() {
    let help = |first: &Layer, second: &Layer| {
        let layers = [first.clone(), second.clone()];
        plan(&base(), &layers, "amd64").unwrap_err()[0].help.clone()
    };
    let file_of_output = one(Part::Output, text("x"));
    let folder = two(Part::Files, directory(0o700, 0, 0));
    assert!(help(&file_of_output, &folder).starts_with("only one of the two"));
    // A link can replace a file, and a step can replace anything.
    for other in [
        two(Part::Files, link("x")),
        two(Part::Steps, directory(0o700, 0, 0)),
    ] {
        let help = help(&file_of_output, &other);
        assert!(help.contains("after: one"), "{help}");
    }
}

#[test]
fn a_mode_that_somebody_said_wins_over_the_shipped_one() {
    let said = file("x", 0o600, 0, 0);
    for part in [Part::Output, Part::Files, Part::Steps] {
        let result = both(
            &one(Part::Packages, file("x", 0o644, 0, 0)),
            &two(part, said.clone()),
        );
        assert_eq!(result, Ok(show(&said, owner(&said))), "{part:?}");
    }
}

#[test]
fn a_replacement_is_told_except_for_configuration() {
    let shipped = layer("jq")
        .package("jq", "1.6", &["/usr/bin/jq"])
        .entry("/usr/bin/jq", text("elf"))
        .entry("/etc/jqrc", text("x"));
    let said = layer("aa-wrap")
        .part(Part::Output)
        .entry("/usr/bin/jq", text("sh"))
        .entry("/etc/jqrc", text("y"));
    let plan = make_plan(&[said, shipped]);
    assert_snapshot!(plan.warnings.join("\n"), @"the output of `aa-wrap` replaces `/usr/bin/jq` of package `jq`, which `jq` installs");
    let above: Vec<String> = plan.above.keys().map(|path| to_text(path)).collect();
    assert_eq!(
        above,
        ["/etc", "/etc/jqrc", "/usr", "/usr/bin", "/usr/bin/jq"]
    );
}

#[test]
fn the_edited_wins_over_the_unedited() {
    let edited = two(Part::Steps, text("edited")).was(PATH, text("shipped"));
    let result = both(&one(Part::Packages, text("shipped")), &edited);
    assert_eq!(result, Ok(show(&text("edited"), owner(&text("edited")))));
    // The package ships something else than what was edited.
    assert_eq!(
        both(&one(Part::Packages, text("other")), &edited),
        Err("refused")
    );
}

#[test]
fn a_layer_that_changed_nothing_has_no_say() {
    let silent = two(Part::Steps, text("old")).was(PATH, text("old"));
    let result = both(
        &one(Part::Steps, text("new")).was(PATH, text("old")),
        &silent,
    );
    assert_eq!(result, Ok(show(&text("new"), owner(&text("new")))));
}

#[test]
fn two_sayings_are_refused_unless_they_are_equal() {
    let parts = [Part::Output, Part::Files, Part::Steps];
    for (first, second) in parts
        .iter()
        .flat_map(|first| parts.map(|second| (*first, second)))
    {
        let equal = both(&one(first, text("x")), &two(second, text("x")));
        assert!(equal.is_ok(), "{first:?} {second:?}");
        for other in [
            text("y"),
            file("x", 0o755, 0, 0),
            file("x", 0o644, 5, 5),
            link("y"),
        ] {
            let result = both(&one(first, text("x")), &two(second, other.clone()));
            assert_eq!(result, Err("refused"), "{first:?} {second:?} {other:?}");
        }
    }
}

#[test]
fn a_requiring_extension_wins() {
    let parts = [Part::Packages, Part::Output, Part::Files, Part::Steps];
    for (first, second) in parts
        .iter()
        .flat_map(|first| parts.map(|second| (*first, second)))
    {
        let above = two(second, text("above")).on([0]);
        let result = outcome(&base(), &[one(first, text("below")), above]);
        assert_eq!(
            result,
            Ok(show(&text("above"), owner(&text("above")))),
            "{first:?} {second:?}"
        );
    }
}

#[test]
fn a_folder_made_on_the_way_changes_nothing() {
    let home = directory(0o700, 1000, 1000);
    let made = one(Part::Steps, home.clone());
    for part in [Part::Output, Part::Files] {
        let on_the_way = two(part, directory(0o755, 0, 0)).entry("/opt/x/y", text("y"));
        assert_eq!(
            both(&made, &on_the_way),
            Ok(show(&home, owner(&home))),
            "{part:?}"
        );
        let mut base = base();
        base.listing.0.insert(PATH.into(), home.clone());
        let result = outcome(&base, &[on_the_way]);
        assert_eq!(result, Ok(show(&home, owner(&home))), "{part:?}");
    }
}

#[test]
fn special_folders_must_agree() {
    let special = directory(0o700, 0, 0);
    let ordinary = two(Part::Packages, directory(0o755, 0, 0));
    assert_eq!(
        both(&one(Part::Files, special.clone()), &ordinary),
        Ok(show(&special, owner(&special)))
    );
    let other = two(Part::Steps, directory(0o770, 0, 0));
    assert_eq!(both(&one(Part::Steps, special), &other), Err("refused"));
}

#[test]
fn a_file_does_not_replace_a_folder_that_others_use() {
    let used = one(Part::Output, directory(0o755, 0, 0)).entry("/opt/x/y", text("y"));
    assert_eq!(both(&used, &two(Part::Steps, text("x"))), Err("refused"));
}

fn parts() -> impl Strategy<Value = Part> {
    prop_oneof![
        Just(Part::Packages),
        Just(Part::Output),
        Just(Part::Files),
        Just(Part::Steps)
    ]
}

fn entries() -> impl Strategy<Value = Entry> {
    prop_oneof![
        Just(text("x")),
        Just(text("y")),
        Just(file("x", 0o755, 0, 0)),
        Just(directory(0o755, 0, 0)),
        Just(directory(0o700, 0, 0)),
        Just(link("x")),
    ]
}

/// What the base has at the path, and what each of three unrelated layers has there, unless it left the base's.
type Set = (Option<Entry>, Vec<(Part, Entry, bool)>);

fn sets() -> impl Strategy<Value = Set> {
    let one = (parts(), entries(), any::<bool>());
    let known = prop::option::of(entries());
    (known, prop::collection::vec(one, 3))
}

/// The base and the layers of a set.
fn build((known, all): &Set) -> (State, Vec<Layer>) {
    let mut base = base();
    if let Some(known) = known {
        base.listing.0.insert(PATH.into(), known.clone());
    }
    let layers = all.iter().enumerate();
    let layers = layers.map(|(index, (part, entry, is_kept))| {
        let new = layer(&format!("extension{index}")).part(*part);
        match known {
            // A command saw the base's path, and may have left it as it was.
            Some(known) if !new.is_content() => {
                let entry = if *is_kept { known } else { entry };
                new.entry(PATH, entry.clone()).was(PATH, known.clone())
            }
            _ => new.entry(PATH, entry.clone()),
        }
    });
    (base, layers.collect())
}

fn check_order(
    set: &Set,
    outcome: impl Fn(&State, &[Layer]) -> Result<Shown, &'static str>,
) -> Result<(), TestCaseError> {
    let (base, layers) = build(set);
    let first = outcome(&base, &layers);
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let others: Vec<Layer> = order.iter().map(|index| layers[*index].clone()).collect();
        prop_assert_eq!(&outcome(&base, &others), &first, "in the order {:?}", order);
    }
    Ok(())
}

proptest! {
    #[test]
    fn the_order_of_layers_decides_nothing(set in sets()) {
        check_order(&set, outcome)?;
    }
}

/// Does what refusals of two unrelated layers recommend: it puts the second layer on the first one.
fn check_help(set: &Set, below: usize) -> Result<(), TestCaseError> {
    let (base, mut layers) = build(set);
    layers.truncate(2);
    let Err(refusals) = plan(&base, &layers, "amd64") else {
        return Ok(());
    };
    let recommends = |refusals: &[Refusal]| refusals.iter().any(|one| one.help.contains("after:"));
    if !recommends(&refusals) {
        return Ok(());
    }
    let [lower, upper] = layers.try_into().unwrap();
    let mut upper = upper.on([below]);
    if !upper.is_content() {
        let seen = lower.state.listing.get(PATH.as_bytes()).unwrap().clone();
        upper = upper.was(PATH, seen);
    }
    let again = plan(&base, &[lower, upper], "amd64");
    prop_assert!(again.is_ok(), "{:?}, then {:?}", refusals, again);
    Ok(())
}

proptest! {
    #[test]
    fn what_a_refusal_recommends_helps(set in sets()) {
        check_help(&set, 0)?;
    }
}

#[test]
fn a_help_that_changes_nothing_is_caught() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let nobody = usize::MAX;
    assert!(runner.run(&sets(), |set| check_help(&set, nobody)).is_err());
}

#[test]
fn a_top_layer_that_wins_is_caught() {
    let top = |base: &State, layers: &[Layer]| {
        let mut plan = plan(base, layers, "amd64").map_err(|_| "refused")?;
        plan.above.clear();
        plan.copies.clear();
        Ok(shown(&plan, base, layers, PATH))
    };
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    assert!(runner.run(&sets(), |set| check_order(&set, top)).is_err());
}
