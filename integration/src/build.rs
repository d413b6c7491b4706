//! [`Build`]: one `docker buildx build` of a spec in a folder of its own, and its [`Outcome`].
//!
//! Tests share one engine, which shares vertices between builds. So what a test counts has to be its own:
//! the word `TOKEN` in any text becomes one that no other build ever had.

use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use serde_json::Value;
use tempfile::TempDir;

use crate::archive::Archive;
use crate::engine::Engine;
use crate::process::run;
use crate::progress::Progress;

/// The word that becomes the build's token.
const TOKEN: &str = "TOKEN";

/// What becomes of the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Export {
    /// Into the engine's store, removed with the outcome.
    Image,
    /// Into an archive whose layers can be read.
    Archive,
    /// It is made, and nothing but its digest is kept.
    Digest,
    /// Nothing: only the vertices run.
    Nothing,
}

/// A build that can be run, more than once.
#[derive(Debug)]
pub struct Build<'a> {
    engine: &'a Engine,
    flags: &'a [String],
    folder: TempDir,
    context: Option<PathBuf>,
    elsewhere: Option<[String; 2]>,
    stdin: Vec<u8>,
    token: String,
    arguments: Vec<OsString>,
    variables: Vec<(String, PathBuf)>,
    export: Export,
}

impl<'a> Build<'a> {
    /// A build without a spec; `flags` are those of [`make_flags`](crate::make_flags).
    ///
    /// # Panics
    /// When no temporary folder can be made.
    pub fn new(engine: &'a Engine, flags: &'a [String]) -> Build<'a> {
        Build {
            engine,
            flags,
            folder: tempfile::Builder::new()
                .prefix("inlay-test-")
                .tempdir()
                .expect("the machine has a place for temporary files"),
            context: None,
            elsewhere: None,
            stdin: Vec::new(),
            token: token(),
            arguments: Vec::new(),
            variables: Vec::new(),
            export: Export::Nothing,
        }
    }

    /// The spec, `inlay.yaml`.
    #[must_use]
    pub fn spec(self, text: &str) -> Self {
        self.file("inlay.yaml", text)
    }

    /// A file of the build context.
    ///
    /// # Panics
    /// When it cannot be written.
    #[must_use]
    pub fn file(self, path: &str, text: &str) -> Self {
        let file = self.folder.path().join(path);
        fs::create_dir_all(file.parent().expect("a file is in a folder"))
            .and_then(|()| fs::write(file, text.replace(TOKEN, &self.token)))
            .expect("a file of the build context can be written");
        self
    }

    /// Builds what is in that folder instead of a folder of its own.
    #[must_use]
    pub fn folder(mut self, folder: &Path) -> Self {
        self.context = Some(folder.to_owned());
        self
    }

    /// Builds from that context, an address or `-`, with the spec that `--file` names.
    #[must_use]
    pub fn from(mut self, context: &str, file: &str) -> Self {
        self.elsewhere = Some([context.to_owned(), file.to_owned()]);
        self
    }

    /// What the client reads on its standard input.
    #[must_use]
    pub fn stdin(mut self, bytes: Vec<u8>) -> Self {
        self.stdin = bytes;
        self
    }

    /// More words for `docker buildx build`.
    #[must_use]
    pub fn arguments<const N: usize>(mut self, arguments: [&str; N]) -> Self {
        let words = arguments.map(|word| word.replace(TOKEN, &self.token).into());
        self.arguments.extend(words);
        self
    }

    /// A variable of the client's environment that names a file of the build context.
    #[must_use]
    pub fn variable(mut self, name: &str, file: &str) -> Self {
        let path = self.path().join(file);
        self.variables.push((name.to_owned(), path));
        self
    }

    /// A secret, from a file; its id is taken as it is, as `GIT_AUTH_TOKEN` has the word in it.
    #[must_use]
    pub fn secret(mut self, id: &str, file: &Path) -> Self {
        let secret = format!("id={id},src={}", file.display());
        self.arguments.extend(["--secret".into(), secret.into()]);
        self
    }

    /// Takes those words back.
    #[must_use]
    pub fn without_arguments(mut self) -> Self {
        self.arguments.clear();
        self
    }

    /// Uses an image in the place of another, as `--build-context` does.
    #[must_use]
    pub fn image_in_place_of(self, public: &str, image: &str) -> Self {
        let context = format!("{public}=docker-image://{image}");
        self.arguments(["--build-context", &context])
    }

    /// Keeps the image in the engine's store as long as the outcome lives.
    #[must_use]
    pub fn image(mut self) -> Self {
        self.export = Export::Image;
        self
    }

    /// Keeps the image in an archive as long as the build lives.
    #[must_use]
    pub fn archive(mut self) -> Self {
        self.export = Export::Archive;
        self
    }

    /// Makes the image for its digest alone; the quick way for a large one.
    #[must_use]
    pub fn digest_only(mut self) -> Self {
        self.export = Export::Digest;
        self
    }

    /// What `TOKEN` became.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Where the spec and the context are.
    pub fn path(&self) -> &Path {
        self.context.as_deref().unwrap_or(self.folder.path())
    }

    /// Builds.
    ///
    /// # Panics
    /// When `docker` cannot be run or its answer cannot be read; a build that fails is an outcome.
    pub fn run(&self) -> Outcome<'a> {
        let name = format!("inlay-test-{}", self::token());
        let metadata = self.folder.path().join(format!("{name}.json"));
        let archive = self.folder.path().join(format!("{name}.tar"));
        let mut docker = self.engine.docker(["buildx", "build"]);
        docker.args(["--progress=rawjson", "--provenance=false"]);
        docker.arg("--metadata-file").arg(&metadata);
        docker.args(self.flags).args(&self.arguments);
        docker.envs(self.variables.iter().map(|(name, value)| (name, value)));
        match self.export {
            Export::Image => docker.args(["--tag", &name]),
            // Uncompressed, so that its layers can be read, and no digest depends on a compressor.
            Export::Archive => docker.arg(format!(
                "--output=type=oci,dest={},compression=uncompressed,force-compression=true",
                archive.display()
            )),
            Export::Digest => docker.arg("--output=type=oci,dest=/dev/null"),
            Export::Nothing => docker.arg("--output=type=cacheonly"),
        };
        match &self.elsewhere {
            Some([context, file]) if file.is_empty() => docker.arg(context),
            Some([context, file]) => docker.args(["--file", file, context]),
            None => docker
                .arg("--file")
                .arg(self.path().join("inlay.yaml"))
                .arg(self.path()),
        };
        let start = Instant::now();
        let Output { status, stderr, .. } = fed(&mut docker, &self.stdin);
        let took = start.elapsed();
        let metadata: Value = fs::read_to_string(metadata)
            .ok()
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        Outcome {
            engine: self.engine,
            progress: Progress::read(&String::from_utf8_lossy(&stderr)),
            succeeded: status.success(),
            took,
            digest: metadata["containerimage.digest"]
                .as_str()
                .map(str::to_owned),
            archive: (self.export == Export::Archive && status.success())
                .then(|| Archive::read(&archive).expect("the engine's archives can be read")),
            name,
            export: self.export,
        }
    }

    /// Asks a question about the build, as `--call` does: the exit status, what the client printed
    /// and what it said beside it.
    ///
    /// # Panics
    /// When `docker` cannot be run.
    pub fn call(&self, question: &str) -> Called {
        let mut docker = self.engine.docker(["buildx", "build"]);
        docker.args(["--progress=quiet", &format!("--call={question}")]);
        docker.args(self.flags).args(&self.arguments);
        docker.arg("--file").arg(self.path().join("inlay.yaml"));
        docker.arg(self.path()).stdin(Stdio::null());
        let output = docker.output().expect("`docker` runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&self.token, TOKEN);
        Called {
            status: output.status.code(),
            output: text(&output.stdout),
            messages: text(&output.stderr),
        }
    }

    /// Builds, and fails the test when the build fails.
    ///
    /// # Panics
    /// When the build fails, with what it said.
    #[track_caller]
    pub fn succeed(&self) -> Outcome<'a> {
        let outcome = self.run();
        assert!(
            outcome.succeeded,
            "the build failed:\n{}\n{}",
            outcome.progress.logs(),
            outcome.text()
        );
        outcome
    }

    /// Builds, and fails the test when the build does not fail.
    ///
    /// # Panics
    /// When the build succeeds.
    #[track_caller]
    pub fn fail(&self) -> Outcome<'a> {
        let outcome = self.run();
        assert!(!outcome.succeeded, "the build succeeded");
        outcome
    }
}

