//! Places in texts, as answers to subrequests contain them.
//!
//! An answer has a list of texts, and each place names its text by the index in that list. The keys are
//! those of Go's JSON for solver/pb/ops.proto, which leaves out zeros.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use gateway::{SourceSnippet, pb};
use serde_json::{Map, Value, json};

/// The texts of one answer.
#[derive(Default)]
pub(crate) struct Places {
    texts: Vec<pb::SourceInfo>,
}

impl Places {
    /// The place that a snippet shows.
    pub(crate) fn of_snippet(&mut self, snippet: &SourceSnippet) -> Value {
        let info = pb::SourceInfo {
            filename: snippet.filename.clone(),
            data: snippet.data.clone(),
            definition: None,
            language: snippet.language.clone(),
        };
        let ranges: Vec<pb::Range> = snippet.ranges.iter().map(|range| range.to_pb()).collect();
        self.place(&info, &ranges)
    }

    /// The first place of a vertex.
    pub(crate) fn of_vertex(&mut self, definition: &pb::Definition, digest: &str) -> Option<Value> {
        let source = definition.source.as_ref()?;
        let location = source.locations.get(digest)?.locations.first()?;
        let index = usize::try_from(location.source_index).ok()?;
        let info = source.infos.get(index)?;
        Some(self.place(info, &location.ranges))
    }

    /// No place. Clients read the index of the text without checking whether there is a place.
    pub(crate) fn nowhere() -> Value {
        json!({ "sourceIndex": -1 })
    }

    /// The texts alone, for outlines and lists of targets.
    pub(crate) fn texts(&self) -> Vec<String> {
        let texts = self.texts.iter();
        texts.map(|info| STANDARD.encode(&info.data)).collect()
    }

    /// The texts with their names, for checks.
    pub(crate) fn infos(&self) -> Vec<Value> {
        let texts = self.texts.iter();
        texts
            .map(|info| {
                json!({
                    "filename": info.filename,
                    "data": STANDARD.encode(&info.data),
                    "language": info.language,
                })
            })
            .collect()
    }

    fn place(&mut self, info: &pb::SourceInfo, ranges: &[pb::Range]) -> Value {
        let is_same =
            |known: &pb::SourceInfo| known.filename == info.filename && known.data == info.data;
        let index = self.texts.iter().position(is_same).unwrap_or_else(|| {
            self.texts.push(info.clone());
            self.texts.len() - 1
        });
        let mut place = Map::new();
        if index > 0 {
            place.insert("sourceIndex".to_owned(), json!(index));
        }
        let ranges: Vec<Value> = ranges
            .iter()
            .map(|range| json!({ "start": position(range.start), "end": position(range.end) }))
            .collect();
        place.insert("ranges".to_owned(), Value::Array(ranges));
        Value::Object(place)
    }
}

fn position(position: Option<pb::Position>) -> Value {
    let position = position.unwrap_or_default();
    let mut json = Map::new();
    for (key, value) in [("line", position.line), ("character", position.character)] {
        if value != 0 {
            json.insert(key.to_owned(), json!(value));
        }
    }
    Value::Object(json)
}
