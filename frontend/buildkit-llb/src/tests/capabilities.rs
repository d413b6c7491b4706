//! The capabilities that a definition names.

use crate::tests::metadata::metadata;
use crate::tests::{alpine, command};
use crate::{
    About, Capabilities, Copy, FileActions, Graph, Mount, Network, Output, Remove,
    SecretEnvironment, Sharing,
};

fn capabilities(graph: &Graph, of: Output) -> Vec<String> {
    metadata(graph, of, &Capabilities::all())
        .caps
        .into_keys()
        .collect()
}

#[test]
fn an_operation_names_what_it_uses() {
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
fn a_definition_names_only_what_the_engine_offers() {
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
        "capabilities are not part of the digest"
    );
    for refused in [
        "file.copy.modestring",
        "exec.meta.removemountstubs.recursive",
    ] {
        assert!(!Capabilities::all().contains(refused));
    }
}

#[test]
fn the_terminal_names_the_metadata_that_is_used() {
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
