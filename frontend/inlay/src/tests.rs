//! Tests with a scripted engine, and of the commands that people run at a terminal.

mod agreement;
mod arguments;
mod build;
mod catalogue;
mod commands;
mod context;
mod engine;
mod failures;
mod lock;
mod named;
mod offline;
mod options;
mod packages;
mod remote;
mod subrequests;
mod targets;

use std::fmt::Write as _;
use std::path::Path;

use gateway::fake::{Fake, Script};
use gateway::{Failure, Options, Reply, pb};
use prost::Message as _;

use crate::{CatalogueFiles, answer};

const DIGEST: &str = "sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";

/// A recent engine with two images and this spec.
fn script(spec: &str) -> Script {
    let config = r#"{ "config": { "Env": ["PATH=/usr/bin"] }, "of": "the base" }"#;
    Script::default()
        .with_file("local://dockerfile", "inlay.yaml", spec)
        .with_image("docker.io/library/ubuntu:24.04", DIGEST, config)
        .with_image("docker.io/library/debian:bookworm", DIGEST, "{}")
}

/// The commands that ask about packages, without the names of these.
const LISTS: &str = "/bin/sh -e -c eval \"$INLAY_SCRIPT\" fetch-lists";
const RESOLVE: &str = "/bin/sh -e -c eval \"$INLAY_SCRIPT\" resolve-packages";

/// What the engine says about packages: for each, what apt would do, its addresses and its record.
fn with_packages(script: Script, packages: &[(&str, &str)]) -> Script {
    let script = script.with_file(LISTS, "digest", &DIGEST["sha256:".len()..]);
    let with = |script: Script, (names, answer): &(&str, &str)| {
        let command = format!("{RESOLVE} {names}");
        script.with_file(&command, "answer", *answer)
    };
    packages.iter().fold(script, with)
}

/// What apt says of one package that can be installed by itself.
fn answer_of(name: &str, record: &str) -> String {
    let digest = &DIGEST["sha256:".len()..];
    format!(
        "== said\n0 upgraded, 1 newly installed, 0 to remove and 0 not upgraded.\n'http://archive.test/{name}.deb' \
         {name}_1.0_amd64.deb 10 SHA256:{digest}\n== records\nPackage: {name}\n\
         Status: install ok installed\nArchitecture: amd64\nVersion: 1.0\n{record}\n"
    )
}

/// A build and its answer.
struct Built {
    fake: Fake,
    answer: Result<Reply, Failure>,
}

/// A folder with these files, each with its path and its content.
fn catalogue(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in files {
        put(folder.path(), path, content);
    }
    folder
}

fn put(folder: &Path, path: &str, content: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

fn options(values: &[(&str, &str)]) -> Options {
    let values = values.iter();
    let mut options =
        Options::from_values(values.map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    "session".clone_into(&mut options.session_id);
    options
}

/// Builds with these files as the catalogue.
async fn build_with(script: Script, values: &[(&str, &str)], files: &[(&str, &str)]) -> Built {
    let folder = catalogue(files);
    let fake = Fake::new(script);
    let grpc = fake.connect().await.expect("the fake takes connections");
    let catalogue = CatalogueFiles::in_folder(folder.path());
    // A worker names the platform, so that it does not depend on the machine that runs the tests.
    let mut options = options(values);
    options.workers = Script::default().workers;
    let answer = answer(&grpc, &options, &catalogue).await;
    Built { fake, answer }
}

async fn build(script: Script, values: &[(&str, &str)]) -> Built {
    build_with(script, values, &[]).await
}

impl Built {
    fn reply(&self) -> &Reply {
        self.answer
            .as_ref()
            .unwrap_or_else(|failure| panic!("{}", failure.message))
    }

    fn failure(&self) -> &Failure {
        self.answer.as_ref().expect_err("the build fails")
    }

    /// The definition of the image, which is that of the last solve.
    fn definition(&self) -> pb::Definition {
        let solve = self
            .fake
            .record()
            .solves
            .pop()
            .expect("something was solved");
        solve.definition.expect("a solve has a definition")
    }

    fn config(&self) -> serde_json::Value {
        let config = &self.reply().metadata["containerimage.config"];
        serde_json::from_slice(config).unwrap()
    }
}

/// The operations of a definition, without the last one, which only names the output.
fn operations(definition: &pb::Definition) -> Vec<pb::op::Op> {
    let operations = definition.def.iter();
    operations
        .filter_map(|bytes| pb::Op::decode(&bytes[..]).expect("operations decode").op)
        .collect()
}

/// The local sources of a definition.
fn locals(definition: &pb::Definition) -> Vec<pb::SourceOp> {
    let operations = operations(definition).into_iter();
    operations
        .filter_map(|operation| match operation {
            pb::op::Op::Source(source) if source.identifier.starts_with("local://") => Some(source),
            _ => None,
        })
        .collect()
}

/// The message of a failure and what its snippets show: the file, the range of lines, the first line.
fn shown(failure: &Failure) -> String {
    let mut shown = failure.message.clone();
    for snippet in &failure.snippets {
        let text = String::from_utf8_lossy(&snippet.data);
        for range in &snippet.ranges {
            let line = text
                .lines()
                .nth(range.start_line as usize - 1)
                .unwrap_or("");
            let (from, to) = (range.start_line, range.end_line);
            write!(shown, "\n{} {from}-{to}: {line}", snippet.filename).unwrap();
        }
    }
    shown
}
