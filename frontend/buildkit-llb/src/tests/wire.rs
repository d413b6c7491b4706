//! Digests known from Go, the order of fields, and the form of a definition.

use prost::Message as _;

use crate::tests::{alpine, bytes, command, fields, linux, numbers};
use crate::{
    About, Capabilities, Digest, FileActions, Git, Graph, Image, Local, MakeFile, Output, pb,
};

#[test]
fn image_has_the_digest_of_go() {
    // The digest that an engine reported for Go's `llb.Image`.
    let mut graph = Graph::new();
    let digest = alpine(&mut graph).vertex().unwrap();
    let go = "sha256:a7f9733e307dd352c82d43053b783dd17bb2ec2c36214908ce393e41545c8b51";
    assert_eq!(digest.to_string(), go);
    assert_eq!(digest.short(), "a7f9733e");
    assert_eq!(go.parse(), Ok(digest));
}

#[test]
fn terminal_has_the_digest_of_go() {
    // A source without platform and constraints, and its terminal: solver/llbsolver/testdata/gogoproto.data of
    // BuildKit.
    let source = pb::SourceOp {
        identifier: "docker-image://docker.io/library/busybox:latest".to_owned(),
        ..Default::default()
    };
    let source = pb::Op {
        op: Some(pb::op::Op::Source(source)),
        ..Default::default()
    };
    let source = Digest::of(&crate::encode::encode(&source));
    let terminal = Digest::of(&crate::encode::encode(&crate::encode::terminal(source, 0)));
    assert_eq!(
        [source, terminal].map(|digest| digest.to_string()),
        [
            "sha256:74ecb5d790c33a213ba00f8f43d62947df1d4dea72f5ec13353a9b943f469f0f",
            "sha256:fdd990931001ae92f1971673ff21204ef6a5ccc8c1a4dd133d8f0f9bff67a3c2",
        ]
    );
}

/// The numbers of the fields: inputs 1, platform 10, constraints 11; of the kinds, exec 2, source 3, file 4, merge 6,
/// diff 7.
#[test]
fn the_kind_comes_last_and_constraints_are_always_present() {
    let mut graph = Graph::new();
    let image = alpine(&mut graph);
    let local = graph.local(Local::new("context", "s"), About::default());
    let git = graph.git(
        Git::new("https://example.com/r.git", "main"),
        About::default(),
    );
    let exec = command(&mut graph);
    let exec = graph.exec(exec, About::default()).root;
    let file = FileActions::on(image).make_file(MakeFile::new("/a", 0o644, "a"));
    let file = graph.file(file, About::default());
    let diff = graph.diff(image, exec, About::default());
    let merge = graph.merge(&[image, diff, file], About::default());
    for (name, output, expected) in [
        ("image", image, vec![10, 11, 3]),
        ("local", local, vec![11, 3]),
        ("git", git, vec![11, 3]),
        ("exec", exec, vec![1, 10, 11, 2]),
        ("file", file, vec![1, 11, 4]),
        ("diff", diff, vec![1, 1, 11, 7]),
        ("merge", merge, vec![1, 1, 1, 11, 6]),
    ] {
        let bytes = bytes(&graph, output);
        assert_eq!(numbers(&bytes), expected, "{name}");
        let constraints = fields(&bytes).into_iter().find(|(number, _)| *number == 11);
        assert_eq!(constraints, Some((11, &[][..])), "{name}");
        assert_eq!(Some(Digest::of(&bytes)), output.vertex(), "{name}");
    }
}

#[test]
fn a_definition_ends_with_the_output() {
    let mut graph = Graph::new();
    let exec = command(&mut graph);
    let output = graph.exec(exec, About::default()).root;
    let definition = graph.definition(output, &Capabilities::all());
    assert_eq!(definition.def.len(), 3);
    let terminal = pb::Op::decode(definition.def[2].as_slice()).unwrap();
    let input = pb::Input {
        digest: output.vertex().unwrap().to_string(),
        index: 0,
    };
    assert_eq!(
        terminal,
        pb::Op {
            inputs: vec![input],
            ..pb::Op::default()
        }
    );
    let digests: Vec<String> = definition
        .def
        .iter()
        .map(|op| Digest::of(op).to_string())
        .collect();
    let mut sorted = digests.clone();
    sorted.sort();
    assert_eq!(definition.metadata.into_keys().collect::<Vec<_>>(), sorted);
}

#[test]
fn scratch_has_an_empty_definition() {
    let definition = Graph::new().definition(Output::SCRATCH, &Capabilities::all());
    assert_eq!(definition, pb::Definition::default());
}

#[test]
fn differences_and_merges_with_scratch_are_simplified() {
    let mut graph = Graph::new();
    let scratch = Output::SCRATCH;
    let base = alpine(&mut graph);
    let arm = Image::new(
        "docker.io/library/alpine:latest",
        "linux/aarch64".parse().unwrap(),
    );
    let other = graph.image(arm, About::default());
    let about = About::default;
    assert_eq!(graph.diff(scratch, scratch, about()), scratch);
    assert_eq!(graph.diff(scratch, base, about()), base);
    assert_eq!(graph.merge(&[], about()), scratch);
    assert_eq!(graph.merge(&[scratch, scratch], about()), scratch);
    assert_eq!(graph.merge(&[scratch, base], about()), base);
    let merged = graph.merge(&[base, other], about());
    assert_eq!(graph.merge(&[base, scratch, other], about()), merged);
    assert_ne!(graph.merge(&[other, base], about()), merged);
}

#[test]
fn differences_keep_both_sides() {
    let mut graph = Graph::new();
    let base = alpine(&mut graph);
    // In Go, inputs of diff and merge are not deduplicated: client/llb/diff.go, merge.go.
    for (upper, inputs, index) in [(base, 2, 1), (Output::SCRATCH, 1, -1)] {
        let diff = graph.diff(base, upper, About::default());
        let op = super::op(&graph, diff);
        assert_eq!(op.inputs.len(), inputs);
        let expected = pb::DiffOp {
            lower: Some(pb::LowerDiffInput { input: 0 }),
            upper: Some(pb::UpperDiffInput { input: index }),
        };
        assert_eq!(op.op, Some(pb::op::Op::Diff(expected)));
    }
    let merge = graph.merge(&[base, base], About::default());
    assert_eq!(super::op(&graph, merge).inputs.len(), 2);
}

#[test]
fn platforms_are_normalized() {
    for (text, normal) in [
        ("linux/amd64", "linux/amd64"),
        ("Linux/x86_64", "linux/amd64"),
        ("linux/aarch64", "linux/arm64"),
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/armhf", "linux/arm/v7"),
        ("linux/arm", "linux/arm/v7"),
        ("linux/armel", "linux/arm/v6"),
        ("linux/arm/6", "linux/arm/v6"),
        ("linux/i386", "linux/386"),
        ("linux/riscv64", "linux/riscv64"),
    ] {
        let platform: crate::Platform = text.parse().unwrap();
        assert_eq!(platform.to_string(), normal);
    }
    for text in ["", "linux", "linux/", "linux/amd64/v1/x", "linux/a b"] {
        assert!(text.parse::<crate::Platform>().is_err(), "{text}");
    }
    assert_eq!(linux().to_string(), "linux/amd64");
}
