//! The graph as text for people.

use crate::tests::{alpine, linux};
use crate::{
    About, Copy, Exec, FileActions, Git, Graph, Local, Location, MakeFile, Mount, Output, Range,
    Sharing, SourceFile,
};

#[test]
fn a_line_has_the_essentials() {
    let mut graph = Graph::new();
    let file = graph.source_file(SourceFile {
        name: "extensions/git/extension.yaml".to_owned(),
        text: Vec::new(),
        language: "YAML".to_owned(),
        definition: None,
    });
    let about = |name: &str, line| About {
        locations: vec![Location {
            file,
            ranges: vec![Range::lines(line, line)],
        }],
        ..About::named(name)
    };
    let base = alpine(&mut graph);
    let context = graph.local(Local::new("context", "a session"), About::default());
    let tools = graph.git(
        Git::new("https://github.com/o/r", "v1"),
        About::named("tools"),
    );
    let files = FileActions::on(Output::SCRATCH)
        .copy(Copy::new(context, "/etc", "/etc/"))
        .make_file(MakeFile::new("/run.sh", 0o755, "echo 1\n"));
    let files = graph.file(files, about("git.files", 3));
    let mut exec = Exec::new(base, linux(), ["/bin/sh", "-c", "apk add git"]);
    exec.environment = vec![("LANG".to_owned(), "C.UTF-8".to_owned())];
    exec.mounts = vec![
        Mount::read_only("/ext", files).select("/etc"),
        Mount::read_only("/base", base).keyed_by_definition(),
        Mount::cache("/var/cache/apk", "apk", Sharing::Locked),
        Mount::output("/out", tools),
    ];
    let built = graph.exec(exec, about("git.built", 7));
    let layer = graph.diff(base, built.root, about("git", 1));
    let root = graph.merge(
        &[base, layer, built.at("/out").unwrap()],
        About::named("root"),
    );
    insta::assert_snapshot!(graph.dump(root), @r#"
    alpine     image  docker.io/library/alpine:latest linux/amd64                                                                       a7f9733e
    8901097e   local  context                                                                                                           8901097e
    git.files  file   copy 8901097e:/etc -> /etc/; file /run.sh 755 "echo 1\n"  <- 8901097e                  @ extensions/git/extension.yaml:3  c08388f7
    tools      git    github.com/o/r#v1                                                                                                 56707784
    git.built  exec   LANG=C.UTF-8 /bin/sh -c "apk add git" [/base alpine readonly, by definition] [/ext git.files:/etc readonly] [/out tools output#1] [/var/cache/apk cache apk locked]  <- alpine, git.files, tools  @ extensions/git/extension.yaml:7  638efbbe
    git        diff                                                     <- alpine, git.built         @ extensions/git/extension.yaml:1  2c1517fc
    root       merge                                                    <- alpine, git, git.built#1                                     373e4535
    "#);
}

#[test]
fn equal_names_are_distinguished() {
    let mut graph = Graph::new();
    let mut add = |path: &str, base| {
        let actions = FileActions::on(base).make_file(MakeFile::new(path, 0o644, ""));
        graph.file(actions, About::named("x"))
    };
    let first = add("/a", Output::SCRATCH);
    let second = add("/b", first);
    insta::assert_snapshot!(graph.dump(second), @r#"
    x~3e7dd90b  file  file /a 644 ""                 3e7dd90b
    x~0dff39d3  file  file /b 644 ""  <- x~3e7dd90b  0dff39d3
    "#);
    assert_eq!(graph.dump(Output::SCRATCH), "");
}
