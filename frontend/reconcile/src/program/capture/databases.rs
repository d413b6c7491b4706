//! Copies of the databases that a system has only one of, and of what rules about them read.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::capture::{Roots, Was};
use crate::failure::Failure;
use crate::tree::locate;

/// The databases. A path that ends with a slash stands for all files below it.
const DATABASES: [&[u8]; 24] = [
    b"/etc/group",
    b"/etc/gshadow",
    b"/etc/machine-id",
    b"/etc/passwd",
    b"/etc/sgml/",
    b"/etc/shadow",
    b"/etc/shells",
    b"/etc/subgid",
    b"/etc/subuid",
    b"/etc/xml/catalog",
    b"/var/cache/debconf/config.dat",
    b"/var/cache/debconf/passwords.dat",
    b"/var/cache/debconf/templates.dat",
    b"/var/lib/apt/extended_states",
    b"/var/lib/dpkg/alternatives/",
    b"/var/lib/dpkg/arch",
    b"/var/lib/dpkg/diversions",
    b"/var/lib/dpkg/statoverride",
    b"/var/lib/dpkg/status",
    b"/var/lib/dpkg/triggers/",
    b"/var/lib/sgml-base/supercatalog",
    b"/var/lib/shells.state",
    b"/var/lib/ucf/",
    b"/var/lib/xml-core/catalog",
];

/// The folder of the lists and scripts of packages, whose names begin with those of the packages.
const INFO: &[u8] = b"/var/lib/dpkg/info/";

const DIVERSIONS: &[u8] = b"/var/lib/dpkg/diversions";

/// Copies the databases that a state needs into its folder.
pub(super) fn copy_databases(
    held: &BTreeMap<Vec<u8>, Was>,
    roots: &Roots<'_>,
    state: &Path,
) -> Result<(), Failure> {
    let root = state.join("root");
    fs::create_dir(&root).map_err(|error| Failure::at(&root, error))?;
    for path in held.keys() {
        if is_needed(roots.after, path)? {
            copy(roots.after, path, &root)?;
        }
    }
    if roots.before.is_none() {
        return Ok(());
    }
    // Another layer may have the diverted path too. Then the joint needs the file of the layer that diverts it.
    if held.contains_key(DIVERSIONS) {
        let place = locate(roots.after, DIVERSIONS);
        let bytes = fs::read(&place).map_err(|error| Failure::at(&place, error))?;
        let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
        for record in lines.chunks_exact(3) {
            if held.contains_key(record[0]) {
                copy(roots.after, record[0], &root)?;
            }
        }
    }
    let accounts = state.join("accounts");
    fs::create_dir(&accounts).map_err(|error| Failure::at(&accounts, error))?;
    for path in [b"/etc/passwd", b"/etc/group".as_slice()] {
        copy(roots.after, path, &accounts)?;
    }
    Ok(())
}

/// Whether a rule reads the content of a path.
fn is_needed(root: &Path, path: &[u8]) -> Result<bool, Failure> {
    if let Some(name) = path.strip_prefix(INFO) {
        if name.ends_with(b".postinst") {
            // The triggers that a script activates are found by their names in it.
            let word = b"dpkg-trigger";
            let place = locate(root, path);
            let is_file = place
                .symlink_metadata()
                .is_ok_and(|metadata| metadata.is_file());
            let bytes = if is_file {
                fs::read(&place).map_err(|error| Failure::at(&place, error))?
            } else {
                Vec::new()
            };
            return Ok(bytes.windows(word.len()).any(|window| window == word));
        }
        return Ok(name.ends_with(b".list") || name.ends_with(b".triggers"));
    }
    let is_lock = path.ends_with(b"/Lock");
    let is_database = |database: &&[u8]| {
        if database.ends_with(b"/") {
            path.starts_with(database)
        } else {
            path == *database
        }
    };
    Ok(!is_lock && DATABASES.iter().any(is_database))
}

/// Copies a regular file of a root to its path below a folder.
fn copy(root: &Path, path: &[u8], folder: &Path) -> Result<(), Failure> {
    let from = locate(root, path);
    let is_file = from
        .symlink_metadata()
        .is_ok_and(|metadata| metadata.is_file());
    if !is_file {
        return Ok(());
    }
    let to = locate(folder, path);
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).map_err(|error| Failure::at(parent, error))?;
    }
    let bytes = fs::read(&from).map_err(|error| Failure::at(&from, error))?;
    fs::write(&to, bytes).map_err(|error| Failure::at(&to, error))
}
