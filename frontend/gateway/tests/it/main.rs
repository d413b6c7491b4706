//! The crate as its users see it: options from an environment, calls over the wire to a fake
//! engine, every way in which a call or a build can fail, and the exit status of the process.

mod calls;
mod failed_step;
mod failures;
mod git_address;
mod named_context;
mod options;
mod pipes;
mod serve;
mod support;
