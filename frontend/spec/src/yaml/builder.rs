//! Builds the tree from the events of the parser.

use std::ops::ControlFlow;

use granit_parser::{Event, ScalarStyle};
use source::{Code, Diagnostic, Diagnostics, SourceId, Span, Spanned};

use crate::yaml::tree::{Entry, Kind, Node};

/// The blanks of YAML, which may follow a value in its span. Other blanks of Unicode are text.
const BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];

/// Takes the events of one text, in their order.
pub(crate) struct Builder<'a> {
    diagnostics: &'a mut Diagnostics,
    id: SourceId,
    text: &'a str,
    /// The lists and mappings that have not ended yet, from the outermost to the innermost.
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
}

impl<'a> Builder<'a> {
    /// Makes a builder that has not taken any event.
    pub(crate) fn new(diagnostics: &'a mut Diagnostics, id: SourceId, text: &'a str) -> Self {
        Self {
            diagnostics,
            id,
            text,
            open: Vec::new(),
            root: None,
            documents: 0,
        }
    }

    /// Takes one event. Breaks if the rest of the text does not matter.
    pub(crate) fn take(
        &mut self,
        event: Event<'_>,
        place: &granit_parser::Span,
    ) -> ControlFlow<()> {
        let (start, end) = self.range(place);
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    let help = "write one document in a file";
                    self.report(start, end, "the beginning of a second document", help);
                    return ControlFlow::Break(());
                }
            }
            Event::Scalar(text, style, _, tag) => {
                self.refuse_tag(tag.is_some(), place);
                let plain = style == ScalarStyle::Plain;
                let end = start + self.text[start..end].trim_end_matches(BLANKS).len();
                // The parser says `~` where nothing is written.
                let text = if plain && start == end {
                    String::new()
                } else {
                    text.into_owned()
                };
                let kind = Kind::Scalar { text, plain };
                self.add(self.node(start, end, kind));
            }
            Event::SequenceStart(_, _, tag) => {
                self.refuse_tag(tag.is_some(), place);
                self.begin(start, end, Container::Sequence(Vec::new()));
            }
            Event::MappingStart(_, _, tag) => {
                self.refuse_tag(tag.is_some(), place);
                let (entries, key) = (Vec::new(), Key::Awaited);
                self.begin(start, end, Container::Mapping { entries, key });
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(end),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                let help = "write the value itself here";
                self.report(start, end, "an alias", help);
                self.add(self.node(start, end, Kind::Reported));
            }
            Event::Anchor(..) => {
                self.report(
                    start,
                    end,
                    "an anchor",
                    "remove it: the format has no references to values",
                );
            }
            // The beginning or end of the stream or of a document. Comments are switched off.
            _ => {}
        }
        ControlFlow::Continue(())
    }

    /// The innermost bracket that is not closed.
    pub(crate) fn open_bracket(&self) -> Option<Span> {
        let mut brackets = self.open.iter().rev();
        let open = brackets.find(|open| self.begins_with_bracket(open))?;
        Some(Span::new(self.id, open.start, open.start + 1))
    }

    /// An offset from the parser, moved back to a character boundary of the text.
    pub(crate) fn offset(&self, bytes: Option<usize>) -> usize {
        self.text
            .floor_char_boundary(bytes.unwrap_or(self.text.len()))
    }

    /// Ends everything that is open, and gives the tree.
    pub(crate) fn finish(mut self) -> Option<Node> {
        while let Some(open) = self.open.last() {
            self.close(open.end);
        }
        self.root
    }

    fn refuse_tag(&mut self, is_tagged: bool, place: &granit_parser::Span) {
        if is_tagged {
            let (start, end) = self.range(&place.tag_span().unwrap_or(*place));
            let help = "remove it: text is taken as it is written";
            self.report(start, end, "a tag", help);
        }
    }

    fn report(&mut self, start: usize, end: usize, what: &str, help: &str) {
        let written = self.text[start..end]
            .lines()
            .next()
            .unwrap_or("")
            .trim_end();
        let message = if written.is_empty() {
            format!("{what}, which this format does not allow")
        } else {
            format!("`{written}` is {what}, which this format does not allow")
        };
        let span = Span::new(self.id, start, end);
        self.diagnostics
            .push(Diagnostic::new(Code::Yaml, span, message).help(help));
    }

    fn begin(&mut self, start: usize, end: usize, what: Container) {
        self.open.push(Open { start, end, what });
    }

    /// Ends the innermost list or mapping. `end` is where its closing bracket ends, if it has one.
    fn close(&mut self, end: usize) {
        let Some(open) = self.open.pop() else { return };
        // The parser ends a block at the next thing in the text, after blanks and comments.
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

    /// Puts a finished value into the innermost list or mapping that is open.
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
}

/// A list or a mapping that has not ended yet.
struct Open {
    start: usize,
    /// Where the last entry so far ends.
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
                format!("the key `{text}` is written a second time"),
            )
            .label(first.key.span, "first written here")
            .help("keep one of the two"),
        );
        return Key::Reported;
    }
    Key::Read(Spanned::new(text, span))
}
