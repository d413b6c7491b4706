//! `reconcile --capture AFTER STATE [BEFORE]`: describes the root file system of a base, or what a command changed in one.
//!
//! Both roots are mounted read-only, so nothing changes while they are read. The state is a folder with these files, all
//! sorted by bytes and with a fixed time:
//!
//! | file | content |
//! |---|---|
//! | `listing` | `PATH//TYPE MODE UID GID SIZE TARGET`, ended by NUL; no path has two slashes |
//! | `hashes` | `SHA256  PATH`, ended by NUL: all regular files of a layer; of a base, those below /etc |
//! | `attributes` | the same for the extended attributes of paths that have any |
//! | `before`, `hashes-before`, `attributes-before` | of a layer: the same for what these paths were before |
//! | `removed` | of a layer: `PATH`, ended by NUL: the paths that no longer exist |
//! | `root/` | copies of the databases at their paths; of a layer, those that it holds |
//! | `accounts/` | of a layer: copies of /etc/passwd and /etc/group, changed or not |
//!
//! A layer holds what its command wrote, also if nothing changed by it, and the folders above: this is what an engine
//! puts into the layer.

mod databases;
mod records;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::attributes::digest_attributes;
use crate::capture::databases::copy_databases;
use crate::capture::records::Records;
use crate::failure::Failure;
use crate::root::read_metadata;
use crate::times::{is_overlay, set_time};
use crate::tree::{locate, read_entry};

/// The folders of a running system, which are empty in an image or hold what no layer keeps.
const LEFT_OUT: [&[u8]; 3] = [b"/dev", b"/proc", b"/sys"];

/// Reads the arguments and writes the state.
pub(crate) fn write(mut arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let usage = || Failure::Usage("`--capture` needs a root and a folder for its state".to_owned());
    let after: PathBuf = arguments.next().ok_or_else(usage)?.into();
    let state: PathBuf = arguments.next().ok_or_else(usage)?.into();
    let before: Option<PathBuf> = arguments.next().map(PathBuf::from);
    let mut walk = Walk {
        trusts_inodes: is_overlay(&after),
        held: BTreeMap::new(),
        removed: Vec::new(),
        is_base: before.is_none(),
    };
    let root = after.symlink_metadata();
    let root = root.map_err(|error| Failure::at(&after, error))?;
    walk.visit_folder(&mut Vec::new(), before.as_deref(), &after, &root)?;
    let roots = Roots {
        after: &after,
        before: before.as_deref(),
    };
    let records = Records::of(&walk, &roots)?;
    records.write(&state)?;
    copy_databases(&walk.held, &roots, &state)?;
    settle(&state)
}

/// The two roots.
pub(crate) struct Roots<'a> {
    pub(crate) after: &'a Path,
    /// `None` = the state is that of a base.
    pub(crate) before: Option<&'a Path>,
}

/// Whether a path existed before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Was {
    There,
    Absent,
}

/// A walk through both roots together.
pub(crate) struct Walk {
    /// Whether equal numbers of inodes mean that a file was not touched.
    ///
    /// On overlayfs a file has the number that it has in its layer, if the mount has only lower layers, as that of a
    /// snapshot has (Documentation/filesystems/overlayfs.rst, "Inode properties"). A command copies what it touches
    /// into a file of its own. Elsewhere, such as on btrfs, a file keeps its number when it changes.
    trusts_inodes: bool,
    is_base: bool,
    /// The paths that the layer holds, or all paths of a base.
    pub(crate) held: BTreeMap<Vec<u8>, Was>,
    pub(crate) removed: Vec<Vec<u8>>,
}

impl Walk {
    /// Visits a folder of the root after. `before` is the folder at the same path, if there was one.
    fn visit_folder(
        &mut self,
        path: &mut Vec<u8>,
        before: Option<&Path>,
        after: &Path,
        metadata: &Metadata,
    ) -> Result<(), Failure> {
        let was = match before {
            Some(before) => read_metadata(before)?,
            None => None,
        };
        let mut is_held = self.is_base;
        if !LEFT_OUT.contains(&path.as_slice()) {
            is_held |= self.visit_items(path, before, after)?;
        }
        let is_changed = match (&was, before) {
            (Some(was), Some(before)) => {
                owner(was) != owner(metadata)
                    || digest_attributes(before)? != digest_attributes(after)?
            }
            _ => true,
        };
        if is_held || is_changed {
            self.hold(path, was.is_some());
        }
        Ok(())
    }

