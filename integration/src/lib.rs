//! The private engine, and the tests that need a real one.
//!
//! [`Engine::up`] gives a Docker engine of the repository's own: fetched as Debian packages, run
//! from one folder, with a registry on the loopback, apart from any Docker the user runs.
//! [`Engine::user`] gives the user's own instead, where it is good enough. Neither needs an account,
//! a public registry or anything installed beforehand but apt and dpkg.

mod apt;
mod archive;
mod arguments;
mod base;
mod build;
mod daemon;
mod empty;
mod engine;
mod frontend;
mod home;
mod http;
mod network;
mod process;
mod progress;
mod registry;
pub mod soundness;
mod sources;
mod tools;

pub use crate::archive::{Archive, Entry};
pub use crate::base::Suite;
pub use crate::build::{Build, Called, Outcome, token};
pub use crate::daemon::Store;
pub use crate::empty::EmptyEngine;
pub use crate::engine::{Data, Engine, Kind, Status};
pub use crate::frontend::frontend_image;
pub use crate::progress::Progress;
