//! [`Build`]: one `docker buildx build` of a spec, in a folder of its own.
//!
//! Tests share one engine, which shares vertices between builds. Whatever a test counts must therefore be
//! its own: the word `TOKEN` in any text becomes a word that no other build has had.

use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;

use crate::archive::Archive;
use crate::company;
use crate::engine::Engine;
use crate::outcome::{Answer, Outcome};
use crate::progress::Progress;
use crate::token::make_token;

/// The word that is replaced with the build's token.
const TOKEN: &str = "TOKEN";

/// The spec of an image in company.
const COMPANY: &str = "inlay-company.yaml";

/// What happens to the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Export {
    /// It goes into the engine's store and is removed with the outcome.
    Image,
    /// It goes into an archive whose layers can be read.
    Archive,
    /// It is made, and only its digest is kept.
    Digest,
    /// It is not made; only the vertices run.
    Nothing,
}

/// A build, which can be run more than once.
#[derive(Debug)]
pub struct Build<'a> {
    engine: &'a Engine,
    flags: &'a [String],
    folder: TempDir,
    context: Option<PathBuf>,
    /// A context that is not a folder of this machine, and the path of the spec in it.
    elsewhere: Option<[String; 2]>,
    stdin: Vec<u8>,
    token: String,
    arguments: Vec<OsString>,
    variables: Vec<(String, PathBuf)>,
    export: Export,
    in_company: bool,
}

