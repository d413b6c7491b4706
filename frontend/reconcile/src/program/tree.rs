//! Reads the tree of a content layer: what it has at which paths.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use reconcile::{Entry, Kind, Listing};
use sha2::{Digest, Sha256};

use crate::failure::Failure;

/// Where a tree has a path.
pub(crate) fn locate(tree: &Path, path: &[u8]) -> PathBuf {
    tree.join(OsStr::from_bytes(path.strip_prefix(b"/").unwrap_or(path)))
}

/// Lists everything below the root of a tree, without hashes.
pub(crate) fn list_tree(tree: &Path) -> Result<Listing, Failure> {
    let mut entries = BTreeMap::new();
    list(tree, &mut Vec::new(), &mut entries)?;
    Ok(Listing(entries))
}

/// The SHA-256 of a file in hexadecimal digits.
pub(crate) fn hash_file(place: &Path) -> Result<Vec<u8>, Failure> {
    let at = |error| Failure::at(place, error);
    let mut file = fs::File::open(place).map_err(at)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer).map_err(at)? {
            0 => break,
            count => hasher.update(&buffer[..count]),
        }
    }
    Ok(to_digits(&hasher.finalize()))
}

/// Bytes as hexadecimal digits.
pub(crate) fn to_digits(bytes: &[u8]) -> Vec<u8> {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    digits.collect::<String>().into_bytes()
}

fn list(
    folder: &Path,
    path: &mut Vec<u8>,
    entries: &mut BTreeMap<Vec<u8>, Entry>,
) -> Result<(), Failure> {
    for item in fs::read_dir(folder).map_err(|error| Failure::at(folder, error))? {
        let item = item.map_err(|error| Failure::at(folder, error))?;
        let place = item.path();
        let length = path.len();
        path.push(b'/');
        path.extend_from_slice(item.file_name().as_bytes());
        let entry = read_entry(&place)?;
        let is_folder = entry.kind == Kind::Directory;
        entries.insert(path.clone(), entry);
        if is_folder {
            list(&place, path, entries)?;
        }
        path.truncate(length);
    }
    Ok(())
}

/// What is at a path, without hashes.
pub(crate) fn read_entry(place: &Path) -> Result<Entry, Failure> {
    let at = |error| Failure::at(place, error);
    let metadata = place.symlink_metadata().map_err(at)?;
    let kind = metadata.file_type();
    let target = if kind.is_symlink() {
        let target = fs::read_link(place).map_err(at)?;
        target.as_os_str().as_bytes().to_vec()
    } else {
        Vec::new()
    };
    Ok(Entry {
        kind: match kind {
            kind if kind.is_file() => Kind::File,
            kind if kind.is_dir() => Kind::Directory,
            kind if kind.is_symlink() => Kind::Link,
            kind if kind.is_fifo() => Kind::Other(b'p'),
            kind if kind.is_socket() => Kind::Other(b's'),
            kind if kind.is_block_device() => Kind::Other(b'b'),
            _ => Kind::Other(b'c'),
        },
        mode: metadata.mode() & 0o7777,
        uid: metadata.uid(),
        gid: metadata.gid(),
        size: if kind.is_file() { metadata.len() } else { 0 },
        target,
        hash: None,
        attributes: None,
    })
}
