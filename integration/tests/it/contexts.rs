//! The build context: a folder, of which only what is used is sent, a repository, an archive or a file.

use crate::served::{GitDaemon, Repository, Server};
use crate::{Ground, assert_has};

const SPEC: &str = "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions: [./tools/x]
";
const EXTENSION: &str = "name: x
build:
  sources: [{ context: src, to: src }]
  steps: [{ run: 'install -D $SOURCES/src/file $OUT/opt/x', network: none }]
install: { files: [{ from: rc, to: /etc/x }] }
";

/// The files of a context with the extension `x`; those that go into the image contain this word.
fn files(word: &str) -> [(&'static str, String); 4] {
    [
        ("inlay.yaml", SPEC.to_owned()),
        ("tools/x/extension.yaml", EXTENSION.to_owned()),
        ("tools/x/rc", format!("rc {word}\n")),
        ("tools/x/src/file", format!("src {word}\n")),
    ]
}

/// The same files as an archive.
fn archive(word: &str) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, text) in files(word) {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive
            .append_data(&mut header, path, text.as_bytes())
            .unwrap();
    }
    archive.into_inner().unwrap()
}

/// Commits the same files below a folder of a repository, and returns the commit.
fn commit(repository: &Repository, folder: &str, word: &str) -> String {
    let files = files(word).map(|(path, text)| (format!("{folder}{path}"), text));
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    repository.commit(&files)
}

