//! From what was written to what will be done.
//!
//! Third in the pipeline: [`resolve`] takes an [`spec::Image`] and the extensions found so far, and
//! gives back either the names it has not seen or a [`Plan`] in which everything is decided: the
//! closure of requirements in canonical order, parameters bound, checksums chosen for the
//! platform, conflicts refused. It is restartable: the caller looks for what is needed, adds it to
//! the [`Catalogue`], and calls again.
//!
//! Deliberately absent: reading anything, and any knowledge of LLB (`compile`).

mod bind;
mod catalogue;
mod claims;
mod clashes;
mod closure;
mod narrow;
mod planned;
mod resolve;
mod settings;

pub use catalogue::{Catalogue, Found, Origin, Wanted};
pub use narrow::narrowed;
pub use planned::{
    Content, Fetch, Plan, Planned, PlannedBuild, PlannedCache, PlannedFile, PlannedRepository,
    PlannedSecret, PlannedSource, PlannedStep, PlannedTest, Registry,
};
pub use resolve::{Resolution, resolve};

/// The base of builders that choose none.
///
/// A Debian release rather than the user's base, so that a changed base reruns no builder, and an
/// old one, so that what is compiled there finds its C library on younger bases.
pub const DEFAULT_BUILDER_BASE: &str = "debian:bookworm";
