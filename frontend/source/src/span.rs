//! Where something was written: texts, byte ranges in them, and lines and columns for people.
//!
//! A span is two byte offsets. Lines and columns are computed only when they are shown.

/// The texts of one request, each with the name that the user knows it by.
///
/// Shape: append-only; a [`SourceId`] is an index into it, so no two texts share an id.
#[derive(Debug, Default, Clone)]
pub struct Sources {
    files: Vec<SourceFile>,
}

/// One text and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// The name that is shown to people, such as `inlay.yaml` or `extensions/uv/extension.yaml`.
    pub name: String,
    /// The whole text.
    pub text: String,
}

/// Identifies a [`SourceFile`] in one [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceId(u32);

/// A range of bytes in one text, which is UTF-8.
///
/// Shape: `start <= end`, and both are character boundaries of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The text.
    pub source: SourceId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

/// A value and where it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub span: Span,
}

/// A place for people: a line and a column. Columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, counted from 1.
    pub line: u32,
    /// The character in the line, counted from 1.
    pub column: u32,
}

impl<T> Spanned<T> {
    /// Joins a value and its place.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// Changes the value and keeps its place.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned {
            value: change(self.value),
            span: self.span,
        }
    }
}

impl Span {
    /// Makes a span from two byte offsets. Offsets beyond 4 GiB become 4 GiB.
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        let end = u32::try_from(end).unwrap_or(u32::MAX);
        Self {
            source,
            start,
            end: end.max(start),
        }
    }

    /// Whether `other` is in the same text and lies within this span. A span contains itself.
    pub fn contains(self, other: Span) -> bool {
        self.source == other.source && self.start <= other.start && other.end <= self.end
    }
}

impl Sources {
    /// Makes an empty set of texts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text with its name.
    ///
    /// # Panics
    ///
    /// If there are more than 2³² texts.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        let id = u32::try_from(self.files.len()).expect("a request has few texts");
        self.files.push(SourceFile {
            name: name.into(),
            text: text.into(),
        });
        SourceId(id)
    }

    /// The text with this id.
    ///
    /// # Panics
    ///
    /// If the id is from another [`Sources`].
    pub fn get(&self, id: SourceId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// All texts with their ids, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &SourceFile)> {
        (0u32..).map(SourceId).zip(&self.files)
    }

    /// Where a span begins, for people.
    pub fn start(&self, span: Span) -> Position {
        self.position(span.source, span.start)
    }

    /// Where a span ends, for people: the place of its last character, not of the one after it.
    pub fn end(&self, span: Span) -> Position {
        let text = &self.get(span.source).text;
        let slice = text
            .get(span.start as usize..span.end as usize)
            .unwrap_or("");
        // The span of a block scalar or a mapping includes the line breaks after it, which nobody means.
        let kept = slice.trim_end();
        let last = kept.chars().next_back().map_or(0, char::len_utf8);
        let end = span.start as usize + kept.len().saturating_sub(last);
        self.position(span.source, u32::try_from(end).unwrap_or(u32::MAX))
    }

    fn position(&self, id: SourceId, offset: u32) -> Position {
        let text = &self.get(id).text;
        let before = &text[..text.floor_char_boundary(offset as usize)];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let count = |n: usize| u32::try_from(n + 1).unwrap_or(u32::MAX);
        Position {
            line: count(before.matches('\n').count()),
            column: count(before[line_start..].chars().count()),
        }
    }
}