impl<'a> Build<'a> {
    /// A build that has no spec yet; `flags` are those of [`make_flags`](crate::make_flags).
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
            token: make_token(),
            arguments: Vec::new(),
            variables: Vec::new(),
            export: Export::Nothing,
            in_company: false,
        }
    }

    /// Writes the spec, `inlay.yaml`.
    #[must_use]
    pub fn spec(self, text: &str) -> Self {
        self.file("inlay.yaml", text)
    }

    /// Writes a file of the build context.
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

    /// Builds from that folder instead of a folder of its own.
    #[must_use]
    pub fn folder(mut self, folder: &Path) -> Self {
        self.context = Some(folder.to_owned());
        self
    }

    /// Builds from that context, which is an address or `-`, with that spec as `--file`; without the flag
    /// if the spec is empty.
    #[must_use]
    pub fn from(mut self, context: &str, file: &str) -> Self {
        self.elsewhere = Some([context.to_owned(), file.to_owned()]);
        self
    }

    /// Gives the client these bytes on its standard input.
    #[must_use]
    pub fn stdin(mut self, bytes: Vec<u8>) -> Self {
        self.stdin = bytes;
        self
    }

    /// Adds words to the command line of `docker buildx build`.
    #[must_use]
    pub fn arguments<const N: usize>(mut self, arguments: [&str; N]) -> Self {
        let words = arguments.map(|word| word.replace(TOKEN, &self.token).into());
        self.arguments.extend(words);
        self
    }

    /// Sets a variable of the client's environment to the path of a file of the build context.
    #[must_use]
    pub fn variable(mut self, name: &str, file: &str) -> Self {
        let path = self.path().join(file);
        self.variables.push((name.to_owned(), path));
        self
    }

    /// Adds a secret from a file. The id is taken as it is, because `GIT_AUTH_TOKEN` contains the word
    /// `TOKEN`.
    #[must_use]
    pub fn secret(mut self, id: &str, file: &Path) -> Self {
        let secret = format!("id={id},src={}", file.display());
        self.arguments.extend(["--secret".into(), secret.into()]);
        self
    }

    /// Removes the words that were added to the command line.
    #[must_use]
    pub fn without_arguments(mut self) -> Self {
        self.arguments.clear();
        self
    }

    /// Replaces an image with another, as `--build-context` does.
    #[must_use]
    pub fn image_in_place_of(self, public: &str, image: &str) -> Self {
        let context = format!("{public}=docker-image://{image}");
        self.arguments(["--build-context", &context])
    }

    /// Keeps the image in the engine's store while the outcome exists.
    #[must_use]
    pub fn image(mut self) -> Self {
        self.export = Export::Image;
        self
    }

    /// Makes the image once more with unrelated extensions beside those of the spec. What [`Outcome::run`] shows of one,
    /// it must show of the other.
    #[must_use]
    pub fn in_company(mut self) -> Self {
        self.in_company = true;
        self
    }

    /// Keeps the image in an archive while the build exists.
    #[must_use]
    pub fn archive(mut self) -> Self {
        self.export = Export::Archive;
        self
    }

    /// Makes the image only for its digest, which is quick for large images.
    #[must_use]
    pub fn digest_only(mut self) -> Self {
        self.export = Export::Digest;
        self
    }

    /// The word that `TOKEN` is replaced with.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The folder of the spec and the context.
    pub fn path(&self) -> &Path {
        self.context.as_deref().unwrap_or(self.folder.path())
    }

    /// Builds. A build that fails is an outcome too.
    ///
    /// # Panics
    /// When `docker` cannot be run, or what it wrote cannot be read.
    pub fn run(&self) -> Outcome<'a> {
        let mut outcome = self.run_spec("inlay.yaml");
        let is_whole = self.arguments.iter().all(|word| word != "--target");
        let is_wanted = self.in_company || company::is_wanted();
        if is_wanted && outcome.is_in_store && self.elsewhere.is_none() && is_whole {
            let spec = fs::read_to_string(self.path().join("inlay.yaml"));
            if let Some(text) = company::add(&spec.expect("the spec was just built")) {
                fs::write(self.path().join(COMPANY), text).expect("the context can be written");
                let beside = |spec: &str| self.path().join(format!("{spec}.dockerignore"));
                // It has its own ignore file only if the spec has one.
                let _ = fs::copy(beside("inlay.yaml"), beside(COMPANY));
                let company = self.run_spec(COMPANY);
                assert!(
                    company.succeeded,
                    "the build fails in company:\n{}\n{}",
                    company.progress.logs(),
                    company.text()
                );
                outcome.company = Some(Box::new(company));
            }
        }
        outcome
    }

    fn run_spec(&self, spec: &str) -> Outcome<'a> {
        let name = format!("inlay-test-{}", make_token());
        let metadata = self.folder.path().join(format!("{name}.json"));
        let archive = self.folder.path().join(format!("{name}.tar"));
        let mut docker = self.engine.docker(["buildx", "build"]);
        docker.args(["--progress=rawjson", "--provenance=false"]);
        docker.arg("--metadata-file").arg(&metadata);
        docker.args(self.flags).args(&self.arguments);
        docker.envs(self.variables.iter().map(|(name, value)| (name, value)));
        match self.export {
            Export::Image => docker.args(["--tag", &name]),
            // Uncompressed, so that layers can be read and no digest depends on a compressor.
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
                .arg(self.path().join(spec))
                .arg(self.path()),
        };
        let start = Instant::now();
        let Output { status, stderr, .. } = run_with_stdin(&mut docker, &self.stdin);
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
            company: None,
            is_in_store: self.export == Export::Image && status.success(),
        }
    }

    /// Asks a question about the build, as `--call` does.
    ///
    /// # Panics
    /// When `docker` cannot be run.
    pub fn call(&self, question: &str) -> Answer {
        let mut docker = self.engine.docker(["buildx", "build"]);
        docker.args(["--progress=quiet", &format!("--call={question}")]);
        docker.args(self.flags).args(&self.arguments);
        docker.arg("--file").arg(self.path().join("inlay.yaml"));
        docker.arg(self.path()).stdin(Stdio::null());
        let output = docker.output().expect("`docker` runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&self.token, TOKEN);
        Answer {
            status: output.status.code(),
            output: text(&output.stdout),
            messages: text(&output.stderr),
        }
    }

    /// Builds, and fails the test if the build fails.
    ///
    /// # Panics
    /// When the build fails, with its output.
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

    /// Builds, and fails the test if the build succeeds.
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

/// Runs a command that reads these bytes, and returns its output.
fn run_with_stdin(command: &mut Command, bytes: &[u8]) -> Output {
    let pipe = || Stdio::piped();
    let command = command.stdin(pipe()).stdout(pipe()).stderr(pipe());
    let mut child = command.spawn().expect("`docker` runs");
    let mut stdin = child.stdin.take().expect("a pipe was asked for");
    std::thread::scope(|scope| {
        // A client that refuses its arguments reads nothing, so that writing fails.
        scope.spawn(move || drop(stdin.write_all(bytes)));
        child.wait_with_output().expect("`docker` ends")
    })
}
