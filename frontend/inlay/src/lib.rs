//! The frontend: a request becomes an answer.
//!
//! The last place in the pipeline and the only one that knows all others. [`answer`] serves a build
//! over a [`gateway::Gateway`]; [`offline`] does what needs no engine, for people at a terminal.
//!
//! Deliberately absent: the wire (`gateway`), and every decision about images (`plan`, `compile`).

mod answer;
mod base;
mod catalogue;
mod context;
mod images;
mod lookup;
mod named;
pub mod offline;
mod platforms;
mod remote;
mod report;
mod request;
mod result;
mod subrequest;
mod target;
mod together;

pub use answer::answer;
pub use catalogue::Folder;

#[cfg(test)]
mod tests;
