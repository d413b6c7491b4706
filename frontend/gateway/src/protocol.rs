//! The trait that the frontend's logic is written against, and the values that its calls exchange.
//!
//! Calls take `&self` and may run in parallel. [`crate::Grpc`] implements the trait; tests connect
//! it to a [`crate::fake::Fake`].

use std::{collections::BTreeMap, future::Future};

use buildkit_proto::pb;

use crate::{CacheImport, Engine, Error, ImageRequest, ResolvedImage, SourceSnippet};

/// A result that lives in the engine for as long as this process does.
///
/// Only the engine understands the identifier. An empty identifier stands for the empty file
/// system: `Solve` in frontend/gateway/gateway.go returns it, and `cloneRef` takes it for a missing
/// reference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    id: String,
}

impl Reference {
    /// The reference with this identifier, which the engine chose. Never fails.
    pub fn new(id: impl Into<String>) -> Reference {
        Reference { id: id.into() }
    }

    /// The engine's identifier.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether this is the empty file system, from which nothing can be read.
    pub fn is_scratch(&self) -> bool {
        self.id.is_empty()
    }
}

/// A remark about the user's text that does not stop the build.
#[derive(Debug, Clone, PartialEq)]
pub struct Warning {
    /// The digest of an existing vertex, preferably the one that loaded the text. The engine drops
    /// warnings about vertices that it does not know.
    pub digest: String,
    /// One line, by convention `Rule: text (line 3)`.
    pub short: String,
    /// More lines.
    pub detail: Vec<String>,
    /// The address of the page that explains the rule; may be empty.
    pub url: String,
    /// The place in the user's text.
    pub snippet: Option<SourceSnippet>,
}

/// When the engine runs a graph that it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evaluation {
    /// Not in this call. A vertex runs when something is read from the result, or after `Return`.
    ///
    /// A vertex that fails after `Return` fails the build without this process, so its message
    /// cannot be changed.
    Lazy,
    /// In this call, which returns only when the vertex that makes the output, and everything it
    /// depends on, has run or was found in the cache.
    ///
    /// If a vertex fails, so does the call, and [`crate::Failure`] tells which vertex it was and how
    /// its process exited. A client's debugger cannot open it: [`crate::Failure::with_message`].
    /// See `req.Evaluate` in solver/llbsolver/provenance.go. Engines know it since BuildKit 0.8
    /// (the capability `gateway.solve.evaluate`).
    Now,
}

/// The calls to the engine that a build needs.
pub trait Gateway: Sync {
    /// Asks what the engine can do. The engine is asked once; later calls repeat its first answer.
    fn ping(&self) -> impl Future<Output = Result<Engine, Error>> + Send;

    /// Finds the digest and the configuration of an image without pulling its layers.
    fn resolve_image(
        &self,
        request: ImageRequest,
    ) -> impl Future<Output = Result<ResolvedImage, Error>> + Send;

    /// Hands a graph to the engine. `evaluation` decides whether the call waits for it to run.
    ///
    /// The cache imports must accompany every solve of the main graph, because the engine takes
    /// them from nowhere else.
    fn solve(
        &self,
        definition: pb::Definition,
        cache_imports: &[CacheImport],
        evaluation: Evaluation,
    ) -> impl Future<Output = Result<Reference, Error>> + Send;

    /// Reads a file of at most 16 MiB; `None` if it does not exist.
    fn read_file(
        &self,
        from: &Reference,
        path: &str,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, Error>> + Send;

    /// Reads the first bytes of a file of any size; `None` if it does not exist.
    fn read_start(
        &self,
        from: &Reference,
        path: &str,
        length_bytes: u32,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, Error>> + Send;

    /// The definitions that another build handed to this one, by name. Empty if there are none or
    /// the engine cannot pass them on.
    fn inputs(
        &self,
    ) -> impl Future<Output = Result<BTreeMap<String, pb::Definition>, Error>> + Send;

    /// Shows a warning to the user. Does nothing if the engine cannot show warnings.
    fn warn(&self, warning: Warning) -> impl Future<Output = Result<(), Error>> + Send;
}
