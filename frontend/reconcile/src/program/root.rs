//! The merged root, and how one of its paths is changed.
//!
//! A path that is already right is not touched, because everything that is written becomes part of the last
//! layer. A change of owner clears setuid bits and file capabilities, so both are set again.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, Metadata, Permissions};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown, symlink};
use std::path::{Path, PathBuf};

use reconcile::{Content, File, Owner, to_text};

use crate::failure::Failure;

/// The merged root.
pub(crate) struct Root(PathBuf);

/// The changed paths, as seen in the root.
pub(crate) type Changed = BTreeSet<Vec<u8>>;

impl Root {
    /// A root that is mounted at this path.
    pub(crate) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// The folder where the root is mounted.
    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }

    /// Where the program finds a path of the root.
    pub(crate) fn locate(&self, path: &[u8]) -> PathBuf {
        let relative = path.strip_prefix(b"/").unwrap_or(path);
        self.0.join(OsStr::from_bytes(relative))
    }
}

/// Logs what was done to a path.
pub(crate) fn log(verb: &str, path: &[u8]) {
    eprintln!("inlay: joint: {verb} {}", to_text(path));
}

/// Reads the metadata of a path, without following links. Returns nothing if the path does not exist.
pub(crate) fn read_metadata(place: &Path) -> Result<Option<Metadata>, Failure> {
    match place.symlink_metadata() {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(Failure::at(place, error)),
    }
}

/// Adds the folder of a path to the changed paths, because a new or removed name changes the folder's time.
pub(crate) fn add_parent(path: &[u8], changed: &mut Changed) {
    let end = path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
    let parent = if end == 0 { b"/" } else { &path[..end] };
    changed.insert(parent.to_vec());
}

/// Writes a file unless it is already the same.
pub(crate) fn write(
    root: &Root,
    path: &[u8],
    file: &File,
    changed: &mut Changed,
) -> Result<(), Failure> {
    let place = root.locate(path);
    let at = |error| Failure::at(&place, error);
    let before = read_metadata(&place)?;
    let is_same = match (&file.content, &before) {
        (Content::Bytes(bytes), Some(before)) if before.is_file() => {
            before.len() == bytes.len() as u64 && fs::read(&place).map_err(at)? == *bytes
        }
        (Content::Link(target), Some(before)) if before.is_symlink() => {
            fs::read_link(&place).map_err(at)?.as_os_str().as_bytes() == target
        }
        _ => false,
    };
    if !is_same {
        // An existing file is overwritten, so that its folder does not change.
        let is_kept = before.as_ref().is_some_and(Metadata::is_file)
            && matches!(file.content, Content::Bytes(_));
        if before.is_some() && !is_kept {
            fs::remove_file(&place).map_err(at)?;
        }
        if !is_kept {
            add_parent(path, changed);
        }
        match &file.content {
            Content::Bytes(bytes) => fs::write(&place, bytes).map_err(at)?,
            Content::Link(target) => symlink(OsStr::from_bytes(target), &place).map_err(at)?,
        }
    }
    if set_owner(&place, file.owner)? || !is_same {
        log("wrote", path);
        changed.insert(path.to_vec());
    }
    Ok(())
}

/// Removes a file or link if it exists.
pub(crate) fn remove(root: &Root, path: &[u8], changed: &mut Changed) -> Result<(), Failure> {
    let place = root.locate(path);
    if read_metadata(&place)?.is_some() {
        fs::remove_file(&place).map_err(|error| Failure::at(&place, error))?;
        log("removed", path);
        changed.remove(path);
        add_parent(path, changed);
    }
    Ok(())
}

/// Sets the owner and mode if they differ. Returns whether they did.
pub(crate) fn set_owner(place: &Path, owner: Owner) -> Result<bool, Failure> {
    let at = |error| Failure::at(place, error);
    let Some(before) = read_metadata(place)? else {
        return Ok(false);
    };
    let is_owned = (before.uid(), before.gid()) == (owner.uid, owner.gid);
    let has_mode = before.is_symlink() || before.mode() & 0o7777 == owner.mode;
    if is_owned && has_mode {
        return Ok(false);
    }
    let capability = if is_owned || !before.is_file() {
        None
    } else {
        read_attribute(place, CAPABILITY)
    };
    if !is_owned {
        lchown(place, Some(owner.uid), Some(owner.gid)).map_err(at)?;
    }
    if !before.is_symlink() {
        fs::set_permissions(place, Permissions::from_mode(owner.mode)).map_err(at)?;
    }
    if let Some(capability) = capability {
        set_attribute(place, CAPABILITY, &capability)?;
    }
    Ok(true)
}

const CAPABILITY: &str = "security.capability";

/// Reads an extended attribute. Returns nothing if the path does not have it.
pub(crate) fn read_attribute(place: &Path, name: &str) -> Option<Vec<u8>> {
    // The kernel allows 64 KiB for one value (`XATTR_SIZE_MAX`).
    let mut buffer = vec![0; 1 << 16];
    let length = rustix::fs::lgetxattr(place, name, buffer.as_mut_slice()).ok()?;
    buffer.truncate(length);
    Some(buffer)
}

/// Sets an extended attribute.
pub(crate) fn set_attribute(place: &Path, name: &str, value: &[u8]) -> Result<(), Failure> {
    rustix::fs::lsetxattr(place, name, value, rustix::fs::XattrFlags::empty())
        .map_err(|error| Failure::at(place, format!("{name}: {error}")))
}
