//! [`Outcome`]: the result of a build and the image that it made. [`Answer`]: what a client made of a
//! question about a build.

use std::process::{Output, Stdio};
use std::time::Duration;

use anyhow::Context;
use serde_json::Value;

use crate::archive::Archive;
use crate::company;
use crate::engine::Engine;
use crate::process::run;
use crate::progress::Progress;

/// The result of a build.
#[derive(Debug)]
pub struct Outcome<'a> {
    pub(crate) engine: &'a Engine,
    /// The image's name in the engine's store.
    pub(crate) name: String,
    /// Whether the store has the image; then it is removed with this value.
    pub(crate) is_in_store: bool,
    pub(crate) archive: Option<Archive>,
    /// The same image with unrelated extensions.
    pub(crate) company: Option<Box<Outcome<'a>>>,
    pub(crate) digest: Option<String>,
    /// What its vertices did.
    pub progress: Progress,
    /// Whether it succeeded.
    pub succeeded: bool,
    /// How long it took.
    pub took: Duration,
}

impl Outcome<'_> {
    /// The names of the vertices that ran, in alphabetical order, without plumbing.
    pub fn ran(&self) -> Vec<String> {
        self.progress.ran().into_iter().collect()
    }

    /// The client's own messages.
    pub fn text(&self) -> &str {
        self.progress.text()
    }

    /// The image's name in the engine's store, whether or not the store has it.
    pub fn image(&self) -> &str {
        &self.name
    }

    /// The digest of the image's manifest.
    ///
    /// # Panics
    /// When the build made no image.
    pub fn digest(&self) -> &str {
        self.digest.as_deref().expect("the build made an image")
    }

    /// The archive.
    ///
    /// # Panics
    /// When the build made none.
    pub fn archive(&self) -> &Archive {
        self.archive.as_ref().expect("the build made an archive")
    }

    /// The image's configuration, as `docker image inspect` prints it.
    ///
    /// # Panics
    /// When there is no such image.
    pub fn inspect(&self) -> Value {
        let said = run(&mut self.engine.docker(["image", "inspect", &self.name]));
        let said: Value = serde_json::from_str(&said.expect("the image is there"))
            .expect("`docker image inspect` prints JSON");
        said[0].clone()
    }

    /// Runs a command in a container of the image, and returns what it printed.
    ///
    /// # Panics
    /// When it fails.
    #[track_caller]
    pub fn run<const N: usize>(&self, command: [&str; N]) -> String {
        let output = self.container(&[], &command);
        assert!(
            output.status.success(),
            "{command:?} failed ({}):\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        let said = String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned();
        if let Some(company) = &self.company {
            let missing = company::find_missing(&said, &company.run(command));
            assert!(
                missing.is_empty(),
                "{command:?} does not print in company what it prints alone: {missing:#?}"
            );
        }
        said
    }

    /// Runs a command in a container of the image, with flags for `docker run`.
    ///
    /// # Panics
    /// When `docker` cannot be run.
    pub fn container(&self, flags: &[&str], command: &[&str]) -> Output {
        let mut docker = self.engine.docker(["run", "--rm"]);
        docker.args(flags).arg(&self.name).args(command);
        let output = docker.stdin(Stdio::null()).output();
        output.expect("`docker` runs")
    }
}

impl Drop for Outcome<'_> {
    fn drop(&mut self) {
        if self.is_in_store {
            let removal = ["image", "rm", "--force", &self.name];
            let removed = run(&mut self.engine.docker(removal));
            if let Err(error) = removed.context("cannot remove an image of a test") {
                eprintln!("{error:#}");
            }
        }
    }
}

/// What a client made of a question about a build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its exit status.
    pub status: Option<i32>,
    /// What it printed on standard output.
    pub output: String,
    /// What it printed on standard error.
    pub messages: String,
}