/// The output of a command that reads these bytes.
fn fed(command: &mut Command, bytes: &[u8]) -> Output {
    let pipe = || Stdio::piped();
    let command = command.stdin(pipe()).stdout(pipe()).stderr(pipe());
    let mut child = command.spawn().expect("`docker` runs");
    let mut stdin = child.stdin.take().expect("it was asked for");
    std::thread::scope(|scope| {
        // A client that refuses its arguments reads nothing.
        scope.spawn(move || drop(stdin.write_all(bytes)));
        child.wait_with_output().expect("`docker` ends")
    })
}

/// What a client did with the answer to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// Its exit status.
    pub status: Option<i32>,
    /// What it printed.
    pub output: String,
    /// What it said on standard error.
    pub messages: String,
}

/// What a build came to.
#[derive(Debug)]
pub struct Outcome<'a> {
    engine: &'a Engine,
    name: String,
    export: Export,
    archive: Option<Archive>,
    /// What its vertices did.
    pub progress: Progress,
    /// Whether it succeeded.
    pub succeeded: bool,
    /// How long it took.
    pub took: Duration,
    digest: Option<String>,
}

impl Outcome<'_> {
    /// The names of the vertices that ran, but for plumbing, in order.
    pub fn ran(&self) -> Vec<String> {
        self.progress.ran().into_iter().collect()
    }

    /// What the client said.
    pub fn text(&self) -> &str {
        self.progress.text()
    }

    /// The image's name in the engine's store, whether or not it is there.
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

    /// The archive of a build that was to make one.
    ///
    /// # Panics
    /// When it made none.
    pub fn archive(&self) -> &Archive {
        self.archive.as_ref().expect("the build made an archive")
    }

    /// The image's configuration, as `docker image inspect` has it.
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
        String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned()
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
        if self.export == Export::Image && self.succeeded {
            let removal = ["image", "rm", "--force", &self.name];
            let removed = run(&mut self.engine.docker(removal));
            if let Err(error) = removed.context("cannot remove an image of a test") {
                eprintln!("{error:#}");
            }
        }
    }
}

/// A word of lowercase letters and digits that no build had before.
pub fn token() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let nanoseconds = now.map_or(0, |since| since.as_nanos());
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("t{nanoseconds:x}x{:x}x{count:x}", std::process::id())
}
