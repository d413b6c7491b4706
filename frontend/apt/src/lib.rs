//! What apt says about packages, and the exact lists that are made of it.
//!
//! apt itself decides what is installed: a command in the engine asks it and writes down its words. This crate reads
//! these words and makes a list of packages in exact versions, which the commands that fetch and install them are
//! given. It does no I/O.

mod answer;
mod list;

pub use answer::{Answer, Malformed, Problem, Unknown, find_providers, read_answer};
pub use list::{Line, ListError, Mark, Package, PackageList};

#[cfg(test)]
mod tests;
