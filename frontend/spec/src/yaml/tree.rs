//! The tree of a YAML text.

use source::{Span, Spanned};

/// A value of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    /// The value without blanks and comments around it; empty where nothing is written.
    pub(crate) span: Span,
    /// What it is.
    pub(crate) kind: Kind,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text.
    Scalar {
        text: String,
        /// Whether it is written without quotes and not as a block.
        plain: bool,
        /// Whether it is plain and a comment follows on its line, which may be meant as part of it.
        has_comment: bool,
    },
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping in the order in which it was written, without duplicate keys.
    Mapping(Vec<Entry>),
    /// Something that was reported, so that its value is not known.
    Reported,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: Spanned<String>,
    pub(crate) value: Node,
}

/// The tree of a text, as far as it could be read.
#[derive(Debug)]
pub(crate) struct Tree {
    /// The value of the document; `None` for an empty text.
    pub(crate) root: Option<Node>,
    /// Where reading ended early, if it did. Lists and mappings around this place lack entries.
    pub(crate) broken_at: Option<u32>,
}
