//! The order of construction leaves no trace: random graphs are built in two orders and give equal definitions.
//! The test would notice a definition in the order of insertion, which would be wrong.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestError, TestRunner};
use prost::Message as _;

use crate::tests::{linux, numbers};
use crate::{
    About, Capabilities, Digest, Exec, FileActions, Graph, Group, Image, Location, MakeFile, Mount,
    Output, Range, SourceFile, pb,
};

/// An operation on the outputs of earlier steps. There are few variants, so that equal operations are frequent.
#[derive(Clone, Debug)]
struct Step {
    kind: u8,
    flavor: u8,
    inputs: Vec<prop::sample::Index>,
    name: u8,
}

fn steps() -> impl Strategy<Value = Vec<(Step, u16)>> {
    let inputs = prop::collection::vec(any::<prop::sample::Index>(), 0..4);
    let step = (0u8..5, 0u8..3, inputs, 0u8..6);
    let step = step.prop_map(|(kind, flavor, inputs, name)| Step {
        kind,
        flavor,
        inputs,
        name,
    });
    prop::collection::vec((step, any::<u16>()), 1..12)
}

/// The earlier steps that a step uses.
fn uses(step: &Step, position: usize) -> Vec<usize> {
    if position == 0 {
        return Vec::new();
    }
    step.inputs
        .iter()
        .map(|input| input.index(position))
        .collect()
}

fn about(graph: &mut Graph, name: u8) -> About {
    let file = SourceFile {
        name: format!("{}.yaml", name % 2),
        text: Vec::new(),
        language: "YAML".to_owned(),
        definition: None,
    };
    let file = graph.source_file(file);
    let line = u32::from(name) + 1;
    let group = format!("g{}", name / 2);
    About {
        name: if name == 0 {
            String::new()
        } else {
            format!("n{name}")
        },
        group: (name > 3).then(|| Group {
            id: group.clone(),
            name: group,
            weak: false,
        }),
        locations: vec![Location {
            file,
            ranges: vec![Range::lines(line, line)],
        }],
        ignore_cache: name == 5,
        command: (name == 1).then(|| "command".to_owned()),
    }
}

fn apply(graph: &mut Graph, step: &Step, inputs: &[Output]) -> Output {
    let about = about(graph, step.name);
    let input = |index: usize| inputs.get(index).copied().unwrap_or(Output::SCRATCH);
    let flavor = step.flavor;
    match step.kind {
        0 => graph.image(
            Image::new(format!("docker.io/library/i{flavor}:1"), linux()),
            about,
        ),
        1 => {
            let file = MakeFile::new(format!("/{flavor}"), 0o644, "");
            graph.file(FileActions::on(input(0)).make_file(file), about)
        }
        2 => {
            let mut exec = Exec::new(input(0), linux(), [format!("/{flavor}")]);
            exec.mounts = vec![
                Mount::output("/out", input(1)),
                Mount::read_only("/in", input(2)),
            ];
            let outputs = graph.exec(exec, about);
            if flavor == 0 {
                outputs.at("/out").unwrap()
            } else {
                outputs.root
            }
        }
        3 => graph.diff(input(0), input(1), about),
        _ => graph.merge(inputs, about),
    }
}

/// Builds the steps, each after those it uses, and otherwise by rank.
/// Returns the graph, the merge of all steps, and the vertices in the order in which they were first inserted.
fn build(steps: &[Step], rank: &[u16]) -> (Graph, Output, Vec<Digest>) {
    let mut graph = Graph::new();
    let mut outputs: Vec<Option<Output>> = vec![None; steps.len()];
    let mut inserted = Vec::new();
    while outputs.iter().any(Option::is_none) {
        let is_ready = |index: &usize| {
            outputs[*index].is_none()
                && uses(&steps[*index], *index)
                    .iter()
                    .all(|used| outputs[*used].is_some())
        };
        let next = (0..steps.len())
            .filter(is_ready)
            .min_by_key(|index| (rank[*index], *index))
            .unwrap();
        let used = uses(&steps[next], next);
        let inputs: Vec<Output> = used.iter().map(|used| outputs[*used].unwrap()).collect();
        let output = apply(&mut graph, &steps[next], &inputs);
        outputs[next] = Some(output);
        inserted.extend(output.vertex().filter(|vertex| !inserted.contains(vertex)));
    }
    let outputs: Vec<Output> = outputs.into_iter().flatten().collect();
    let result = graph.merge(&outputs, About::named("result"));
    (graph, result, inserted)
}