#[track_caller]
fn has_files(outcome: &integration::Outcome<'_>, word: &str) {
    let said = outcome.run(["cat", "/etc/x", "/opt/x"]);
    assert_eq!(said, format!("rc {word}\nsrc {word}"));
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn only_what_is_used_is_sent() {
    let ground = Ground::get();
    let large = "0".repeat(20 << 20);
    let mut build = ground.build().image().file("large", &large);
    for (path, text) in files("TOKEN") {
        build = build.file(path, &text);
    }
    let build = build
        .file("tools/x/large", &large)
        .file("tools/x/src/large", &large)
        .file(".dockerignore", "**/large\n");
    let outcome = build.succeed();
    has_files(&outcome, build.token());
    let sent = outcome.progress.transferred_bytes("[internal] load ");
    assert!((1..100_000).contains(&sent), "{sent} bytes were sent");

    // Without patterns, unused files are still not sent, and what is used is sent whole.
    let build = build
        .file(".dockerignore", "")
        .file("tools/x/src/file", "again TOKEN");
    let outcome = build.succeed();
    let sent = outcome.progress.transferred_bytes("[internal] load ");
    assert!(
        (20 << 20..21 << 20).contains(&sent),
        "{sent} bytes were sent"
    );
    // What the engine already has is not sent again.
    let again = build.succeed();
    let sent = again.progress.transferred_bytes("[internal] load ");
    assert!(sent < 100_000, "{sent} bytes were sent");
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn the_ignore_file_of_the_spec_replaces_that_of_the_context() {
    let ground = Ground::get();
    let spec = "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: x
    install: { files: [{ from: all, to: /opt/all }] }
";
    let build = ground
        .build()
        .spec(spec)
        .file("all/a.log", "TOKEN")
        .file("all/keep.log", "TOKEN")
        .file("all/b.txt", "TOKEN")
        .file("all/c/d.txt", "TOKEN")
        .file(
            ".dockerignore",
            "# logs\n*/*.log\n!*/keep.log\n/all/c/../c\n",
        )
        .image();
    assert_eq!(build.succeed().run(["ls", "/opt/all"]), "b.txt\nkeep.log");
    let build = build.file("inlay.yaml.dockerignore", "**/*.txt\n");
    assert_eq!(
        build.succeed().run(["ls", "/opt/all"]),
        "a.log\nc\nkeep.log"
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_ignored_folder_does_not_exist() {
    let ground = Ground::get();
    let mut build = ground.build().file(".dockerignore", "tools\n");
    for (path, text) in files("x") {
        build = build.file(path, &text);
    }
    assert_has(
        build.fail().text(),
        &[
            "inlay.yaml:3:14: `.dockerignore` excludes `tools/x/extension.yaml`, by its line `tools` [E0201]",
            "change that line, or write `!tools/x` below it",
        ],
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_repository_with_a_reference_and_a_folder() {
    let ground = Ground::get();
    let folder = tempfile::tempdir().unwrap();
    let repository = Repository::new(&folder.path().join("it"));
    let token = integration::make_token();
    let first = commit(&repository, "", &token);
    repository.git(&["tag", "v1"]);
    commit(&repository, "below/folder/", &format!("{token} below"));
    repository.git(&["branch", "other"]);
    commit(&repository, "", &format!("{token} later"));
    let daemon = GitDaemon::serve(folder.path());
    let address = format!("git://127.0.0.1:{}/it", daemon.port);
    let outcome = |rest: &str| {
        let build = ground
            .build()
            .from(&format!("{address}{rest}"), "inlay.yaml");
        build.image().succeed()
    };
    has_files(&outcome("#v1"), &token);
    has_files(&outcome(""), &format!("{token} later"));
    has_files(&outcome("#other:below/folder"), &format!("{token} below"));
    has_files(&outcome("?tag=v1"), &token);
    let query = "?branch=other&subdir=below/folder";
    has_files(&outcome(query), &format!("{token} below"));
    has_files(&outcome(&format!("?tag=v1&checksum={first}")), &token);

    // A commit that changes nothing that an extension uses runs nothing.
    repository.commit(&[("README", "more"), ("tools/x/unused", "more")]);
    let later = outcome("");
    assert_eq!(later.ran(), [""; 0]);
    has_files(&later, &format!("{token} later"));

    // An error shows the spec of the repository.
    repository.commit(&[("inlay.yaml", &SPEC.replace("extensions", "extentions"))]);
    let refused = ground.build().from(&address, "inlay.yaml").fail();
    assert_has(
        refused.text(),
        &[
            "   3 | >>> extentions: [./tools/x]",
            "inlay.yaml:3:1: unknown key",
        ],
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_reference_that_is_not_the_given_commit() {
    let ground = Ground::get();
    let folder = tempfile::tempdir().unwrap();
    let repository = Repository::new(&folder.path().join("it"));
    let first = commit(&repository, "", "first");
    commit(&repository, "", "second");
    let daemon = GitDaemon::serve(folder.path());
    let address = format!(
        "git://127.0.0.1:{}/it?ref=main&checksum={first}",
        daemon.port
    );
    let refused = ground.build().from(&address, "inlay.yaml").fail();
    assert_has(refused.text(), &[&first]);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_local_spec_with_a_repository_as_context() {
    let ground = Ground::get();
    let folder = tempfile::tempdir().unwrap();
    let repository = Repository::new(&folder.path().join("it"));
    let token = integration::make_token();
    commit(&repository, "", &token);
    let daemon = GitDaemon::serve(folder.path());
    let address = format!("git://127.0.0.1:{}/it", daemon.port);
    let spec = format!("{SPEC}labels: {{ from: standard input }}\n");
    let build = ground.build().from(&address, "-").stdin(spec.into_bytes());
    let outcome = build.image().succeed();
    has_files(&outcome, &token);
    assert_eq!(
        outcome.inspect()["Config"]["Labels"]["from"],
        "standard input"
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_archive_at_an_address() {
    let ground = Ground::get();
    let token = integration::make_token();
    let server = Server::of(archive(&token));
    let address = format!("http://127.0.0.1:{}/context.tar", server.port);
    let build = ground.build().from(&address, "inlay.yaml").image();
    has_files(&build.succeed(), &token);
    assert_eq!(build.succeed().ran(), [""; 0]);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_spec_at_an_address() {
    let ground = Ground::get();
    let spec = "# syntax=ghcr.io/inlay/inlay:1\nbase: debian:bookworm\nlabels: { from: the web }\n";
    let server = Server::of(spec.into());
    let address = format!("http://127.0.0.1:{}/inlay.yaml", server.port);
    let outcome = ground.build().from(&address, "").image().succeed();
    assert_eq!(outcome.inspect()["Config"]["Labels"]["from"], "the web");
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_archive_on_standard_input() {
    let ground = Ground::get();
    let token = integration::make_token();
    let build = ground.build().from("-", "inlay.yaml").image();
    has_files(&build.stdin(archive(&token)).succeed(), &token);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_spec_on_standard_input() {
    let ground = Ground::get();
    let spec = "# syntax=ghcr.io/inlay/inlay:1\nbase: debian:bookworm\nlabels: { from: a pipe }\n";
    let outcome = ground
        .build()
        .from("-", "")
        .stdin(spec.into())
        .image()
        .succeed();
    assert_eq!(outcome.inspect()["Config"]["Labels"]["from"], "a pipe");
    // The same with a folder as the context.
    let mut build = ground.build();
    for (path, text) in files("TOKEN") {
        build = build.file(path, &text);
    }
    let context = build.path().to_str().unwrap().to_owned();
    let build = build.from(&context, "-").stdin(SPEC.into()).image();
    has_files(&build.succeed(), build.token());
}

/// The client loads the repository of a bake file once and gives the whole of it to each build.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_bake_file_of_a_repository() {
    let ground = Ground::get();
    let folder = tempfile::tempdir().unwrap();
    let repository = Repository::new(&folder.path().join("it"));
    let token = integration::make_token();
    let image = format!("inlay-test-{token}:baked");
    let target = serde_json::json!({
        "dockerfile": "inlay.yaml",
        "contexts": ground.contexts(),
        "tags": [image],
        "output": ["type=docker"],
    });
    let file = serde_json::json!({ "target": { "default": target } });
    repository.commit(&[("docker-bake.json", &file.to_string())]);
    commit(&repository, "", &token);
    let daemon = GitDaemon::serve(folder.path());
    let address = format!("git://127.0.0.1:{}/it", daemon.port);
    ground.docker(["buildx", "bake", "--provenance=false", &address]);
    let said = ground.docker(["run", "--rm", &image, "cat", "/etc/x", "/opt/x"]);
    ground.docker(["image", "rm", "--force", &image]);
    assert_eq!(said, format!("rc {token}\nsrc {token}"));
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn names_that_look_like_patterns() {
    let ground = Ground::get();
    let spec = r#"# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - ./tools[1]
  - name: x
    install:
      files:
        - { from: "rules[1].conf", to: /opt/a }
        - { from: "a*b", to: /opt/b }
        - { from: 'q?\', to: /opt/c }
        - { from: "d{1,2}^", to: /opt/d }
        - { from: "[folder]", to: /opt/e }
"#;
    let build = ground
        .build()
        .image()
        .spec(spec)
        .file(
            "tools[1]/extension.yaml",
            "name: y\ninstall: { files: [{ from: 'f[2]', to: /opt/f }] }",
        )
        .file("tools[1]/f[2]", "f TOKEN\n")
        .file("rules[1].conf", "a\n")
        .file("rules1.conf", "wrong\n")
        .file("a*b", "b\n")
        .file("axb", "wrong\n")
        .file("q?\\", "c\n")
        .file("d{1,2}^", "d\n")
        .file("[folder]/in", "e\n");
    let said = build.succeed().run([
        "sh",
        "-c",
        "cat /opt/a /opt/b /opt/c /opt/d /opt/e/in /opt/f; ls /opt",
    ]);
    let token = build.token();
    assert_eq!(said, format!("a\nb\nc\nd\ne\nf {token}\na\nb\nc\nd\ne\nf"));

    let build = build.file(".dockerignore", "rules*\n\\[folder\\]\n");
    assert_has(
        build.fail().text(),
        &[
            "`.dockerignore` excludes `rules[1].conf` from the build context, by its line `rules*`",
            "`.dockerignore` excludes `[folder]` from the build context, by its line `\\[folder\\]`",
        ],
    );
    build
        .file(".dockerignore", "rules*\n!rules\\[1\\].conf\n")
        .succeed();
}
