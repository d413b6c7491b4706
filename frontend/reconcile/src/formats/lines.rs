//! Files of lines, and the union of such files.
//!
//! Lossless: [`join`] of [`split`] is the file. The union keeps the base's lines in their order,
//! then what each version adds in its order; where lines have keys, a key has one line.

use std::collections::BTreeMap;

/// The lines of a file, each without its end; the last is empty where the file is ended.
pub(crate) fn split(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split(|byte| *byte == b'\n').collect()
}

/// The bytes of lines.
pub(crate) fn join<Line: AsRef<[u8]>>(lines: &[Line]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            bytes.push(b'\n');
        }
        bytes.extend_from_slice(line.as_ref());
    }
    bytes
}

/// The lines that say something.
pub(crate) fn records(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
}

/// Two versions with different lines of one key; indexes into the versions.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Clash<'a> {
    pub(crate) key: Vec<u8>,
    pub(crate) first: (usize, &'a [u8]),
    pub(crate) second: (usize, &'a [u8]),
}

/// The key of a line; lines of one key exclude each other.
pub(crate) type Key<'k> = &'k dyn Fn(&[u8]) -> Vec<u8>;

/// The union; a line of the base yields to another with its key.
pub(crate) fn reconcile<'a>(
    base: &'a [u8],
    versions: &[&'a [u8]],
    key: Key<'_>,
) -> Result<Vec<u8>, Vec<Clash<'a>>> {
    let mut lines: Vec<&[u8]> = Vec::new();
    // Where the line of a key is, and which version it is from.
    let mut places: BTreeMap<Vec<u8>, (usize, Option<usize>)> = BTreeMap::new();
    for line in records(base) {
        places.entry(key(line)).or_insert_with(|| {
            lines.push(line);
            (lines.len() - 1, None)
        });
    }
    let originals = lines.clone();
    let mut clashes = Vec::new();
    for (index, version) in versions.iter().enumerate() {
        for line in records(version) {
            let key = key(line);
            match places.get(&key).copied() {
                None => {
                    places.insert(key, (lines.len(), Some(index)));
                    lines.push(line);
                }
                Some((place, _)) if lines[place] == line => {}
                // The version has what the base says, another has changed it.
                Some((place, _)) if originals.get(place) == Some(&line) => {}
                Some((place, None)) => {
                    lines[place] = line;
                    places.insert(key, (place, Some(index)));
                }
                Some((place, Some(other))) => clashes.push(Clash {
                    key,
                    first: (other, lines[place]),
                    second: (index, line),
                }),
            }
        }
    }
    if !clashes.is_empty() {
        return Err(clashes);
    }
    let mut bytes = join(&lines);
    if !bytes.is_empty() {
        bytes.push(b'\n');
    }
    Ok(bytes)
}

/// The key under which every line stands for itself.
pub(crate) fn key_by_line(line: &[u8]) -> Vec<u8> {
    line.to_vec()
}
