//! Position-freedom: the vertices of an extension depend neither on the order nor on the presence of others.
//!
//! Each property takes a compiler, so that tests can show that wrong compilers fail it.

use std::collections::BTreeSet;

use buildkit_llb::{About, Capabilities, Copy, Digest, FileActions, Group, Output, pb};
use plan::Plan;
use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, proptest,
};
use proptest::test_runner::TestCaseResult;
use source::Sources;
use spec::{ExtensionName, ParameterName};

use crate::Compiled;
use crate::tests::compiled;
use crate::tests::shared::is_difference;
use fixtures::random::{Model, sound_model, without_one_use};
use fixtures::{Fixture, fails, resolve_sound};

pub(super) const CASES: u32 = 32;

type Compiler = fn(&Plan, &Sources) -> Compiled;

/// A wrong compiler, which puts each extension's layers on those of the previous extension.
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

/// A wrong compiler, which tells each extension's steps how many extensions come before it.
fn numbered(plan: &Plan, sources: &Sources) -> Compiled {
    let mut plan = plan.clone();
    for (index, extension) in plan.extensions.iter_mut().enumerate() {
        let name = ParameterName::new("position").unwrap();
        extension.parameters.insert(name, index.to_string());
    }
    compiled(&plan, sources)
}

/// A wrong compiler, which merges layers in the order of the list.
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

/// Generates a model, and an order of its uses.
fn model_and_order() -> impl Strategy<Value = (Model, Vec<usize>)> {
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

/// The list in another order gives the same bytes, including descriptions and lines.
fn check_any_order(compile: Compiler, model: &Model, order: &[usize]) -> TestCaseResult {
    let text = model.text();
    let (plan, sources) = resolve_sound(&text);
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

/// The presence of other extensions changes no layer. Extensions whose packages are in the union, and those
/// that require them, are an exception: only their layers that are independent of the base stay the same.
fn check_any_company(compile: Compiler, whole: &Model, part: &Model) -> TestCaseResult {
    let of = |model: &Model| {
        let (plan, sources) = resolve_sound(&model.text());
        let compiled = compile(&plan, &sources);
        (plan, compiled)
    };
    let (whole, part) = (of(whole), of(part));
    for (name, layers) in &part.1.layers {
        let (mut one, mut other) = (layers.clone(), whole.1.layers[name].clone());
        if is_on_union(&part.0, name) || is_on_union(&whole.0, name) {
            one.retain(|layer| !is_difference(&part.1.graph, *layer));
            other.retain(|layer| !is_difference(&whole.1.graph, *layer));
        }
        prop_assert_eq!(one, other, "layers of {}", name);
    }
    Ok(())
}

/// Whether an extension, or one that it requires, is a member of the union.
fn is_on_union(plan: &Plan, name: &ExtensionName) -> bool {
    let extension = plan.extension(name).expect("the extension is in the plan");
    let mut all = plan.extensions.iter();
    all.any(|other| {
        other.is_in_union && (other.name == *name || extension.requires.contains(&other.name))
    })
}

/// No layer of an extension depends on a vertex of another extension that it does not require.
fn check_independent(compile: Compiler, model: &Model) -> TestCaseResult {
    let (plan, sources) = resolve_sound(&model.text());
    let compiled = compile(&plan, &sources);
    let of = |name: &str| -> BTreeSet<Digest> {
        let group = Some(group(name));
        let all = compiled.graph.vertices();
        all.filter(|vertex| compiled.graph.about(*vertex).unwrap().group == group)
            .collect()
    };
    for extension in &plan.extensions {
        if is_on_union(&plan, &extension.name) {
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
                "{} depends on {}",
                extension.name,
                other.name
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(CASES) })]

    #[test]
    fn the_order_of_the_list_changes_no_byte((model, order) in model_and_order()) {
        check_any_order(compiled, &model, &order)?;
    }

    #[test]
    fn other_extensions_change_no_layer((whole, part) in without_one_use()) {
        check_any_company(compiled, &whole, &part)?;
    }

    #[test]
    fn unrelated_extensions_are_independent(model in sound_model()) {
        check_independent(compiled, &model)?;
    }

    /// It makes no difference whether extensions are found one after another or all at once.
    #[test]
    fn the_order_of_searches_changes_no_byte(model in sound_model(), backwards in any::<bool>()) {
        let text = model.text();
        let (plan, sources) = resolve_sound(&text);
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
            panic!("every extension is in the catalogue, but there is no plan");
        };
        let other = compiled(&other, &fixture.sources);
        prop_assert_eq!(definition(&compiled(&plan, &sources)), definition(&other));
    }
}

#[test]
fn a_compiler_that_chains_is_caught() {
    assert!(fails(CASES, sound_model(), |model| check_independent(
        chained, &model
    )));
    assert!(fails(CASES, without_one_use(), |(whole, part)| {
        check_any_company(chained, &whole, &part)
    }));
}

#[test]
fn a_compiler_that_counts_is_caught() {
    assert!(fails(CASES, without_one_use(), |(whole, part)| {
        check_any_company(numbered, &whole, &part)
    }));
}

#[test]
fn a_compiler_that_follows_the_list_is_caught() {
    // The definitions are inline and in another order, so that their places in the text differ.
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
        let (plan, sources) = resolve_sound(text);
        definition(&compile(&plan, &sources)).def
    };
    let (one, other) = (text("a", "b"), text("b", "a"));
    assert_eq!(def(compiled, &one), def(compiled, &other));
    assert_ne!(def(as_listed, &one), def(as_listed, &other));
}
