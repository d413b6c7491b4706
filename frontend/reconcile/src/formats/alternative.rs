//! The administrative file of one alternative, as `update-alternatives` writes it.
//!
//! It holds the mode, the master link, pairs of slave names and links, and an empty line; then for each
//! choice its path, its priority and a path for each slave; and an empty line (dpkg's
//! `utils/update-alternatives.c`).

use std::collections::BTreeMap;

use crate::formats::lines;

/// An alternative: a name, its links, and the programs to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Alternative {
    pub(crate) mode: Vec<u8>,
    pub(crate) link: Vec<u8>,
    /// The names and links of the slaves, in the file's order.
    pub(crate) slaves: Vec<(Vec<u8>, Vec<u8>)>,
    /// The choices, in the file's order.
    pub(crate) choices: Vec<Candidate>,
}

/// The path of a choice, its priority, and its path for each slave.
pub(crate) type Candidate = (Vec<u8>, Vec<u8>, Vec<Vec<u8>>);

/// The priority of a choice, and its paths by the names of the slaves.
pub(crate) type Named<'a> = (&'a [u8], BTreeMap<&'a [u8], &'a [u8]>);

impl Alternative {
    /// Parses a file. Returns nothing if [`Alternative::to_bytes`] would not give the same bytes again.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let all = lines::split(bytes);
        let mut lines = all.iter().map(|line| line.to_vec());
        let mode = lines.next()?;
        let link = lines.next()?;
        let mut slaves = Vec::new();
        loop {
            let name = lines.next()?;
            if name.is_empty() {
                break;
            }
            slaves.push((name, lines.next()?));
        }
        let mut choices = Vec::new();
        loop {
            let path = lines.next()?;
            if path.is_empty() {
                break;
            }
            let priority = lines.next()?;
            let paths = slaves.iter().map(|_| lines.next()).collect::<Option<_>>()?;
            choices.push((path, priority, paths));
        }
        let alternative = Self {
            mode,
            link,
            slaves,
            choices,
        };
        (alternative.to_bytes() == bytes).then_some(alternative)
    }

    /// Writes the file.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut lines = vec![self.mode.as_slice(), &self.link];
        for (name, link) in &self.slaves {
            lines.extend([name.as_slice(), link]);
        }
        lines.push(b"");
        for (path, priority, paths) in &self.choices {
            lines.extend([path.as_slice(), priority]);
            lines.extend(paths.iter().map(Vec::as_slice));
        }
        lines.extend([b"".as_slice(), b""]);
        lines::join(&lines)
    }

    /// The paths of the choices, each with its priority and its paths by the names of the slaves.
    pub(crate) fn named_choices(&self) -> impl Iterator<Item = (&[u8], Named<'_>)> {
        self.choices.iter().map(|(path, priority, paths)| {
            let names = self.slaves.iter().map(|(name, _)| name.as_slice());
            let paths = names.zip(paths.iter().map(Vec::as_slice)).collect();
            (path.as_slice(), (priority.as_slice(), paths))
        })
    }
}
