//! BuildKit LLB graphs: content-addressed, deterministic, without a daemon.
//!
//! LLB is what a BuildKit frontend hands to the engine: a graph of sources, commands, file operations, differences and
//! merges. This crate builds such graphs in memory and turns them into the wire form, a [`pb::Definition`].
//!
//! - **Content-addressed.** The identity of a vertex is the digest of its operation, so adding an equal operation twice
//!   gives the same vertex. There are no counters, so the order of construction does not matter.
//! - **Canonical.** Operations are encoded as Go's protobuf encodes them. BuildKit 0.17 and later encodes every operation
//!   again on arrival. If a client's bytes differ, its source locations and warnings are lost without an error.
//! - **Separate metadata.** Names, groups, locations and `ignore_cache` are in [`About`], outside the digest. They never
//!   change what is cached.
//! - **Bound to the engine.** [`Graph::definition`] mentions only the [`Capabilities`] that the engine offers, because an
//!   engine refuses a definition that mentions one it does not know.
//!
//! ```
//! use buildkit_llb::{About, Capabilities, Exec, Graph, Image, Platform};
//!
//! let mut graph = Graph::new();
//! let platform: Platform = "linux/x86_64".parse()?;
//! let alpine = Image::new("docker.io/library/alpine:latest", platform.clone());
//! let base = graph.image(alpine, About::named("base"));
//! let git = Exec::new(base, platform, ["apk", "add", "git"]);
//! let git = graph.exec(git, About::named("git.built")).root;
//! let layer = graph.diff(base, git, About::named("git"));
//! let root = graph.merge(&[base, layer], About::named("root"));
//!
//! // Four vertices, then the terminal operation that names the result.
//! assert_eq!(graph.definition(root, &Capabilities::all()).def.len(), 5);
//! assert!(graph.dump(root).starts_with("base       image  docker.io/library/alpine:latest linux/amd64"));
//! # Ok::<(), buildkit_llb::PlatformError>(())
//! ```
//!
//! The crate deliberately has no I/O (callers resolve image references first), no parsing or normalizing of image
//! references, no lazily evaluated `State` like Go's, no `BuildOp`, `PassthroughOp`, blob sources or signature
//! verification, no symbolic copy modes (no capability announces them), and no default `PATH` for engines older than
//! `exec.meta.setsdefaultpath` (2019).

mod about;
mod capabilities;
mod definition;
mod digest;
mod dump;
mod encode;
mod exec;
mod file;
mod git;
mod graph;
mod import;
mod merge;
mod mount;
mod output;
mod path;
mod platform;
mod source;

pub use buildkit_proto::pb;

pub use crate::about::{About, FileId, Group, Location, Position, Range, SourceFile};
pub use crate::capabilities::Capabilities;
pub use crate::digest::{Digest, DigestError};
pub use crate::exec::{
    Device, Exec, ExecOutputs, ExtraHost, Network, ProxyEnvironment, SecretEnvironment, Security,
    Ulimit,
};
pub use crate::file::{
    Copy, FileActions, MakeDirectory, MakeFile, Owner, Principal, Remove, Symlink, Timestamp,
};
pub use crate::git::{Git, http_host};
pub use crate::graph::Graph;
pub use crate::import::ImportError;
pub use crate::mount::{Mount, MountKey, MountKind, Sharing};
pub use crate::output::Output;
pub use crate::platform::{Platform, PlatformError};
pub use crate::source::{Differ, Http, Image, Local, OciLayout, ResolveMode};

#[cfg(test)]
mod tests;
