//! The repository: where it is, and which files belong to it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The files that git tracks, or will track once they are added, relative to the root.
pub(crate) fn files() -> Result<Vec<PathBuf>> {
    let listed = Command::new("git")
        .args([
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "-z",
        ])
        .current_dir(root())
        .output()
        .context("cannot run `git`")?;
    ensure!(listed.status.success(), "`git ls-files` failed");
    let listed = String::from_utf8(listed.stdout).context("a path is not UTF-8")?;
    let files = listed
        .split('\0')
        .filter(|path| !path.is_empty())
        .map(PathBuf::from);
    Ok(files.filter(|path| root().join(path).is_file()).collect())
}
