//! From a plan to an LLB graph and an image configuration.
//!
//! Fourth in the pipeline and pure: [`compile`] is total, a [`plan::Plan`] that exists can be
//! compiled. Each extension's vertices are a function of its base, itself and its bound parameters;
//! they meet once, in the final merge. Names, groups and places in the user's files lie beside the
//! digests and never in them.
//!
//! Deliberately absent: talking to an engine (`gateway`), and deciding anything about extensions
//! (`plan`).

mod assembly;
mod commands;
mod compile;
mod config;
mod context;
mod environment;
mod epoch;
mod joint;
mod outline;
mod parts;
mod platform;
mod recipe;
mod request;
mod sbom;
mod scripts;
mod system;
mod system_layer;
mod target;
mod vertices;

pub use buildkit_llb::{
    Capabilities, ExtraHost, Graph, Network, Output, Platform, ProxyEnvironment, ResolveMode,
    Ulimit,
};
pub use commands::Commands;
pub use compile::{Compiled, compile};
pub use context::{ClientFolder, Context, Tree};
pub use environment::PATH_OF_NONE;
pub use epoch::Epoch;
pub use outline::outline;
pub use request::{Assembly, ImageSource, Request, Rerun, ResolvedImage, Target};
pub use sbom::SBOM_FILE;

/// The time of every file inlay itself puts into a layer, unless the request gives one, in seconds since 1970: the first day of
/// 1980, the earliest that zip archives, and so Python's wheels, can hold.
pub const LAYER_TIME_SECONDS: i64 = 315_532_800;

#[cfg(test)]
mod tests;
