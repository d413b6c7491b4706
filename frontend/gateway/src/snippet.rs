//! A place in the user's text, in the two forms that BuildKit expects.
//!
//! In errors it is the JSON of a detail of type `errdefs.Source`; in warnings it is protobuf. Both
//! ends of a range are always written, because the client dereferences them without a check, and
//! lines count from 1 (solver/errdefs/source.go).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use buildkit_proto::{google::protobuf::Any, pb};
use serde_json::{Value, json};

use crate::details;

/// A file and the places in it that an error or warning is about.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceSnippet {
    /// The name shown above the snippet.
    pub filename: String,
    /// The whole file.
    pub data: Vec<u8>,
    /// The language, as GitHub's linguist names it: `YAML`.
    pub language: String,
    /// The places. The smaller they are, the better the user finds them.
    pub ranges: Vec<Range>,
    /// How the engine can load the file again. Errors carry only its operations, because clients
    /// use nothing else.
    pub definition: Option<pb::Definition>,
}

/// A stretch of text. The lines of both ends are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// Counts from 1; 0 is read as 1.
    pub start_line: u32,
    /// Counts from 0.
    pub start_character: u32,
    /// Counts from 1; a line before the start is read as the start.
    pub end_line: u32,
    /// Counts from 0.
    pub end_character: u32,
}

impl SourceSnippet {
    /// The snippet as the detail of an error. Never fails.
    pub fn to_any(&self) -> Any {
        let mut info = json!({
            "filename": self.filename,
            "data": STANDARD.encode(&self.data),
            "language": self.language,
        });
        if let Some(definition) = &self.definition {
            let operations: Vec<String> = definition
                .def
                .iter()
                .map(|operation| STANDARD.encode(operation))
                .collect();
            info["definition"] = json!({ "def": operations });
        }
        let ranges: Vec<Value> = self.ranges.iter().map(|range| range.to_json()).collect();
        let value = json!({ "info": info, "ranges": ranges });
        details::encode(details::SOURCE, &value)
    }

    pub(crate) fn info(&self) -> pb::SourceInfo {
        pb::SourceInfo {
            filename: self.filename.clone(),
            data: self.data.clone(),
            definition: self.definition.clone(),
            language: self.language.clone(),
        }
    }

    pub(crate) fn pb_ranges(&self) -> Vec<pb::Range> {
        self.ranges.iter().map(|range| range.to_pb()).collect()
    }
}

impl Range {
    /// The start and the end as BuildKit counts them.
    fn positions(self) -> (pb::Position, pb::Position) {
        let signed = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
        let start = pb::Position {
            line: signed(self.start_line.max(1)),
            character: signed(self.start_character),
        };
        let end = pb::Position {
            line: signed(self.end_line.max(self.start_line).max(1)),
            character: signed(self.end_character),
        };
        (start, end)
    }

    fn to_json(self) -> Value {
        let (start, end) = self.positions();
        json!({
            "start": { "line": start.line, "character": start.character },
            "end": { "line": end.line, "character": end.character },
        })
    }

    /// The range in the form of warnings and of a definition's locations. Never fails.
    pub fn to_pb(self) -> pb::Range {
        let (start, end) = self.positions();
        pb::Range {
            start: Some(start),
            end: Some(end),
        }
    }
}
