//! What holds of every catalogue, each with a wrong variant on which it fails.

use std::collections::BTreeSet;

use proptest::prelude::{Just, ProptestConfig, Strategy, prop_assert, prop_assert_eq, proptest};
use proptest::test_runner::{TestCaseResult, TestRunner};

use crate::dump::dump;
use crate::resolved;
use fixtures::random::{Model, dropped, faulty_model, sound_model};
use fixtures::sound;
use plan::Plan;

const CASES: u32 = 96;

/// A plan without its spans, or the codes of what is wrong.
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

fn precede(plan: &Plan) -> TestCaseResult {
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
    sound(&model.text()).0
}

fn keeps_order(whole: &Plan, part: &Plan) -> TestCaseResult {
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

/// The wrong order: that of the list.
fn as_listed(model: &Model, plan: &mut Plan) {
    let place = |name: &str| {
        let named = |(used, _): &(usize, _)| fixtures::random::NAMES[*used] == name;
        model.uses.iter().position(named)
    };
    plan.extensions
        .sort_by_key(|planned| place(planned.name.as_str()));
}

fn fails<T: std::fmt::Debug>(
    strategy: impl Strategy<Value = T>,
    property: impl Fn(T) -> TestCaseResult,
) -> bool {
    let mut runner = TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(CASES)
    });
    runner.run(&strategy, property).is_err()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(CASES) })]

    #[test]
    fn the_order_of_the_list_means_nothing((model, other) in permuted(faulty_model())) {
        prop_assert_eq!(outcome(&model), outcome(&other));
    }

    #[test]
    fn the_order_of_a_sound_list_means_nothing((model, other) in permuted(sound_model())) {
        let planned = outcome(&model);
        prop_assert!(planned.is_ok());
        prop_assert_eq!(planned, outcome(&other));
    }

    #[test]
    fn requirements_precede(model in sound_model()) {
        precede(&plan(&model))?;
    }

    #[test]
    fn what_nothing_requires_moves_nothing((whole, part) in dropped()) {
        keeps_order(&plan(&whole), &plan(&part))?;
    }
}

#[test]
fn an_order_of_the_list_is_caught() {
    assert!(fails(permuted(sound_model()), |(model, other)| {
        let wrong = |model: &Model| outcome_with(model, as_listed);
        prop_assert_eq!(wrong(&model), wrong(&other));
        Ok(())
    }));
}

#[test]
fn an_order_of_names_alone_is_caught() {
    assert!(fails(sound_model(), |model| {
        let mut plan = plan(&model);
        plan.extensions
            .sort_by(|left, right| left.name.cmp(&right.name));
        precede(&plan)
    }));
}

#[test]
fn an_order_that_depends_on_the_number_is_caught() {
    assert!(fails(dropped(), |(whole, part)| {
        let wrong = |model: &Model| {
            let mut plan = plan(model);
            if plan.extensions.len().is_multiple_of(2) {
                plan.extensions.reverse();
            }
            plan
        };
        keeps_order(&wrong(&whole), &wrong(&part))
    }));
}
