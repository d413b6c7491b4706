//! Each kind of source, really fetched once.
//!
//! Registries are the ones that their clients use by default. Addresses and repositories are served by the
//! test itself on the loopback, which is the engine's loopback too.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::served::{GitDaemon, Repository, Server};
use crate::{Ground, assert_has};

/// A spec with one inline extension that has this source and copies it into the image.
fn spec(source: &str, copy: &str) -> String {
    format!(
        "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: x
    build:
      sources:
        - {{ {source}, to: got }}
      steps:
        - {{ run: '{copy}', network: none }}
"
    )
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_wheel_of_pypi() {
    let ground = Ground::get();
    let source = "pypi: six==1.16.0, sha256: 8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254";
    let copy = "install -D $SOURCES/got $OUT/opt/six.whl # TOKEN";
    let outcome = ground.build().spec(&spec(source, copy)).image().succeed();
    assert_eq!(
        outcome.run(["sh", "-c", "sha256sum < /opt/six.whl | cut -c1-8"]),
        "8abb2f1d"
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_package_of_npm() {
    let ground = Ground::get();
    let source = "npm: is-number@7.0.0, sha256: 7b75c1057198cf97696909a9bee176c9c5e9bcb5b03bf3ecef2f484defadd51e";
    let copy = "mkdir $OUT/opt; tar -xzf $SOURCES/got -C $OUT/opt # TOKEN";
    let outcome = ground.build().spec(&spec(source, copy)).image().succeed();
    assert_has(
        &outcome.run(["cat", "/opt/package/package.json"]),
        &["\"name\": \"is-number\"", "\"version\": \"7.0.0\""],
    );
}

/// The engine attests what the graph is made of, because sources are operations of the engine.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn provenance_has_the_base_and_the_sources_with_their_digests() {
    let ground = Ground::get();
    let folder = tempfile::tempdir().unwrap();
    let repository = Repository::new(&folder.path().join("it"));
    let token = integration::make_token();
    let commit = repository.commit(&[("file", &token)]);
    let daemon = GitDaemon::serve(folder.path());
    let server = Server::of(token.clone().into_bytes());
    let sha256 = sha256(&token);
    let text = format!(
        "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: x
    build:
      sources:
        - {{ url: \"http://127.0.0.1:{}/file\", sha256: {sha256}, to: one }}
        - {{ git: \"git://127.0.0.1:{}/it\", commit: {commit}, to: two }}
      steps: [{{ run: cp -r $SOURCES/one $SOURCES/two $OUT, network: none }}]
",
        server.port, daemon.port
    );
    let address = ground.engine.registry_address().unwrap();
    let image = format!("{address}/provenance:{token}");
    let output = format!("type=image,name={image},push=true");
    let arguments = ["--provenance", "mode=max", "--output", &output];
    ground.build().spec(&text).arguments(arguments).succeed();

    let format = ["--format", "{{json .Provenance}}"];
    let inspect = ["buildx", "imagetools", "inspect", &image];
    let said = ground.docker([
        inspect[0], inspect[1], inspect[2], inspect[3], format[0], format[1],
    ]);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    // The format has two versions.
    let materials = match &said["SLSA"]["materials"] {
        serde_json::Value::Null => &said["SLSA"]["buildDefinition"]["resolvedDependencies"],
        materials => materials,
    };
    let materials = materials.as_array().unwrap();
    let digest_of = |part: &str| {
        let uri = |material: &&serde_json::Value| material["uri"].as_str().unwrap().contains(part);
        let found = materials.iter().find(uri);
        let found = found.unwrap_or_else(|| panic!("no {part} in {materials:?}"));
        found["digest"].to_string()
    };
    let base = ground.docker([
        "image",
        "inspect",
        "--format",
        "{{.Id}}",
        &make_bookworm(ground),
    ]);
    let base = base.trim_start_matches("sha256:").to_owned();
    assert_has(&digest_of("debian"), &[&base]);
    assert_has(&digest_of("/file"), &[&sha256]);
    assert_has(&digest_of("/it"), &[&commit]);
}

fn make_bookworm(ground: &Ground) -> String {
    integration::make_base(&ground.engine, integration::Suite::Bookworm).unwrap()
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_file_at_an_address() {
    let ground = Ground::get();
    let content = format!("served {}\n", integration::make_token());
    let server = Server::of(content.clone().into_bytes());
    let source = |sha256: &str| {
        let url = format!("http://127.0.0.1:{}/file", server.port);
        spec(
            &format!("url: \"{url}\", sha256: {sha256}"),
            "install -D $SOURCES/got $OUT/opt/got",
        )
    };
    let right = sha256(&content);
    let wrong = right.chars().rev().collect::<String>();
    let refused = ground.build().spec(&source(&wrong)).fail();
    assert_has(
        refused.text(),
        &[
            "inlay.yaml:7\n",
            "   7 | >>>         - { url: ",
            &wrong,
            &right,
        ],
    );
    let build = ground.build().spec(&source(&right)).image();
    let outcome = build.succeed();
    assert_eq!(outcome.run(["cat", "/opt/got"]), content.trim_end());
    assert!(server.count() > 0);
    assert_eq!(build.succeed().ran(), [""; 0]);
    // The checksum is the cache key, so the server is not needed when everything is cached.
    drop(server);
    assert_eq!(build.succeed().digest(), outcome.digest());
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_commit_of_a_repository() {
    let ground = Ground::get();
    let folder = tempfile::tempdir().unwrap();
    let token = integration::make_token();
    let repository = Repository::new(&folder.path().join("it"));
    let commit = repository.commit(&[("file", &token)]);
    repository.commit(&[("file", "a later one")]);
    let daemon = GitDaemon::serve(folder.path());
    let source = |commit: &str| {
        format!(
            "git: \"git://127.0.0.1:{}/it\", commit: {commit}",
            daemon.port
        )
    };
    let copy = "mkdir $OUT/opt; cp -R $SOURCES/got $OUT/opt/";
    let build = ground.build().spec(&spec(&source(&commit), copy)).image();
    let outcome = build.succeed();
    // The given commit, which is not the last one, without the folder `.git`.
    assert_eq!(outcome.run(["cat", "/opt/got/file"]), token);
    assert_eq!(outcome.run(["ls", "-A", "/opt/got"]), "file");
    assert_eq!(build.succeed().ran(), [""; 0]);
    let absent = "0123456789012345678901234567890123456789";
    let refused = ground.build().spec(&spec(&source(absent), copy)).fail();
    assert_has(refused.text(), &["inlay.yaml:7\n", absent]);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_file_of_an_image() {
    let ground = Ground::get();
    // From the other base, so that the file shows where it came from.
    let copy = "install -D $SOURCES/got $OUT/opt/version # TOKEN";
    let source = "image: 'debian:trixie', path: /etc/debian_version";
    let trixie = integration::make_base(&ground.engine, integration::Suite::Trixie).unwrap();
    let build = ground.build().spec(&spec(source, copy)).image();
    let outcome = build.image_in_place_of("debian:trixie", &trixie).succeed();
    assert!(outcome.run(["cat", "/opt/version"]).starts_with("13"));
    assert!(
        outcome
            .run(["cat", "/etc/debian_version"])
            .starts_with("12")
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_file_and_a_folder_of_the_context() {
    let ground = Ground::get();
    let outcome = ground
        .build()
        .spec(
            "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - ./tools/x
  - name: y
    build:
      sources: [{ context: top/folder, to: folder }, { context: top/file, to: file }]
      steps: [{ run: 'mkdir $OUT/opt; cp -R $SOURCES $OUT/opt/y', network: none }]
",
        )
        .file(
            "tools/x/extension.yaml",
            "name: x
build:
  sources: [{ context: folder, to: folder }, { context: file, to: file }]
  steps: [{ run: 'mkdir $OUT/opt; cp -R $SOURCES $OUT/opt/x', network: none }]
",
        )
        .file("tools/x/file", "x's file TOKEN")
        .file("tools/x/folder/below/deep", "x's deep")
        .file("top/file", "y's file TOKEN")
        .file("top/folder/below/deep", "y's deep")
        .file("top/folder/ignored", "not this")
        .file(".dockerignore", "**/ignored\n")
        .image()
        .succeed();
    let found = outcome.run(["sh", "-c", "cd /opt; find . -type f | sort"]);
    assert_eq!(
        found,
        "./x/file\n./x/folder/below/deep\n./y/file\n./y/folder/below/deep"
    );
    assert_eq!(outcome.run(["cat", "/opt/x/folder/below/deep"]), "x's deep");
    assert_eq!(outcome.run(["cat", "/opt/y/folder/below/deep"]), "y's deep");
}

fn sha256(text: &str) -> String {
    let mut child = Command::new("sha256sum")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let said = child.wait_with_output().unwrap().stdout;
    String::from_utf8(said).unwrap()[..64].to_owned()
}
