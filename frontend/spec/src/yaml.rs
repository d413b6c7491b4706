//! A small tree of a YAML text, with the place of every key and value.
//!
//! Built over the events of `granit-parser`. What this format does not use (aliases, anchors, tags,
//! several documents, keys that are no text) is reported here, and so is what is no YAML at all.
//! Text stays as it was written: nothing becomes a number, a boolean or a date.

mod words;

#[cfg(test)]
mod tests;

use granit_parser::{Event, Parser, ScalarStyle};
use source::{Code, Diagnostic, Diagnostics, SourceId, Span, Spanned};

/// How deep lists and mappings may be nested; a valid file needs nine levels.
const DEPTH: usize = 64;

/// What may follow a value in its span.
const BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];

/// A value of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    /// The value without blanks and comments around it; empty where nothing is written.
    pub(crate) span: Span,
    /// What it is.
    pub(crate) kind: Kind,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text; `plain` without quotes and not as a block.
    Scalar { text: String, plain: bool },
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping, in the order written; no key stands twice.
    Mapping(Vec<Entry>),
    /// Something that was reported, of which nothing is known.
    Reported,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: Spanned<String>,
    pub(crate) value: Node,
}

/// The tree of a text, as far as it could be read.
#[derive(Debug)]
pub(crate) struct Tree {
    /// The value of the document; nothing for an empty text.
    pub(crate) root: Option<Node>,
    /// Where reading ended early, if it did; what is open there has fewer entries than was written.
    pub(crate) broken_at: Option<u32>,
}

/// Reads a text; whatever is wrong with it as YAML is reported. Never fails: the tree has what was
/// read before the first error of syntax.
pub(crate) fn parse(diagnostics: &mut Diagnostics, id: SourceId, text: &str) -> Tree {
    let mut options = granit_parser::options! {
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        flow_nesting_limit: DEPTH,
        block_nesting_limit: DEPTH,
    };
    options.set_emit_comments(false);
    let mut builder = Builder {
        diagnostics,
        id,
        text,
        open: Vec::new(),
        root: None,
        documents: 0,
    };
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((event, place)) => {
                if !builder.event(event, &place) {
                    break;
                }
            }
            Err(error) => {
                let at = builder.offset(error.marker().byte_offset());
                let span = words::place(text, at);
                let (message, help) = words::of(error.kind());
                let mut diagnostic = Diagnostic::new(
                    Code::Yaml,
                    Span::new(id, span.start, span.end),
                    format!("this is not YAML: {message}"),
                );
                diagnostic.help = help.map(str::to_owned);
                let bracket = builder.open_bracket();
                if let Some(bracket) = bracket.filter(|bracket| bracket.start as usize != at) {
                    diagnostic = diagnostic.label(bracket, "this bracket is open here");
                }
                builder.diagnostics.push(diagnostic);
                builder.close_all();
                return Tree {
                    root: builder.root,
                    broken_at: Some(Span::new(id, at, at).start),
                };
            }
        }
    }
    Tree {
        root: builder.root,
        broken_at: None,
    }
}

/// A list or a mapping whose end has not come.
struct Open {
    start: usize,
    /// Where its last entry ends, so far.
    end: usize,
    what: Container,
}

enum Container {
    Sequence(Vec<Node>),
    Mapping { entries: Vec<Entry>, key: Key },
}

/// What a mapping waits for.
enum Key {
    /// A key.
    Awaited,
    /// The value of this key.
    Read(Spanned<String>),
    /// The value of a key that was reported.
    Reported,
}

struct Builder<'a> {
    diagnostics: &'a mut Diagnostics,
    id: SourceId,
    text: &'a str,
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
}

