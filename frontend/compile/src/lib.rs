//! Compiles a plan into an LLB graph and an image configuration.
//!
//! This is the fourth stage of the pipeline, and it is pure. [`compile()`] cannot fail: every [`plan::Plan`] can
//! be compiled. The vertices of an extension are a function of the base, the extension, its bound parameters
//! and what it requires. Unrelated extensions meet only in the joint, the union and the final merge. Names,
//! groups and places in the user's files describe vertices, but are not part of their digests.
//!
//! This crate does not talk to an engine, as `gateway` does, and decides nothing about extensions, as `plan`
//! does.

mod asked_ids;
mod assembly;
mod commands;
mod compile;
mod config;
mod context;
mod environment;
mod epoch;
mod installations;
mod joint;
mod known;
mod one_root;
mod outline;
mod parts;
mod platform;
mod questions;
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
pub use compile::{Compiled, compile, count_layers};
pub use context::{ClientFolder, Context, Tree, send_only};
pub use environment::PATH_OF_NONE;
pub use epoch::Epoch;
pub use joint::debian_architecture;
pub use known::{InstallationId, Known, QuestionId, StateId};
pub use outline::outline;
pub use questions::{
    Question, Questions, WantedPackages, checksum_questions, independent_outputs, questions,
    wanted_packages,
};
pub use request::{Assembly, ImageSource, Request, Rerun, ResolvedImage, Target};
pub use sbom::SBOM_FILE;

/// The time of every file that inlay itself puts into a layer, in seconds since 1970, unless the request gives
/// another one. It is the first day of 1980, the earliest that zip archives, and so Python's wheels, can hold.
pub const LAYER_TIME_SECONDS: i64 = 315_532_800;

#[cfg(test)]
mod tests;
