//! Content that the commands of the joint read: it is in the merged root only while they run.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use reconcile::Plan;

use crate::copies::{Trees, copy};
use crate::failure::Failure;
use crate::root::{Root, read_metadata};

/// The configuration of `ldconfig`, and the beginning of the folder's path that it includes.
const CONFIGURATION: &[u8] = b"/etc/ld.so.conf";

/// What was put into the root.
#[derive(Default)]
pub(crate) struct Guests {
    /// The paths that were new, each with its size and time.
    files: Vec<(Vec<u8>, (u64, i64, i64))>,
    /// The folders that were made for them, from the top down.
    folders: Vec<Vec<u8>>,
}

impl Guests {
    /// Puts the content into the root.
    pub(crate) fn invite(root: &Root, plan: &Plan, trees: &Trees) -> Result<Self, Failure> {
        let mut guests = Self::default();
        let folders = library_folders(root, plan, trees)?;
        let is_in_folder = |path: &&Vec<u8>| {
            let end = path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
            folders.contains(&path[..end]) || path.starts_with(CONFIGURATION)
        };
        let libraries = plan.libraries.iter().filter(|(path, _)| is_in_folder(path));
        for (path, copied) in plan.guests.iter().chain(libraries) {
            let ends = (1..path.len()).filter(|end| path[*end] == b'/');
            for parent in ends.map(|end| &path[..end]) {
                let place = root.locate(parent);
                if read_metadata(&place)?.is_none() {
                    fs::create_dir(&place).map_err(|error| Failure::at(&place, error))?;
                    guests.folders.push(parent.to_vec());
                }
            }
            let place = root.locate(path);
            let is_new = read_metadata(&place)?.is_none();
            let from = crate::tree::locate(&trees[copied.layer], &copied.from);
            copy(&from, &place, copied.owner)?;
            if is_new {
                guests
                    .files
                    .push((path.clone(), identify(root, path)?.unwrap_or_default()));
            }
        }
        Ok(guests)
    }

    /// Takes away what the commands have left as it was.
    pub(crate) fn dismiss(self, root: &Root) -> Result<(), Failure> {
        for (path, before) in &self.files {
            if identify(root, path)? == Some(*before) {
                let place = root.locate(path);
                fs::remove_file(&place).map_err(|error| Failure::at(&place, error))?;
            }
        }
        for folder in self.folders.iter().rev() {
            // A command may have made something there, such as the link of a library.
            let _ = fs::remove_dir(root.locate(folder));
        }
        Ok(())
    }
}

/// The folders in which `ldconfig` looks for libraries (ldconfig(8)): its own, and those that its configuration names,
/// in the root or in content.
fn library_folders(root: &Root, plan: &Plan, trees: &Trees) -> Result<BTreeSet<Vec<u8>>, Failure> {
    let own: [&[u8]; 4] = [b"/lib", b"/usr/lib", b"/lib64", b"/usr/lib64"];
    let mut folders: BTreeSet<Vec<u8>> = own.map(<[u8]>::to_vec).into();
    if plan.libraries.is_empty() {
        return Ok(folders);
    }
    let mut files: Vec<PathBuf> = vec![root.locate(CONFIGURATION)];
    if let Ok(listed) = fs::read_dir(root.locate(b"/etc/ld.so.conf.d")) {
        files.extend(listed.flatten().map(|item| item.path()));
    }
    let of_content = plan
        .libraries
        .iter()
        .filter(|(path, _)| path.starts_with(CONFIGURATION));
    files.extend(
        of_content.map(|(_, copied)| crate::tree::locate(&trees[copied.layer], &copied.from)),
    );
    for file in files.iter().filter(|file| file.is_file()) {
        let bytes = fs::read(file).map_err(|error| Failure::at(file, error))?;
        for line in bytes.split(|byte| *byte == b'\n') {
            let line = line.split(|byte| *byte == b'#').next().unwrap_or(line);
            let line = line.trim_ascii();
            if line.starts_with(b"/") {
                let end = line
                    .iter()
                    .rposition(|byte| *byte != b'/')
                    .map_or(0, |last| last + 1);
                folders.insert(line[..end].to_vec());
            }
        }
    }
    Ok(folders)
}

/// The size and time of a path; `None` = nothing is there.
fn identify(root: &Root, path: &[u8]) -> Result<Option<(u64, i64, i64)>, Failure> {
    let metadata = read_metadata(&root.locate(path))?;
    Ok(metadata.map(|metadata| (metadata.len(), metadata.mtime(), metadata.mtime_nsec())))
}
