//! Definitions that others made become part of a graph.

use crate::tests::linux;
use crate::{About, Capabilities, Exec, Graph, Image, Output, pb};

fn built() -> (Graph, Output) {
    let mut graph = Graph::new();
    let base = graph.image(
        Image::new("docker.io/library/a:1", linux()),
        About::named("base"),
    );
    let exec = Exec::new(base, linux(), ["true"]);
    let root = graph.exec(exec, About::named("step")).root;
    let layer = graph.diff(base, root, About::named("layer"));
    let merged = graph.merge(&[base, layer], About::named("merged"));
    (graph, merged)
}

#[test]
fn an_imported_definition_is_the_same_graph() {
    let (graph, output) = built();
    let definition = graph.definition(output, &Capabilities::all());
    let mut other = Graph::new();
    let imported = other.import(&definition).unwrap();
    assert_eq!(imported, output);
    assert_eq!(other.definition(imported, &Capabilities::all()), definition);
}

#[test]
fn importing_twice_adds_nothing() {
    let (mut graph, output) = built();
    let before = graph.vertices().count();
    let definition = graph.definition(output, &Capabilities::all());
    assert_eq!(graph.import(&definition), Ok(output));
    assert_eq!(graph.vertices().count(), before);
}

#[test]
fn an_empty_definition_is_scratch() {
    assert_eq!(
        Graph::new().import(&pb::Definition::default()),
        Ok(Output::SCRATCH)
    );
}

#[test]
fn broken_definitions_are_errors() {
    let (graph, output) = built();
    let whole = graph.definition(output, &Capabilities::all());
    let mut unordered = whole.clone();
    unordered.def.remove(0);
    let mut garbage = whole.clone();
    garbage.def[1] = vec![0xff; 9];
    let mut headless = whole;
    headless.def.rotate_right(1);
    let errors: Vec<String> = [unordered, garbage, headless]
        .iter()
        .map(|definition| Graph::new().import(definition).unwrap_err().to_string())
        .collect();
    assert_eq!(
        errors,
        [
            "operation 0 of the definition comes before its input",
            "operation 1 of the definition cannot be decoded",
            "operation 0 of the definition comes before its input",
        ]
    );
}
