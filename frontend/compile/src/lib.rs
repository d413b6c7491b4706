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
mod commands;
mod compilation;
mod config;
mod content;
mod context;
mod epoch;
mod fetch;
mod joint;
mod layers;
mod packages;
mod platform;
mod repositories;
mod request;
mod sbom;
mod scripts;
mod secrets;
mod shell;
mod steps;
mod system;
mod target;

pub use buildkit_llb::{
    Capabilities, ExtraHost, Graph, Network, Output, Platform, ProxyEnvironment, ResolveMode,
    Ulimit,
};
pub use commands::Commands;
pub use compilation::{Compiled, compile};
pub use config::PATH_OF_NONE;
pub use context::{ClientFolder, Context, Tree};
pub use epoch::Epoch;
pub use request::{Assembly, ImageSource, Request, Rerun, ResolvedImage};
pub use sbom::SBOM_FILE;
pub use target::Target;

/// The time of every file inlay itself puts into a layer, unless the request gives one, in seconds since 1970: the first day of
/// 1980, the earliest that zip archives, and so Python's wheels, can hold.
pub const LAYER_TIME_SECONDS: i64 = 315_532_800;

#[cfg(test)]
mod tests;
