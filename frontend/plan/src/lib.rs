//! From what was written to what will be done.
//!
//! Third in the pipeline: [`resolve`] takes an [`spec::Image`] and the extensions found so far, and
//! gives back either the names it has not seen or a [`Plan`] in which everything is decided: the
//! closure of requirements in canonical order, the values of parameters, the checksums of the platform,
//! the image that each builder runs on. Conflicts are refused here. It is restartable: the caller looks
//! for what is needed, adds it to the [`Catalogue`], and calls again.
//!
//! Deliberately absent: reading anything, and any knowledge of LLB (`compile`).

mod bind;
mod catalogue;
mod claims;
mod clashes;
mod narrow;
mod order;
mod planned;
mod resolve;
mod select;
mod settings;
mod shell_text;
mod union;

pub use catalogue::{Catalogue, Found, Origin, Wanted};
pub use narrow::narrow;
pub use planned::{
    Content, DEFAULT_BUILDER_BASE, Fetch, ImageUse, LayerOrder, Plan, Planned, PlannedBuild,
    PlannedCache, PlannedFile, PlannedRepository, PlannedSecret, PlannedSource, PlannedStep,
    PlannedTest, Registry,
};
pub use resolve::{Resolution, resolve};
