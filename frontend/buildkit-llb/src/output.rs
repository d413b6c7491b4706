//! The name of a file system in a graph: a vertex, and which of its outputs it is.

use std::fmt;

use crate::Digest;

/// A file system: one output of a vertex, or [scratch](Output::SCRATCH), the empty one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Output {
    vertex: Option<Digest>,
    index: u32,
}

impl Output {
    /// The empty file system. No vertex makes it.
    pub const SCRATCH: Self = Self {
        vertex: None,
        index: 0,
    };

    pub(crate) fn new(vertex: Digest, index: u32) -> Self {
        Self {
            vertex: Some(vertex),
            index,
        }
    }

    /// Whether this is the empty file system.
    pub fn is_scratch(self) -> bool {
        self.vertex.is_none()
    }

    /// The vertex that makes the file system; `None` for scratch.
    pub fn vertex(self) -> Option<Digest> {
        self.vertex
    }

    /// Which of the vertex's outputs it is, counting from 0; 0 for scratch.
    pub fn index(self) -> u32 {
        self.index
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.vertex {
            None => formatter.write_str("scratch"),
            Some(vertex) => write!(formatter, "{}#{}", vertex.short(), self.index),
        }
    }
}
