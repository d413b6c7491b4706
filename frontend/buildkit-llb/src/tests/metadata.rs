//! Metadata, which is outside the digest: names, groups, locations.

use prost::Message as _;

use crate::tests::{alpine, command};
use crate::{About, Capabilities, Graph, Group, Location, Output, Range, SourceFile, pb};

pub(crate) fn metadata(graph: &Graph, of: Output, capabilities: &Capabilities) -> pb::OpMetadata {
    let mut definition = graph.definition(of, capabilities);
    definition
        .metadata
        .remove(&of.vertex().unwrap().to_string())
        .unwrap()
}

fn file(graph: &mut Graph, name: &str) -> crate::FileId {
    let (text, language) = (b"a: 1\n".to_vec(), "YAML".to_owned());
    graph.source_file(SourceFile {
        name: name.to_owned(),
        text,
        language,
        definition: None,
    })
}

#[test]
fn descriptions_are_combined() {
    let group = |id: &str| {
        Some(Group {
            id: id.to_owned(),
            name: id.to_owned(),
            weak: false,
        })
    };
    let mut graph = Graph::new();
    let main = file(&mut graph, "image.yaml");
    let locations = |line| {
        vec![Location {
            file: main,
            ranges: vec![Range::lines(line, line)],
        }]
    };
    let about = |name: &str, id: &str, line| About {
        group: group(id),
        locations: locations(line),
        command: Some(format!("RUN {name}")),
        ..About::named(name)
    };
    let mut add = |about| {
        let exec = command(&mut graph);
        let output = graph.exec(exec, about).root;
        graph.about(output.vertex().unwrap()).unwrap().clone()
    };
    add(about("b", "g", 2));
    let same_group = add(about("c", "g", 2));
    assert_eq!(
        (same_group.name.as_str(), same_group.group),
        ("b", group("g"))
    );
    assert_eq!(same_group.locations, locations(2));
    let other_group = add(About {
        ignore_cache: true,
        ..about("a", "h", 1)
    });
    assert_eq!(other_group.group, None);
    assert_eq!(
        add(about("b", "g", 2)).group,
        None,
        "the group stays disputed"
    );
    let all = add(About::default());
    assert_eq!(
        (all.name.as_str(), all.command.as_deref(), all.ignore_cache),
        ("a", Some("RUN a"), true)
    );
    assert_eq!(all.locations, [locations(1), locations(2)].concat());
}

#[test]
fn metadata_is_sent() {
    let mut graph = Graph::new();
    let (id, name) = ("1".to_owned(), "[git]".to_owned());
    let about = About {
        group: Some(Group {
            id: id.clone(),
            name: name.clone(),
            weak: true,
        }),
        ignore_cache: true,
        command: Some("RUN x".to_owned()),
        ..About::named("[git] x")
    };
    let exec = command(&mut graph);
    let output = graph.exec(exec, about).root;
    let found = metadata(&graph, output, &Capabilities::default());
    let entry = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let expected = pb::OpMetadata {
        ignore_cache: true,
        description: [
            entry("llb.customname", "[git] x"),
            entry("com.docker.dockerfile.v1.command", "RUN x"),
        ]
        .into(),
        progress_group: Some(pb::ProgressGroup {
            id,
            name,
            weak: true,
        }),
        ..pb::OpMetadata::default()
    };
    assert_eq!(found, expected);
}

#[test]
fn locations_are_under_both_digests() {
    let mut graph = Graph::new();
    // In reverse order, to show that they are sorted. The unused file is not sent.
    let ids = ["b.yaml", "a.yaml", "unused.yaml"].map(|name| file(&mut graph, name));
    let base = alpine(&mut graph);
    let locations = ids[..2].iter().map(|file| Location {
        file: *file,
        ranges: vec![Range::lines(0, 7)],
    });
    let about = About {
        locations: locations.collect(),
        ..About::named("x")
    };
    let exec = command(&mut graph);
    assert_eq!(exec.root, base);
    let output = graph.exec(exec, about).root;
    let source = graph
        .definition(output, &Capabilities::all())
        .source
        .unwrap();
    let names: Vec<&str> = source
        .infos
        .iter()
        .map(|info| info.filename.as_str())
        .collect();
    assert_eq!(names, ["a.yaml", "b.yaml"]);
    let digest = output.vertex().unwrap().to_string();
    let found = &source.locations[&digest].locations;
    let position = |line| Some(pb::Position { line, character: 0 });
    let range = pb::Range {
        start: position(1),
        end: position(7),
    };
    let expected = [0, 1].map(|source_index| pb::Location {
        source_index,
        ranges: vec![range],
    });
    assert_eq!(found.as_slice(), expected);

    // The digest of BuildKit 0.16: that of prost's encoding, in which inputs are named by such digests too.
    let mut old = graph.op(output.vertex().unwrap()).unwrap().clone();
    let old_base = graph.op(base.vertex().unwrap()).unwrap().encode_to_vec();
    old.inputs[0].digest = crate::Digest::of(&old_base).to_string();
    let old = crate::Digest::of(&old.encode_to_vec()).to_string();
    assert_eq!(source.locations.keys().collect::<Vec<_>>(), {
        let mut keys = vec![&digest, &old];
        keys.sort();
        keys
    });
    assert_eq!(source.locations[&old].locations.as_slice(), expected);
}

#[test]
fn equal_files_are_the_same_file() {
    let mut graph = Graph::new();
    let first = file(&mut graph, "a.yaml");
    let other = file(&mut graph, "b.yaml");
    assert_eq!(file(&mut graph, "a.yaml"), first);
    assert_ne!(first, other);
}
