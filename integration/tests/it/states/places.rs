//! Changes at every place of ten extensions.

use crate::Ground;
use crate::states::repository::Repository;
use crate::states::{build_spec, spec_of};

/// A spec with extensions `e0` to `e9` of one package each, and others.
fn spec_of_ten(order: &[usize], more: &[(String, String)]) -> String {
    let ten = order
        .iter()
        .map(|number| (format!("e{number}"), format!("p{number}")));
    spec_of(ten.chain(more.iter().cloned()))
}

/// What is added at a place of ten, or after them: a name that sorts there, with packages that no other place has.
fn added_at(place: usize) -> (String, String) {
    let name = match place {
        0 => "a".to_owned(),
        place => format!("e{}-x", place - 1),
    };
    let with = [
        "p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "p8, p9",
    ];
    (name, format!("extra, {}", with[place]))
}

/// At every place of ten, an addition runs its own commands and the joint, a removal the joint alone, and another order
/// nothing; with a lock as without.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_change_at_any_place_of_ten_runs_nothing_of_the_others() {
    let ground = Ground::get();
    let repository = Repository::new(ground);
    let base = repository.base(ground);
    let make = |spec: &str| build_spec(ground, &base, spec);
    let all: Vec<usize> = (0..10).collect();
    let ten = spec_of_ten(&all, &[]);
    let lock = make(&ten).call("lock").output;
    let first = make(&ten).succeed();

    for order in [
        all.iter().rev().copied().collect::<Vec<_>>(),
        vec![5, 0, 9, 1, 8, 2, 7, 3, 6, 4],
    ] {
        let again = make(&spec_of_ten(&order, &[])).succeed();
        assert_eq!(again.ran(), [""; 0], "{order:?}");
        assert_eq!(again.digest(), first.digest());
    }
    let is_common = |name: &String| name.starts_with("[joint] ") || name.starts_with("[image] ");
    for place in 0..10 {
        let mut fewer = all.clone();
        fewer.remove(place);
        let outcome = make(&spec_of_ten(&fewer, &[])).succeed();
        let ran = outcome.ran();
        assert!(ran.iter().all(is_common), "without {place}: {ran:?}");
    }
    for place in 0..=10 {
        let (name, packages) = added_at(place);
        let names = packages.replace(',', "");
        let own = ["", " (fetch)", " (layer)", " (resolve)", " (state)"];
        let own = own.map(|part| format!("[{name}] packages: {names}{part}"));
        let added = [(name, packages)];
        // Half of the places with a lock: the next build of the same spec would have nothing to run.
        let build = make(&spec_of_ten(&all, &added));
        let build = if place % 2 == 0 {
            build.file("inlay.lock", &lock)
        } else {
            build
        };
        let outcome = build.succeed();
        let mut ran = outcome.ran();
        ran.retain(|name| !is_common(name));
        assert_eq!(ran, own, "at place {place}");
    }
}
