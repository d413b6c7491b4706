//! Stanzas: the paragraphs that dpkg, apt and debconf write.
//!
//! Splitting loses nothing: a [`Stanza`] holds the file's own bytes, so [`join`] of [`split`] gives the same
//! file, whatever it contains. Only [`Stanza::with_field`] rewrites a field.

/// The lines of one record and the empty lines that follow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stanza(Vec<u8>);

/// Splits a file into stanzas. Empty lines at its beginning are a stanza of their own.
pub(crate) fn split(bytes: &[u8]) -> Vec<Stanza> {
    let mut stanzas = Vec::new();
    let mut current: Vec<u8> = Vec::new();
    let mut has_ended = false;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let is_empty = line == b"\n";
        if has_ended && !is_empty {
            stanzas.push(Stanza(std::mem::take(&mut current)));
        }
        has_ended = is_empty;
        current.extend_from_slice(line);
    }
    if !current.is_empty() {
        stanzas.push(Stanza(current));
    }
    stanzas
}

/// Writes stanzas one after the other.
pub(crate) fn join<'a>(stanzas: impl IntoIterator<Item = &'a Stanza>) -> Vec<u8> {
    stanzas
        .into_iter()
        .flat_map(|stanza| stanza.0.iter().copied())
        .collect()
}

impl Stanza {
    /// The record without the empty lines that follow it.
    pub(crate) fn record(&self) -> &[u8] {
        let end = self
            .0
            .iter()
            .rposition(|byte| *byte != b'\n')
            .map_or(0, |last| last + 1);
        &self.0[..end]
    }

    /// The stanza with exactly one empty line at its end, so that another can follow.
    pub(crate) fn with_blank_line(&self) -> Self {
        let mut bytes = self.record().to_vec();
        if !bytes.is_empty() {
            bytes.extend_from_slice(b"\n\n");
        }
        Self(bytes)
    }

    /// The trimmed value of the first field of this name, including its continuation lines.
    pub(crate) fn field(&self, name: &str) -> Option<&[u8]> {
        let (start, end) = self.find_field(name)?;
        Some(self.0[start + name.len() + 1..end].trim_ascii())
    }

    /// The stanza with another value for a field. Without such a field it stays as it is.
    pub(crate) fn with_field(&self, name: &str, value: &[u8]) -> Self {
        let Some((start, end)) = self.find_field(name) else {
            return self.clone();
        };
        let mut bytes = self.0[..=start + name.len()].to_vec();
        bytes.push(b' ');
        bytes.extend_from_slice(value);
        bytes.push(b'\n');
        bytes.extend_from_slice(&self.0[end..]);
        Self(bytes)
    }

    /// Where the lines of a field begin and end.
    fn find_field(&self, name: &str) -> Option<(usize, usize)> {
        let mut offset = 0;
        let mut found = None;
        for line in self.0.split_inclusive(|byte| *byte == b'\n') {
            let is_continued = matches!(line.first(), Some(b' ' | b'\t'));
            match found {
                Some(start) if !is_continued => return Some((start, offset)),
                None if !is_continued
                    && line.len() > name.len()
                    && line[name.len()] == b':'
                    && line[..name.len()].eq_ignore_ascii_case(name.as_bytes()) =>
                {
                    found = Some(offset);
                }
                _ => {}
            }
            offset += line.len();
        }
        found.map(|start| (start, offset))
    }
}
