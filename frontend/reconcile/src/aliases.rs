//! Different paths to the same file.

use crate::formats::listing::{Kind, Listing};

/// Links to directories, such as `/bin` to `usr/bin`: packages list `/bin/x`, but the file is in
/// `/usr/bin`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Aliases(Vec<(Vec<u8>, Vec<u8>)>);

impl Aliases {
    /// Finds the links to directories in the first two levels of the base.
    pub(crate) fn find(base: &Listing) -> Self {
        let mut aliases = Vec::new();
        for (path, entry) in &base.0 {
            let depth = path.split(|byte| *byte == b'/').count() - 1;
            if entry.kind != Kind::Link || depth > 2 {
                continue;
            }
            let target = if entry.target.starts_with(b"/") {
                entry.target.clone()
            } else {
                let parent = path
                    .iter()
                    .rposition(|byte| *byte == b'/')
                    .map_or(0, |last| last + 1);
                [&path[..parent], &entry.target].concat()
            };
            let is_directory = base
                .get(&target)
                .is_some_and(|entry| entry.kind == Kind::Directory);
            if is_directory {
                aliases.push((path.clone(), target));
            }
        }
        Self(aliases)
    }

    /// The path of the file itself.
    pub(crate) fn resolve(&self, path: &[u8]) -> Vec<u8> {
        for (from, to) in &self.0 {
            if let Some(rest) = path.strip_prefix(from.as_slice())
                && (rest.is_empty() || rest[0] == b'/')
            {
                return [to.as_slice(), rest].concat();
            }
        }
        path.to_vec()
    }
}
