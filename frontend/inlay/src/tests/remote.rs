//! Build contexts that are not a folder of the client.

use gateway::fake::{Fake, Script};
use gateway::pb;

use crate::tests::{build, operations, script};

const SPEC: &str = "base: ubuntu:24.04\nextensions: [./tools/mine]\n";
const MINE: &str = "name: mine\ninstall: { files: [{ from: rc, to: /etc/mine }] }\n";

/// An engine that has both files in this source, and no folder of the client.
fn elsewhere(source: &str, prefix: &str) -> Script {
    let mut script = script("").with_file(source, "inlay.yaml", SPEC).with_file(
        source,
        &format!("{prefix}tools/mine/extension.yaml"),
        MINE,
    );
    let spec = ("local://dockerfile".to_owned(), "inlay.yaml".to_owned());
    script.files.remove(&spec);
    let known = ["source.git.checksum", "source.git.skipsubmodules"];
    script.capabilities.extend(known.map(str::to_owned));
    script
}

/// Describes the sources of the image, and what is copied from them.
fn describe(definition: &pb::Definition) -> String {
    let mut lines = Vec::new();
    for operation in operations(definition) {
        match operation {
            pb::op::Op::Source(source) if !source.identifier.starts_with("docker-image:") => {
                let attributes: Vec<String> = source
                    .attrs
                    .iter()
                    .filter(|(key, _)| !key.starts_with("git.auth"))
                    .map(|(key, value)| format!("{key}={value}"))
                    .collect();
                lines.push(format!("{} {}", source.identifier, attributes.join(" ")));
            }
            pb::op::Op::File(file) => {
                for action in file.actions {
                    if let Some(pb::file_action::Action::Copy(copy)) = action.action {
                        let unpack = if copy.attempt_unpack_docker_compatibility {
                            " unpacked"
                        } else {
                            ""
                        };
                        lines.push(format!("copy {} -> {}{unpack}", copy.src, copy.dest));
                    }
                }
            }
            _ => {}
        }
    }
    lines.join("\n")
}

async fn of_git(values: &[(&str, &str)], source: &str, prefix: &str) -> String {
    let built = build(elsewhere(source, prefix), values).await;
    built.reply();
    describe(&built.definition())
}

