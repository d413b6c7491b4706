//! `reconcile --place EXTENSION CONTENT [ROOT]`: puts the content of an extension into a root in which everything is
//! put one after another.
//!
//! A folder that the root has keeps its mode and owner, unless the content's folder is a special one: an ordinary one
//! may be there only as the parent of something. Content below a link is put where the link leads. Whether unrelated
//! extensions contradict each other is decided later, when all of them are in the root.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use reconcile::{
    Entry, Kind, Owner, Refusal, follow, keep_essential, refuse_below_link, refuse_other_kind,
    to_text,
};
use rustix::fs::{AtFlags, CWD, FileType, Mode, Timestamps};

use crate::copies::copy;
use crate::failure::Failure;
use crate::root::{Root, read_metadata, set_owner};
use crate::times::make_timespec;
use crate::tree::{list_tree, locate, read_entry};

/// As many links as Linux follows in one path (`path_resolution(7)`).
const LINKS: usize = 40;

/// Reads the arguments and puts the content into the root.
pub(crate) fn run(mut arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let usage = || Failure::Usage("`--place` needs an extension and its content".to_owned());
    let extension = arguments.next().ok_or_else(usage)?;
    let content: PathBuf = arguments.next().ok_or_else(usage)?.into();
    let root: PathBuf = arguments.next().unwrap_or_else(|| "/".into()).into();
    let mut placing = Placing {
        extension: extension.to_string_lossy().into_owned(),
        root: Root::new(&root),
        content,
        folders: BTreeMap::new(),
        dangling: Vec::new(),
        hard_links: BTreeMap::new(),
    };
    let listing = list_tree(&placing.content)?;
    let mut refusals = Vec::new();
    // Nothing is changed if anything is refused.
    for (path, entry) in &listing.0 {
        if let Err(refusal) = placing.check(path, entry.kind)? {
            refusals.push(refusal);
        }
    }
    if !refusals.is_empty() {
        return Err(Failure::refused(&keep_essential(refusals)));
    }
    for (path, entry) in &listing.0 {
        placing.place(path, entry)?;
    }
    placing.set_times_of_folders()
}

/// Content on its way into a root.
struct Placing {
    extension: String,
    root: Root,
    content: PathBuf,
    /// For each folder of the content, the folder of the root that it is.
    folders: BTreeMap<Vec<u8>, Vec<u8>>,
    /// The folders of the content at whose places the root has links that lead to no folder, with these links.
    dangling: Vec<(Vec<u8>, Vec<u8>)>,
    /// For each file of the content that has several names, its first place in the root.
    hard_links: BTreeMap<(u64, u64), PathBuf>,
}

impl Placing {
    /// Checks that a path of the content can be put into the root, and finds out where folders belong. Folders come
    /// before what is in them.
    fn check(&mut self, path: &[u8], kind: Kind) -> Result<Result<(), Refusal>, Failure> {
        let is_below = |folder: &[u8]| {
            let rest = path.strip_prefix(folder);
            rest.is_some_and(|rest| rest.starts_with(b"/"))
        };
        let mut dangling = self.dangling.iter();
        if let Some((_, link)) = dangling.find(|(folder, _)| is_below(folder)) {
            let target = to_text(&self.read_link(link)?);
            return Ok(Err(refuse_below_link(&self.extension, path, link, &target)));
        }
        let to = self.locate(path);
        let Some(have) = read_metadata(&self.root.locate(&to))? else {
            if kind == Kind::Directory {
                self.folders.insert(path.to_vec(), to);
            }
            return Ok(Ok(()));
        };
        if kind == Kind::Directory && have.is_symlink() {
            let Some(folder) = self.follow_to_folder(&to)? else {
                self.dangling.push((path.to_vec(), to));
                return Ok(Ok(()));
            };
            self.folders.insert(path.to_vec(), folder);
            return Ok(Ok(()));
        }
        if have.is_dir() != (kind == Kind::Directory) {
            let have = read_entry(&self.root.locate(&to))?.kind;
            return Ok(Err(refuse_other_kind(&self.extension, &to, have, kind)));
        }
        if kind == Kind::Directory {
            self.folders.insert(path.to_vec(), to);
        }
        Ok(Ok(()))
    }

    /// The path in the root, in the folder that the content's folder is.
    fn locate(&self, path: &[u8]) -> Vec<u8> {
        let end = path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
        let (parent, name) = path.split_at(end);
        let parent = self.folders.get(parent).map_or(parent, Vec::as_slice);
        let parent = if parent == b"/" { b"" } else { parent };
        [parent, name].concat()
    }

    fn read_link(&self, link: &[u8]) -> Result<Vec<u8>, Failure> {
        use std::os::unix::ffi::OsStringExt;
        let place = self.root.locate(link);
        let target = fs::read_link(&place).map_err(|error| Failure::at(&place, error))?;
        Ok(target.into_os_string().into_vec())
    }

