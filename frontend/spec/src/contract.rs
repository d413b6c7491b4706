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

/// Who needs a path, so that steps can mount nothing there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// inlay itself mounts something there, or below it.
    Inlay,
    /// The engine does so in every container.
    Engine,
    /// The system keeps something there that a mount would hide, and of which joints get a copy.
    System,
    /// It is a folder of the system. Only the folder itself is needed: what is mounted below hides nothing.
    Folder,
}

/// Where steps can mount nothing: neither there nor below, and also not at a folder above.
pub(crate) const MOUNTS_TAKEN: &[(&str, Need)] = &[
    (OUT, Need::Inlay),
    (SOURCES, Need::Inlay),
    (RUN, Need::Inlay),
    (CERTIFICATES, Need::Inlay),
    ("/run/buildkit", Need::Inlay),
    ("/dev", Need::Engine),
    ("/etc/hostname", Need::Engine),
    ("/etc/hosts", Need::Engine),
    ("/etc/resolv.conf", Need::Engine),
    ("/proc", Need::Engine),
    ("/sys", Need::Engine),
    ("/etc/alternatives", Need::System),
    ("/etc/group", Need::System),
    ("/etc/gshadow", Need::System),
    ("/etc/ld.so.cache", Need::System),
    ("/etc/machine-id", Need::System),
    ("/etc/passwd", Need::System),
    ("/etc/sgml", Need::System),
    ("/etc/shadow", Need::System),
    ("/etc/shells", Need::System),
    ("/etc/subgid", Need::System),
    ("/etc/subuid", Need::System),
    ("/etc/xml", Need::System),
    ("/usr/bin", Need::System),
    ("/usr/sbin", Need::System),
    ("/var/cache/debconf", Need::System),
    ("/var/lib/apt/extended_states", Need::System),
    ("/var/lib/dpkg", Need::System),
    ("/var/lib/sgml-base", Need::System),
    ("/var/lib/shells.state", Need::System),
    ("/var/lib/ucf", Need::System),
    ("/var/lib/xml-core", Need::System),
    ("/boot", Need::Folder),
    ("/home", Need::Folder),
    ("/opt", Need::Folder),
    ("/srv", Need::Folder),
    ("/usr/lib", Need::Folder),
    ("/usr/lib32", Need::Folder),
    ("/usr/lib64", Need::Folder),
    ("/usr/libx32", Need::Folder),
    ("/usr/local/bin", Need::Folder),
    ("/usr/local/lib", Need::Folder),
    ("/usr/local/sbin", Need::Folder),
    ("/usr/share", Need::Folder),
];

/// Folders of the bases that are links. What is mounted below one is mounted below its target.
pub(crate) const LINKS: &[(&str, &str)] = &[("/var/run", "/run"), ("/var/lock", "/run/lock")];

/// Whether an id of a secret is one that inlay or BuildKit asks for itself, so that no step may.
pub(crate) fn is_reserved_secret(id: &str) -> bool {
    let is_for_git = ["GIT_AUTH_TOKEN", "GIT_AUTH_HEADER"].iter().any(|name| {
        id.strip_prefix(name)
            .is_some_and(|host| host.is_empty() || host.starts_with('.'))
    });
    is_for_git || id.starts_with("inlay-")
}

/// Whether an id of a cache is among those of inlay's own caches, however it is written.
pub(crate) fn is_reserved_cache(id: &str) -> bool {
    let mut parts: Vec<&str> = Vec::new();
    for part in id.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.len() > 1 && parts[0] == "inlay"
}

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
