//! From a plan to an LLB graph and an image configuration.
//!
//! Fourth in the pipeline and pure: [`compile`] is total, a [`plan::Plan`] that exists can be
//! compiled. Each extension's vertices are a function of its base, itself and its bound parameters;
//! they meet once, in the final merge. Names, groups and places in the user's files lie beside the
//! digests and never in them.
//!
//! Deliberately absent: talking to an engine (`gateway`), and deciding anything about extensions
//! (`plan`).

mod builder;
mod compilation;
mod config;
mod content;
mod context;
mod fetch;
mod isolated;
mod joint;
mod layers;
mod packages;
mod request;
mod sbom;
mod scripts;
mod secrets;
mod shell;

pub use buildkit_llb::{Capabilities, Graph, Output, Platform, ProxyEnvironment, ResolveMode};
pub use compilation::{Compiled, compile};
pub use config::PATH_OF_NONE;
pub use context::{ClientFolder, Context, Tree};
pub use request::{Assembly, ImageSource, Request, Rerun, ResolvedImage};
pub use sbom::SBOM_FILE;

/// The time of every file inlay itself puts into a layer, in seconds since 1970: the first day of
/// 1980, the earliest that zip archives, and so Python's wheels, can hold.
pub const LAYER_TIME_SECONDS: i64 = 315_532_800;

#[cfg(test)]
mod tests;
