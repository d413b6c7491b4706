//! The description of a vertex: its name, its group, and the lines of the user's text it comes from.
//! None of this is in the digest. If equal vertices are added with different descriptions, the descriptions are
//! combined; the result does not depend on which came first.

use prost::Message as _;

use crate::{Digest, pb};

/// The description of a vertex.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// What the progress display shows, such as `[git 2/3] RUN …`. Empty means unnamed.
    pub name: String,
    /// The group that the progress display shows as one line.
    pub group: Option<Group>,
    /// The places in the user's text that asked for the vertex. The engine's errors show these lines.
    pub locations: Vec<Location>,
    /// Runs the vertex even if it is cached. The engine then also empties the cache mounts of a command:
    /// solver/llbsolver/vertex.go.
    pub ignore_cache: bool,
    /// The command as the user wrote it, for the history; `com.docker.dockerfile.v1.command` on the wire.
    pub command: Option<String>,
}

impl About {
    /// A description that is only a name.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }
}

/// A group of vertices that the progress display shows as one line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    /// The id that all members share.
    pub id: String,
    /// What the progress display shows.
    pub name: String,
    /// Whether this member is weak. A group stays hidden if only weak members run.
    pub weak: bool,
}

/// Lines of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The file, from [`Graph::source_file`](crate::Graph::source_file).
    pub file: FileId,
    /// The places in it.
    pub ranges: Vec<Range>,
}

/// From one position to another. Both are mandatory, because BuildKit's client crashes on a range without an end
/// (solver/errdefs/source.go).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    /// The first position.
    pub start: Position,
    /// The last position; its line is included.
    pub end: Position,
}

impl Range {
    /// Whole lines, including the first and the last.
    pub fn lines(first: u32, last: u32) -> Self {
        let position = |line| Position { line, character: 0 };
        Self {
            start: position(first),
            end: position(last),
        }
    }
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Counts from 1. 0 is sent as 1, because the client would print nothing for it.
    pub line: u32,
    /// Counts from 0.
    pub character: u32,
}

/// A file of the user's text. The client prints its lines in errors.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceFile {
    /// The name to show.
    pub name: String,
    /// The whole content.
    pub text: Vec<u8>,
    /// The language, as GitHub's linguist names it: `YAML`.
    pub language: String,
    /// The definition that the file was read from, if the engine read it.
    pub definition: Option<pb::Definition>,
}

/// The id of a [`SourceFile`] in a graph. It is derived from the content, so equal files have the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileId(Digest);

impl FileId {
    pub(crate) fn of(file: &SourceFile) -> Self {
        Self(Digest::of(&file.to_pb().encode_to_vec()))
    }
}

impl SourceFile {
    pub(crate) fn to_pb(&self) -> pb::SourceInfo {
        pb::SourceInfo {
            filename: self.name.clone(),
            data: self.text.clone(),
            definition: self.definition.clone(),
            language: self.language.clone(),
        }
    }
}

impl Range {
    pub(crate) fn to_pb(self) -> pb::Range {
        let position = |position: Position| pb::Position {
            line: i32::try_from(position.line.max(1)).unwrap_or(i32::MAX),
            character: i32::try_from(position.character).unwrap_or(i32::MAX),
        };
        pb::Range {
            start: Some(position(self.start)),
            end: Some(position(self.end)),
        }
    }
}

/// All descriptions of one vertex, combined.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Description {
    /// The combined description.
    pub(crate) about: About,
    /// Whether two descriptions disagreed about the group. If so, the vertex has no group, whatever comes later.
    group_is_disputed: bool,
}

impl Description {
    pub(crate) fn new(mut about: About) -> Self {
        for location in &mut about.locations {
            location.ranges.sort();
            location.ranges.dedup();
        }
        Self {
            about,
            group_is_disputed: false,
        }
    }

    /// Adds another description. The operation is commutative, associative and idempotent, so that the order of
    /// construction leaves no trace.
    pub(crate) fn combine(&mut self, other: Self) {
        let about = &mut self.about;
        self.group_is_disputed |= other.group_is_disputed || about.group != other.about.group;
        if self.group_is_disputed {
            about.group = None;
        }
        about.locations.extend(other.about.locations);
        about.ignore_cache |= other.about.ignore_cache;
        about.name = choose_smaller(std::mem::take(&mut about.name), other.about.name);
        about.command = match (about.command.take(), other.about.command) {
            (Some(left), Some(right)) => Some(choose_smaller(left, right)),
            (left, right) => left.or(right),
        };
    }
}

/// The lexicographically smaller text; an empty one counts as absent.
fn choose_smaller(left: String, right: String) -> String {
    match (left.is_empty(), right.is_empty()) {
        (true, _) => right,
        (_, true) => left,
        _ => left.min(right),
    }
}