    /// The folder that a link leads to, if it leads to one. No part of the folder's path is a link.
    fn follow_to_folder(&self, link: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
        let mut path = link.to_vec();
        for _ in 0..LINKS {
            let Some(end) = self.find_link(&path)? else {
                let metadata = read_metadata(&self.root.locate(&path))?;
                let is_folder = metadata.is_some_and(|metadata| metadata.is_dir());
                return Ok(is_folder.then_some(path));
            };
            let folder = follow(&path[..end], &self.read_link(&path[..end])?);
            let rest = &path[end..];
            path = if folder == b"/" && !rest.is_empty() {
                rest.to_vec()
            } else {
                [&folder, rest].concat()
            };
        }
        Ok(None)
    }

    /// The end of the first part of a path that is a link.
    fn find_link(&self, path: &[u8]) -> Result<Option<usize>, Failure> {
        let ends = (1..=path.len()).filter(|end| *end == path.len() || path[*end] == b'/');
        for end in ends {
            let metadata = read_metadata(&self.root.locate(&path[..end]))?;
            if metadata.is_some_and(|metadata| metadata.is_symlink()) {
                return Ok(Some(end));
            }
        }
        Ok(None)
    }

    /// Puts one path of the content into the root.
    fn place(&mut self, path: &[u8], entry: &Entry) -> Result<(), Failure> {
        let from = locate(&self.content, path);
        let owner = Owner {
            mode: entry.mode,
            uid: entry.uid,
            gid: entry.gid,
        };
        if entry.kind == Kind::Directory {
            // There is nothing in it, and the root has a link at its place.
            let Some(to) = self.folders.get(path) else {
                return Ok(());
            };
            let to = self.root.locate(to);
            if read_metadata(&to)?.is_none() {
                copy(&from, &to, owner)?;
            } else if (entry.mode, entry.uid, entry.gid) != (0o755, 0, 0) {
                set_owner(&to, owner)?;
            }
            return Ok(());
        }
        let to = self.root.locate(&self.locate(path));
        let metadata = from
            .symlink_metadata()
            .map_err(|error| Failure::at(&from, error))?;
        if self.link(&metadata, &to)? {
            return Ok(());
        }
        if let Kind::Other(_) = entry.kind {
            make_special(&metadata, &to)?;
            set_owner(&to, owner)?;
        } else {
            copy(&from, &to, owner)?;
        }
        set_times(&to, &metadata)
    }

    /// Makes a hard link to another name of the same file, if it is in the root already. Returns whether it is.
    fn link(&mut self, metadata: &Metadata, to: &Path) -> Result<bool, Failure> {
        if metadata.nlink() < 2 {
            return Ok(false);
        }
        let file = (metadata.dev(), metadata.ino());
        let Some(first) = self.hard_links.get(&file) else {
            self.hard_links.insert(file, to.to_owned());
            return Ok(false);
        };
        remove(to)?;
        fs::hard_link(first, to).map_err(|error| Failure::at(to, error))?;
        Ok(true)
    }

    /// Gives the folders into which something was put the times that they have in the content.
    fn set_times_of_folders(&self) -> Result<(), Failure> {
        let root = (Vec::new(), Vec::new());
        let folders = self.folders.iter();
        for (path, to) in folders.chain([(&root.0, &root.1)]) {
            let from = locate(&self.content, path);
            let metadata = from
                .symlink_metadata()
                .map_err(|error| Failure::at(&from, error))?;
            set_times(&self.root.locate(to), &metadata)?;
        }
        Ok(())
    }
}

/// Makes a device, socket or pipe.
fn make_special(metadata: &Metadata, to: &Path) -> Result<(), Failure> {
    remove(to)?;
    let kind = FileType::from_raw_mode(metadata.mode());
    let mode = Mode::from_raw_mode(metadata.mode());
    rustix::fs::mknodat(CWD, to, kind, mode, metadata.rdev())
        .map_err(|error| Failure::at(to, error))
}

fn remove(place: &Path) -> Result<(), Failure> {
    if read_metadata(place)?.is_some() {
        fs::remove_file(place).map_err(|error| Failure::at(place, error))?;
    }
    Ok(())
}

/// Gives a path the time of last modification that another one has.
fn set_times(place: &Path, metadata: &Metadata) -> Result<(), Failure> {
    let time = make_timespec(metadata.mtime(), metadata.mtime_nsec());
    let times = Timestamps {
        last_access: time,
        last_modification: time,
    };
    rustix::fs::utimensat(CWD, place, &times, AtFlags::SYMLINK_NOFOLLOW)
        .map_err(|error| Failure::at(place, error))
}