fn both(steps: Vec<(Step, u16)>) -> [(Graph, Output, Vec<Digest>); 2] {
    let (steps, rank): (Vec<Step>, Vec<u16>) = steps.into_iter().unzip();
    [build(&steps, &vec![0; steps.len()]), build(&steps, &rank)]
}

proptest! {
    #[test]
    fn the_order_of_construction_leaves_no_trace(steps in steps()) {
        let [(left, output, _), (right, same, _)] = both(steps);
        prop_assert_eq!(output, same);
        let all = Capabilities::all();
        let bytes = left.definition(output, &all).encode_to_vec();
        prop_assert_eq!(bytes, right.definition(output, &all).encode_to_vec());
        prop_assert_eq!(left.dump(output), right.dump(output));
        prop_assert_eq!(left, right);
    }

    #[test]
    fn a_definition_is_canonical_complete_and_inputs_first(steps in steps()) {
        let [(graph, output, _), _] = both(steps);
        let definition = graph.definition(output, &Capabilities::all());
        let mut seen = BTreeSet::new();
        let last = definition.def.len().saturating_sub(1);
        for (index, bytes) in definition.def.iter().enumerate() {
            let op = pb::Op::decode(bytes.as_slice()).unwrap();
            for input in &op.inputs {
                prop_assert!(seen.contains(&input.digest));
            }
            if index < last {
                prop_assert!((2..=7).contains(numbers(bytes).last().unwrap()));
            }
            prop_assert!(seen.insert(Digest::of(bytes).to_string()));
        }
        prop_assert_eq!(seen, definition.metadata.into_keys().collect::<BTreeSet<_>>());
        let ancestors = graph.ancestors(output);
        prop_assert_eq!(ancestors.len() + usize::from(!output.is_scratch()), definition.def.len());
    }
}

#[test]
fn the_order_of_insertion_would_be_noticed() {
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        ..Config::default()
    });
    let result = runner.run(&steps(), |steps| {
        let [(_, _, left), (_, _, right)] = both(steps);
        prop_assert_eq!(left, right);
        Ok(())
    });
    assert!(matches!(result, Err(TestError::Fail(..))), "{result:?}");
}

#[test]
fn ancestors_are_what_is_below() {
    let mut graph = Graph::new();
    let image = |graph: &mut Graph, name: &str| {
        graph.image(
            Image::new(format!("docker.io/library/{name}:1"), linux()),
            About::default(),
        )
    };
    let (a, b) = (image(&mut graph, "a"), image(&mut graph, "b"));
    let exec = graph
        .exec(Exec::new(a, linux(), ["/x"]), About::default())
        .root;
    let diff = graph.diff(a, exec, About::default());
    let merge = graph.merge(&[b, diff], About::default());
    let set = |outputs: &[Output]| {
        outputs
            .iter()
            .filter_map(|output| output.vertex())
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(graph.ancestors(diff), set(&[a, exec, diff]));
    assert_eq!(graph.ancestors(merge), set(&[a, b, exec, diff, merge]));
    assert_eq!(graph.ancestors(Output::SCRATCH), BTreeSet::new());
    assert_eq!(
        graph.vertices().collect::<BTreeSet<_>>(),
        graph.ancestors(merge)
    );
}

#[test]
fn long_chains_need_no_stack() {
    let mut graph = Graph::new();
    let mut output = Output::SCRATCH;
    for index in 0..10_000 {
        let file = MakeFile::new(format!("/{index}"), 0o644, "");
        output = graph.file(FileActions::on(output).make_file(file), About::default());
    }
    assert_eq!(
        graph.definition(output, &Capabilities::all()).def.len(),
        10_001
    );
}
