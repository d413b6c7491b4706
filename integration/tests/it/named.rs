//! Named contexts of each kind as extensions.

use std::fmt::Write as _;
use std::path::Path;

use integration::{Outcome, Suite, make_base};

use crate::served::{GitDaemon, Repository, Server};
use crate::{Ground, assert_has};

/// `uv` is also in the catalogue, to show that the context takes precedence.
const SPEC: &str = "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions: [uv]
";

const EXTENSION: &str = "name: uv\ninstall: { files: [{ from: rc, to: /etc/uv.rc }] }\n";

const DOCKERFILE: &str = "FROM scratch\nCOPY extension.yaml rc /\n";

/// A folder with the extension, whose file contains this word.
fn folder(word: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("extension.yaml"), EXTENSION).unwrap();
    std::fs::write(folder.path().join("rc"), word).unwrap();
    std::fs::write(folder.path().join("Dockerfile"), DOCKERFILE).unwrap();
    folder
}

fn with(ground: &'static Ground, context: &str) -> Outcome<'static> {
    let build = ground.build().spec(SPEC).image();
    build.arguments(["--build-context", context]).succeed()
}

#[track_caller]
fn is_extension(outcome: &Outcome<'_>, word: &str) {
    assert_eq!(outcome.run(["cat", "/etc/uv.rc"]), word);
    let absent = outcome.container(&[], &["test", "-e", "/usr/local/bin/uv"]);
    assert!(
        !absent.status.success(),
        "the image also has the extension of the catalogue"
    );
}

/// Builds that folder's Dockerfile into a layout on disk.
pub(crate) fn build_layout(ground: &Ground, folder: &Path, to: &Path) {
    let output = format!("--output=type=oci,dest={},tar=false", to.display());
    let folder = folder.to_str().unwrap();
    ground.docker(["buildx", "build", "--provenance=false", &output, folder]);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_folder_is_an_extension() {
    let ground = Ground::get();
    let word = integration::make_token();
    let own = folder(&word);
    std::fs::write(own.path().join("large"), vec![b'0'; 20 << 20]).unwrap();
    let context = format!("uv={}", own.path().display());
    let outcome = with(ground, &context);
    is_extension(&outcome, &word);
    let sent = outcome.progress.transferred_bytes("[context uv]");
    assert!((1..100_000).contains(&sent), "{sent} bytes were sent");
    // A file that the extension does not use changes nothing; one that it uses does.
    std::fs::write(own.path().join("other"), "").unwrap();
    assert_eq!(with(ground, &context).ran(), [""; 0]);
    std::fs::write(own.path().join("rc"), format!("{word}2")).unwrap();
    is_extension(&with(ground, &context), &format!("{word}2"));
    // The ignore file of the context is followed.
    std::fs::write(own.path().join(".dockerignore"), "rc\n").unwrap();
    let build = ground.build().spec(SPEC);
    let refused = build.arguments(["--build-context", &context]).fail();
    assert_has(refused.text(), &["uv/extension.yaml:2", "rc"]);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_repository_is_an_extension() {
    let ground = Ground::get();
    let word = integration::make_token();
    let served = tempfile::tempdir().unwrap();
    let repository = Repository::new(&served.path().join("it"));
    repository.commit(&[("ext/extension.yaml", EXTENSION), ("ext/rc", &word)]);
    let daemon = GitDaemon::serve(served.path());
    let address = format!("uv=git://127.0.0.1:{}/it", daemon.port);
    is_extension(&with(ground, &format!("{address}#main:ext")), &word);
    is_extension(&with(ground, &format!("{address}?subdir=ext")), &word);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_archive_at_an_address_is_an_extension() {
    let ground = Ground::get();
    let word = integration::make_token();
    let own = folder(&word);
    let mut archive = tar::Builder::new(Vec::new());
    archive.append_dir_all(".", own.path()).unwrap();
    let server = Server::of(archive.into_inner().unwrap());
    let context = format!("uv=http://127.0.0.1:{}/uv.tar", server.port);
    is_extension(&with(ground, &context), &word);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_layout_and_an_image_are_extensions() {
    let ground = Ground::get();
    let word = integration::make_token();
    let own = folder(&word);
    let to = tempfile::tempdir().unwrap();
    build_layout(ground, own.path(), to.path());
    let context = format!("uv=oci-layout://{}", to.path().display());
    is_extension(&with(ground, &context), &word);

    let reference = format!("inlay-test-{word}:extension");
    let folder = own.path().to_str().unwrap();
    ground.docker([
        "buildx",
        "build",
        "--provenance=false",
        "--tag",
        &reference,
        folder,
    ]);
    let outcome = with(ground, &format!("uv=docker-image://{reference}"));
    is_extension(&outcome, &word);
    ground.docker(["image", "rm", "--force", &reference]);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn contexts_that_are_not_extensions() {
    let ground = Ground::get();
    let refused = |context: &str, parts: &[&str]| {
        let build = ground.build().spec(SPEC);
        let outcome = build.arguments(["--build-context", context]).fail();
        assert_has(outcome.text(), parts);
        assert_eq!(outcome.ran(), [""; 0]);
    };
    let own = folder("x");
    let path = own.path().join("extension.yaml");
    let context = format!("uv={}", own.path().display());
    std::fs::write(&path, "name: other\n").unwrap();
    refused(
        &context,
        &[
            "uv/extension.yaml:1:7: this extension is called `other`, but it is used as `uv` [E0210]",
            "   1 | >>> name: other",
            "   3 | >>> extensions: [uv]",
        ],
    );
    std::fs::remove_file(&path).unwrap();
    refused(
        &context,
        &[
            "inlay.yaml:3:14: the named context `uv` has no `extension.yaml`: `local:uv` [E0220]",
            "   3 | >>> extensions: [uv]",
        ],
    );
    let server = Server::of(b"not an archive".to_vec());
    let address = format!("http://127.0.0.1:{}/x", server.port);
    refused(
        &format!("uv={address}"),
        &[
            "the named context `uv` is a single file, not an archive",
            "[E0220]",
        ],
    );
    refused(
        &format!("debian:bookworm={address}"),
        &[
            "the named context `debian:bookworm` is a single file, not an archive",
            "   2 | >>> base: debian:bookworm",
        ],
    );
}

/// One target of the file is the extension, and another the base.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_target_of_a_bake_file_is_an_extension_and_a_base() {
    let ground = Ground::get();
    let word = integration::make_token();
    let own = folder(&word);
    std::fs::write(
        own.path().join("inlay.yaml"),
        SPEC.replace("debian:bookworm", "mine"),
    )
    .unwrap();
    // The command line's flags in the form of a bake file.
    let mut contexts = String::new();
    for (name, value) in ground.contexts() {
        writeln!(contexts, "    {name:?} = {value:?}").unwrap();
    }
    let base = make_base(&ground.engine, Suite::Bookworm).unwrap();
    let image = format!("inlay-test-{word}:baked");
    let file = own.path().join("docker-bake.hcl");
    let text = format!(
        "target \"ext\" {{ context = \".\" }}
target \"base\" {{
  context = \".\"
  dockerfile-inline = \"FROM {base}\\nENV OWN={word}\\n\"
}}
target \"image\" {{
  context = \".\"
  dockerfile = \"inlay.yaml\"
  contexts = {{
{contexts}    uv = \"target:ext\"
    mine = \"target:base\"
  }}
  tags = [\"{image}\"]
  attest = [{{ type = \"provenance\", disabled = true }}]
}}
"
    );
    std::fs::write(&file, text).unwrap();
    let output = ground
        .engine
        .docker(["buildx", "bake", "--progress=plain", "image", "--file"])
        .arg(&file)
        .current_dir(own.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let ran = ground.docker([
        "run",
        "--rm",
        &image,
        "sh",
        "-c",
        "cat /etc/uv.rc; echo $OWN",
    ]);
    ground.docker(["image", "rm", "--force", &image]);
    assert_eq!(ran, format!("{word}{word}"));
}
