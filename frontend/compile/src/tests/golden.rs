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
    [packages] debian:bookworm: make              exec   PATH=/usr/bin:/bin OF=debian:bookworm INLAY_EPOCH=315532800 /bin/sh -e /run/inlay/install make [/run/inlay/downloads cache /inlay/downloads/debian:bookworm/linux/amd64 shared] [/run/inlay/install [internal] script install:/install readonly] [/run/inlay/work scratch discarded] [/run/secrets/inlay-ca secret inlay-ca]  <- [builder] debian:bookworm, [internal] script install  @ extensions/a/extension.yaml:4
    [fetch] https://x.org/a                       http   https://x.org/a checksum=sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03 filename=source                                                    @ extensions/a/extension.yaml:5
    [a 1/2] tar -xf "$SOURCES/a"                  exec   PATH=/usr/bin:/bin OF=debian:bookworm HOME=/root OUT=/out SOURCES=/sources SOURCE_DATE_EPOCH=315532800 TARGETARCH=amd64 VERSION=1 /bin/sh -e /run/inlay/step "tar -xf \"$SOURCES/a\"" [cwd /build] [/out scratch output#1] [/run/inlay/step [internal] script step:/step readonly] [/sources/a [fetch] https://x.org/a:/source readonly] [/run/secrets/inlay-ca secret inlay-ca]  <- [packages] debian:bookworm: make, [internal] script step, [fetch] https://x.org/a  @ extensions/a/extension.yaml:6
    [a 2/2] make                                  exec   PATH=/usr/bin:/bin OF=debian:bookworm HOME=/root OUT=/out SOURCES=/sources SOURCE_DATE_EPOCH=315532800 TARGETARCH=amd64 VERSION=1 /bin/sh -e /run/inlay/last-step make /opt/a [cwd /build] [network none] [/out [a 1/2] tar -xf "$SOURCES/a"#1 output#1] [/run/inlay/last-step [internal] script last-step:/last-step readonly] [/sources/a [fetch] https://x.org/a:/source readonly]  <- [a 1/2] tar -xf "$SOURCES/a", [a 1/2] tar -xf "$SOURCES/a"#1, [internal] script last-step, [fetch] https://x.org/a  @ extensions/a/extension.yaml:6
    [a] output                                    file   copy [a 2/2] make#1:/ -> /                        <- [a 2/2] make#1                                 @ extensions/a/extension.yaml:7
    [internal] job of the joint                   file   file /job 644 "{\"base\":\"/run/inlay/state/base\",\"layers\":[{\"extension\":\"a\",\"part\":\"output\",\"tree…"                                                    @ image.yaml:1
    [internal] the frontend's own image           image  inlay linux/amd64                                                                                   @ image.yaml:1
    [joint] read the base's databases             exec   /run/inlay/reconcile --capture /run/inlay/after /run/inlay/state [network none] [/run/inlay/after [base] ubuntu:24.04 readonly, by definition] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state scratch output#1]  <- [base] ubuntu:24.04, [internal] the frontend's own image  @ image.yaml:1
    [joint] reconcile the databases of the image  exec   PATH=/usr/bin:/bin OF=ubuntu:24.04 EPOCH=315532800 /run/inlay/reconcile /run/inlay/job [network none] [/run/inlay/above scratch output#1] [/run/inlay/job [internal] job of the joint:/job readonly] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state/base [joint] read the base's databases#1 readonly] [/run/inlay/tree/0 [a] output readonly, by definition]  <- [base] ubuntu:24.04, [internal] job of the joint, [internal] the frontend's own image, [joint] read the base's databases#1, [a] output  @ image.yaml:2
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
    [internal] job of the joint                   file   file /job 644 "{\"base\":\"/run/inlay/state/base\",\"layers\":[{\"extension\":\"a\",\"part\":\"files\",\"tree\"…"                                                    @ image.yaml:1                   339da36d
    [internal] the frontend's own image           image  inlay linux/amd64                                                                                   @ image.yaml:1                   8a27d43a
    [joint] read the base's databases             exec   /run/inlay/reconcile --capture /run/inlay/after /run/inlay/state [network none] [/run/inlay/after [base] ubuntu:24.04 readonly, by definition] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state scratch output#1]  <- [base] ubuntu:24.04, [internal] the frontend's own image  @ image.yaml:1                   70f12c91
    [joint] reconcile the databases of the image  exec   PATH=/usr/bin:/bin OF=ubuntu:24.04 EPOCH=315532800 /run/inlay/reconcile /run/inlay/job [network none] [/run/inlay/above scratch output#1] [/run/inlay/job [internal] job of the joint:/job readonly] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state/base [joint] read the base's databases#1 readonly] [/run/inlay/tree/0 [a] files readonly, by definition]  <- [base] ubuntu:24.04, [internal] job of the joint, [internal] the frontend's own image, [joint] read the base's databases#1, [a] files  @ image.yaml:2                   ffae3393
    [image] merge 2 layers                        merge                                                    <- [base] ubuntu:24.04, [a] files, [joint] reconcile the databases of the image#1  @ image.yaml:1                   d90a2b68
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
    [internal] job of the joint                       file   file /job 644 "{\"base\":\"/run/inlay/state/base\",\"layers\":[{\"extension\":\"a\",\"part\":\"output\",\"tree…"                                                    @ image.yaml:1
    [internal] the frontend's own image               image  inlay linux/amd64                                                                                   @ image.yaml:1
    [joint] read the base's databases                 exec   /run/inlay/reconcile --capture /run/inlay/after /run/inlay/state [network none] [/run/inlay/after [base] ubuntu:24.04 readonly, by definition] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state scratch output#1]  <- [base] ubuntu:24.04, [internal] the frontend's own image  @ image.yaml:1
    [joint] reconcile the databases of the image      exec   PATH=/usr/bin:/bin OF=ubuntu:24.04 EPOCH=315532800 /run/inlay/reconcile /run/inlay/job [network none] [/run/inlay/above scratch output#1] [/run/inlay/job [internal] job of the joint:/job readonly] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state/base [joint] read the base's databases#1 readonly] [/run/inlay/tree/0 [a] output readonly, by definition] [/run/inlay/tree/1 [a] files readonly, by definition]  <- [base] ubuntu:24.04, [internal] job of the joint, [internal] the frontend's own image, [joint] read the base's databases#1, [a] output, [a] files  @ image.yaml:2
    [image] merge 3 layers                            merge                                                    <- [base] ubuntu:24.04, [a] output, [a] files, [joint] reconcile the databases of the image#1  @ image.yaml:1
    "#);
}

#[test]
fn packages_and_the_hook_are_layers_on_the_base() {
    insta::assert_snapshot!(check_commands("\
//- image.yaml
base: ubuntu:24.04
extensions: [a, { name: b, install: { packages: [curl] } }]
//- extensions/a/extension.yaml
name: a
install: { packages: [jq] }
shell: { bash: x }
"), @r#"
    [base] ubuntu:24.04                           image  docker.io/library/ubuntu:24.04@sha256:3d5 linux/amd64                                                    @ image.yaml:1
    [a] packages: jq                              exec   PATH=/usr/bin:/bin OF=ubuntu:24.04 INLAY_EPOCH=315532800 INLAY_ALONE=yes /bin/sh -e /run/inlay/install jq [/run/inlay/downloads cache /inlay/downloads/ubuntu:24.04/linux/amd64 shared] [/run/inlay/install [internal] script install:/install readonly] [/run/inlay/work scratch discarded] [/run/secrets/inlay-ca secret inlay-ca]  <- [base] ubuntu:24.04, [internal] script install  @ extensions/a/extension.yaml:2
    [a] packages: jq (layer)                      diff                                                     <- [base] ubuntu:24.04, [a] packages: jq          @ extensions/a/extension.yaml:2
    [a] gather files                              file   directory /etc 755; directory /etc/inlay 755; directory /etc/inlay/bash.d 755; file /etc/inlay/bash.d/a.sh 644 "x\n"                                                    @ extensions/a/extension.yaml:3
    [a] files                                     file   copy [a] gather files:/ -> /                      <- [a] gather files                               @ extensions/a/extension.yaml:3
    [b] packages: curl                            exec   PATH=/usr/bin:/bin OF=ubuntu:24.04 INLAY_EPOCH=315532800 INLAY_ALONE=yes /bin/sh -e /run/inlay/install curl [/run/inlay/downloads cache /inlay/downloads/ubuntu:24.04/linux/amd64 shared] [/run/inlay/install [internal] script install:/install readonly] [/run/inlay/work scratch discarded] [/run/secrets/inlay-ca secret inlay-ca]  <- [base] ubuntu:24.04, [internal] script install  @ image.yaml:2
    [b] packages: curl (layer)                    diff                                                     <- [base] ubuntu:24.04, [b] packages: curl        @ image.yaml:2
    [joint] merge 2 system layers                 merge                                                    <- [base] ubuntu:24.04, [a] packages: jq (layer), [b] packages: curl (layer)  @ image.yaml:2
    [internal] job of the joint                   file   file /job 644 "{\"base\":\"/run/inlay/state/base\",\"layers\":[{\"extension\":\"a\",\"part\":\"packages\",\"st…"                                                    @ image.yaml:1
    [internal] the frontend's own image           image  inlay linux/amd64                                                                                   @ image.yaml:1
    [a] packages: jq (state)                      exec   /run/inlay/reconcile --capture /run/inlay/after /run/inlay/state /run/inlay/before [network none] [/run/inlay/after [a] packages: jq readonly, by definition] [/run/inlay/before [base] ubuntu:24.04 readonly, by definition] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state scratch output#1]  <- [a] packages: jq, [base] ubuntu:24.04, [internal] the frontend's own image  @ extensions/a/extension.yaml:2
    [b] packages: curl (state)                    exec   /run/inlay/reconcile --capture /run/inlay/after /run/inlay/state /run/inlay/before [network none] [/run/inlay/after [b] packages: curl readonly, by definition] [/run/inlay/before [base] ubuntu:24.04 readonly, by definition] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state scratch output#1]  <- [b] packages: curl, [base] ubuntu:24.04, [internal] the frontend's own image  @ image.yaml:2
    [joint] read the base's databases             exec   /run/inlay/reconcile --capture /run/inlay/after /run/inlay/state [network none] [/run/inlay/after [base] ubuntu:24.04 readonly, by definition] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state scratch output#1]  <- [base] ubuntu:24.04, [internal] the frontend's own image  @ image.yaml:1
    [joint] reconcile the databases of the image  exec   PATH=/usr/bin:/bin OF=ubuntu:24.04 EPOCH=315532800 /run/inlay/reconcile /run/inlay/job [network none] [/run/inlay/above scratch output#1] [/run/inlay/job [internal] job of the joint:/job readonly] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state/0 [a] packages: jq (state)#1 readonly] [/run/inlay/state/2 [b] packages: curl (state)#1 readonly] [/run/inlay/state/base [joint] read the base's databases#1 readonly] [/run/inlay/tree/0 [a] packages: jq readonly, by definition] [/run/inlay/tree/1 [a] files readonly, by definition] [/run/inlay/tree/2 [b] packages: curl readonly, by definition]  <- [joint] merge 2 system layers, [internal] job of the joint, [internal] the frontend's own image, [a] packages: jq (state)#1, [b] packages: curl (state)#1, [joint] read the base's databases#1, [a] packages: jq, [a] files, [b] packages: curl  @ image.yaml:2
    [joint] layer                                 diff                                                     <- [joint] merge 2 system layers, [joint] reconcile the databases of the image  @ image.yaml:2
    [image] merge 5 layers                        merge                                                    <- [base] ubuntu:24.04, [a] packages: jq (layer), [a] files, [b] packages: curl (layer), [joint] layer, [joint] reconcile the databases of the image#1  @ image.yaml:1
    "#);
}

#[test]
fn a_package_is_fetched_by_its_registry_s_client() {
    let text = format!(
        "//- image.yaml\nbase: ubuntu:24.04\nextensions: [a]\n\
         //- extensions/a/extension.yaml\nname: a\nbuild:\n  steps: [make]\n  on: alpine:3.20\n  \
         sources: [{{ pypi: uv==1.0, sha256: {SHA256}, to: a }}]\n"
    );
    insta::assert_snapshot!(check_commands(&text), @r#"
    [base] ubuntu:24.04                               image  docker.io/library/ubuntu:24.04@sha256:3d5 linux/amd64                                                    @ image.yaml:1
    [builder] alpine:3.20                             image  docker.io/library/alpine:3.20@sha256:376 linux/amd64                                                    @ extensions/a/extension.yaml:2
    [builder] debian:bookworm                         image  docker.io/library/debian:bookworm@sha256:60d linux/amd64                                                    @ extensions/a/extension.yaml:5
    [packages] debian:bookworm: ca-certificates python3-pip  exec   PATH=/usr/bin:/bin OF=debian:bookworm INLAY_EPOCH=315532800 /bin/sh -e /run/inlay/install ca-certificates python3-pip [/run/inlay/downloads cache /inlay/downloads/debian:bookworm/linux/amd64 shared] [/run/inlay/install [internal] script install:/install readonly] [/run/inlay/work scratch discarded] [/run/secrets/inlay-ca secret inlay-ca]  <- [builder] debian:bookworm, [internal] script install  @ extensions/a/extension.yaml:5
    [fetch] uv==1.0 from PyPI                         exec   PATH=/usr/bin:/bin OF=debian:bookworm HOME=/root NAME=source OUT=/out PACKAGE=uv==1.0 SHA256=5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03 /bin/sh -e /run/inlay/pypi [/out scratch output#1] [/run/inlay/pypi [internal] script pypi:/pypi readonly] [/etc/pip.conf secret inlay-pip] [/run/secrets/inlay-ca secret inlay-ca]  <- [packages] debian:bookworm: ca-certificates python3-pip, [internal] script pypi  @ extensions/a/extension.yaml:5
    [a] make                                          exec   PATH=/usr/bin:/bin OF=alpine:3.20 HOME=/root OUT=/out SOURCES=/sources SOURCE_DATE_EPOCH=315532800 TARGETARCH=amd64 /bin/sh -e /run/inlay/last-step make [cwd /build] [/out scratch output#1] [/run/inlay/last-step [internal] script last-step:/last-step readonly] [/sources/a [fetch] uv==1.0 from PyPI#1:/source readonly] [/run/secrets/inlay-ca secret inlay-ca]  <- [builder] alpine:3.20, [internal] script last-step, [fetch] uv==1.0 from PyPI#1  @ extensions/a/extension.yaml:3
    [a] output                                        file   copy [a] make#1:/ -> /                            <- [a] make#1                                     @ extensions/a/extension.yaml:2
    [internal] job of the joint                       file   file /job 644 "{\"base\":\"/run/inlay/state/base\",\"layers\":[{\"extension\":\"a\",\"part\":\"output\",\"tree…"                                                    @ image.yaml:1
    [internal] the frontend's own image               image  inlay linux/amd64                                                                                   @ image.yaml:1
    [joint] read the base's databases                 exec   /run/inlay/reconcile --capture /run/inlay/after /run/inlay/state [network none] [/run/inlay/after [base] ubuntu:24.04 readonly, by definition] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state scratch output#1]  <- [base] ubuntu:24.04, [internal] the frontend's own image  @ image.yaml:1
    [joint] reconcile the databases of the image      exec   PATH=/usr/bin:/bin OF=ubuntu:24.04 EPOCH=315532800 /run/inlay/reconcile /run/inlay/job [network none] [/run/inlay/above scratch output#1] [/run/inlay/job [internal] job of the joint:/job readonly] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state/base [joint] read the base's databases#1 readonly] [/run/inlay/tree/0 [a] output readonly, by definition]  <- [base] ubuntu:24.04, [internal] job of the joint, [internal] the frontend's own image, [joint] read the base's databases#1, [a] output  @ image.yaml:2
    [image] merge 2 layers                            merge                                                    <- [base] ubuntu:24.04, [a] output, [joint] reconcile the databases of the image#1  @ image.yaml:1
    "#);
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
    assert_eq!(count, 8);
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

#[test]
fn steps_see_what_the_extension_provides_and_requires() {
    insta::assert_snapshot!(check_commands("\
//- image.yaml
base: ubuntu:24.04
extensions: [a]
//- extensions/a/extension.yaml
name: a
requires: [b]
parameters: { level: \"3\" }
install:
  packages: [jq]
  files: [{ text: x, to: /etc/a }]
  steps: [useradd a, { run: chown a /etc/a, cache: [{ id: c, path: /var/c }] }]
environment: { LEVEL_OF_A: \"${level}\" }
path: [/opt/a]
//- extensions/b/extension.yaml
name: b
install: { steps: [{ run: useradd b, network: none }] }
"), @r#"
    [base] ubuntu:24.04                           image  docker.io/library/ubuntu:24.04@sha256:3d5 linux/amd64                                                    @ image.yaml:1
    [b] steps: useradd b                          exec   OF=ubuntu:24.04 PATH=/usr/bin:/bin HOME=/root SOURCE_DATE_EPOCH=315532800 TARGETARCH=amd64 INLAY_EPOCH=315532800 /bin/sh -e /run/inlay/steps "useradd b" [network none] [/run/inlay/steps [internal] script steps:/steps readonly] [/run/inlay/work scratch discarded]  <- [base] ubuntu:24.04, [internal] script steps   @ extensions/b/extension.yaml:2
    [b] steps: useradd b (layer)                  diff                                                     <- [base] ubuntu:24.04, [b] steps: useradd b      @ extensions/b/extension.yaml:2
    [a] packages: jq                              exec   PATH=/usr/bin:/bin OF=ubuntu:24.04 INLAY_EPOCH=315532800 INLAY_ALONE=yes /bin/sh -e /run/inlay/install jq [/run/inlay/downloads cache /inlay/downloads/ubuntu:24.04/linux/amd64 shared] [/run/inlay/install [internal] script install:/install readonly] [/run/inlay/work scratch discarded] [/run/secrets/inlay-ca secret inlay-ca]  <- [b] steps: useradd b, [internal] script install  @ extensions/a/extension.yaml:5
    [a] packages: jq (layer)                      diff                                                     <- [b] steps: useradd b, [a] packages: jq         @ extensions/a/extension.yaml:5
    [a] gather files                              file   directory /etc 755; file /etc/a 644 "x\n"                                                           @ extensions/a/extension.yaml:6
    [a] files                                     file   copy [a] gather files:/ -> /                      <- [a] gather files                               @ extensions/a/extension.yaml:6
    [a] merge what its steps see                  merge                                                    <- [a] packages: jq, [a] files                    @ extensions/a/extension.yaml:1
    [a] 2 steps: useradd a; …                     exec   OF=ubuntu:24.04 PATH=/opt/a:/usr/bin:/bin LEVEL_OF_A=3 HOME=/root SOURCE_DATE_EPOCH=315532800 TARGETARCH=amd64 LEVEL=3 INLAY_EPOCH=315532800 /bin/sh -e /run/inlay/steps "useradd a" "chown a /etc/a" [/run/inlay/steps [internal] script steps:/steps readonly] [/run/inlay/work scratch discarded] [/var/c cache /c shared] [/run/secrets/inlay-ca secret inlay-ca]  <- [a] merge what its steps see, [internal] script steps  @ extensions/a/extension.yaml:7
    [a] 2 steps: useradd a; … (layer)             diff                                                     <- [a] merge what its steps see, [a] 2 steps: useradd a; …  @ extensions/a/extension.yaml:7
    [joint] merge what is below the joint         merge                                                    <- [base] ubuntu:24.04, [b] steps: useradd b (layer), [a] packages: jq (layer), [a] 2 steps: useradd a; … (layer)  @ extensions/a/extension.yaml:2
    [internal] job of the joint                   file   file /job 644 "{\"base\":\"/run/inlay/state/base\",\"layers\":[{\"extension\":\"b\",\"part\":\"steps\",\"state…"                                                    @ image.yaml:1
    [internal] the frontend's own image           image  inlay linux/amd64                                                                                   @ image.yaml:1
    [b] steps: useradd b (state)                  exec   /run/inlay/reconcile --capture /run/inlay/after /run/inlay/state /run/inlay/before [network none] [/run/inlay/after [b] steps: useradd b readonly, by definition] [/run/inlay/before [base] ubuntu:24.04 readonly, by definition] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state scratch output#1]  <- [b] steps: useradd b, [base] ubuntu:24.04, [internal] the frontend's own image  @ extensions/b/extension.yaml:2
    [a] packages: jq (state)                      exec   /run/inlay/reconcile --capture /run/inlay/after /run/inlay/state /run/inlay/before [network none] [/run/inlay/after [a] packages: jq readonly, by definition] [/run/inlay/before [b] steps: useradd b readonly, by definition] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state scratch output#1]  <- [a] packages: jq, [b] steps: useradd b, [internal] the frontend's own image  @ extensions/a/extension.yaml:5
    [a] 2 steps: useradd a; … (state)             exec   /run/inlay/reconcile --capture /run/inlay/after /run/inlay/state /run/inlay/before [network none] [/run/inlay/after [a] 2 steps: useradd a; … readonly, by definition] [/run/inlay/before [a] merge what its steps see readonly, by definition] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state scratch output#1]  <- [a] 2 steps: useradd a; …, [a] merge what its steps see, [internal] the frontend's own image  @ extensions/a/extension.yaml:7
    [joint] read the base's databases             exec   /run/inlay/reconcile --capture /run/inlay/after /run/inlay/state [network none] [/run/inlay/after [base] ubuntu:24.04 readonly, by definition] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state scratch output#1]  <- [base] ubuntu:24.04, [internal] the frontend's own image  @ image.yaml:1
    [joint] reconcile the databases of the image  exec   PATH=/usr/bin:/bin OF=ubuntu:24.04 EPOCH=315532800 /run/inlay/reconcile /run/inlay/job [network none] [/run/inlay/above scratch output#1] [/run/inlay/job [internal] job of the joint:/job readonly] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state/0 [b] steps: useradd b (state)#1 readonly] [/run/inlay/state/1 [a] packages: jq (state)#1 readonly] [/run/inlay/state/3 [a] 2 steps: useradd a; … (state)#1 readonly] [/run/inlay/state/base [joint] read the base's databases#1 readonly] [/run/inlay/tree/0 [b] steps: useradd b readonly, by definition] [/run/inlay/tree/1 [a] packages: jq readonly, by definition] [/run/inlay/tree/2 [a] files readonly, by definition] [/run/inlay/tree/3 [a] 2 steps: useradd a; … readonly, by definition]  <- [joint] merge what is below the joint, [internal] job of the joint, [internal] the frontend's own image, [b] steps: useradd b (state)#1, [a] packages: jq (state)#1, [a] 2 steps: useradd a; … (state)#1, [joint] read the base's databases#1, [b] steps: useradd b, [a] packages: jq, [a] files, [a] 2 steps: useradd a; …  @ extensions/a/extension.yaml:2
    [joint] layer                                 diff                                                     <- [joint] merge what is below the joint, [joint] reconcile the databases of the image  @ extensions/a/extension.yaml:2
    [image] merge 6 layers                        merge                                                    <- [base] ubuntu:24.04, [b] steps: useradd b (layer), [a] packages: jq (layer), [a] files, [a] 2 steps: useradd a; … (layer), [joint] layer, [joint] reconcile the databases of the image#1  @ image.yaml:1
    "#);
}

#[test]
fn an_extension_that_requires_two_is_put_on_a_joint() {
    insta::assert_snapshot!(names("\
//- image.yaml
base: ubuntu:24.04
extensions:
  - { name: a, install: { packages: [jq] } }
  - { name: b, install: { steps: [useradd b] } }
  - { name: c, requires: [a, b], install: { packages: [git] } }
"), @"
    [base] ubuntu:24.04 <- 
    [a] packages: jq <- [base] ubuntu:24.04
    [a] packages: jq (layer) <- [base] ubuntu:24.04, [a] packages: jq
    [b] steps: useradd b <- [base] ubuntu:24.04
    [b] steps: useradd b (layer) <- [base] ubuntu:24.04, [b] steps: useradd b
    [joint] merge 2 system layers <- [base] ubuntu:24.04, [a] packages: jq (layer), [b] steps: useradd b (layer)
    [a] packages: jq (state) <- [a] packages: jq, [base] ubuntu:24.04
    [b] steps: useradd b (state) <- [b] steps: useradd b, [base] ubuntu:24.04
    [joint] read the base's databases <- [base] ubuntu:24.04
    [joint] reconcile the databases of a, b <- [joint] merge 2 system layers, [a] packages: jq (state)#1, [b] steps: useradd b (state)#1, [joint] read the base's databases#1, [a] packages: jq, [b] steps: useradd b
    [c] packages: git <- [joint] reconcile the databases of a, b
    [c] packages: git (layer) <- [joint] reconcile the databases of a, b, [c] packages: git
    [a] packages: jq (keep state) <- [a] packages: jq (state)#1, [a] packages: jq (state)#1
    [b] steps: useradd b (keep state) <- [b] steps: useradd b (state)#1, [b] steps: useradd b (state)#1
    [c] packages: git (state) <- [c] packages: git, [joint] reconcile the databases of a, b
    [c] packages: git (keep state) <- [c] packages: git (state)#1, [c] packages: git (state)#1
    [image] merge 3 layers <- [base] ubuntu:24.04, [a] packages: jq (layer), [b] steps: useradd b (layer), [c] packages: git (layer), [a] packages: jq (keep state), [b] steps: useradd b (keep state), [c] packages: git (keep state)
    ");
}

#[test]
fn a_chain_needs_no_joint() {
    insta::assert_snapshot!(names("\
//- image.yaml
base: ubuntu:24.04
extensions:
  - { name: a, install: { packages: [jq] } }
  - { name: b, requires: [a], install: { packages: [git], steps: [useradd b] } }
"), @"
    [base] ubuntu:24.04 <- 
    [a] packages: jq <- [base] ubuntu:24.04
    [a] packages: jq (layer) <- [base] ubuntu:24.04, [a] packages: jq
    [b] packages: git <- [a] packages: jq
    [b] packages: git (layer) <- [a] packages: jq, [b] packages: git
    [b] steps: useradd b <- [b] packages: git
    [b] steps: useradd b (layer) <- [b] packages: git, [b] steps: useradd b
    [a] packages: jq (state) <- [a] packages: jq, [base] ubuntu:24.04
    [a] packages: jq (keep state) <- [a] packages: jq (state)#1, [a] packages: jq (state)#1
    [b] packages: git (state) <- [b] packages: git, [a] packages: jq
    [b] packages: git (keep state) <- [b] packages: git (state)#1, [b] packages: git (state)#1
    [b] steps: useradd b (state) <- [b] steps: useradd b, [b] packages: git
    [b] steps: useradd b (keep state) <- [b] steps: useradd b (state)#1, [b] steps: useradd b (state)#1
    [image] merge 3 layers <- [base] ubuntu:24.04, [a] packages: jq (layer), [b] packages: git (layer), [b] steps: useradd b (layer), [a] packages: jq (keep state), [b] packages: git (keep state), [b] steps: useradd b (keep state)
    ");
}

#[test]
fn the_union_may_lie_between_other_layers() {
    insta::assert_snapshot!(names("\
//- image.yaml
base: ubuntu:24.04
extensions:
  - { name: a, requires: [z], install: { packages: [jq], union: because } }
  - { name: b, install: { packages: [git], union: because } }
  - { name: c, requires: [a], install: { packages: [curl] } }
  - { name: z, install: { packages: [zsh] } }
"), @"
    [base] ubuntu:24.04 <- 
    [z] packages: zsh <- [base] ubuntu:24.04
    [z] packages: zsh (layer) <- [base] ubuntu:24.04, [z] packages: zsh
    [packages] ubuntu:24.04: git jq <- [z] packages: zsh
    [packages] ubuntu:24.04: git jq (layer) <- [z] packages: zsh, [packages] ubuntu:24.04: git jq
    [c] packages: curl <- [packages] ubuntu:24.04: git jq
    [c] packages: curl (layer) <- [packages] ubuntu:24.04: git jq, [c] packages: curl
    [z] packages: zsh (state) <- [z] packages: zsh, [base] ubuntu:24.04
    [z] packages: zsh (keep state) <- [z] packages: zsh (state)#1, [z] packages: zsh (state)#1
    [packages] ubuntu:24.04: git jq (state) <- [packages] ubuntu:24.04: git jq, [z] packages: zsh
    [packages] ubuntu:24.04: git jq (keep state) <- [packages] ubuntu:24.04: git jq (state)#1, [packages] ubuntu:24.04: git jq (state)#1
    [c] packages: curl (state) <- [c] packages: curl, [packages] ubuntu:24.04: git jq
    [c] packages: curl (keep state) <- [c] packages: curl (state)#1, [c] packages: curl (state)#1
    [image] merge 3 layers <- [base] ubuntu:24.04, [z] packages: zsh (layer), [packages] ubuntu:24.04: git jq (layer), [c] packages: curl (layer), [z] packages: zsh (keep state), [packages] ubuntu:24.04: git jq (keep state), [c] packages: curl (keep state)
    ");
}

#[test]
fn repositories_are_mounted_as_files() {
    insta::assert_snapshot!(check_commands("\
//- image.yaml
base: ubuntu:24.04
extensions: [a]
//- extensions/a/extension.yaml
name: a
install:
  packages: [tool]
  repositories: [{ url: https://x.org/debian/, components: [main, extra], key: a.asc }]
//- extensions/a/a.asc
key
"), @r#"
    [base] ubuntu:24.04                  image  docker.io/library/ubuntu:24.04@sha256:3d5 linux/amd64                                                    @ image.yaml:1
    [internal] files of an extension     file   file /source 644 "key\n"                                                                            @ extensions/a/extension.yaml:4
    [internal] a repository of packages  file   file /sources 644 "Types: deb\nURIs: https://x.org/debian/\nComponents: main extra\nSigned-By: /etc/ap…"                                                    @ extensions/a/extension.yaml:4
    [a] packages: tool                   exec   PATH=/usr/bin:/bin OF=ubuntu:24.04 INLAY_EPOCH=315532800 INLAY_ALONE=yes /bin/sh -e /run/inlay/install tool [/run/inlay/downloads cache /inlay/downloads/ubuntu:24.04/linux/amd64 shared] [/run/inlay/install [internal] script install:/install readonly] [/run/inlay/repositories/inlay-03d3a49e6864feb94bc700aa1d0f95e411b47a8b54c1da1be8a57e5131f2de4a.asc [internal] files of an extension:/source readonly] [/run/inlay/repositories/inlay-3c2d0a52880e169f780b1f80b1c80536c94aaa21bc1cbed91037957f7eea806d.sources [internal] a repository of packages:/sources readonly] [/run/inlay/work scratch discarded] [/run/secrets/inlay-ca secret inlay-ca]  <- [base] ubuntu:24.04, [internal] script install, [internal] files of an extension, [internal] a repository of packages  @ extensions/a/extension.yaml:3
    [a] packages: tool (layer)           diff                                                     <- [base] ubuntu:24.04, [a] packages: tool        @ extensions/a/extension.yaml:3
    [internal] the frontend's own image  image  inlay linux/amd64                                                                                   @ image.yaml:1
    [a] packages: tool (state)           exec   /run/inlay/reconcile --capture /run/inlay/after /run/inlay/state /run/inlay/before [network none] [/run/inlay/after [a] packages: tool readonly, by definition] [/run/inlay/before [base] ubuntu:24.04 readonly, by definition] [/run/inlay/reconcile [internal] the frontend's own image:/reconcile readonly] [/run/inlay/state scratch output#1]  <- [a] packages: tool, [base] ubuntu:24.04, [internal] the frontend's own image  @ extensions/a/extension.yaml:3
    [a] packages: tool (keep state)      diff                                                     <- [a] packages: tool (state)#1, [a] packages: tool (state)#1  @ extensions/a/extension.yaml:3
    [image] merge 1 layers               merge                                                    <- [base] ubuntu:24.04, [a] packages: tool (layer), [a] packages: tool (keep state)  @ image.yaml:1
    "#);
}

/// The names of a graph's vertices and of their inputs, without internal ones.
fn names(text: &str) -> String {
    let (plan, sources) = resolve_sound(text);
    let compiled = compile(&plan, &sources, &request(&plan));
    let graph = &compiled.graph;
    let mut rows = Vec::new();
    for line in graph.dump(compiled.root).lines() {
        let name = line.split("  ").next().unwrap_or_default();
        if name.starts_with("[internal]") {
            continue;
        }
        let inputs = line.split("<- ").nth(1).unwrap_or_default();
        let inputs = inputs.split("  ").next().unwrap_or_default();
        let inputs: Vec<&str> = inputs
            .split(", ")
            .filter(|input| !input.starts_with("[internal]"))
            .collect();
        rows.push(format!("{name} <- {}", inputs.join(", ")));
    }
    rows.join("\n")
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
