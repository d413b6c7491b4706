//! What inlay promises, shown on a real engine.
//!
//! Run with `RUN_ENGINE_TESTS=1`; without it these tests are ignored (see this package's `build.rs`). All
//! tests share one engine and one image of the frontend, and run one at a time, for the reason given in
//! `.config/nextest.toml`. `cargo test` needs `--test-threads=1` for that.
//!
//! `INLAY_TEST_FRONTEND=<image>` tests another frontend than this repository's: a released one, or one that
//! was broken on purpose to see a test fail.

#![expect(
    clippy::unwrap_used,
    reason = "a test's own helpers fail as the test does"
)]

mod agent;
mod bake;
mod cache;
mod calls;
mod classic;
mod commands;
mod compose;
mod contexts;
mod crowd;
mod downloads;
mod errors;
mod extensions;
mod failures;
mod frontend;
mod ids;
mod isolated;
mod lines;
mod locks;
mod matrix;
mod named;
mod names;
mod no_cache;
mod options;
mod outputs;
mod paths;
mod platforms;
mod private_repository;
mod refusals;
mod remote;
mod replaced_images;
mod reproducible;
mod sbom;
mod secrets;
mod served;
mod soundness;
mod sources;
mod sshd;
mod states;
mod steps;
mod targets;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use integration::{Build, Engine, Suite, make_base, make_flags, make_frontend};

/// The engine, and the flags that replace the public frontend with this repository's.
struct Ground {
    engine: Engine,
    flags: Vec<String>,
}

impl Ground {
    /// The one ground of this process, made when the first test asks for it.
    fn get() -> &'static Ground {
        static GROUND: OnceLock<Ground> = OnceLock::new();
        GROUND.get_or_init(|| {
            let engine = Engine::up().unwrap();
            let frontend = std::env::var("INLAY_TEST_FRONTEND");
            let frontend = frontend.unwrap_or_else(|_| make_frontend(&engine).unwrap());
            let flags = make_flags(&engine, &frontend).unwrap();
            Ground { engine, flags }
        })
    }

    fn build(&self) -> Build<'_> {
        Build::new(&self.engine, &self.flags)
    }

    /// The named contexts of the flags, for bake and compose files.
    fn contexts(&self) -> BTreeMap<&str, &str> {
        let pairs = self.flags.windows(2);
        let named = pairs.filter(|pair| pair[0] == "--build-context");
        named.filter_map(|pair| pair[1].split_once('=')).collect()
    }

    /// Runs a `docker` command, which must succeed, and returns its output.
    fn docker<const N: usize>(&self, arguments: [&str; N]) -> String {
        let output = self.engine.docker(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned();
        assert!(
            output.status.success(),
            "{arguments:?}: {said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        said
    }
}

/// Fails with the whole text if a part is not in it.
#[track_caller]
fn assert_has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
}

/// The base bookworm with one more file, removed when dropped.
struct DerivedBase {
    ground: &'static Ground,
    reference: String,
}

impl DerivedBase {
    /// The file is `/etc/derived` and has that text.
    fn new(ground: &'static Ground, text: &str) -> DerivedBase {
        DerivedBase::after(ground, text, "true")
    }

    /// The same, after a shell command has run as well.
    fn after(ground: &'static Ground, text: &str, command: &str) -> DerivedBase {
        let folder = tempfile::tempdir().unwrap();
        let base = make_base(&ground.engine, Suite::Bookworm).unwrap();
        let dockerfile = format!("FROM {base}\nCOPY derived /etc/derived\nRUN {command}\n");
        std::fs::write(folder.path().join("derived"), text).unwrap();
        std::fs::write(folder.path().join("Dockerfile"), dockerfile).unwrap();
        let reference = format!("inlay-test-{}:base", integration::make_token());
        let context = folder.path().to_str().unwrap();
        ground.docker([
            "buildx",
            "build",
            "--provenance=false",
            "--tag",
            &reference,
            context,
        ]);
        DerivedBase { ground, reference }
    }

    fn reference(&self) -> &str {
        &self.reference
    }
}

impl Drop for DerivedBase {
    fn drop(&mut self) {
        let removal = ["image", "rm", "--force", &self.reference];
        let _ = self.ground.engine.docker(removal).output();
    }
}
