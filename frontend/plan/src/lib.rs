//! Turns a parsed spec into a plan in which everything is decided.
//!
//! This is the third stage of the pipeline. [`resolve()`] takes a [`spec::Image`] and the extensions found so
//! far, and returns either the names that it has not seen yet or a [`Plan`]. The plan contains the closure of
//! requirements in canonical order, the values of parameters, the checksums for the platform and the image
//! that each builder runs on. Conflicts are refused here. Resolution is restartable: the caller looks for
//! what is needed, adds it to the [`Catalogue`] and calls again.
//!
//! This crate reads no files and knows nothing of LLB, which is the business of `compile`.

mod bind;
mod catalogue;
mod checksums;
mod claims;
mod clashes;
mod narrow;
mod order;
mod plan;
mod planned;
mod resolve;
mod select;
mod settings;
mod shell_text;
mod union;

pub use catalogue::{Catalogue, Found, Origin, Wanted};
pub use checksums::Checksums;
pub use narrow::narrow;
pub use plan::{DEFAULT_BUILDER_BASE, ImageUse, LayerOrder, Plan};
pub use planned::{
    ChecksumOrigin, Content, Fetch, Planned, PlannedBuild, PlannedCache, PlannedFile,
    PlannedRepository, PlannedSecret, PlannedSource, PlannedStep, PlannedTest, Registry,
};
pub use resolve::{Resolution, resolve};
