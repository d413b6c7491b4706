//! Properties that hold for every graph. For each, a wrong variant shows that the property can fail.

use std::collections::BTreeSet;

use buildkit_llb::{About, Digest, Graph, pb};
use plan::{Content, Fetch, Plan, Planned};
use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};
use proptest::test_runner::TestCaseResult;
use source::Sources;
use spec::ParameterName;

use crate::system_layer::STATE;
use crate::tests::position::CASES;
use crate::tests::shared::{ancestors, is_difference, is_local, is_nothing, name, op};
use crate::tests::{compiled, request};
use crate::{Compiled, Context, compile};
use fixtures::random::{Model, sound_model};
use fixtures::{fails, resolve_sound};

type Compiler = fn(&Plan, &Sources, session: &str) -> Compiled;

fn right(plan: &Plan, sources: &Sources, session: &str) -> Compiled {
    let mut request = request(plan);
    let own = request.extension_contexts.values_mut();
    for context in own.chain([&mut request.context]) {
        if let Context::Client(folder) = context {
            session.clone_into(&mut folder.session);
        }
    }
    compile(plan, sources, &request)
}

/// No vertex depends on the final merge, and the final merge depends on all vertices.
fn check_nothing_is_above(compiled: &Compiled) -> TestCaseResult {
    let Some(root) = compiled.root.vertex() else {
        return Ok(());
    };
    let graph = &compiled.graph;
    for vertex in graph.vertices().filter(|vertex| *vertex != root) {
        prop_assert!(
            !ancestors(graph, vertex).contains(&root),
            "{}",
            name(graph, vertex)
        );
    }
    let own = graph.ancestors(compiled.root);
    for vertex in graph.vertices() {
        prop_assert!(
            own.contains(&vertex),
            "nothing needs {}",
            name(graph, vertex)
        );
    }
    Ok(())
}

/// Every state is asked for, even if `ignored` vertices do not count.
///
/// BuildKit keeps only those results of a command that are asked for. An image without a joint needs no states,
/// but if it did not ask for them, its commands would run again for an image with a joint.
fn check_states_are_asked_for(compiled: &Compiled, ignored: &BTreeSet<Digest>) -> TestCaseResult {
    let graph = &compiled.graph;
    let vertices = || graph.vertices().filter(|vertex| !ignored.contains(vertex));
    let asked: BTreeSet<(&str, i64)> = vertices()
        .flat_map(|vertex| &graph.op(vertex).expect("the vertex is in the graph").inputs)
        .map(|input| (input.digest.as_str(), input.index))
        .collect();
    for vertex in vertices() {
        let pb::op::Op::Exec(exec) = op(graph, vertex) else {
            continue;
        };
        let digest = vertex.to_string();
        for state in exec.mounts.iter().filter(|mount| mount.dest == STATE) {
            prop_assert!(
                asked.contains(&(digest.as_str(), state.output)),
                "nothing asks for the state of {}",
                name(graph, vertex)
            );
        }
    }
    Ok(())
}

/// Another base changes only what runs on the user's base.
fn check_builders_are_independent(compile: Compiler, model: &Model) -> TestCaseResult {
    let text = model.text();
    let (plan, sources) = resolve_sound(&text);
    let before = compile(&plan, &sources, "");
    let (other, sources) =
        resolve_sound(&text.replace("base: ubuntu:24.04", "base: debian:trixie"));
    let after = compile(&other, &sources, "");
    for Planned { name, build, .. } in &plan.extensions {
        let is_on_base = build
            .as_ref()
            .is_some_and(|build| build.image == plan.base.value);
        // System layers depend on the base that they change.
        let contents = |compiled: &Compiled| {
            let mut layers = compiled.layers[name].clone();
            layers.retain(|layer| !is_difference(&compiled.graph, *layer));
            layers
        };
        let is_same = contents(&before) == contents(&after);
        prop_assert_eq!(is_same, !is_on_base, "layers of {}", name);
    }
    Ok(())
}

/// Another session changes only local sources and what depends on them.
fn check_sessions(compile: Compiler, model: &Model) -> TestCaseResult {
    let (plan, sources) = resolve_sound(&model.text());
    let graphs = ["one", "two"].map(|session| compile(&plan, &sources, session).graph);
    let vertices = |graph: &Graph| graph.vertices().collect::<BTreeSet<Digest>>();
    let [one, two] = &graphs;
    for (graph, other) in [(one, two), (two, one)] {
        for vertex in vertices(graph).difference(&vertices(other)) {
            let mut below = ancestors(graph, *vertex).into_iter();
            let has_local = below.any(|below| is_local(graph, below));
            prop_assert!(has_local, "{}", name(graph, *vertex));
        }
    }
    let reads_context = plan.extensions.iter().any(reads_context);
    prop_assert_eq!(vertices(one) != vertices(two), reads_context);
    Ok(())
}

fn reads_context(extension: &Planned) -> bool {
    let of_files = extension.files.iter().map(|file| &file.content);
    let sources = extension
        .build
        .iter()
        .flat_map(|build| build.sources.values());
    let of_sources = sources.filter_map(|source| match &source.fetch {
        Fetch::Files(content) => Some(content),
        _ => None,
    });
    let mut contents = of_files.chain(of_sources);
    contents.any(|content| matches!(content, Content::Context(_) | Content::NamedContext(..)))
}

