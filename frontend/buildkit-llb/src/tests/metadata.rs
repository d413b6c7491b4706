//! What is outside the digest: capabilities, names, groups, locations.

use prost::Message as _;

use crate::tests::{alpine, command};
use crate::{
    About, Capabilities, Copy, FileActions, Graph, Group, Location, Mount, Network, Output, Range,
    Remove, SecretEnvironment, Sharing, SourceFile, pb,
};

fn metadata(graph: &Graph, of: Output, capabilities: &Capabilities) -> pb::OpMetadata {
    let mut definition = graph.definition(of, capabilities);
    definition
        .metadata
        .remove(&of.vertex().unwrap().to_string())
        .unwrap()
}

fn capabilities(graph: &Graph, of: Output) -> Vec<String> {
    metadata(graph, of, &Capabilities::all())
        .caps
        .into_keys()
        .collect()
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
fn an_operation_asks_for_what_it_uses() {
    let mut graph = Graph::new();
    let mut exec = command(&mut graph);
    let plain = graph.exec(exec.clone(), About::default()).root;
    let plain_needs = [
        "exec.meta.base",
        "exec.meta.setsdefaultpath",
        "exec.mount.bind",
    ];
    assert_eq!(capabilities(&graph, plain), plain_needs);

    exec.network = Network::Host;
    exec.valid_exit_codes = vec![0, 1];
    let (name, id) = ("T".to_owned(), "t".to_owned());
    exec.secret_environment = vec![SecretEnvironment {
        name,
        id,
        optional: true,
    }];
    exec.mounts = vec![
        Mount::cache("/c", "c", Sharing::Private),
        Mount::read_only("/t", exec.root).select("/bin"),
    ];
    let rich = graph.exec(exec, About::default()).root;
    let needs = [
        "exec.meta.base",
        "exec.meta.network",
        "exec.meta.setsdefaultpath",
        "exec.mount.bind",
        "exec.mount.cache",
        "exec.mount.cache.sharing",
        "exec.mount.secret",
        "exec.mount.selector",
        "exec.secretenv",
        "exec.validexitcode",
    ];
    assert_eq!(capabilities(&graph, rich), needs);

    let mut copy = Copy::new(plain, "/", "/");
    copy.exclude_patterns = vec!["x".to_owned()];
    let mut remove = Remove::new("/x*");
    remove.wildcard = true;
    let files = graph.file(
        FileActions::on(plain).copy(copy).remove(remove),
        About::default(),
    );
    let needs = [
        "file.base",
        "file.copy.includeexcludepatterns",
        "file.rm.wildcard",
    ];
    assert_eq!(capabilities(&graph, files), needs);
    let diff = graph.diff(plain, files, About::default());
    assert_eq!(capabilities(&graph, diff), ["diffop"]);
    let merge = graph.merge(&[plain, diff], About::default());
    assert_eq!(capabilities(&graph, merge), ["mergeop"]);
    let image = alpine(&mut graph);
    assert_eq!(capabilities(&graph, image), ["source.image"]);
}

#[test]
fn an_engine_is_only_asked_for_what_it_offers() {
    let mut graph = Graph::new();
    let exec = command(&mut graph);
    let output = graph.exec(exec, About::default()).root;
    let offered = Capabilities::from_iter(["exec.meta.base", "constraints", "unrelated"]);
    let definition = graph.definition(output, &offered);
    let asked: Vec<&str> = definition
        .metadata
        .values()
        .flat_map(|metadata| metadata.caps.keys())
        .map(String::as_str)
        .collect();
    let mut sorted = asked.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, ["constraints", "exec.meta.base"]);
    let nothing = graph.definition(output, &Capabilities::default());
    assert!(
        nothing
            .metadata
            .values()
            .all(|metadata| metadata.caps.is_empty())
    );
    assert_eq!(
        nothing.def, definition.def,
        "capabilities are not in digests"
    );
    for refused in [
        "file.copy.modestring",
        "exec.meta.removemountstubs.recursive",
    ] {
        assert!(!Capabilities::all().contains(refused));
    }
}

#[test]
fn the_terminal_asks_for_the_metadata_that_is_used() {
    let mut graph = Graph::new();
    let exec = command(&mut graph);
    for (about, more) in [
        (About::default(), vec![]),
        (About::named("x"), vec!["meta.description"]),
        (
            About {
                ignore_cache: true,
                ..About::default()
            },
            vec!["meta.description", "meta.ignorecache"],
        ),
    ] {
        let mut graph = graph.clone();
        let reference = crate::Image::new("docker.io/library/x:1", exec.platform.clone());
        let output = graph.image(reference.clone(), about);
        let output = if more.len() > 1 {
            graph.image(reference, About::named("y"))
        } else {
            output
        };
        let definition = graph.definition(output, &Capabilities::all());
        let terminal = crate::Digest::of(definition.def.last().unwrap()).to_string();
        let asked: Vec<&str> = definition.metadata[&terminal]
            .caps
            .keys()
            .map(String::as_str)
            .collect();
        let mut expected = vec!["constraints", "platform"];
        expected.extend(more);
        expected.sort_unstable();
        assert_eq!(asked, expected);
    }
}

#[test]
fn descriptions_are_united() {
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
        "a dispute is not forgotten"
    );
    let all = add(About::default());
    assert_eq!(
        (all.name.as_str(), all.command.as_deref(), all.ignore_cache),
        ("a", Some("RUN a"), true)
    );
    assert_eq!(all.locations, [locations(1), locations(2)].concat());
}

#[test]
fn metadata_goes_over_the_wire() {
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
    // In reverse, so that sorting shows; the unused file is not sent.
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

    // The order of BuildKit 0.16: here, prost's encoding over inputs that are named by it.
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
fn equal_files_are_one() {
    let mut graph = Graph::new();
    let first = file(&mut graph, "a.yaml");
    let other = file(&mut graph, "b.yaml");
    assert_eq!(file(&mut graph, "a.yaml"), first);
    assert_ne!(first, other);
}
