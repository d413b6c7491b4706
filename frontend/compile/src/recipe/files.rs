//! Files that are written or copied, as values.

use crate::recipe::Tree;

/// Something written into a file system.
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
    /// Writes a file that is no part of the image, at a fixed time.
    Text { path: String, data: Vec<u8> },
    /// Copies a path of a file system; of a folder, what is in it.
    Copy(Copied),
}

/// A copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Copied {
    pub(crate) tree: Tree,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) mode: Option<u32>,
    pub(crate) owner: Option<(u32, u32)>,
    pub(crate) follows_links: bool,
    pub(crate) makes_parents: bool,
    /// Whether everything gets the time of layers.
    pub(crate) has_layer_time: bool,
}

impl Copied {
    /// What is in a folder, put into another that is there.
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
