//! Commands: the order of mounts, the numbers of inputs and outputs, and the environment.

use crate::tests::{alpine, command, exec_of, linux, op};
use crate::{
    About, Exec, FileActions, Graph, Image, MakeDirectory, Mount, MountKey, MountKind, Network,
    Output, SecretEnvironment, Sharing, pb,
};

/// Destination, input and output of each mount, in the order of the wire.
fn mounts(graph: &Graph, of: Output) -> Vec<(String, i64, i64)> {
    exec_of(graph, of)
        .mounts
        .into_iter()
        .map(|mount| (mount.dest, mount.input, mount.output))
        .collect()
}

fn expect(rows: &[(&str, i64, i64)]) -> Vec<(String, i64, i64)> {
    rows.iter()
        .map(|(destination, input, output)| ((*destination).to_owned(), *input, *output))
        .collect()
}

#[test]
fn mounts_are_sorted_and_only_kept_ones_have_outputs() {
    let mut graph = Graph::new();
    let folder =
        FileActions::on(Output::SCRATCH).make_directory(MakeDirectory::new("/cache", 0o755));
    let folder = graph.file(folder, About::default());
    let mut exec = command(&mut graph);
    let base = exec.root;
    let mut owned = Mount::cache("/c", "pip", Sharing::Locked).select("/cache");
    if let MountKind::Cache { input, .. } = &mut owned.kind {
        *input = folder;
    }
    exec.mounts = vec![
        Mount::ssh("/run/ssh", ""),
        Mount::output("/z", Output::SCRATCH),
        Mount::secret("/a-secret", "token"),
        Mount::read_only("/tools", folder).select("/bin"),
        Mount::discarded("/d", base),
        Mount::tmpfs("/tmp"),
        owned,
        Mount::output("/b", folder),
    ];
    let outputs = graph.exec(exec.clone(), About::default());
    let expected = expect(&[
        ("/", 0, 0),
        ("/b", 1, 1),
        ("/c", 1, -1),
        ("/d", 0, -1),
        ("/tmp", -1, -1),
        ("/tools", 1, -1),
        ("/z", -1, 2),
        // As in Go, these come after the file systems, with an output that the engine ignores.
        ("/a-secret", -1, 0),
        ("/run/ssh", -1, 0),
    ]);
    assert_eq!(mounts(&graph, outputs.root), expected);
    assert_eq!(
        op(&graph, outputs.root).inputs.len(),
        2,
        "each input is listed once"
    );
    assert_eq!(
        (outputs.root.index(), outputs.at("/b").unwrap().index()),
        (0, 1)
    );
    assert_eq!(outputs.at("/z").unwrap().index(), 2);
    assert_eq!(outputs.at("/").unwrap(), outputs.root);
    for without in ["/c", "/d", "/tmp", "/tools", "/a-secret", "/nowhere"] {
        assert_eq!(outputs.at(without), None, "{without}");
    }
    exec.mounts.reverse();
    assert_eq!(
        graph.exec(exec, About::default()),
        outputs,
        "the order of mounts does not matter"
    );
}

#[test]
fn one_path_of_an_output_can_be_mounted_read_only() {
    let mut graph = Graph::new();
    let mut exec = command(&mut graph);
    let tools = graph.image(
        Image::new("docker.io/library/tools:1", linux()),
        About::default(),
    );
    let mount = Mount::read_only("/opt/tool", tools).select("/usr/bin/tool");
    let by_hand = Mount {
        destination: "/opt/tool".to_owned(),
        kind: MountKind::Bind {
            input: tools,
            selector: "/usr/bin/tool".to_owned(),
            key: MountKey::Default,
            readonly: true,
            output: false,
        },
    };
    assert_eq!(mount, by_hand);
    exec.mounts = vec![mount];
    let outputs = graph.exec(exec, About::default());
    let expected = pb::Mount {
        input: 1,
        selector: "/usr/bin/tool".to_owned(),
        dest: "/opt/tool".to_owned(),
        output: -1,
        readonly: true,
        ..pb::Mount::default()
    };
    assert_eq!(exec_of(&graph, outputs.root).mounts[1], expected);
    assert_eq!(outputs.at("/opt/tool"), None);
}

#[test]
fn nothing_is_selected_of_a_mount_without_a_file_system() {
    for mount in [
        Mount::tmpfs("/a"),
        Mount::secret("/a", "token"),
        Mount::ssh("/a", ""),
    ] {
        assert_eq!(mount.clone().select("/b"), mount);
    }
}

#[test]
fn a_readonly_root_has_no_output() {
    let mut graph = Graph::new();
    let mut exec = command(&mut graph);
    exec.root_readonly = true;
    exec.mounts = vec![Mount::output("/out", Output::SCRATCH)];
    let outputs = graph.exec(exec, About::default());
    assert_eq!(outputs.root, alpine(&mut graph));
    let out = outputs.at("/out").unwrap();
    assert_eq!(out.index(), 0);
    assert_eq!(
        mounts(&graph, out),
        expect(&[("/", 0, -1), ("/out", -1, 0)])
    );
}

#[test]
fn meta_is_what_go_writes() {
    let mut graph = Graph::new();
    let mut exec = Exec::new(alpine(&mut graph), linux(), ["sh", "-c", "true"]);
    exec.environment = vec![
        ("B".to_owned(), "2".to_owned()),
        ("A".to_owned(), "1=1".to_owned()),
    ];
    exec.cwd = String::new();
    exec.network = Network::None;
    exec.mounts = vec![Mount::ssh("/run/y", "y"), Mount::ssh("/run/x", "x")];
    let secret = |name: &str| SecretEnvironment {
        name: name.to_owned(),
        id: "i".to_owned(),
        optional: false,
    };
    exec.secret_environment = vec![secret("Z"), secret("Y")];
    let output = graph.exec(exec, About::default()).root;
    let exec = exec_of(&graph, output);
    let meta = exec.meta.clone().unwrap();
    let expected = pb::Meta {
        args: ["sh", "-c", "true"].map(str::to_owned).to_vec(),
        env: ["B=2", "A=1=1", "SSH_AUTH_SOCK=/run/x"]
            .map(str::to_owned)
            .to_vec(),
        cwd: "/".to_owned(),
        remove_mount_stubs_recursive: true,
        ..pb::Meta::default()
    };
    assert_eq!(meta, expected);
    assert_eq!(exec.network(), pb::NetMode::None);
    let names: Vec<&str> = exec
        .secretenv
        .iter()
        .map(|secret| secret.name.as_str())
        .collect();
    assert_eq!(names, ["Y", "Z"]);
}

#[test]
fn the_root_may_be_scratch() {
    let mut graph = Graph::new();
    let exec = Exec::new(Output::SCRATCH, linux(), ["/x"]);
    let root = graph.exec(exec, About::default()).root;
    assert_eq!(mounts(&graph, root), expect(&[("/", -1, 0)]));
    assert_eq!(graph.ancestors(root).len(), 1);
}