impl Builder<'_> {
    /// Takes one event; gives false when the rest of the text means nothing.
    fn event(&mut self, event: Event<'_>, place: &granit_parser::Span) -> bool {
        let (start, end) = self.range(place);
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.report(
                        start,
                        end,
                        "a second document",
                        "keep one document in a file",
                    );
                    return false;
                }
            }
            Event::Scalar(text, style, _, tag) => {
                self.tag(tag.is_some(), place);
                let plain = style == ScalarStyle::Plain;
                // Blanks of YAML alone: other blanks of Unicode are text.
                let end = start + self.text[start..end].trim_end_matches(BLANKS).len();
                // The parser gives `~` where nothing is written.
                let text = if plain && start == end {
                    String::new()
                } else {
                    text.into_owned()
                };
                let kind = Kind::Scalar { text, plain };
                self.add(self.node(start, end, kind));
            }
            Event::SequenceStart(_, _, tag) => {
                self.tag(tag.is_some(), place);
                self.begin(start, end, Container::Sequence(Vec::new()));
            }
            Event::MappingStart(_, _, tag) => {
                self.tag(tag.is_some(), place);
                let (entries, key) = (Vec::new(), Key::Awaited);
                self.begin(start, end, Container::Mapping { entries, key });
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(end),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.report(
                    start,
                    end,
                    "an alias",
                    "write the value out where it is used",
                );
                self.add(self.node(start, end, Kind::Reported));
            }
            Event::Anchor(..) => {
                self.report(start, end, "an anchor", "remove it: values are written out");
            }
            // The beginning and the end of the stream and of a document; comments are switched off.
            _ => {}
        }
        true
    }

    fn tag(&mut self, is_tagged: bool, place: &granit_parser::Span) {
        if is_tagged {
            let (start, end) = self.range(&place.tag_span().unwrap_or(*place));
            self.report(
                start,
                end,
                "a tag",
                "remove it: text is taken as it is written",
            );
        }
    }

    fn report(&mut self, start: usize, end: usize, what: &str, help: &str) {
        let written = self.text[start..end]
            .lines()
            .next()
            .unwrap_or("")
            .trim_end();
        let message = if written.is_empty() {
            format!("{what}, which this format does not use")
        } else {
            format!("`{written}` is {what}, which this format does not use")
        };
        let span = Span::new(self.id, start, end);
        self.diagnostics
            .push(Diagnostic::new(Code::Yaml, span, message).help(help));
    }

    fn begin(&mut self, start: usize, end: usize, what: Container) {
        self.open.push(Open { start, end, what });
    }

    /// Ends the innermost list or mapping; `end` is where its closing bracket ends, if it has one.
    fn close(&mut self, end: usize) {
        let Some(open) = self.open.pop() else { return };
        // The end of a block is found at the next thing in the text, beyond blanks and comments.
        let is_closed = self.begins_with_bracket(&open)
            && matches!(self.text[..end].bytes().next_back(), Some(b']' | b'}'));
        let end = if is_closed {
            end.max(open.end)
        } else {
            open.end
        };
        let kind = match open.what {
            Container::Sequence(nodes) => Kind::Sequence(nodes),
            Container::Mapping { entries, .. } => Kind::Mapping(entries),
        };
        self.add(self.node(open.start, end, kind));
    }

    fn begins_with_bracket(&self, open: &Open) -> bool {
        matches!(self.text.as_bytes().get(open.start), Some(b'[' | b'{'))
    }

    /// The innermost bracket that is not closed.
    fn open_bracket(&self) -> Option<Span> {
        let mut brackets = self.open.iter().rev();
        let open = brackets.find(|open| self.begins_with_bracket(open))?;
        Some(Span::new(self.id, open.start, open.start + 1))
    }

    /// Ends everything that is open, at an error of syntax.
    fn close_all(&mut self) {
        while let Some(open) = self.open.last() {
            self.close(open.end);
        }
    }

    /// Puts a finished value where it belongs.
    fn add(&mut self, node: Node) {
        let Some(open) = self.open.last_mut() else {
            self.root.get_or_insert(node);
            return;
        };
        open.end = open.end.max(node.span.end as usize);
        match &mut open.what {
            Container::Sequence(nodes) => nodes.push(node),
            Container::Mapping { entries, key } => match std::mem::replace(key, Key::Awaited) {
                Key::Awaited => *key = read_key(self.diagnostics, entries, node),
                Key::Read(key) => entries.push(Entry { key, value: node }),
                Key::Reported => {}
            },
        }
    }

    fn node(&self, start: usize, end: usize, kind: Kind) -> Node {
        Node {
            span: Span::new(self.id, start, end),
            kind,
        }
    }

    fn range(&self, place: &granit_parser::Span) -> (usize, usize) {
        let start = self.offset(place.start.byte_offset());
        let end = self.offset(place.end.byte_offset());
        (start, end.max(start))
    }

    /// An offset that can be cut at, whatever the parser says.
    fn offset(&self, bytes: Option<usize>) -> usize {
        self.text
            .floor_char_boundary(bytes.unwrap_or(self.text.len()))
    }
}

fn read_key(diagnostics: &mut Diagnostics, entries: &[Entry], node: Node) -> Key {
    let span = node.span;
    let text = match node.kind {
        Kind::Scalar { text, plain } if !(plain && text.is_empty()) => text,
        Kind::Reported => return Key::Reported,
        Kind::Scalar { .. } => {
            diagnostics.push(
                Diagnostic::new(Code::Yaml, span, "a value without a key")
                    .help("write a key before the `:`"),
            );
            return Key::Reported;
        }
        Kind::Sequence(_) | Kind::Mapping(_) => {
            diagnostics.push(
                Diagnostic::new(Code::Yaml, span, "a key that is not text")
                    .help("put quotes around it if it is meant as text"),
            );
            return Key::Reported;
        }
    };
    if let Some(first) = entries.iter().find(|entry| entry.key.value == text) {
        diagnostics.push(
            Diagnostic::new(
                Code::DuplicateKey,
                span,
                format!("the key `{text}` stands here a second time"),
            )
            .label(first.key.span, "first written here")
            .help("keep one of the two"),
        );
        return Key::Reported;
    }
    Key::Read(Spanned::new(text, span))
}
