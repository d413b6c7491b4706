//! The mounts of a command.
//! What can be said; `wire` says it.

use crate::Output;

mod wire;

/// Something mounted into an exec.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mount {
    /// The absolute path it is mounted at; not `/`, which is [`Exec::root`](crate::Exec::root).
    pub destination: String,
    /// What is mounted.
    pub kind: MountKind,
}

/// What is mounted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MountKind {
    /// A file system.
    Bind {
        /// The file system; scratch for an empty one.
        input: Output,
        /// The path in it that is mounted; empty means all. A read-only mount is cached by the content of this path
        /// alone: solver/llbsolver/ops/exec.go.
        selector: String,
        /// Refuses writes. A read-only mount has no output.
        readonly: bool,
        /// Keeps what is written, as an output. Without it the writes are dropped.
        output: bool,
    },
    /// A folder that outlives the build. Not part of the cache key.
    Cache {
        /// Equal ids are one folder.
        id: String,
        /// Who may use it at the same time.
        sharing: Sharing,
        /// What the folder starts from, to give it an owner; scratch for an empty one.
        input: Output,
        /// The path in `input`; empty means all.
        selector: String,
    },
    /// A folder in memory.
    Tmpfs {
        /// The limit in bytes; 0 means none.
        size_bytes: u64,
    },
    /// A secret of the client, as a file.
    Secret {
        /// The name the client knows it by.
        id: String,
        /// The owner of the file.
        uid: u32,
        /// The group of the file.
        gid: u32,
        /// The permissions of the file; 0o400 is usual.
        mode: u32,
        /// Runs without it if the client has none.
        optional: bool,
    },
    /// A socket of an ssh agent of the client. `SSH_AUTH_SOCK` points to the first, unless it is set.
    Ssh {
        /// The name the client knows it by; empty means `default`.
        id: String,
        /// The owner of the socket.
        uid: u32,
        /// The group of the socket.
        gid: u32,
        /// The permissions of the socket; 0o600 is usual.
        mode: u32,
        /// Runs without it if the client has none.
        optional: bool,
    },
}

/// Who may use a cache folder at the same time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sharing {
    /// Everyone.
    #[default]
    Shared,
    /// Nobody else: a second user gets a folder of its own.
    Private,
    /// One after the other.
    Locked,
}

impl Mount {
    /// A file system that cannot be written to, and that has no output.
    ///
    /// With [`Mount::select`], only one path of it is mounted. Such a mount is cached by the content of that path
    /// alone, so other changes in the file system do not run the command again.
    ///
    /// ```
    /// use buildkit_llb::{Mount, Output};
    ///
    /// let tools = Output::SCRATCH;
    /// let mount = Mount::read_only("/opt/tool", tools).select("/usr/bin/tool");
    /// assert_eq!(mount.destination, "/opt/tool");
    /// ```
    pub fn read_only(destination: impl Into<String>, input: Output) -> Self {
        Self::bind(destination, input, true, false)
    }

    /// A file system of which the changes are an output.
    pub fn output(destination: impl Into<String>, input: Output) -> Self {
        Self::bind(destination, input, false, true)
    }

    /// A file system of which the changes are dropped.
    pub fn discarded(destination: impl Into<String>, input: Output) -> Self {
        Self::bind(destination, input, false, false)
    }

    /// A cache folder, empty at first.
    pub fn cache(destination: impl Into<String>, id: impl Into<String>, sharing: Sharing) -> Self {
        let (input, selector) = (Output::SCRATCH, String::new());
        Self::of(
            destination,
            MountKind::Cache {
                id: id.into(),
                sharing,
                input,
                selector,
            },
        )
    }

    /// A folder in memory, without a limit.
    pub fn tmpfs(destination: impl Into<String>) -> Self {
        Self::of(destination, MountKind::Tmpfs { size_bytes: 0 })
    }

    /// A mandatory secret that only root can read.
    pub fn secret(destination: impl Into<String>, id: impl Into<String>) -> Self {
        let id = id.into();
        Self::of(
            destination,
            MountKind::Secret {
                id,
                uid: 0,
                gid: 0,
                mode: 0o400,
                optional: false,
            },
        )
    }

    /// A mandatory ssh agent that only root can use.
    pub fn ssh(destination: impl Into<String>, id: impl Into<String>) -> Self {
        let id = id.into();
        Self::of(
            destination,
            MountKind::Ssh {
                id,
                uid: 0,
                gid: 0,
                mode: 0o600,
                optional: false,
            },
        )
    }

    /// The same mount, but of this path in its file system only. The path may be a file or a folder.
    ///
    /// A mount without a file system (a `tmpfs`, a secret or an ssh agent) stays as it is.
    #[must_use]
    pub fn select(mut self, path: impl Into<String>) -> Self {
        if let MountKind::Bind { selector, .. } | MountKind::Cache { selector, .. } = &mut self.kind
        {
            *selector = path.into();
        }
        self
    }

    fn bind(destination: impl Into<String>, input: Output, readonly: bool, output: bool) -> Self {
        Self::of(
            destination,
            MountKind::Bind {
                input,
                selector: String::new(),
                readonly,
                output,
            },
        )
    }

    fn of(destination: impl Into<String>, kind: MountKind) -> Self {
        Self {
            destination: destination.into(),
            kind,
        }
    }
}
