//! What steps can rely on: the folders and variables that they are given, which nothing else may take.

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

/// Where inlay itself mounts something in steps; nothing else can be mounted there or below.
pub(crate) const MOUNTS_TAKEN: &[&str] = &[OUT, SOURCES, RUN, CERTIFICATES];

/// Variables that already have a meaning in steps, in lowercase. The variable of a parameter must not
/// replace them.
pub(crate) const PARAMETERS_TAKEN: &[&str] = &[
    "path",
    "home",
    "out",
    "sources",
    "targetarch",
    "user",
    "shell",
    "pwd",
    "ifs",
    "lang",
    "term",
    "ld_preload",
    "ld_library_path",
    "source_date_epoch",
    "tmpdir",
];

/// Variables that have a meaning in steps in addition to these, and that no parameter could replace.
pub(crate) const VARIABLES_TAKEN: &[&str] = &["PATH", "SSH_AUTH_SOCK"];
