//! The frontend's image, built from this repository and named after its content.
//!
//! The binaries are compiled on this machine, in their own target folder. They replace the stage of
//! `Dockerfile.frontend` that compiles in a public image, so that nothing is pulled.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::engine::{Engine, Kind};
use crate::home::repository;
use crate::process::{progress, run, succeeds};

const DOCKERFILE: &str = "Dockerfile.frontend";
const EXTENSIONS: &str = "extensions";

/// The packages whose binaries the image contains, under the same names.
const BINARIES: [&str; 2] = ["inlay", "reconcile"];

/// Returns the reference of this repository's frontend, after compiling it and, if its content is new,
/// building and pushing the image. On the user's engine the image is only in the store.
///
/// # Errors
/// When it does not compile or the image cannot be built.
pub fn make_frontend(engine: &Engine) -> Result<String> {
    let home = engine.home();
    home.create()?;
    let _lock = home.lock("frontend")?;
    let staging = home.path("frontend");
    compile(&staging)?;
    let tag = format!("dev-{}", content_hash(&staging)?);
    let reference = match engine.registry_address() {
        Some(address) => format!("{address}/inlay:{tag}"),
        None => format!("inlay:{tag}"),
    };
    let is_there = match engine.kind() {
        Kind::Private => engine.registry_has("inlay", &tag)?,
        Kind::User => succeeds(&mut engine.docker(["image", "inspect", &reference])),
    };
    if is_there {
        return Ok(reference);
    }
    progress(&format!("building {reference}"));
    let mut build = engine.docker(["buildx", "build"]);
    if engine.kind() == Kind::User {
        // Another builder would keep the image where the engine does not look.
        build.args(["--builder", "default"]);
    }
    // As small as gzip can make it, because every engine fetches it once.
    let output = if engine.kind() == Kind::Private {
        "--output=type=image,push=true,compression=gzip,compression-level=9,force-compression=true"
    } else {
        "--load"
    };
    build.args(["--progress", "plain", "--provenance=false", "--file"]);
    build.arg(repository().join(DOCKERFILE));
    build
        .arg("--build-context")
        .arg(format!("binaries={}", staging.display()));
    run(build.args(["--tag", &reference, output]).arg(repository()))?;
    Ok(reference)
}

/// Compiles static binaries into the staging folder.
fn compile(staging: &Path) -> Result<()> {
    let about = run(Command::new("rustc").arg("-vV").current_dir(repository()))?;
    let triple = about
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("`rustc -vV` names no host")?;
    let target = repository().join("target/ship");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    progress("compiling the frontend");
    let mut command = Command::new(cargo);
    command
        .current_dir(repository())
        .args(["build", "--quiet", "--profile", "ship"]);
    for binary in BINARIES {
        command.args(["--package", binary]);
    }
    // With an explicit target the flags apply only to the binaries. Procedural macros are shared objects,
    // which cannot be linked statically.
    command
        .args(["--target", triple])
        .arg("--target-dir")
        .arg(&target);
    command
        .env("RUSTFLAGS", "-C target-feature=+crt-static")
        .stdin(Stdio::null());
    // Cargo's messages go to the user as they come; stdout is kept for the reference.
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo")?;
    if !output.status.success() {
        bail!("the frontend does not compile");
    }
    fs::create_dir_all(staging)?;
    for binary in BINARIES {
        fs::copy(
            target.join(triple).join("ship").join(binary),
            staging.join(binary),
        )?;
    }
    Ok(())
}

/// Twelve hexadecimal digits of a hash of the path, mode and bytes of everything in the image.
fn content_hash(staging: &Path) -> Result<String> {
    let mut files: Vec<PathBuf> = BINARIES.iter().map(|binary| staging.join(binary)).collect();
    files.push(repository().join(DOCKERFILE));
    let mut extensions = Vec::new();
    collect_files(&repository().join(EXTENSIONS), &mut extensions)?;
    extensions.sort();
    files.extend(extensions);
    let sums = run(Command::new("sha256sum").arg("--").args(&files))?;
    let mut listing = String::new();
    for (file, sum) in files.iter().zip(sums.lines()) {
        let path = file
            .strip_prefix(staging)
            .or_else(|_| file.strip_prefix(repository()));
        let mode = fs::metadata(file)?.permissions().mode() & 0o7777;
        let sum = sum.split_whitespace().next().unwrap_or_default();
        writeln!(listing, "{sum} {mode:o} {}", path.unwrap_or(file).display())?;
    }
    let list = staging.join("content.list");
    fs::write(&list, listing)?;
    let sum = run(Command::new("sha256sum").arg("--").arg(&list))?;
    sum.get(..12)
        .map(str::to_owned)
        .context("sha256sum printed no sum")
}

fn collect_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            collect_files(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
