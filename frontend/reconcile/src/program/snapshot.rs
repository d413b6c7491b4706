//! A snapshot of the base's logs, locks and backups, so that what commands do to them can be undone.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;

use reconcile::{Content, File, Kind, Listing, Owner, is_left_behind};
use rustix::fs::Timestamps;

use crate::failure::Failure;
use crate::root::{Changed, Root, read_metadata, remove, write};
use crate::times::{make_timespec, set_times};

/// The base's logs, locks and backups by their paths, each with its times.
pub(crate) struct Snapshot(BTreeMap<Vec<u8>, (File, Timestamps)>);

impl Snapshot {
    /// Reads those that are files.
    pub(crate) fn take(root: &Root, base: &Listing) -> Result<Self, Failure> {
        let mut files = BTreeMap::new();
        let listed = base.0.iter().filter(|(_, entry)| entry.kind == Kind::File);
        for (path, _) in listed.filter(|(path, _)| is_left_behind(path)) {
            let place = root.locate(path);
            let Some(metadata) = read_metadata(&place)?.filter(fs::Metadata::is_file) else {
                continue;
            };
            let bytes = fs::read(&place).map_err(|error| Failure::at(&place, error))?;
            let (mode, uid, gid) = (metadata.mode() & 0o7777, metadata.uid(), metadata.gid());
            let file = File {
                content: Content::Bytes(bytes),
                owner: Owner { mode, uid, gid },
            };
            let times = Timestamps {
                last_access: make_timespec(metadata.atime(), metadata.atime_nsec()),
                last_modification: make_timespec(metadata.mtime(), metadata.mtime_nsec()),
            };
            files.insert(path.clone(), (file, times));
        }
        Ok(Self(files))
    }

    /// Restores what the commands changed, and removes what they created.
    pub(crate) fn restore(&self, root: &Root, changed: &mut Changed) -> Result<(), Failure> {
        let left: Vec<Vec<u8>> = changed
            .iter()
            .filter(|path| is_left_behind(path))
            .cloned()
            .collect();
        for path in left {
            let place = root.locate(&path);
            if read_metadata(&place)?.is_none_or(|metadata| metadata.is_dir()) {
                continue;
            }
            if let Some((file, times)) = self.0.get(&path) {
                write(root, &path, file, &mut Changed::new())?;
                changed.remove(&path);
                set_times(root, &path, times)?;
            } else {
                remove(root, &path, changed)?;
            }
        }
        Ok(())
    }
}
