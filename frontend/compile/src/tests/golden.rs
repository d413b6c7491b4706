//! Snapshots of small graphs.

use std::collections::BTreeSet;

use buildkit_llb::{About, Capabilities, Git, Graph, ProxyEnvironment, pb};

use crate::tests::shared::{name, op};
use crate::tests::{check, check_commands, request};
use crate::{ClientFolder, Context, ImageSource, Rerun, Tree, compile};
use fixtures::random::SHA256;
use fixtures::resolve_sound;

#[test]
fn a_base_alone_is_the_image() {
    insta::assert_snapshot!(check("//- image.yaml\nbase: ubuntu:24.04\n"), @"
[base] ubuntu:24.04  image  docker.io/library/ubuntu:24.04@sha256:3d5 linux/amd64  @ image.yaml:1  e14373b0
");
}

#[test]
fn a_builder_and_its_layer() {
    let text = format!(
        "//- image.yaml\nbase: ubuntu:24.04\nextensions: [a]\n\
         //- extensions/a/extension.yaml\nname: a\nparameters: {{ version: \"1\" }}\nbuild:\n  \
         packages: [make]\n  sources: [{{ url: https://x.org/a, sha256: {SHA256}, to: a }}]\n  \
         steps: [tar -xf \"$SOURCES/a\", {{ run: make, network: none }}]\n  outputs: [/opt/a]\n"
    );
    insta::assert_snapshot!(check_commands(&text), @r##"
    [base] ubuntu:24.04                           image  docker.io/library/ubuntu:24.04@sha256:3d5 linux/amd64                                                    @ image.yaml:1
    [builder] debian:bookworm                     image  docker.io/library/debian:bookworm@sha256:60d linux/amd64                                                    @ extensions/a/extension.yaml:3
    [internal] list of packages~f6d7c5cb          file   file /file 644 ""                                                                                   @ image.yaml:1
    [packages] debian:bookworm: make (fetch)      exec   PATH=/usr/bin:/bin OF=debian:bookworm INLAY_EPOCH=315532800 INLAY_SCRIPT="# Makes the usual programs trust the user's certificates, if there are any, besi…" /bin/sh -e -c "eval \"$INLAY_SCRIPT\"" fetch-packages [/run/inlay/archives scratch output#1] [/run/inlay/downloads cache /inlay/downloads/debian:bookworm/linux/amd64 shared] [/run/inlay/list [internal] list of packages~f6d7c5cb:/file readonly] [/run/inlay/work scratch discarded] [/run/secrets/inlay-ca secret inlay-ca]  <- [builder] debian:bookworm, [internal] list of packages~f6d7c5cb  @ extensions/a/extension.yaml:4
    [internal] list of packages~562e83f0          file   file /file 644 "ask make\n"                                                                         @ image.yaml:1
    [packages] debian:bookworm: make              exec   PATH=/usr/bin:/bin OF=debian:bookworm INLAY_EPOCH=315532800 /bin/sh -e /run/inlay/install [network none] [/run/inlay/archives [packages] debian:bookworm: make (fetch)#1 readonly, by definition] [/run/inlay/install [internal] script install:/install readonly] [/run/inlay/list [internal] list of packages~562e83f0:/file readonly] [/run/inlay/work scratch discarded]  <- [builder] debian:bookworm, [packages] debian:bookworm: make (fetch)#1, [internal] script install, [internal] list of packages~562e83f0  @ extensions/a/extension.yaml:4
    [fetch] https://x.org/a                       http   https://x.org/a checksum=sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03 filename=source                                                    @ extensions/a/extension.yaml:5
    [a 1/2] tar -xf "$SOURCES/a"                  exec   PATH=/usr/bin:/bin OF=debian:bookworm HOME=/root OUT=/out SOURCES=/sources SOURCE_DATE_EPOCH=315532800 TARGETARCH=amd64 VERSION=1 /bin/sh -e /run/inlay/step "tar -xf \"$SOURCES/a\"" [cwd /build] [/out scratch output#1] [/run/inlay/step [internal] script step:/step readonly] [/sources/a [fetch] https://x.org/a:/source readonly] [/run/secrets/inlay-ca secret inlay-ca]  <- [packages] debian:bookworm: make, [internal] script step, [fetch] https://x.org/a  @ extensions/a/extension.yaml:6
    [a 2/2] make                                  exec   PATH=/usr/bin:/bin OF=debian:bookworm HOME=/root OUT=/out SOURCES=/sources SOURCE_DATE_EPOCH=315532800 TARGETARCH=amd64 VERSION=1 /bin/sh -e /run/inlay/last-step make /opt/a [cwd /build] [network none] [/out [a 1/2] tar -xf "$SOURCES/a"#1 output#1] [/run/inlay/last-step [internal] script last-step:/last-step readonly] [/sources/a [fetch] https://x.org/a:/source readonly]  <- [a 1/2] tar -xf "$SOURCES/a", [a 1/2] tar -xf "$SOURCES/a"#1, [internal] script last-step, [fetch] https://x.org/a  @ extensions/a/extension.yaml:6
    [a] output                                    file   copy [a 2/2] make#1:/ -> /                        <- [a 2/2] make#1                                 @ extensions/a/extension.yaml:7
    [internal] job of the joint                   file   file /file 644 "{\"base\":\"/run/inlay/state/base\",\"layers\":[{\"extension\":\"a\",\"part\":\"output\",\"tree…"                                                    @ image.yaml:1
    [internal] the frontend's own image           image  inlay linux/amd64                                                                                   @ image.yaml:1
    [joint] read the base's databases             exec   /run/inlay/reconcile --capture /run/inlay/after /run/inlay/state [network none] [/run/inlay/after [base] ubuntu:24.04 readonly, by definition] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state scratch output#1]  <- [base] ubuntu:24.04, [internal] the frontend's own image  @ image.yaml:1
    [joint] reconcile the databases of the image  exec   PATH=/usr/bin:/bin OF=ubuntu:24.04 EPOCH=315532800 /run/inlay/reconcile /run/inlay/job [network none] [/run/inlay/above scratch output#1] [/run/inlay/job [internal] job of the joint:/file readonly] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state/base [joint] read the base's databases#1 readonly] [/run/inlay/tree/0 [a] output readonly, by definition]  <- [base] ubuntu:24.04, [internal] job of the joint, [internal] the frontend's own image, [joint] read the base's databases#1, [a] output  @ image.yaml:2
    [image] merge 2 layers                        merge                                                    <- [base] ubuntu:24.04, [a] output, [joint] reconcile the databases of the image#1  @ image.yaml:1
    "##);
}

#[test]
fn files_are_a_layer_on_scratch() {
    insta::assert_snapshot!(check("\
//- image.yaml
base: ubuntu:24.04
extensions: [a]
//- extensions/a/extension.yaml
name: a
install:
  files:
    - { text: x, to: /root/.a, mode: \"0600\", owner: \"1:2\" }
    - { from: all, to: /opt/a }
//- extensions/a/all/run +x
#!/bin/sh
"), @r##"
    [base] ubuntu:24.04                           image  docker.io/library/ubuntu:24.04@sha256:3d5 linux/amd64                                                    @ image.yaml:1                   e14373b0
    [a] gather files                              file   directory /opt 755; directory /opt/a 755; file /opt/a/run 755 "#!/bin/sh\n"; directory /root 700; file /root/.a 600 "x\n"                                                    @ extensions/a/extension.yaml:4  e401c524
    [a] files                                     file   copy [a] gather files:/ -> /                      <- [a] gather files                               @ extensions/a/extension.yaml:4  bc9baa0c
    [internal] job of the joint                   file   file /file 644 "{\"base\":\"/run/inlay/state/base\",\"layers\":[{\"extension\":\"a\",\"part\":\"files\",\"tree\"…"                                                    @ image.yaml:1                   b94801bd
    [internal] the frontend's own image           image  inlay linux/amd64                                                                                   @ image.yaml:1                   8a27d43a
    [joint] read the base's databases             exec   /run/inlay/reconcile --capture /run/inlay/after /run/inlay/state [network none] [/run/inlay/after [base] ubuntu:24.04 readonly, by definition] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state scratch output#1]  <- [base] ubuntu:24.04, [internal] the frontend's own image  @ image.yaml:1                   70f12c91
    [joint] reconcile the databases of the image  exec   PATH=/usr/bin:/bin OF=ubuntu:24.04 EPOCH=315532800 /run/inlay/reconcile /run/inlay/job [network none] [/run/inlay/above scratch output#1] [/run/inlay/job [internal] job of the joint:/file readonly] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state/base [joint] read the base's databases#1 readonly] [/run/inlay/tree/0 [a] files readonly, by definition]  <- [base] ubuntu:24.04, [internal] job of the joint, [internal] the frontend's own image, [joint] read the base's databases#1, [a] files  @ image.yaml:2                   d1e7770c
    [image] merge 2 layers                        merge                                                    <- [base] ubuntu:24.04, [a] files, [joint] reconcile the databases of the image#1  @ image.yaml:1                   165b06e7
    "##);
}

/// A command contains the names and places of secrets and agents, but no values.
#[test]
fn secrets_and_agents_of_a_step() {
    let text = "\
//- image.yaml
base: ubuntu:24.04
extensions: [a]
//- extensions/a/extension.yaml
name: a
build:
  steps:
    - run: fetch
      network: none
      secrets:
        - { id: token }
        - { id: rc, path: /root/.rc, environment: RC, required: true }
      ssh: [default, work]
";
    let (plan, sources) = resolve_sound(text);
    let compiled = compile(&plan, &sources, &request(&plan));
    let execs = compiled.graph.vertices().filter_map(|vertex| {
        match compiled.graph.op(vertex).and_then(|op| op.op.clone()) {
            Some(pb::op::Op::Exec(exec)) => Some(exec),
            _ => None,
        }
    });
    let exec = execs.last().unwrap();
    let mounts = exec.mounts.iter().filter_map(|mount| {
        let secret = mount.secret_opt.as_ref();
        let secret = secret.map(|secret| (&secret.id, secret.mode, secret.optional));
        let agent = mount.ssh_opt.as_ref();
        let given = secret.or(agent.map(|agent| (&agent.id, agent.mode, agent.optional)));
        given.map(|(id, mode, optional)| format!("{} {id} {mode:o} {optional}", mount.dest))
    });
    let variables = exec
        .secretenv
        .iter()
        .map(|secret| format!("${} {} {}", secret.name, secret.id, secret.optional));
    let environment = exec.meta.as_ref().unwrap().env.iter();
    let socket = environment
        .filter(|variable| variable.starts_with("SSH_"))
        .cloned();
    let given: Vec<String> = mounts.chain(variables).chain(socket).collect();
    insta::assert_snapshot!(given.join("\n"), @"");
}

/// An extension in a named context, which is first a folder of the client, then a folder in a checkout.
#[test]
fn an_extension_takes_its_files_from_its_named_context() {
    let text = "\
//- image.yaml
base: ubuntu:24.04
extensions: [a]
//- contexts/a/extension.yaml
name: a
build: { sources: [{ context: src, to: src }], steps: [make] }
install: { files: [{ from: rc, to: /etc/a }] }
";
    let client = Context::Client(ClientFolder {
        name: "a".to_owned(),
        session: "session".to_owned(),
        exclude: vec!["big".to_owned()],
        key_hint: "context:a-a".to_owned(),
    });
    let mut checkout = Graph::new();
    let git = Git::new("https://example.org/a.git", "main");
    let output = checkout.git(git, About::named("[context a] checkout"));
    let checkout = Context::Engine(Tree {
        definition: checkout.definition(output, &Capabilities::all()),
        folder: "ext".to_owned(),
    });
    let of = |context: Context| {
        let (plan, sources) = resolve_sound(text);
        let mut request = request(&plan);
        request
            .extension_contexts
            .insert(plan.extensions[0].name.clone(), context);
        let compiled = compile(&plan, &sources, &request);
        let dump = compiled.graph.dump(compiled.root);
        let rows = dump.lines().filter(|row| {
            !row.contains(" exec ") && (row.contains("context a") || row.contains("[a] gather"))
        });
        let words = |row: &str| row.split_whitespace().collect::<Vec<_>>().join(" ");
        rows.map(words).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(of(client), @r#"
[context a] load src local a excludepatterns=["big"] followpaths=["src"] @ contexts/a/extension.yaml:2 f3b70f47
[context a] load rc local a excludepatterns=["big"] followpaths=["rc"] @ contexts/a/extension.yaml:3 98247eb7
[a] gather files file directory /etc 755; copy [context a] load rc:/rc -> /etc/a <- [context a] load rc @ contexts/a/extension.yaml:3 1948df4e
[a] files file copy [a] gather files:/ -> / <- [a] gather files @ contexts/a/extension.yaml:3 dec7135f
"#);
    insta::assert_snapshot!(of(checkout), @"
[context a] checkout git example.org/a.git#main 238d9cc5
[a] gather files file directory /etc 755; copy [context a] checkout:/ext/rc -> /etc/a <- [context a] checkout @ contexts/a/extension.yaml:3 ef6e3d12
[a] files file copy [a] gather files:/ -> / <- [a] gather files @ contexts/a/extension.yaml:3 489fd8ee
");
}

/// The definition of a named context that replaces an image is in the graph unchanged.
#[test]
fn any_definition_can_replace_an_image() {
    let (plan, sources) = resolve_sound("//- image.yaml\nbase: ubuntu:24.04\n");
    let mut request = request(&plan);
    let mut other = Graph::new();
    let output = other.git(
        Git::new("https://example.org/root.git", ""),
        About::named("[context ubuntu:24.04] checkout"),
    );
    let base = request.images.get_mut(&plan.base.value).unwrap();
    base.source = ImageSource::Definition(other.definition(output, &Capabilities::all()));
    let compiled = compile(&plan, &sources, &request);
    assert_eq!(compiled.root, output);
    check_empty_base(&plan, &sources, request);
}

/// An empty definition can replace an image too.
fn check_empty_base(plan: &plan::Plan, sources: &source::Sources, mut request: crate::Request) {
    let base = request.images.get_mut(&plan.base.value).unwrap();
    base.source = ImageSource::Definition(pb::Definition::default());
    assert!(compile(plan, sources, &request).root.is_scratch());
}

#[test]
fn files_of_the_context_are_narrowed_to_their_paths() {
    insta::assert_snapshot!(check_commands("\
//- image.yaml
base: ubuntu:24.04
extensions: [./tools/a]
//- context/tools/a/extension.yaml
name: a
build: { sources: [{ context: src, to: src }], steps: [make] }
install: { files: [{ from: rc, to: /etc/a }] }
"), @r#"
    [base] ubuntu:24.04                               image  docker.io/library/ubuntu:24.04@sha256:3d5 linux/amd64                                                    @ image.yaml:1
    [builder] debian:bookworm                         image  docker.io/library/debian:bookworm@sha256:60d linux/amd64                                                    @ tools/a/extension.yaml:2
    [internal] load tools/a/src of the build context  local  context excludepatterns=["*.log"] followpaths=["tools/a/src"]                                                    @ tools/a/extension.yaml:2
    [a] make                                          exec   PATH=/usr/bin:/bin OF=debian:bookworm HOME=/root OUT=/out SOURCES=/sources SOURCE_DATE_EPOCH=315532800 TARGETARCH=amd64 /bin/sh -e /run/inlay/last-step make [cwd /build] [/out scratch output#1] [/run/inlay/last-step [internal] script last-step:/last-step readonly] [/sources/src [internal] load tools/a/src of the build context:/tools/a/src readonly] [/run/secrets/inlay-ca secret inlay-ca]  <- [builder] debian:bookworm, [internal] script last-step, [internal] load tools/a/src of the build context  @ tools/a/extension.yaml:2
    [a] output                                        file   copy [a] make#1:/ -> /                            <- [a] make#1                                     @ tools/a/extension.yaml:2
    [internal] load tools/a/rc of the build context   local  context excludepatterns=["*.log"] followpaths=["tools/a/rc"]                                                    @ tools/a/extension.yaml:3
    [a] gather files                                  file   directory /etc 755; copy [internal] load tools/a/rc of the build context:/tools/a/rc -> /etc/a  <- [internal] load tools/a/rc of the build context  @ tools/a/extension.yaml:3
    [a] files                                         file   copy [a] gather files:/ -> /                      <- [a] gather files                               @ tools/a/extension.yaml:3
    [internal] job of the joint                       file   file /file 644 "{\"base\":\"/run/inlay/state/base\",\"layers\":[{\"extension\":\"a\",\"part\":\"output\",\"tree…"                                                    @ image.yaml:1
    [internal] the frontend's own image               image  inlay linux/amd64                                                                                   @ image.yaml:1
    [joint] read the base's databases                 exec   /run/inlay/reconcile --capture /run/inlay/after /run/inlay/state [network none] [/run/inlay/after [base] ubuntu:24.04 readonly, by definition] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state scratch output#1]  <- [base] ubuntu:24.04, [internal] the frontend's own image  @ image.yaml:1
    [joint] reconcile the databases of the image      exec   PATH=/usr/bin:/bin OF=ubuntu:24.04 EPOCH=315532800 /run/inlay/reconcile /run/inlay/job [network none] [/run/inlay/above scratch output#1] [/run/inlay/job [internal] job of the joint:/file readonly] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state/base [joint] read the base's databases#1 readonly] [/run/inlay/tree/0 [a] output readonly, by definition] [/run/inlay/tree/1 [a] files readonly, by definition]  <- [base] ubuntu:24.04, [internal] job of the joint, [internal] the frontend's own image, [joint] read the base's databases#1, [a] output, [a] files  @ image.yaml:2
    [image] merge 3 layers                            merge                                                    <- [base] ubuntu:24.04, [a] output, [a] files, [joint] reconcile the databases of the image#1  @ image.yaml:1
    "#);
}

#[test]
fn a_package_is_fetched_by_its_registry_s_client() {
    let text = format!(
        "//- image.yaml\nbase: ubuntu:24.04\nextensions: [a]\n\
         //- extensions/a/extension.yaml\nname: a\nbuild:\n  steps: [make]\n  on: alpine:3.20\n  \
         sources: [{{ pypi: uv==1.0, sha256: {SHA256}, to: a }}]\n"
    );
    insta::assert_snapshot!(check_commands(&text), @r##"
    [base] ubuntu:24.04                               image  docker.io/library/ubuntu:24.04@sha256:3d5 linux/amd64                                                    @ image.yaml:1
    [builder] alpine:3.20                             image  docker.io/library/alpine:3.20@sha256:376 linux/amd64                                                    @ extensions/a/extension.yaml:2
    [builder] debian:bookworm                         image  docker.io/library/debian:bookworm@sha256:60d linux/amd64                                                    @ extensions/a/extension.yaml:5
    [internal] list of packages~f6d7c5cb              file   file /file 644 ""                                                                                   @ image.yaml:1
    [packages] debian:bookworm: ca-certificates python3-pip (fetch)  exec   PATH=/usr/bin:/bin OF=debian:bookworm INLAY_EPOCH=315532800 INLAY_SCRIPT="# Makes the usual programs trust the user's certificates, if there are any, besi…" /bin/sh -e -c "eval \"$INLAY_SCRIPT\"" fetch-packages [/run/inlay/archives scratch output#1] [/run/inlay/downloads cache /inlay/downloads/debian:bookworm/linux/amd64 shared] [/run/inlay/list [internal] list of packages~f6d7c5cb:/file readonly] [/run/inlay/work scratch discarded] [/run/secrets/inlay-ca secret inlay-ca]  <- [builder] debian:bookworm, [internal] list of packages~f6d7c5cb  @ extensions/a/extension.yaml:5
    [internal] list of packages~1e60c03d              file   file /file 644 "ask ca-certificates python3-pip\n"                                                    @ image.yaml:1
    [packages] debian:bookworm: ca-certificates python3-pip  exec   PATH=/usr/bin:/bin OF=debian:bookworm INLAY_EPOCH=315532800 /bin/sh -e /run/inlay/install [network none] [/run/inlay/archives [packages] debian:bookworm: ca-certificates python3-pip (fetch)#1 readonly, by definition] [/run/inlay/install [internal] script install:/install readonly] [/run/inlay/list [internal] list of packages~1e60c03d:/file readonly] [/run/inlay/work scratch discarded]  <- [builder] debian:bookworm, [packages] debian:bookworm: ca-certificates python3-pip (fetch)#1, [internal] script install, [internal] list of packages~1e60c03d  @ extensions/a/extension.yaml:5
    [fetch] uv==1.0 from PyPI                         exec   PATH=/usr/bin:/bin OF=debian:bookworm HOME=/root NAME=source OUT=/out PACKAGE=uv==1.0 SHA256=5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03 /bin/sh -e /run/inlay/pypi [/out scratch output#1] [/run/inlay/pypi [internal] script pypi:/pypi readonly] [/etc/pip.conf secret inlay-pip] [/run/secrets/inlay-ca secret inlay-ca]  <- [packages] debian:bookworm: ca-certificates python3-pip, [internal] script pypi  @ extensions/a/extension.yaml:5
    [a] make                                          exec   PATH=/usr/bin:/bin OF=alpine:3.20 HOME=/root OUT=/out SOURCES=/sources SOURCE_DATE_EPOCH=315532800 TARGETARCH=amd64 /bin/sh -e /run/inlay/last-step make [cwd /build] [/out scratch output#1] [/run/inlay/last-step [internal] script last-step:/last-step readonly] [/sources/a [fetch] uv==1.0 from PyPI#1:/source readonly] [/run/secrets/inlay-ca secret inlay-ca]  <- [builder] alpine:3.20, [internal] script last-step, [fetch] uv==1.0 from PyPI#1  @ extensions/a/extension.yaml:3
    [a] output                                        file   copy [a] make#1:/ -> /                            <- [a] make#1                                     @ extensions/a/extension.yaml:2
    [internal] job of the joint                       file   file /file 644 "{\"base\":\"/run/inlay/state/base\",\"layers\":[{\"extension\":\"a\",\"part\":\"output\",\"tree…"                                                    @ image.yaml:1
    [internal] the frontend's own image               image  inlay linux/amd64                                                                                   @ image.yaml:1
    [joint] read the base's databases                 exec   /run/inlay/reconcile --capture /run/inlay/after /run/inlay/state [network none] [/run/inlay/after [base] ubuntu:24.04 readonly, by definition] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state scratch output#1]  <- [base] ubuntu:24.04, [internal] the frontend's own image  @ image.yaml:1
    [joint] reconcile the databases of the image      exec   PATH=/usr/bin:/bin OF=ubuntu:24.04 EPOCH=315532800 /run/inlay/reconcile /run/inlay/job [network none] [/run/inlay/above scratch output#1] [/run/inlay/job [internal] job of the joint:/file readonly] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state/base [joint] read the base's databases#1 readonly] [/run/inlay/tree/0 [a] output readonly, by definition]  <- [base] ubuntu:24.04, [internal] job of the joint, [internal] the frontend's own image, [joint] read the base's databases#1, [a] output  @ image.yaml:2
    [image] merge 2 layers                            merge                                                    <- [base] ubuntu:24.04, [a] output, [joint] reconcile the databases of the image#1  @ image.yaml:1
    "##);
}

/// A text with every kind of command: packages, a registry's client, steps, the hook.
fn commands() -> String {
    format!(
        "//- image.yaml\nbase: ubuntu:24.04\nextensions: [a, b]\n\
         //- extensions/a/extension.yaml\nname: a\nbuild:\n  packages: [make]\n  \
         steps: [make, {{ run: make install, network: none }}]\n  \
         sources: [{{ pypi: uv==1.0, sha256: {SHA256}, to: a }}]\nshell: {{ bash: x }}\n\
         //- extensions/b/extension.yaml\nname: b\nbuild: {{ steps: [make b] }}\n"
    )
}

#[test]
fn proxies_reach_every_command_with_a_network() {
    let (plan, sources) = resolve_sound(&commands());
    let mut request = request(&plan);
    request.proxy = Some(ProxyEnvironment {
        http: "http://proxy".to_owned(),
        ..ProxyEnvironment::default()
    });
    let graph = compile(&plan, &sources, &request).graph;
    let mut count = 0;
    for vertex in graph.vertices() {
        let pb::op::Op::Exec(exec) = op(&graph, vertex) else {
            continue;
        };
        let has_network = exec.network != pb::NetMode::None as i32;
        let meta = exec.meta.as_ref().unwrap();
        let name = name(&graph, vertex);
        assert_eq!(meta.proxy_env.is_some(), has_network, "{name}");
        count += 1;
    }
    assert_eq!(count, 9);
}

#[test]
fn everything_runs_again_or_one_extension() {
    let (plan, sources) = resolve_sound(&commands());
    let again = |rerun: Rerun| -> BTreeSet<String> {
        let mut request = request(&plan);
        request.rerun = rerun;
        let graph = compile(&plan, &sources, &request).graph;
        let all = graph.vertices();
        let again = all.filter(|vertex| graph.about(*vertex).unwrap().ignore_cache);
        again
            .map(|vertex| name(&graph, vertex).to_owned())
            .collect()
    };
    assert_eq!(again(Rerun::Extensions(BTreeSet::new())), BTreeSet::new());
    let names = BTreeSet::from([spec::ExtensionName::new("b").unwrap()]);
    let of_b = again(Rerun::Extensions(names));
    let expected = ["[b] make b", "[b] output"].map(str::to_owned);
    assert_eq!(of_b, BTreeSet::from(expected));
    assert!(again(Rerun::All).len() > 10);
}

#[test]
fn local_sources_have_the_session_and_the_ignored_lines() {
    let (plan, sources) = resolve_sound(
        "//- image.yaml\nbase: ubuntu:24.04\nextensions: [{ name: a, install: { files: [{ from: x, to: /x }] } }]\n",
    );
    let request = request(&plan);
    let graph = compile(&plan, &sources, &request).graph;
    let locals: Vec<_> = graph
        .vertices()
        .filter_map(|vertex| match op(&graph, vertex) {
            pb::op::Op::Source(source) if source.identifier == "local://context" => Some(source),
            _ => None,
        })
        .collect();
    let [local] = locals.as_slice() else {
        panic!("{} local sources", locals.len())
    };
    assert_eq!(local.attrs["local.session"], "session");
    assert_eq!(local.attrs["local.excludepatterns"], "[\"*.log\"]");
    assert_eq!(local.attrs["local.followpaths"], "[\"x\"]");
}

/// The client's token without a host is for the host of the build context.
#[test]
fn a_repository_is_asked_for_with_the_token_of_its_host() {
    let (plan, sources) = fixtures::resolve_sound(
        "\
//- image.yaml
base: ubuntu:24.04
extensions:
  - name: a
    build:
      sources:
        - { git: https://own.example/a.git, commit: 0123456789abcdef0123456789abcdef01234567, to: a }
        - { git: https://other.example/b.git, commit: 0123456789abcdef0123456789abcdef01234567, to: b }
      steps: [make]
",
    );
    let mut request = crate::tests::request(&plan);
    request.context_host = Some("own.example".to_owned());
    let graph = crate::compile(&plan, &sources, &request).graph;
    let asked: std::collections::BTreeSet<String> = graph
        .vertices()
        .filter_map(|vertex| match graph.op(vertex)?.op.as_ref()? {
            buildkit_llb::pb::op::Op::Source(source) => {
                source.attrs.get("git.authtokensecret").cloned()
            }
            _ => None,
        })
        .collect();
    let asked: Vec<String> = asked.into_iter().collect();
    assert_eq!(asked, ["GIT_AUTH_TOKEN", "GIT_AUTH_TOKEN.other.example"]);
}
