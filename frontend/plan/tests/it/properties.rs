//! Properties of resolution that hold for random catalogues. For each, a wrong variant shows that the property
//! can fail.

use std::collections::BTreeSet;

use proptest::prelude::{Just, ProptestConfig, Strategy, prop_assert, prop_assert_eq, proptest};
use proptest::test_runner::TestCaseResult;

use crate::dump::dump;
use crate::resolved;
use fixtures::random::{Model, faulty_model, sound_model, without_one_use};
use fixtures::{fails, resolve_sound};
use plan::Plan;

const CASES: u32 = 96;

/// A plan without its spans, or the codes of the errors.
type Outcome = Result<String, BTreeSet<&'static str>>;

fn outcome(model: &Model) -> Outcome {
    outcome_with(model, |_, _| {})
}

fn outcome_with(model: &Model, change: impl Fn(&Model, &mut Plan)) -> Outcome {
    let resolved = resolved(&model.text());
    let codes = resolved.diagnostics.errors().map(|one| one.code.id());
    let codes: BTreeSet<&str> = codes.collect();
    let Some(mut plan) = resolved.plan else {
        return Err(codes);
    };
    change(model, &mut plan);
    Ok(dump(&plan))
}

fn permuted(model: impl Strategy<Value = Model>) -> impl Strategy<Value = (Model, Model)> {
    model.prop_flat_map(|model| {
        let uses = Just(model.uses.clone()).prop_shuffle();
        uses.prop_map(move |uses| {
            let other = Model {
                uses,
                ..model.clone()
            };
            (model.clone(), other)
        })
    })
}

/// Each extension comes after its requirements, and the requirements are transitive.
fn check_requirements_precede(plan: &Plan) -> TestCaseResult {
    let mut seen = BTreeSet::new();
    for planned in &plan.extensions {
        prop_assert!(planned.requires.is_subset(&seen), "{}", planned.name);
        for other in &plan.extensions {
            if planned.requires.contains(&other.name) {
                prop_assert!(other.requires.is_subset(&planned.requires));
            }
        }
        seen.insert(planned.name.clone());
    }
    Ok(())
}

fn plan(model: &Model) -> Plan {
    resolve_sound(&model.text()).0
}

/// The extensions of the part are in the same order in the whole.
fn check_same_order(whole: &Plan, part: &Plan) -> TestCaseResult {
    let names = |plan: &Plan| -> Vec<_> {
        let names = plan.extensions.iter().map(|planned| planned.name.clone());
        names.collect()
    };
    let part = names(part);
    let mut left = names(whole);
    left.retain(|name| part.contains(name));
    prop_assert_eq!(left, part);
    Ok(())
}

/// A wrong variant: puts extensions into the order of the list.
fn sort_as_listed(model: &Model, plan: &mut Plan) {
    let place = |name: &str| {
        let named = |(used, _): &(usize, _)| fixtures::random::NAMES[*used] == name;
        model.uses.iter().position(named)
    };
    plan.extensions
        .sort_by_key(|planned| place(planned.name.as_str()));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(CASES) })]

    #[test]
    fn the_order_of_the_list_does_not_matter((model, other) in permuted(faulty_model())) {
        prop_assert_eq!(outcome(&model), outcome(&other));
    }

    #[test]
    fn the_order_of_a_sound_list_does_not_matter((model, other) in permuted(sound_model())) {
        let planned = outcome(&model);
        prop_assert!(planned.is_ok());
        prop_assert_eq!(planned, outcome(&other));
    }

    #[test]
    fn requirements_precede(model in sound_model()) {
        check_requirements_precede(&plan(&model))?;
    }

    #[test]
    fn an_unrelated_use_does_not_change_the_order((whole, part) in without_one_use()) {
        check_same_order(&plan(&whole), &plan(&part))?;
    }
}

#[test]
fn the_order_of_the_list_is_caught() {
    assert!(fails(CASES, permuted(sound_model()), |(model, other)| {
        let wrong = |model: &Model| outcome_with(model, sort_as_listed);
        prop_assert_eq!(wrong(&model), wrong(&other));
        Ok(())
    }));
}

#[test]
fn the_order_of_names_alone_is_caught() {
    assert!(fails(CASES, sound_model(), |model| {
        let mut plan = plan(&model);
        plan.extensions
            .sort_by(|left, right| left.name.cmp(&right.name));
        check_requirements_precede(&plan)
    }));
}

#[test]
fn an_order_that_depends_on_the_count_is_caught() {
    assert!(fails(CASES, without_one_use(), |(whole, part)| {
        let wrong = |model: &Model| {
            let mut plan = plan(model);
            if plan.extensions.len().is_multiple_of(2) {
                plan.extensions.reverse();
            }
            plan
        };
        check_same_order(&wrong(&whole), &wrong(&part))
    }));
}
