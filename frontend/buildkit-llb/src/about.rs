//! What is known about a vertex and does not belong to it: its name, its group, the lines it comes from.
//! None of this is in the digest. When equal vertices come with different descriptions, the union is kept; it does not
//! depend on which came first.

use prost::Message as _;

use crate::{Digest, pb};

/// The description of a vertex.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// What progress shows, as `[git 2/3] RUN …`. Empty means unnamed.
    pub name: String,
    /// The group that progress shows as one line.
    pub group: Option<Group>,
    /// Where the vertex was asked for. Errors of the engine show these lines.
    pub locations: Vec<Location>,
    /// Runs the vertex even if it is cached. The engine then also prunes the cache mounts of an exec:
    /// solver/llbsolver/vertex.go.
    pub ignore_cache: bool,
    /// The command as the user wrote it, for histories; `com.docker.dockerfile.v1.command` on the wire.
    pub command: Option<String>,
}

impl About {
    /// A description with a name only.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }
}

/// A progress group: its vertices are shown as one line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    /// Equal for all members.
    pub id: String,
    /// What progress shows.
    pub name: String,
    /// A group of which only weak members run stays hidden.
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

/// From one position to another. Both are mandatory: the client of BuildKit crashes on a range without an end
/// (solver/errdefs/source.go).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    /// The first position.
    pub start: Position,
    /// The last position; its line is included.
    pub end: Position,
}

impl Range {
    /// Whole lines, first and last included.
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
    /// Counted from 1. A 0 is sent as 1, since the client would print nothing.
    pub line: u32,
    /// Counted from 0.
    pub character: u32,
}

/// A file that vertices come from; the client prints its lines in errors.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceFile {
    /// The name to show.
    pub name: String,
    /// The whole content.
    pub text: Vec<u8>,
    /// The language as GitHub's linguist names it: `YAML`.
    pub language: String,
    /// The definition that the file was read from, if the engine read it.
    pub definition: Option<pb::Definition>,
}

/// The name of a [`SourceFile`] in a graph: derived from its content, so equal files are one.
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

/// Descriptions of one vertex, united.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Described {
    /// The union.
    pub(crate) about: About,
    /// Two descriptions disagreed on the group: there is none from then on, whatever comes later.
    group_is_disputed: bool,
}

impl Described {
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

    /// Unites two descriptions: commutative, associative and idempotent, so the order of construction leaves no trace.
    pub(crate) fn unite(&mut self, other: Self) {
        let about = &mut self.about;
        self.group_is_disputed |= other.group_is_disputed || about.group != other.about.group;
        if self.group_is_disputed {
            about.group = None;
        }
        about.locations.extend(other.about.locations);
        about.ignore_cache |= other.about.ignore_cache;
        about.name = smallest(std::mem::take(&mut about.name), other.about.name);
        about.command = match (about.command.take(), other.about.command) {
            (Some(left), Some(right)) => Some(smallest(left, right)),
            (left, right) => left.or(right),
        };
    }
}

/// The lexicographically smaller text; an empty one counts as absent.
fn smallest(left: String, right: String) -> String {
    match (left.is_empty(), right.is_empty()) {
        (true, _) => right,
        (_, true) => left,
        _ => left.min(right),
    }
}
