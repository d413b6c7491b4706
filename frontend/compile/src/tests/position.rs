//! Position-freedom: an extension's vertices know nothing of the order and the presence of others.
//!
//! Each property takes the compiler it is about, so that it can be shown to fail on wrong ones.

use std::collections::BTreeSet;

use buildkit_llb::{About, Capabilities, Copy, Digest, FileActions, Group, Output, pb};
use plan::Plan;
use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, proptest,
};
use proptest::test_runner::{TestCaseResult, TestRunner};
use source::Sources;
use spec::{ExtensionName, ParameterName};

use crate::Compiled;
use crate::tests::compiled;
use crate::tests::shared::is_difference;
use fixtures::random::{Model, dropped, sound_model};
use fixtures::{Fixture, sound};

pub(super) const CASES: u32 = 32;

type Compiler = fn(&Plan, &Sources) -> Compiled;

/// A wrong compiler: each extension's layers are put on those of the one before.
fn chained(plan: &Plan, sources: &Sources) -> Compiled {
    let mut compiled = compiled(plan, sources);
    let mut below = Output::SCRATCH;
    for extension in &plan.extensions {
        let layers = compiled.layers.get_mut(&extension.name).unwrap();
        for layer in layers {
            let mut about = About::named("chained");
            about.group = Some(group(extension.name.as_str()));
            let actions = FileActions::on(below).copy(Copy::new(*layer, "/", "/"));
            *layer = compiled.graph.file(actions, about);
            below = *layer;
        }
    }
    compiled
}

/// Another: each extension's steps see how many come before it.
fn numbered(plan: &Plan, sources: &Sources) -> Compiled {
    let mut plan = plan.clone();
    for (index, extension) in plan.extensions.iter_mut().enumerate() {
        let name = ParameterName::new("position").unwrap();
        extension.parameters.insert(name, index.to_string());
    }
    compiled(&plan, sources)
}

/// Another: the final merge is as the list was.
fn as_listed(plan: &Plan, sources: &Sources) -> Compiled {
    let mut plan = plan.clone();
    plan.extensions.sort_by_key(|extension| extension.span);
    compiled(&plan, sources)
}

fn group(name: &str) -> Group {
    Group {
        id: format!("inlay.{name}"),
        name: format!("[{name}]"),
        weak: false,
    }
}

/// A model, and an order of its uses.
fn with_order() -> impl Strategy<Value = (Model, Vec<usize>)> {
    sound_model().prop_flat_map(|model| {
        let order: Vec<usize> = (0..model.uses.len()).collect();
        (Just(model), Just(order).prop_shuffle())
    })
}

fn definition(compiled: &Compiled) -> pb::Definition {
    compiled
        .graph
        .definition(compiled.root, &Capabilities::all())
}

/// The list in another order gives the same bytes, descriptions and lines included.
fn same_in_any_order(compile: Compiler, model: &Model, order: &[usize]) -> TestCaseResult {
    let text = model.text();
    let (plan, sources) = sound(&text);
    let mut other = Fixture::read(&text);
    let image = other.image.as_mut().expect("the model is sound");
    let listed = std::mem::take(&mut image.extensions);
    image.extensions = order.iter().map(|at| listed[*at].clone()).collect();
    let other = other.resolve("amd64");
    let other = compile(&other.plan.expect("the model is sound"), &other.sources);
    let compiled = compile(&plan, &sources);
    prop_assert_eq!(definition(&compiled), definition(&other));
    prop_assert_eq!(compiled.config, other.config);
    Ok(())
}

/// What others there are changes no layer; of those that are put on the one set of packages, by
/// their own word or the spec's, no layer but what knows nothing of the base.
fn same_in_any_company(compile: Compiler, whole: &Model, part: &Model) -> TestCaseResult {
    let of = |model: &Model| {
        let (plan, sources) = sound(&model.text());
        let compiled = compile(&plan, &sources);
        (plan, compiled)
    };
    let (whole, part) = (of(whole), of(part));
    for (name, layers) in &part.1.layers {
        let (mut one, mut other) = (layers.clone(), whole.1.layers[name].clone());
        if is_on_the_set(&part.0, name) || is_on_the_set(&whole.0, name) {
            one.retain(|layer| !is_difference(&part.1.graph, *layer));
            other.retain(|layer| !is_difference(&whole.1.graph, *layer));
        }
        prop_assert_eq!(one, other, "layers of {}", name);
    }
    Ok(())
}

