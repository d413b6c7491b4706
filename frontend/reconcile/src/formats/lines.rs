//! Files of lines, and how versions of such a file are reconciled.
//!
//! Splitting loses nothing: [`join`] of [`split`] gives the same file. [`reconcile`] keeps the base's lines
//! in their order and appends what each version adds, in its order. Each key has one line.

use std::collections::BTreeMap;

/// Splits a file into lines without their newlines. The last line is empty if the file ends with a newline.
pub(crate) fn split(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split(|byte| *byte == b'\n').collect()
}

/// Joins lines with newlines.
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

/// The lines that are not empty.
pub(crate) fn records(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
}

/// Two versions, by their indexes, whose lines for one key differ.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Clash<'a> {
    pub(crate) key: Vec<u8>,
    pub(crate) first: (usize, &'a [u8]),
    pub(crate) second: (usize, &'a [u8]),
}

/// Gives the key of a line. Lines with the same key exclude each other.
pub(crate) type Key<'k> = &'k dyn Fn(&[u8]) -> Vec<u8>;

/// Reconciles the versions of a file. A line of the base gives way to a changed line with the same key.
pub(crate) fn reconcile<'a>(
    base: &'a [u8],
    versions: &[&'a [u8]],
    key: Key<'_>,
) -> Result<Vec<u8>, Vec<Clash<'a>>> {
    let mut lines: Vec<&[u8]> = Vec::new();
    // For each key, the index of its line and the version that the line comes from.
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
                // This version kept the base's line, and another has changed it.
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

/// Uses the whole line as its key, so that only equal lines are the same.
pub(crate) fn key_by_line(line: &[u8]) -> Vec<u8> {
    line.to_vec()
}
