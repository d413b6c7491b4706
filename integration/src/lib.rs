//! The private engine, and the tests that need a real one.
//!
//! [`Engine::up`] gives a Docker engine of the repository's own: fetched as Debian packages, run from one
//! folder, with a registry on the loopback, and separate from any Docker the user runs. [`Engine::user`]
//! gives the user's own engine instead, where it is good enough. Neither needs an account, a public
//! registry or anything installed beforehand but apt and dpkg.
//!
//! What is made on an engine takes it as an argument: [`make_base`], [`make_frontend`], [`make_flags`],
//! [`EmptyEngine`], [`Build`].

mod apt;
mod archive;
mod base;
mod build;
mod company;
mod crowd;
mod daemon;
mod empty;
mod engine;
mod flags;
mod fresh_base;
mod frontend;
mod home;
mod http;
mod network;
mod outcome;
mod packages;
mod process;
mod progress;
mod registry;
mod removal;
mod shell;
pub mod soundness;
mod sources;
mod status;
mod suite;
mod token;
mod tools;

pub use crate::archive::{Archive, Entry};
pub use crate::base::{make_base, make_base_list};
pub use crate::build::Build;
pub use crate::crowd::try_at_once;
pub use crate::daemon::Store;
pub use crate::empty::EmptyEngine;
pub use crate::engine::{Data, Engine, Kind};
pub use crate::flags::{make_flag_line, make_flags};
pub use crate::fresh_base::FreshBase;
pub use crate::frontend::make_frontend;
pub use crate::outcome::{Answer, Outcome};
pub use crate::progress::Progress;
pub use crate::status::Status;
pub use crate::suite::Suite;
pub use crate::token::make_token;
