//! `FileOp`: a chain of copies, new files, folders, links and removals, for which nothing runs.
//! These are the values; `wire` encodes them.

use crate::Output;

mod wire;

/// Actions on a file system, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileActions {
    base: Output,
    actions: Vec<Action>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Action {
    Copy(Copy),
    MakeFile(MakeFile),
    MakeDirectory(MakeDirectory),
    Symlink(Symlink),
    Remove(Remove),
}

impl FileActions {
    /// No actions yet, on this file system.
    pub fn on(base: Output) -> Self {
        Self {
            base,
            actions: Vec::new(),
        }
    }

    /// Copies files.
    #[must_use]
    pub fn copy(self, copy: Copy) -> Self {
        self.then(Action::Copy(copy))
    }

    /// Writes a file.
    #[must_use]
    pub fn make_file(self, file: MakeFile) -> Self {
        self.then(Action::MakeFile(file))
    }

    /// Makes a directory. It is not an error if the directory exists.
    #[must_use]
    pub fn make_directory(self, directory: MakeDirectory) -> Self {
        self.then(Action::MakeDirectory(directory))
    }

    /// Makes a symbolic link.
    #[must_use]
    pub fn symlink(self, symlink: Symlink) -> Self {
        self.then(Action::Symlink(symlink))
    }

    /// Removes a file, or a directory with everything in it.
    #[must_use]
    pub fn remove(self, remove: Remove) -> Self {
        self.then(Action::Remove(remove))
    }

    fn then(mut self, action: Action) -> Self {
        self.actions.push(action);
        self
    }
}

/// A copy. Whatever is not set stays as it is in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are independent, and named on the wire"
)]
pub struct Copy {
    /// The file system to copy from.
    pub from: Output,
    /// The path in that file system.
    pub source: String,
    /// The path to copy to. With a trailing `/`, it is the directory to copy into.
    pub destination: String,
    /// The permissions of the copies.
    pub mode: Option<u32>,
    /// The owner of the copies; root if absent.
    pub owner: Option<Owner>,
    /// The modification time of the copies.
    pub time: Option<Timestamp>,
    /// The only files to copy; empty means all.
    pub include_patterns: Vec<String>,
    /// The files to leave out.
    pub exclude_patterns: Vec<String>,
    /// The paths whose absence is an error (BuildKit 0.26).
    pub required_paths: Vec<String>,
    /// Copies the target of a link in `source`.
    pub follow_symlink: bool,
    /// Copies the content of a directory instead of the directory.
    pub directory_contents: bool,
    /// Makes the parent directories of the destination.
    pub create_destination: bool,
    /// Unpacks archives, as `ADD` in a Dockerfile does.
    pub unpack: bool,
    /// Interprets `*`, `?` and `[…]` in `source`.
    pub wildcard: bool,
    /// Accepts a wildcard that matches nothing.
    pub allow_empty_wildcard: bool,
    /// Replaces whatever is at the destination, even if its type differs (BuildKit 0.14).
    pub replace_existing: bool,
}

impl Copy {
    /// A copy in which no flag is set.
    pub fn new(from: Output, source: impl Into<String>, destination: impl Into<String>) -> Self {
        Self {
            from,
            source: source.into(),
            destination: destination.into(),
            mode: None,
            owner: None,
            time: None,
            include_patterns: Vec::new(),
            exclude_patterns: Vec::new(),
            required_paths: Vec::new(),
            follow_symlink: false,
            directory_contents: false,
            create_destination: false,
            unpack: false,
            wildcard: false,
            allow_empty_wildcard: false,
            replace_existing: false,
        }
    }
}

/// A file with its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MakeFile {
    /// The path of the file. Its directory must exist.
    pub path: String,
    /// The permissions. Bits above 0o777 are dropped, as in Go.
    pub mode: u32,
    /// The content.
    pub data: Vec<u8>,
    /// The owner; root if absent.
    pub owner: Option<Owner>,
    /// The modification time; the time at which the action runs if absent.
    pub time: Option<Timestamp>,
}

impl MakeFile {
    /// A file that belongs to root.
    pub fn new(path: impl Into<String>, mode: u32, data: impl Into<Vec<u8>>) -> Self {
        Self {
            path: path.into(),
            mode,
            data: data.into(),
            owner: None,
            time: None,
        }
    }
}

/// A directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MakeDirectory {
    /// The path of the directory.
    pub path: String,
    /// The permissions. Bits above 0o777 are dropped, as in Go.
    pub mode: u32,
    /// Makes the parent directories too.
    pub parents: bool,
    /// The owner; root if absent.
    pub owner: Option<Owner>,
    /// The modification time; the time at which the action runs if absent.
    pub time: Option<Timestamp>,
}

impl MakeDirectory {
    /// A directory that belongs to root, with its parent directories.
    pub fn new(path: impl Into<String>, mode: u32) -> Self {
        Self {
            path: path.into(),
            mode,
            parents: true,
            owner: None,
            time: None,
        }
    }
}

/// A symbolic link (BuildKit 0.19).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symlink {
    /// The target, written unchanged.
    pub target: String,
    /// The path of the link.
    pub path: String,
    /// The owner; root if absent.
    pub owner: Option<Owner>,
    /// The modification time; the time at which the action runs if absent.
    pub time: Option<Timestamp>,
}

impl Symlink {
    /// A link that belongs to root.
    pub fn new(target: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            target: target.into(),
            path: path.into(),
            owner: None,
            time: None,
        }
    }
}

/// A removal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remove {
    /// The path to remove.
    pub path: String,
    /// Accepts that nothing is there.
    pub allow_not_found: bool,
    /// Interprets `*`, `?` and `[…]` in the path.
    pub wildcard: bool,
}

impl Remove {
    /// The removal of something that exists.
    pub fn new(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            allow_not_found: false,
            wildcard: false,
        }
    }
}

/// The owner of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The user.
    pub user: Principal,
    /// The group; the user's group if absent.
    pub group: Option<Principal>,
}

impl Owner {
    /// A user and a group by number.
    pub fn ids(user: u32, group: u32) -> Self {
        Self {
            user: Principal::Id(user),
            group: Some(Principal::Id(group)),
        }
    }
}

/// A user or a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// By number.
    Id(u32),
    /// By name, which is looked up in the file system that the actions start from.
    Name(String),
}

/// A moment, in nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    /// A moment in seconds since 1970; the nearest one that can be represented if it is centuries away.
    pub fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000_000))
    }

    /// A moment in nanoseconds since 1970.
    pub fn from_nanoseconds(nanoseconds: i64) -> Self {
        Self(nanoseconds)
    }
}