#[tokio::test]
async fn a_repository_has_the_spec_and_the_files() {
    let values = [("context", "https://example.org/a.git#main:sub")];
    insta::assert_snapshot!(of_git(&values, "git://example.org/a.git#main:sub", "").await, @"
    git://example.org/a.git#main:sub git.fullurl=https://example.org/a.git
    copy /tools/mine/rc -> /etc/mine
    copy / -> /
    ");
}

#[tokio::test]
async fn a_query_says_how_a_repository_is_checked_out() {
    let address = "https://example.org/a.git?tag=v1&checksum=0123456&submodules=false&keep-git-dir";
    let source = "git://example.org/a.git#refs/tags/v1";
    insta::assert_snapshot!(of_git(&[("context", address)], source, "").await, @"
    git://example.org/a.git#refs/tags/v1 git.checksum=0123456 git.fullurl=https://example.org/a.git git.keepgitdir=true git.skipsubmodules=true
    copy /tools/mine/rc -> /etc/mine
    copy / -> /
    ");
}

#[tokio::test]
async fn a_build_argument_keeps_the_folder_of_git() {
    let values = [
        ("context", "ssh://git@example.org/a"),
        ("build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR", "1"),
    ];
    insta::assert_snapshot!(of_git(&values, "git://example.org/a", "").await, @"
    git://example.org/a git.fullurl=ssh://git@example.org/a git.keepgitdir=true git.mountsshsock=default
    copy /tools/mine/rc -> /etc/mine
    copy / -> /
    ");
}

#[tokio::test]
async fn a_folder_of_a_remote_context_is_the_context_and_the_spec_is_above_it() {
    let values = [
        ("context", "https://example.org/a.git"),
        ("contextsubdir", "/x/./y/"),
    ];
    let told = of_git(&values, "git://example.org/a.git", "x/y/").await;
    assert!(
        told.contains("copy /x/y/tools/mine/rc -> /etc/mine"),
        "{told}"
    );
    let up = [values[0], ("contextsubdir", "x/../..")];
    let built = build(elsewhere("git://example.org/a.git", ""), &up).await;
    insta::assert_snapshot!(built.failure().message, @"contextsubdir `x/../..`: `..` would lead out of the build context");
}

#[tokio::test]
async fn a_query_that_the_engine_does_not_know_is_refused() {
    for (query, capability) in [
        ("checksum=0123456", "source.git.checksum"),
        ("submodules=false", "source.git.skipsubmodules"),
        ("mtime=commit", "source.git.mtime"),
        (
            "fetch-by-commit&checksum=0123456",
            "source.git.fetchbycommit",
        ),
    ] {
        let address = format!("https://example.org/a.git?{query}");
        let mut script = elsewhere("git://example.org/a.git", "");
        script.capabilities.remove(capability);
        let built = build(script, &[("context", &address)]).await;
        let said = &built.failure().message;
        assert!(said.contains(capability), "{said}");
    }
}

#[tokio::test]
async fn an_archive_is_unpacked() {
    let address = "http://buildkit-session/abc";
    let archive = b"\x1f\x8b\x08 and the rest".to_vec();
    let script = elsewhere(address, "").with_file(address, "context", archive);
    let built = build(script, &[("context", address)]).await;
    built.reply();
    insta::assert_snapshot!(describe(&built.definition()), @"
    http://buildkit-session/abc http.filename=context
    copy /context -> / unpacked
    copy /tools/mine/rc -> /etc/mine
    copy / -> /
    ");
}

#[tokio::test]
async fn a_file_is_the_spec() {
    let address = "https://example.org/inlay.yaml";
    let wrong = "base: ubuntu:24.04\nextentions: []\n";
    let script = script("").with_file(address, "context", wrong);
    let built = build(script, &[("context", address)]).await;
    let said = &built.failure().message;
    assert!(said.starts_with("context:2:1: unknown key"), "{said}");
}

#[tokio::test]
async fn a_spec_of_the_client_is_used_beside_a_remote_context() {
    let address = "https://example.org/a.git";
    let script = elsewhere("git://example.org/a.git", "").with_file(
        "local://dockerfile",
        "Dockerfile",
        "base: ubuntu:24.04\nlabels: { from: the client }\nextensions: [./tools/mine]\n",
    );
    let values = [
        ("context", address),
        ("dockerfilekey", "dockerfile"),
        ("filename", "Dockerfile"),
    ];
    let built = build(script, &values).await;
    assert_eq!(built.config()["config"]["Labels"]["from"], "the client");
}

#[tokio::test]
async fn the_option_for_the_context_can_have_another_name() {
    let source = "git://example.org/a.git";
    let values = [
        ("contextkey", "other"),
        ("other", "https://example.org/a.git"),
    ];
    build(elsewhere(source, ""), &values).await.reply();
}

#[tokio::test]
async fn inputs_are_the_context_and_the_spec() {
    let mut script = elsewhere("git://example.org/a", "");
    let mut graph = buildkit_llb::Graph::new();
    let git = buildkit_llb::Git::new("https://example.org/a", "");
    let output = graph.git(git, buildkit_llb::About::default());
    let definition = graph.definition(output, &buildkit_llb::Capabilities::all());
    for name in ["context", "dockerfile"] {
        script.inputs.insert(name.to_owned(), definition.clone());
    }
    let built = build(script.clone(), &[]).await;
    built.reply();
    assert!(Fake::sources(&built.definition()).contains(&"git://example.org/a".to_owned()));
    let broken = pb::Definition {
        def: vec![vec![0xff]],
        ..Default::default()
    };
    script.inputs.insert("context".to_owned(), broken);
    let said = build(script, &[]).await.failure().message.clone();
    insta::assert_snapshot!(said, @"the build context cannot be read: operation 0 of the definition cannot be decoded");
}

#[tokio::test]
async fn a_context_that_is_not_an_address_is_refused() {
    let built = build(script(SPEC), &[("context", "example.org/a.git")]).await;
    insta::assert_snapshot!(built.failure().message, @"the build context `example.org/a.git` must be a folder, a git address or a web address");
    let built = build(script(SPEC), &[("context", "https://a.org/b.git?depth=1")]).await;
    insta::assert_snapshot!(built.failure().message, @"the address `https://a.org/b.git?depth=1`: its query has the unknown key `depth`");
}
