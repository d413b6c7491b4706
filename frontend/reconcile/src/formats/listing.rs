//! The listing of a layer or a base: what `reconcile --capture` records about each path.

use std::collections::BTreeMap;

use crate::formats::text::to_text;

/// What a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A device, socket or pipe, by the letter that `find` prints.
    Other(u8),
}

impl std::fmt::Display for Kind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::File => "a file",
            Self::Directory => "a directory",
            Self::Link => "a symbolic link",
            Self::Other(_) => "a device, socket or pipe",
        })
    }
}

/// One path's metadata and content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The kind of the path.
    pub kind: Kind,
    /// The permission bits, including setuid, setgid and sticky.
    pub mode: u32,
    /// The id of the user who owns it.
    pub uid: u32,
    /// The id of the group that owns it.
    pub gid: u32,
    /// The size of a file in bytes; zero for other kinds.
    pub size: u64,
    /// The target of a link; empty for other kinds.
    pub target: Vec<u8>,
    /// The SHA-256 of a file in hexadecimal digits, if it was computed.
    pub hash: Option<Vec<u8>>,
    /// The SHA-256 of the extended attributes in hexadecimal digits; `None` = the path has none, or they were not
    /// read.
    pub attributes: Option<Vec<u8>>,
}

impl Entry {
    /// Whether the path is a folder with the usual mode and owner.
    pub(crate) fn is_ordinary_folder(&self) -> bool {
        let owner = (self.mode, self.uid, self.gid);
        self.kind == Kind::Directory && owner == (0o755, 0, 0) && self.attributes.is_none()
    }

    /// Whether the path is a file or a link, which packages replace by renaming.
    pub(crate) fn is_file_or_link(&self) -> bool {
        matches!(self.kind, Kind::File | Kind::Link)
    }
}

/// The entries by their paths, sorted by bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing(pub BTreeMap<Vec<u8>, Entry>);

/// A record that does not have the format, as text.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a valid record of a listing")]
pub struct Malformed(pub String);

impl Listing {
    /// Parses the files `listing`, `hashes` and `attributes`, whose format the capture describes.
    pub fn parse(listing: &[u8], hashes: &[u8], attributes: &[u8]) -> Result<Self, Malformed> {
        let mut entries = BTreeMap::new();
        for record in split_records(listing) {
            let (path, entry) = parse_entry(record).ok_or_else(|| Malformed(to_text(record)))?;
            entries.insert(path, entry);
        }
        for record in split_records(hashes) {
            let (hash, path) = parse_digest(record)?;
            if let Some(entry) = entries.get_mut(path) {
                entry.hash = Some(hash.to_vec());
            }
        }
        for record in split_records(attributes) {
            let (digest, path) = parse_digest(record)?;
            if let Some(entry) = entries.get_mut(path) {
                entry.attributes = Some(digest.to_vec());
            }
        }
        Ok(Self(entries))
    }

    /// The entry of a path.
    pub fn get(&self, path: &[u8]) -> Option<&Entry> {
        self.0.get(path)
    }

    /// Whether a file or link is at a path or below it.
    pub(crate) fn holds_below(&self, path: &[u8]) -> bool {
        let is_content = |entry: &Entry| entry.kind != Kind::Directory;
        if self.get(path).is_some_and(is_content) {
            return true;
        }
        let mut prefix = path.to_vec();
        prefix.push(b'/');
        self.0
            .range(prefix.clone()..)
            .take_while(|(path, _)| path.starts_with(&prefix))
            .any(|(_, entry)| is_content(entry))
    }
}

/// Parses a record as `sha256sum --zero` writes it: a digest, two blanks and a path.
fn parse_digest(record: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let (digest, path) = record
        .split_at_checked(66)
        .filter(|(digest, _)| digest.ends_with(b"  "))
        .ok_or_else(|| Malformed(to_text(record)))?;
    Ok((&digest[..64], path))
}

fn split_records(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes
        .split(|byte| *byte == 0)
        .filter(|record| !record.is_empty())
}

fn parse_entry(record: &[u8]) -> Option<(Vec<u8>, Entry)> {
    // The path of the root is `/`, so its record begins with three slashes.
    let end = record.get(1..)?.windows(2).position(|pair| pair == b"//")? + 1;
    let path = record[..end].to_vec();
    let mut fields = record[end + 2..].splitn(6, |byte| *byte == b' ');
    let mut next = || fields.next();
    let kind = match next()? {
        b"f" => Kind::File,
        b"d" => Kind::Directory,
        b"l" => Kind::Link,
        [letter] => Kind::Other(*letter),
        _ => return None,
    };
    let number =
        |bytes: &[u8], radix| u64::from_str_radix(std::str::from_utf8(bytes).ok()?, radix).ok();
    let small = |bytes: &[u8], radix| u32::try_from(number(bytes, radix)?).ok();
    let entry = Entry {
        kind,
        mode: small(next()?, 8)?,
        uid: small(next()?, 10)?,
        gid: small(next()?, 10)?,
        size: number(next()?, 10)?,
        target: next()?.to_vec(),
        hash: None,
        attributes: None,
    };
    path.starts_with(b"/").then_some((path, entry))
}
