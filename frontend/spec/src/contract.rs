//! What steps can rely on: the folders they are given.

/// Where the steps of a builder leave what goes into the image.
pub const OUT: &str = "/out";
/// Where the steps of a builder find their sources.
pub const SOURCES: &str = "/sources";
/// The folder in which the steps of a builder start.
pub const WORKDIR: &str = "/build";
/// Where inlay itself mounts what its commands need.
pub const RUN: &str = "/run/inlay";
/// Where commands with a network find the certificates that the build was given.
pub const CERTIFICATES: &str = "/run/secrets/inlay-ca";
