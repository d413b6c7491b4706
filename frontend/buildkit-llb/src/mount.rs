//! The mounts of a command.
//! These are the values; `wire` encodes them.

use crate::Output;

mod wire;

/// Something that is mounted for a command.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mount {
    /// The absolute path at which it is mounted. It must not be `/`, which is [`Exec::root`](crate::Exec::root).
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
        /// The path in the file system that is mounted; empty means all of it.
        selector: String,
        /// What the mount adds to the command's cache key.
        key: MountKey,
        /// Whether it cannot be written to. A read-only mount has no output.
        readonly: bool,
        /// Whether an output keeps what is written. Otherwise it is dropped.
        output: bool,
    },
    /// A folder that outlives the build. It is not part of the cache key.
    Cache {
        /// The id. Mounts with the same id share a folder.
        id: String,
        /// How commands that run at the same time share the folder.
        sharing: Sharing,
        /// The initial content, which also sets the owner; scratch for an empty folder.
        input: Output,
        /// The path in `input`; empty means all of it.
        selector: String,
    },
    /// A folder in memory.
    Tmpfs {
        /// The limit in bytes; 0 means no limit.
        size_bytes: u64,
    },
    /// A secret of the client, as a file.
    Secret {
        /// The id by which the client knows it.
        id: String,
        /// The owner of the file.
        uid: u32,
        /// The group of the file.
        gid: u32,
        /// The permissions of the file, usually 0o400.
        mode: u32,
        /// Whether the command also runs if the client does not have it.
        optional: bool,
    },
    /// The socket of an ssh agent of the client. `SSH_AUTH_SOCK` points to the first one, unless it is set.
    Ssh {
        /// The id by which the client knows it; empty means `default`.
        id: String,
        /// The owner of the socket.
        uid: u32,
        /// The group of the socket.
        gid: u32,
        /// The permissions of the socket, usually 0o600.
        mode: u32,
        /// Whether the command also runs if the client does not have it.
        optional: bool,
    },
}

/// What a file system that is mounted adds to a command's cache key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum MountKey {
    /// The engine's choice: for a read-only mount the content of the path that is mounted, otherwise the
    /// definition (solver/llbsolver/ops/exec.go).
    #[default]
    Default,
    /// The definition. The engine does not read the content, which can take seconds for a whole system.
    Definition,
}

/// How commands that run at the same time share a cache folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sharing {
    /// All of them use it.
    #[default]
    Shared,
    /// One of them uses it; another gets a folder of its own.
    Private,
    /// They use it one after the other.
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

    /// A file system whose changes are an output.
    pub fn output(destination: impl Into<String>, input: Output) -> Self {
        Self::bind(destination, input, false, true)
    }

    /// A file system whose changes are dropped.
    pub fn discarded(destination: impl Into<String>, input: Output) -> Self {
        Self::bind(destination, input, false, false)
    }

    /// A cache folder that is empty at first.
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

    /// The same mount, but cached by what makes its file system and not by the content.
    ///
    /// A mount without a file system stays as it is.
    #[must_use]
    pub fn keyed_by_definition(mut self) -> Self {
        if let MountKind::Bind { key, .. } = &mut self.kind {
            *key = MountKey::Definition;
        }
        self
    }

    fn bind(destination: impl Into<String>, input: Output, readonly: bool, output: bool) -> Self {
        Self::of(
            destination,
            MountKind::Bind {
                input,
                selector: String::new(),
                key: MountKey::Default,
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
