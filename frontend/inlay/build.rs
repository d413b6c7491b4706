//! Writes the table of the repository's extensions, whose files become part of the binary.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let extensions = folder_of("CARGO_MANIFEST_DIR")?.join("../../extensions");
    let extensions = extensions.canonicalize()?;
    println!("cargo::rerun-if-changed={}", extensions.display());
    let mut table = String::new();
    for (name, folder) in list(&extensions)? {
        if folder.join("extension.yaml").is_file() {
            table += &extension(&name, &folder)?;
        }
    }
    let file = folder_of("OUT_DIR")?.join("extensions.rs");
    fs::write(file, format!("&[{table}]"))
}

/// A row of the table: an `EmbeddedExtension`.
fn extension(name: &str, folder: &Path) -> io::Result<String> {
    let mut files = BTreeMap::new();
    collect_files(folder, "", &mut files)?;
    let rows = files.iter().map(|(path, file)| {
        let is_executable = is_executable(file)?;
        let file = file.display().to_string();
        Ok(format!(
            "EmbeddedFile {{ path: {path:?}, content: include_bytes!({file:?}), \
             is_executable: {is_executable} }}"
        ))
    });
    let rows: io::Result<Vec<String>> = rows.collect();
    Ok(format!(
        "EmbeddedExtension {{ name: {name:?}, files: &[{}] }}, ",
        rows?.join(", ")
    ))
}

fn folder_of(variable: &str) -> io::Result<PathBuf> {
    env::var(variable)
        .map(PathBuf::from)
        .map_err(io::Error::other)
}

/// The entries of a folder by name, sorted. A name that is not UTF-8 cannot be used in a spec.
fn list(folder: &Path) -> io::Result<BTreeMap<String, PathBuf>> {
    let mut entries = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if let Ok(name) = entry.file_name().into_string() {
            entries.insert(name, entry.path());
        }
    }
    Ok(entries)
}

fn collect_files(
    folder: &Path,
    prefix: &str,
    files: &mut BTreeMap<String, PathBuf>,
) -> io::Result<()> {
    for (name, path) in list(folder)? {
        let relative = format!("{prefix}{name}");
        if path.is_dir() {
            collect_files(&path, &format!("{relative}/"), files)?;
        } else {
            files.insert(relative, path);
        }
    }
    Ok(())
}

#[cfg(unix)]
fn is_executable(file: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::metadata(file)?.permissions().mode() & 0o100 != 0)
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> io::Result<bool> {
    Ok(false)
}
