//! dpkg's list of diversions.

use crate::formats::lines;

/// The claimed path, where others' files go, and who claims: three lines.
pub(crate) type Diversion<'a> = [&'a [u8]; 3];

/// The diversions of a file, and the lines after the last whole one.
pub(crate) fn parse(bytes: &[u8]) -> (Vec<Diversion<'_>>, Vec<&[u8]>) {
    let lines = lines::split(bytes);
    let (diversions, rest) = lines.as_chunks::<3>();
    (diversions.to_vec(), rest.to_vec())
}

/// The bytes of diversions and lines after them.
pub(crate) fn format(diversions: &[Diversion<'_>], rest: &[&[u8]]) -> Vec<u8> {
    let lines: Vec<&[u8]> = diversions.iter().flatten().chain(rest).copied().collect();
    lines::join(&lines)
}
