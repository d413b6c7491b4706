//! Shell scripts: their layout by shfmt, and what shellcheck finds in them.
//!
//! Most of inlay's own scripts are run as one text made of several files. shellcheck gets each such text
//! as a script that sources these files in turn, so that it knows their variables and reports their lines.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::process::{self, is_installed};
use crate::repository::{files, root};

/// What the macro `with_certificates!` puts before the files that it names.
const CERTIFICATES: &str = "scripts/certificates.sh";

/// Checks every shell script of the repository with the programs that are installed.
pub(crate) fn check() -> Result<()> {
    let files = files()?;
    let scripts = scripts(&files);
    if is_installed("shfmt") {
        let mut shfmt = Command::new("shfmt");
        shfmt.args(["-ln", "posix", "-i", "2", "-d"]).args(&scripts);
        process::run(shfmt.current_dir(root()))?;
    }
    if is_installed("shellcheck") {
        for text in texts(&files, &scripts) {
            check_text(&text)?;
        }
    }
    Ok(())
}

/// The files that are shell scripts by their name or by their first line.
fn scripts(files: &[PathBuf]) -> BTreeSet<PathBuf> {
    let begins_as_script = |file: &Path| {
        fs::read(root().join(file)).is_ok_and(|bytes| bytes.starts_with(b"#!/bin/sh\n"))
    };
    let is_script = |file: &&PathBuf| {
        has_extension(file, "sh") || file.extension().is_none() && begins_as_script(file)
    };
    files.iter().filter(is_script).cloned().collect()
}

/// The texts that shells are given, each as the files it is made of: those that Rust files put together,
/// and every other script by itself.
fn texts(files: &[PathBuf], scripts: &BTreeSet<PathBuf>) -> Vec<Vec<PathBuf>> {
    let mut texts = Vec::new();
    for file in files {
        if has_extension(file, "rs") {
            let rust = fs::read_to_string(root().join(file)).unwrap_or_default();
            let folder = file.parent().unwrap_or(Path::new(""));
            let composed = compositions(&rust)
                .into_iter()
                .map(|names| -> Vec<PathBuf> {
                    names.into_iter().map(|name| folder.join(name)).collect()
                });
            texts.extend(composed.filter(|text| text.iter().all(|file| scripts.contains(file))));
        }
    }
    let composed: BTreeSet<PathBuf> = texts.concat().into_iter().collect();
    let others = scripts.difference(&composed);
    texts.extend(others.map(|file| vec![file.clone()]));
    texts
}

/// The files of each `Script { …, text: … }` of a Rust file, in the order in which they follow one another.
fn compositions(rust: &str) -> Vec<Vec<&str>> {
    let texts = rust.split("text: ").skip(1);
    let composed = texts.filter_map(|rest| {
        let (text, _) = rest.split_once("\n}")?;
        let quoted = text.split('"').skip(1).step_by(2);
        let mut files: Vec<&str> = quoted
            .filter(|word| has_extension(Path::new(word), "sh"))
            .collect();
        if text.starts_with("with_certificates!") {
            files.insert(0, CERTIFICATES);
        }
        (!files.is_empty()).then_some(files)
    });
    composed.collect()
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

fn check_text(files: &[PathBuf]) -> Result<()> {
    // Every shell is started with `-e`, or sets it.
    let mut driver = "# shellcheck shell=sh\nset -e\n".to_owned();
    for file in files {
        let file = file.display();
        write!(driver, "# shellcheck source={file}\n. ./{file}\n")?;
    }
    let mut child = Command::new("shellcheck")
        .args(["--external-sources", "--check-sourced", "-"])
        .current_dir(root())
        .stdin(Stdio::piped())
        .spawn()
        .context("cannot run `shellcheck`")?;
    let mut stdin = child.stdin.take().context("a pipe was asked for")?;
    stdin.write_all(driver.as_bytes())?;
    drop(stdin);
    if !child.wait()?.success() {
        bail!("`shellcheck` is not content with {files:?}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inlays_own_scripts_are_checked_as_they_are_run() {
        let files = files().unwrap();
        let texts = texts(&files, &scripts(&files));
        let names = |text: &Vec<PathBuf>| -> Vec<String> {
            let names = text.iter().filter_map(|file| file.file_stem());
            names.map(|name| name.display().to_string()).collect()
        };
        let named: Vec<Vec<String>> = texts.iter().map(names).collect();
        for text in [
            ["certificates", "part", "apt", "downloads", "fetch"].as_slice(),
            &["part", "root", "apt", "install"],
            &["certificates", "part", "step"],
            &["run"],
            &["survey"],
        ] {
            assert!(
                named.iter().any(|names| names == text),
                "{text:?} is not in {named:?}"
            );
        }
        // Alone, these would lack the variables of the scripts before them.
        for script in ["root", "install", "steps"] {
            assert!(
                !named.contains(&vec![script.to_owned()]),
                "{script} is checked by itself"
            );
        }
    }
}
