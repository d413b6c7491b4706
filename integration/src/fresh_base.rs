//! [`FreshBase`]: the base bookworm with one more file, so that nothing built on it is cached.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::base::make_base;
use crate::engine::Engine;
use crate::suite::Suite;
use crate::token::make_token;

/// The base. Dropping it removes its image.
#[derive(Debug)]
pub struct FreshBase<'a> {
    engine: &'a Engine,
    reference: String,
}

impl<'a> FreshBase<'a> {
    /// Makes one.
    ///
    /// # Errors
    /// When the image cannot be built.
    pub fn new(engine: &'a Engine) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let token = make_token();
        let below = make_base(engine, Suite::Bookworm)?;
        fs::write(folder.path().join("token"), &token)?;
        fs::write(
            folder.path().join("Dockerfile"),
            format!("FROM {below}\nCOPY token /etc/token\n"),
        )?;
        let reference = format!("inlay-bench-{token}:base");
        let mut build = engine.docker(["buildx", "build", "--quiet", "--provenance=false"]);
        build.args(["--tag", &reference]).arg(folder.path());
        let output = build.output().context("cannot run docker")?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(Self { engine, reference })
    }

    /// The name of its image.
    pub fn reference(&self) -> &str {
        &self.reference
    }

    /// The flags with this base as `debian:bookworm`, the name under which earlier downloads are found.
    pub fn flags(&self, flags: Vec<String>) -> Vec<String> {
        let public = format!("{}=", Suite::Bookworm.public_reference());
        let own = format!("{public}docker-image://{}", self.reference);
        let flags = flags.into_iter();
        flags
            .map(|flag| {
                if flag.starts_with(&public) {
                    own.clone()
                } else {
                    flag
                }
            })
            .collect()
    }
}

impl Drop for FreshBase<'_> {
    fn drop(&mut self) {
        let removal = ["image", "rm", "--force", &self.reference];
        let _ = self.engine.docker(removal).output();
    }
}
