//! The conversation with BuildKit: gRPC over file descriptors 0 and 1, which nothing else touches.
//!
//! The crate is the outer edge of the pipeline. Options come in from the environment ([`Options`]),
//! and the answer goes out in exactly one `Return` ([`serve()`]). In between, [`Gateway`] resolves
//! images, solves graphs and reads files. The crate deals in `pb::Definition` and knows nothing of
//! extensions or plans. It deliberately has no containers started by the frontend, no nested
//! frontends and no retries.

pub mod fake;

mod details;
mod engine;
mod error;
mod failure;
mod git_address;
mod grpc;
mod image;
mod message_limit;
mod named_context;
mod options;
mod panic;
mod protocol;
mod reply;
mod serve;
mod snippet;
mod transport;

pub use buildkit_proto::{google::protobuf::Any, pb};
pub use engine::Engine;
pub use error::Error;
pub use failure::Failure;
pub use git_address::GitAddress;
pub use grpc::Grpc;
pub use image::{ImageRequest, ResolvedImage};
pub use named_context::{familiar_reference, normalized_reference};
pub use options::{CacheImport, NamedContext, Options, Worker};
pub use protocol::{Evaluation, Gateway, Reference, Warning};
pub use reply::{Attestation, References, Reply};
pub use serve::{frontend_definition, serve};
pub use snippet::{Range, SourceSnippet};
