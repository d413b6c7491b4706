//! Copies paths of layers: into the merged root, where a later layer hides them, and above all layers.

use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, lchown, symlink};
use std::path::{Path, PathBuf};

use reconcile::{Above, Copied, Owner, Plan};

use crate::attributes::attribute_names;
use crate::failure::Failure;
use crate::root::{
    Changed, Root, add_parent, log, read_attribute, read_metadata, set_attribute, set_owner,
};
use crate::times::set_time;
use crate::tree::locate;

/// The folders that have the files of the layers, in the order of the layers.
pub(crate) type Trees = Vec<PathBuf>;

/// Copies what the plan takes from a layer into the root.
pub(crate) fn copy_into_root(
    root: &Root,
    plan: &Plan,
    trees: &Trees,
    changed: &mut Changed,
) -> Result<(), Failure> {
    for (path, copied) in &plan.copies {
        log("restored", path);
        put(root, path, copied, trees, changed)?;
    }
    for (path, copied) in &plan.rescued {
        if read_metadata(&root.locate(path))?.is_none() {
            log("restored", path);
            make_parents(root, path, &trees[copied.layer], changed)?;
            put(root, path, copied, trees, changed)?;
        }
    }
    Ok(())
}

fn put(
    root: &Root,
    path: &[u8],
    copied: &Copied,
    trees: &Trees,
    changed: &mut Changed,
) -> Result<(), Failure> {
    let from = locate(&trees[copied.layer], &copied.from);
    copy(&from, &root.locate(path), copied.owner)?;
    changed.insert(path.to_vec());
    add_parent(path, changed);
    Ok(())
}

/// Makes the missing folders above a path, as a layer has them.
fn make_parents(
    root: &Root,
    path: &[u8],
    tree: &Path,
    changed: &mut Changed,
) -> Result<(), Failure> {
    let ends = (1..path.len()).filter(|end| path[*end] == b'/');
    for parent in ends.map(|end| &path[..end]) {
        let place = root.locate(parent);
        if read_metadata(&place)?.is_none() {
            let from = locate(tree, parent);
            let metadata = from.symlink_metadata();
            let metadata = metadata.map_err(|error| Failure::at(&from, error))?;
            copy(&from, &place, owner_of(&metadata))?;
            changed.insert(parent.to_vec());
            add_parent(parent, changed);
        }
    }
    Ok(())
}

fn owner_of(metadata: &fs::Metadata) -> Owner {
    use std::os::unix::fs::MetadataExt;
    Owner {
        mode: metadata.mode() & 0o7777,
        uid: metadata.uid(),
        gid: metadata.gid(),
    }
}

/// Writes what the plan puts above all layers into an empty folder.
pub(crate) fn write_above(
    folder: &Path,
    plan: &Plan,
    trees: &Trees,
    epoch_seconds: i64,
) -> Result<(), Failure> {
    // A path comes after the folders that it is in.
    for (path, above) in &plan.above {
        let place = locate(folder, path);
        let at = |error| Failure::at(&place, error);
        match above {
            Above::Folder(owner) => {
                fs::create_dir(&place).map_err(at)?;
                set_owner(&place, *owner)?;
            }
            Above::Link(target, owner) => {
                symlink(std::ffi::OsStr::from_bytes(target), &place).map_err(at)?;
                lchown(&place, Some(owner.uid), Some(owner.gid)).map_err(at)?;
            }
            Above::File(copied) => {
                let from = locate(&trees[copied.layer], &copied.from);
                copy(&from, &place, copied.owner)?;
            }
        }
    }
    for path in plan.above.keys() {
        set_time(&locate(folder, path), epoch_seconds)?;
    }
    if !plan.above.is_empty() {
        set_time(folder, epoch_seconds)?;
        eprintln!(
            "inlay: joint: put {} paths above all layers",
            plan.above.len()
        );
    }
    Ok(())
}

/// Copies a file, a link or an empty folder with its extended attributes. What was there before is replaced, except
/// for a folder.
pub(crate) fn copy(from: &Path, to: &Path, owner: Owner) -> Result<(), Failure> {
    let at = |error| Failure::at(from, error);
    let metadata = from.symlink_metadata().map_err(at)?;
    let before = read_metadata(to)?;
    if metadata.is_dir() {
        if !before.is_some_and(|before| before.is_dir()) {
            fs::create_dir(to).map_err(|error| Failure::at(to, error))?;
        }
    } else {
        if let Some(before) = before {
            // A folder in which others have something is refused.
            let removed = if before.is_dir() {
                fs::remove_dir(to)
            } else {
                fs::remove_file(to)
            };
            removed.map_err(|error| Failure::at(to, error))?;
        }
        if metadata.is_symlink() {
            let target = fs::read_link(from).map_err(at)?;
            symlink(target, to).map_err(|error| Failure::at(to, error))?;
        } else if metadata.is_file() {
            fs::copy(from, to).map_err(at)?;
        } else {
            return Err(at(std::io::Error::other(
                "a device, socket or pipe of a layer cannot be restored",
            )));
        }
    }
    lchown(to, Some(owner.uid), Some(owner.gid)).map_err(|error| Failure::at(to, error))?;
    if !metadata.is_symlink() {
        let mode = Permissions::from_mode(owner.mode);
        fs::set_permissions(to, mode).map_err(|error| Failure::at(to, error))?;
        copy_attributes(from, to)?;
    }
    Ok(())
}

/// Copies extended attributes.
fn copy_attributes(from: &Path, to: &Path) -> Result<(), Failure> {
    for name in attribute_names(from)? {
        if let Some(value) = read_attribute(from, &name) {
            set_attribute(to, &name, &value)?;
        }
    }
    Ok(())
}
