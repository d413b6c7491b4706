//! What the joint does in an image that is made in one root: it only decides about paths, and what it would put above
//! all layers is put into the root.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, lchown, symlink};
use std::path::Path;

use reconcile::{Above, Copied, Owner, Plan};

use crate::apply;
use crate::copies::{self, Trees, copy};
use crate::failure::Failure;
use crate::root::{Changed, Root, add_parent, log, read_metadata, set_owner};
use crate::tree::{hash_file, locate};

/// Makes the root what the plan says.
pub(crate) fn settle(
    root: &Root,
    plan: &mut Plan,
    trees: &Trees,
    changed: &mut Changed,
) -> Result<(), Failure> {
    copies::copy_into_root(root, plan, trees, changed)?;
    apply::apply(root, plan, changed)?;
    // A path comes after the folders that it is in.
    for (path, above) in std::mem::take(&mut plan.above) {
        make_parents(root, &path, changed)?;
        if put(root, &path, &above, trees)? {
            log("restored", &path);
            changed.insert(path.clone());
            add_parent(&path, changed);
        }
    }
    // The root has it already.
    plan.bash_configuration = None;
    Ok(())
}

/// Makes the missing folders above a path.
fn make_parents(root: &Root, path: &[u8], changed: &mut Changed) -> Result<(), Failure> {
    let ends = (1..path.len()).filter(|end| path[*end] == b'/');
    for parent in ends.map(|end| &path[..end]) {
        let place = root.locate(parent);
        if read_metadata(&place)?.is_none() {
            fs::create_dir(&place).map_err(|error| Failure::at(&place, error))?;
            changed.insert(parent.to_vec());
            add_parent(parent, changed);
        }
    }
    Ok(())
}

/// Puts something at a path of the root, unless it is there. Returns whether the root has changed.
fn put(root: &Root, path: &[u8], above: &Above, trees: &Trees) -> Result<bool, Failure> {
    let place = root.locate(path);
    let at = |error| Failure::at(&place, error);
    let before = read_metadata(&place)?;
    match above {
        Above::Folder(owner) => match before {
            None => {
                fs::create_dir(&place).map_err(at)?;
                set_owner(&place, *owner)?;
                Ok(true)
            }
            Some(before) if before.is_dir() => set_owner(&place, *owner),
            // A link that leads to the folder.
            Some(_) => Ok(false),
        },
        Above::Link(target, owner) => {
            let target = OsStr::from_bytes(target);
            if let Some(before) = before {
                if before.is_symlink() && fs::read_link(&place).map_err(at)? == target {
                    return set_owner(&place, *owner);
                }
                let removed = if before.is_dir() {
                    fs::remove_dir(&place)
                } else {
                    fs::remove_file(&place)
                };
                removed.map_err(at)?;
            }
            symlink(target, &place).map_err(at)?;
            lchown(&place, Some(owner.uid), Some(owner.gid)).map_err(at)?;
            Ok(true)
        }
        Above::File(copied) => {
            let from = locate(&trees[copied.layer], &copied.from);
            if is_there(&from, copied, &place)? {
                return Ok(false);
            }
            copy(&from, &place, copied.owner)?;
            Ok(true)
        }
    }
}

/// Whether the root has a file of a layer at a path.
fn is_there(from: &Path, copied: &Copied, place: &Path) -> Result<bool, Failure> {
    let Some(have) = read_metadata(place)?.filter(fs::Metadata::is_file) else {
        return Ok(false);
    };
    let Some(wanted) = read_metadata(from)?.filter(fs::Metadata::is_file) else {
        return Ok(false);
    };
    let owner = Owner {
        mode: have.mode() & 0o7777,
        uid: have.uid(),
        gid: have.gid(),
    };
    Ok(
        owner == copied.owner
            && have.len() == wanted.len()
            && hash_file(from)? == hash_file(place)?,
    )
}