/// Whether an extension, or what it requires, has a part in the one set of packages.
fn is_on_the_set(plan: &Plan, name: &ExtensionName) -> bool {
    let extension = plan.extensions.iter().find(|other| other.name == *name);
    let extension = extension.expect("it is in the plan");
    let mut all = plan.extensions.iter();
    all.any(|other| {
        other.is_in_union && (other.name == *name || extension.requires.contains(&other.name))
    })
}

/// No layer of an extension depends on a vertex of another that it does not require.
fn apart(compile: Compiler, model: &Model) -> TestCaseResult {
    let (plan, sources) = sound(&model.text());
    let compiled = compile(&plan, &sources);
    let of = |name: &str| -> BTreeSet<Digest> {
        let group = Some(group(name));
        let all = compiled.graph.vertices();
        all.filter(|vertex| compiled.graph.about(*vertex).unwrap().group == group)
            .collect()
    };
    for extension in &plan.extensions {
        if is_on_the_set(&plan, &extension.name) {
            continue;
        }
        let layers = &compiled.layers[&extension.name];
        let below: BTreeSet<Digest> = layers
            .iter()
            .flat_map(|layer| compiled.graph.ancestors(*layer))
            .collect();
        let others = plan.extensions.iter().filter(|other| {
            other.name != extension.name && !extension.requires.contains(&other.name)
        });
        for other in others {
            let own = of(other.name.as_str());
            prop_assert!(
                below.is_disjoint(&own),
                "{} knows {}",
                extension.name,
                other.name
            );
        }
    }
    Ok(())
}

pub(super) fn fails<T: std::fmt::Debug>(
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
    fn the_order_of_the_list_changes_no_byte((model, order) in with_order()) {
        same_in_any_order(compiled, &model, &order)?;
    }

    #[test]
    fn company_changes_no_layer((whole, part) in dropped()) {
        same_in_any_company(compiled, &whole, &part)?;
    }

    #[test]
    fn extensions_are_apart(model in sound_model()) {
        apart(compiled, &model)?;
    }

    /// How extensions were found, one after another or all at once, changes nothing either.
    #[test]
    fn the_order_of_finding_changes_no_byte(model in sound_model(), backwards in any::<bool>()) {
        let text = model.text();
        let (plan, sources) = sound(&text);
        let fixture = Fixture::read(&text);
        let mut catalogue = fixture.catalogue();
        let mut known: Vec<_> = fixture.known.clone().into_iter().collect();
        if backwards {
            known.reverse();
        }
        for (wanted, found) in known {
            catalogue.found(wanted, found);
        }
        let image = fixture.image.as_ref().expect("the model is sound");
        let mut diagnostics = source::Diagnostics::new();
        let resolution = plan::resolve(&mut diagnostics, image, &catalogue, "amd64");
        let Ok(plan::Resolution::Ready(other)) = resolution else {
            panic!("everything is known");
        };
        let other = compiled(&other, &fixture.sources);
        prop_assert_eq!(definition(&compiled(&plan, &sources)), definition(&other));
    }
}

#[test]
fn a_compiler_that_chains_is_caught() {
    assert!(fails(sound_model(), |model| apart(chained, &model)));
    assert!(fails(dropped(), |(whole, part)| {
        same_in_any_company(chained, &whole, &part)
    }));
}

#[test]
fn a_compiler_that_counts_is_caught() {
    assert!(fails(dropped(), |(whole, part)| {
        same_in_any_company(numbered, &whole, &part)
    }));
}

#[test]
fn a_compiler_that_follows_the_list_is_caught() {
    // Inline definitions in another order of the text, so that their places differ.
    let text = |first: &str, second: &str| {
        let inline = |name: &str| {
            format!(
                "  - {{ name: {name}, install: {{ files: [{{ text: x, to: /etc/{name} }}] }} }}\n"
            )
        };
        format!(
            "//- image.yaml\nbase: ubuntu:24.04\nextensions:\n{}{}",
            inline(first),
            inline(second)
        )
    };
    let def = |compile: Compiler, text: &str| {
        let (plan, sources) = sound(text);
        definition(&compile(&plan, &sources)).def
    };
    let (one, other) = (text("a", "b"), text("b", "a"));
    assert_eq!(def(compiled, &one), def(compiled, &other));
    assert_ne!(def(as_listed, &one), def(as_listed, &other));
}
