//! Actions that write or copy files, as values.

use crate::recipe::Tree;

/// An action that changes a file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Makes a folder.
    Directory {
        path: String,
        mode: u32,
        owner: (u32, u32),
    },
    /// Writes a file.
    File {
        path: String,
        mode: u32,
        data: Vec<u8>,
        owner: (u32, u32),
    },
    /// Writes a file with a fixed time, which does not become part of the image.
    Text { path: String, data: Vec<u8> },
    /// Copies a file, or the content of a folder.
    Copy(Copied),
}

/// A copy of a file, or of the content of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Copied {
    pub(crate) tree: Tree,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) mode: Option<u32>,
    pub(crate) owner: Option<(u32, u32)>,
    pub(crate) follows_links: bool,
    pub(crate) makes_parents: bool,
    /// Whether everything that is copied gets the time of layers.
    pub(crate) has_layer_time: bool,
}

impl Copied {
    /// A copy of a folder's content into another folder, which has to exist.
    pub(crate) fn new(tree: Tree, from: impl Into<String>, to: impl Into<String>) -> Self {
        Self {
            tree,
            from: from.into(),
            to: to.into(),
            mode: None,
            owner: None,
            follows_links: false,
            makes_parents: false,
            has_layer_time: false,
        }
    }
}
