//! How layers are assembled: with one merge, or with copies for engines that cannot merge.

use buildkit_llb::{Capabilities, pb};

use crate::tests::shared::{name, op};
use crate::tests::{compiled, request};
use crate::{Assembly, Compiled, compile};
use fixtures::resolve_sound;

const TEXT: &str = "\
//- image.yaml
base: ubuntu:24.04
packages: union
extensions: [b, a]
//- extensions/a/extension.yaml
name: a
requires: [c]
build: { steps: [make] }
install: { packages: [jq], files: [{ text: x, to: /etc/a }] }
//- extensions/b/extension.yaml
name: b
shell: { bash: x }
//- extensions/c/extension.yaml
name: c
install: { files: [{ text: x, to: /etc/c }] }
";

fn copies() -> Compiled {
    copies_of(TEXT)
}

fn copies_of(text: &str) -> Compiled {
    let (plan, sources) = resolve_sound(text);
    let mut request = request(&plan);
    request.assembly = Assembly::Copies;
    compile(&plan, &sources, &request)
}

#[test]
fn the_merge_has_the_base_then_all_layers() {
    let (plan, sources) = resolve_sound(TEXT);
    let compiled = compiled(&plan, &sources);
    let graph = &compiled.graph;
    let root = compiled.root.vertex().unwrap();
    let inputs = &graph.op(root).unwrap().inputs;
    let names: Vec<&str> = inputs
        .iter()
        .map(|input| name(graph, input.digest.parse().unwrap()))
        .collect();
    insta::assert_snapshot!(names.join("\n"), @"
    [base] ubuntu:24.04
    [packages] ubuntu:24.04: jq (layer)
    [b] files
    [c] files
    [a] output
    [a] files
    [joint] layer
    [joint] reconcile the databases of the image
    ");
}

#[test]
fn copies_need_neither_merge_nor_diff() {
    let compiled = copies();
    let (graph, root) = (&compiled.graph, compiled.root);
    for vertex in graph.ancestors(root) {
        let is_new = matches!(
            op(graph, vertex),
            pb::op::Op::Merge(_) | pb::op::Op::Diff(_)
        );
        assert!(!is_new, "{}", name(graph, vertex));
    }
    let definition = graph.definition(root, &Capabilities::all());
    let needs = definition
        .metadata
        .values()
        .flat_map(|metadata| metadata.caps.keys());
    assert!(
        !needs
            .clone()
            .any(|need| need == "mergeop" || need == "diffop")
    );
}

#[test]
fn copies_are_in_the_order_of_the_layers() {
    let compiled = copies();
    let graph = &compiled.graph;
    // From the top down: each copy is made on its first input.
    let mut at = compiled.root.vertex().unwrap();
    let mut names = Vec::new();
    loop {
        names.push(name(graph, at).to_owned());
        let Some(input) = graph.op(at).unwrap().inputs.first() else {
            break;
        };
        at = input.digest.parse().unwrap();
    }
    names.reverse();
    insta::assert_snapshot!(names.join("\n"), @"
    [base] ubuntu:24.04
    [image] b: files
    [image] c: files
    [packages] ubuntu:24.04: jq
    [image] a: output of its builder
    [image] a: files
    [joint] decide what extensions have at the same paths
    ");
}

#[test]
fn both_ways_give_the_same_history() {
    // Packages that are put on content are installed after it in one root.
    let text = TEXT.replace("requires: [c]\n", "");
    let (plan, sources) = resolve_sound(&text);
    // In one root, the hook is put where the joint would put it.
    let layers = |config: &serde_json::Value| {
        let history = config["history"].as_array().unwrap().iter();
        let texts = history.map(|entry| entry["created_by"].as_str().unwrap().to_owned());
        let is_own = |text: &String| !text.starts_with("joint") && !text.contains("bash.d");
        texts.filter(is_own).collect::<Vec<_>>()
    };
    assert_eq!(
        layers(&copies_of(&text).config),
        layers(&compiled(&plan, &sources).config)
    );
}

#[test]
fn both_ways_give_the_same_layers() {
    let (plan, sources) = resolve_sound(TEXT);
    assert_eq!(copies().layers, compiled(&plan, &sources).layers);
}
