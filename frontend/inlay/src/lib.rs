//! The frontend: a request becomes an answer.
//!
//! Last in the pipeline, and the only crate that knows all others. [`answer`] serves a build
//! over a [`gateway::Gateway`]; [`offline`] does what needs no engine, for people at a terminal. Both
//! go through one conversion.
//!
//! Deliberately absent: the wire (`gateway`), and every decision about images (`plan`, `compile`).

mod build;
mod catalogue;
mod context;
mod convert;
mod engine;
mod failed_step;
mod finder;
mod findings;
pub mod offline;
mod remote;
mod report;
mod request;
mod result;
mod subrequest;
mod target;
mod together;

pub use build::answer;
pub use catalogue::CatalogueFiles;

#[cfg(test)]
mod tests;
