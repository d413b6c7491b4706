//! dpkg's list of diversions: three lines for each.

use crate::formats::lines;

/// The diverted path, the path that the files of other packages are moved to, and the diverting package.
pub(crate) type Diversion<'a> = [&'a [u8]; 3];

/// Parses the diversions of a file. Also returns the lines after the last complete one.
pub(crate) fn parse(bytes: &[u8]) -> (Vec<Diversion<'_>>, Vec<&[u8]>) {
    let lines = lines::split(bytes);
    let (diversions, rest) = lines.as_chunks::<3>();
    (diversions.to_vec(), rest.to_vec())
}

/// Writes diversions and the lines that follow them.
pub(crate) fn format(diversions: &[Diversion<'_>], rest: &[&[u8]]) -> Vec<u8> {
    let lines: Vec<&[u8]> = diversions.iter().flatten().chain(rest).copied().collect();
    lines::join(&lines)
}