/// Every vertex has a name and a place in the user's files.
fn check_names_and_places(compiled: &Compiled) -> TestCaseResult {
    for vertex in compiled.graph.vertices() {
        let About {
            name, locations, ..
        } = compiled.graph.about(vertex).unwrap();
        prop_assert!(name.starts_with('['), "{name:?}");
        prop_assert!(!locations.is_empty(), "{}", name);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(CASES) })]

    #[test]
    fn no_layer_depends_on_the_merge(model in sound_model()) {
        let (plan, sources) = resolve_sound(&model.text());
        check_nothing_is_above(&compiled(&plan, &sources))?;
    }

    #[test]
    fn every_state_is_asked_for(model in sound_model()) {
        let (plan, sources) = resolve_sound(&model.text());
        check_states_are_asked_for(&compiled(&plan, &sources), &BTreeSet::new())?;
    }

    #[test]
    fn a_builder_depends_on_the_base_only_if_it_asks_for_it(model in sound_model()) {
        check_builders_are_independent(right, &model)?;
    }

    #[test]
    fn vertices_contain_nothing_ambient(model in sound_model()) {
        check_sessions(right, &model)?;
        let (plan, sources) = resolve_sound(&model.text());
        let (one, other) = (compiled(&plan, &sources), compiled(&plan, &sources));
        prop_assert_eq!(one.graph, other.graph);
        prop_assert_eq!(one.config, other.config);
    }

    #[test]
    fn vertices_are_named_and_located(model in sound_model()) {
        let (plan, sources) = resolve_sound(&model.text());
        check_names_and_places(&compiled(&plan, &sources))?;
    }

    #[test]
    fn history_has_one_entry_for_each_layer(model in sound_model()) {
        let (plan, sources) = resolve_sound(&model.text());
        let compiled = compiled(&plan, &sources);
        let own: usize = compiled.layers.values().map(Vec::len).sum();
        let history = compiled.config["history"].as_array().unwrap();
        prop_assert_eq!(history.len(), own + compiled.common.len());
        let root = compiled.graph.op(compiled.root.vertex().unwrap()).unwrap();
        let below = if history.is_empty() { 0 } else { history.len() + 1 };
        let is_layer = |input: &&pb::Input| {
            !is_nothing(&compiled.graph, input.digest.parse().unwrap())
        };
        let layers = root.inputs.iter().filter(is_layer);
        prop_assert_eq!(layers.count(), below);
    }
}

#[test]
fn a_layer_on_the_merge_is_caught() {
    use buildkit_llb::{FileActions, MakeDirectory};
    assert!(fails(CASES, sound_model(), |model| {
        let (plan, sources) = resolve_sound(&model.text());
        let mut compiled = compiled(&plan, &sources);
        let actions =
            FileActions::on(compiled.root).make_directory(MakeDirectory::new("/x", 0o755));
        compiled.graph.file(actions, About::named("above"));
        check_nothing_is_above(&compiled)
    }));
}

#[test]
fn a_state_that_nothing_asks_for_is_caught() {
    assert!(fails(CASES, sound_model(), |model| {
        let (plan, sources) = resolve_sound(&model.text());
        let compiled = compiled(&plan, &sources);
        let graph = &compiled.graph;
        let asking = graph.vertices().filter(|vertex| {
            is_nothing(graph, *vertex) || name(graph, *vertex).starts_with("[joint] reconcile")
        });
        check_states_are_asked_for(&compiled, &asking.collect())
    }));
}

#[test]
fn builders_on_the_base_are_caught() {
    fn on_base(plan: &Plan, sources: &Sources, session: &str) -> Compiled {
        let mut wrong = plan.clone();
        let builds = wrong
            .extensions
            .iter_mut()
            .filter_map(|one| one.build.as_mut());
        builds.for_each(|build| build.image = plan.base.value.clone());
        right(&wrong, sources, session)
    }
    assert!(fails(CASES, sound_model(), |model| {
        check_builders_are_independent(on_base, &model)
    }));
}

#[test]
fn a_session_in_the_environment_is_caught() {
    fn with_session(plan: &Plan, sources: &Sources, session: &str) -> Compiled {
        let mut wrong = plan.clone();
        for extension in &mut wrong.extensions {
            let name = ParameterName::new("session").unwrap();
            extension.parameters.insert(name, session.to_owned());
        }
        right(&wrong, sources, session)
    }
    assert!(fails(CASES, sound_model(), |model| check_sessions(
        with_session,
        &model
    )));
}

#[test]
fn vertices_without_a_name_or_a_place_are_caught() {
    use buildkit_llb::{FileActions, MakeDirectory, Output};
    assert!(fails(CASES, sound_model(), |model| {
        let (plan, sources) = resolve_sound(&model.text());
        let mut compiled = compiled(&plan, &sources);
        let directory = MakeDirectory::new("/x", 0o755);
        let actions = FileActions::on(Output::SCRATCH).make_directory(directory);
        compiled.graph.file(actions, About::named("[a] x"));
        check_names_and_places(&compiled)
    }));
}