    /// Visits what is in a folder. Returns whether anything directly in it is held or removed.
    fn visit_items(
        &mut self,
        path: &mut Vec<u8>,
        before: Option<&Path>,
        after: &Path,
    ) -> Result<bool, Failure> {
        let mut is_held = false;
        let length = path.len();
        for name in names(after)? {
            let place = after.join(&name);
            let metadata = place.symlink_metadata();
            let metadata = metadata.map_err(|error| Failure::at(&place, error))?;
            let known = before.map(|before| before.join(&name));
            let was = match &known {
                Some(known) => read_metadata(known)?,
                None => None,
            };
            path.push(b'/');
            path.extend_from_slice(name.as_bytes());
            let was_folder = was.as_ref().is_some_and(Metadata::is_dir);
            if metadata.is_dir() {
                let known = known.filter(|_| was_folder);
                self.visit_folder(path, known.as_deref(), &place, &metadata)?;
                if was.is_some() && !was_folder {
                    // Another kind of thing was there.
                    self.hold(path, true);
                }
            } else {
                if let (Some(known), true) = (&known, was_folder) {
                    self.remove_items(path, known)?;
                }
                let is_untouched = match (&known, &was) {
                    (Some(known), Some(was)) => {
                        self.is_untouched((known, was), (&place, &metadata))?
                    }
                    _ => false,
                };
                if !is_untouched {
                    self.hold(path, was.is_some());
                }
            }
            is_held |= self.held.contains_key(path.as_slice());
            path.truncate(length);
        }
        let Some(before) = before else {
            return Ok(is_held);
        };
        for name in names(before)? {
            if read_metadata(&after.join(&name))?.is_none() {
                is_held = true;
                path.push(b'/');
                path.extend_from_slice(name.as_bytes());
                self.removed.push(path.clone());
                let known = before.join(&name);
                if read_metadata(&known)?.is_some_and(|known| known.is_dir()) {
                    self.remove_items(path, &known)?;
                }
                path.truncate(length);
            }
        }
        Ok(is_held)
    }

    /// Records that everything in a folder is gone.
    fn remove_items(&mut self, path: &mut Vec<u8>, folder: &Path) -> Result<(), Failure> {
        let length = path.len();
        for name in names(folder)? {
            path.push(b'/');
            path.extend_from_slice(name.as_bytes());
            self.removed.push(path.clone());
            let place = folder.join(&name);
            if read_metadata(&place)?.is_some_and(|metadata| metadata.is_dir()) {
                self.remove_items(path, &place)?;
            }
            path.truncate(length);
        }
        Ok(())
    }

    fn hold(&mut self, path: &[u8], was_there: bool) {
        let path = if path.is_empty() { b"/" } else { path };
        let was = if was_there { Was::There } else { Was::Absent };
        self.held.insert(path.to_vec(), was);
    }

    /// Whether the command has not written a path that is no folder.
    fn is_untouched(
        &self,
        (before, was): (&Path, &Metadata),
        (after, is): (&Path, &Metadata),
    ) -> Result<bool, Failure> {
        let is_one_file = self.trusts_inodes
            && was.ino() == is.ino()
            && (was.ctime(), was.ctime_nsec()) == (is.ctime(), is.ctime_nsec());
        let is_alike = was.file_type() == is.file_type()
            && owner(was) == owner(is)
            && was.len() == is.len()
            && was.rdev() == is.rdev()
            && (was.mtime(), was.mtime_nsec()) == (is.mtime(), is.mtime_nsec());
        if is_one_file && is_alike {
            return Ok(true);
        }
        if self.trusts_inodes || !is_alike {
            return Ok(false);
        }
        Ok(digest_attributes(before)? == digest_attributes(after)?
            && if is.is_symlink() {
                read_link(before)? == read_link(after)?
            } else {
                !is.is_file() || has_same_bytes(before, after)?
            })
    }
}

fn owner(metadata: &Metadata) -> (u32, u32, u32) {
    (metadata.mode() & 0o7777, metadata.uid(), metadata.gid())
}

fn read_link(place: &Path) -> Result<PathBuf, Failure> {
    fs::read_link(place).map_err(|error| Failure::at(place, error))
}

fn has_same_bytes(one: &Path, two: &Path) -> Result<bool, Failure> {
    let open = |place: &Path| fs::File::open(place).map_err(|error| Failure::at(place, error));
    let (mut first, mut second) = (open(one)?, open(two)?);
    let (mut left, mut right) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        let count = first
            .read(&mut left)
            .map_err(|error| Failure::at(one, error))?;
        let read = second.read_exact(&mut right[..count]);
        if read.is_err() || left[..count] != right[..count] {
            return Ok(false);
        }
        if count == 0 {
            let rest = second.read(&mut right);
            return Ok(rest.map_err(|error| Failure::at(two, error))? == 0);
        }
    }
}

/// The sorted names in a folder.
fn names(folder: &Path) -> Result<Vec<OsString>, Failure> {
    let at = |error| Failure::at(folder, error);
    let mut names = Vec::new();
    for item in fs::read_dir(folder).map_err(at)? {
        names.push(item.map_err(at)?.file_name());
    }
    names.sort();
    Ok(names)
}

/// Gives everything in the state a fixed time.
fn settle(folder: &Path) -> Result<(), Failure> {
    for name in names(folder)? {
        let place = folder.join(name);
        if read_metadata(&place)?.is_some_and(|metadata| metadata.is_dir()) {
            settle(&place)?;
        } else {
            set_time(&place, 0)?;
        }
    }
    set_time(folder, 0)
}

/// The entry of a path in a root, and where it is.
fn find_entry(root: &Path, path: &[u8]) -> Result<(PathBuf, reconcile::Entry), Failure> {
    let place = locate(root, path);
    let entry = read_entry(&place)?;
    Ok((place, entry))
}
