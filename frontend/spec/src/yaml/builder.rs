//! Builds the tree from the events of the parser.

use std::ops::{ControlFlow, Range};

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
    /// The list or mapping in brackets that ended last.
    closed: Option<Range<usize>>,
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
            closed: None,
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
                let has_comment = plain && self.has_comment(self.end_of_key(start, end));
                let kind = if tag.is_some() && text.is_empty() {
                    Kind::Reported
                } else {
                    Kind::Scalar {
                        text,
                        plain,
                        has_comment,
                    }
                };
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
                let help =
                    "put quotes around text that begins with `*`, or write the value itself here";
                self.report(start, end, "an alias", help);
                self.add(self.node(start, end, Kind::Reported));
            }
            Event::Anchor(..) => {
                self.report(
                    start,
                    end,
                    "an anchor",
                    "put quotes around text that begins with `&`; the format has no references to values",
                );
            }
            // The beginning or end of the stream or of a document. Comments are switched off.
            _ => {}
        }
        ControlFlow::Continue(())
    }

    /// Where text ends; if it is empty, where the `:` before it does.
    fn end_of_key(&self, start: usize, end: usize) -> usize {
        let Some(Open {
            what:
                Container::Mapping {
                    key: Key::Read(key),
                    ..
                },
            ..
        }) = self.open.last()
        else {
            return end;
        };
        let after = key.span.end as usize;
        let rest = self.text[after..].trim_start_matches(BLANKS);
        if start == end && rest.starts_with(':') {
            self.text.len() - rest.len() + 1
        } else {
            end
        }
    }

    /// Whether a comment follows on the line, after a blank.
    fn has_comment(&self, end: usize) -> bool {
        let line = self.text[end..].lines().next().unwrap_or("");
        let rest = line.trim_start_matches(BLANKS);
        rest.len() < line.len() && rest.starts_with('#')
    }

    /// The comment that hides the closing bracket of the innermost list or mapping, if one before an offset does.
    pub(crate) fn hiding_comment(&self, at: usize) -> Option<Span> {
        let start = match self.open_bracket() {
            Some(bracket) => bracket.start as usize,
            // The parser has not come to the bracket if it is in the line before.
            None => self.last_bracket(at)?,
        };
        let closing = if self.text[start..].starts_with('[') {
            ']'
        } else {
            '}'
        };
        let mut quote = None;
        let mut before = ' ';
        for (offset, letter) in self.text.get(start..at)?.char_indices() {
            match (quote, letter) {
                (None, '\'' | '"') if !before.is_alphanumeric() => quote = Some(letter),
                (Some(open), _) if open == letter => quote = None,
                (None, '#') if BLANKS.contains(&before) => {
                    let line = self.text[start + offset..].lines().next().unwrap_or("");
                    if line.contains(closing) {
                        let end = start + offset + line.trim_end().len();
                        return Some(Span::new(self.id, start + offset, end));
                    }
                }
                _ => {}
            }
            before = letter;
        }
        None
    }

    /// The first opening bracket in the last line before that of an offset.
    fn last_bracket(&self, at: usize) -> Option<usize> {
        let before = &self.text[..at];
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        let previous = before[..line_start].trim_end();
        let start = previous.rfind('\n').map_or(0, |end| end + 1);
        Some(start + previous[start..].find(['[', '{'])?)
    }

    /// The list or mapping in brackets that ended last on the line of an offset, if nothing follows it before.
    pub(crate) fn closed_before(&self, at: usize) -> Option<Span> {
        let closed = self.closed.clone()?;
        let between = self.text.get(closed.end..at)?;
        let is_next = between.trim_matches(BLANKS).is_empty() && !between.contains('\n');
        is_next.then(|| Span::new(self.id, closed.start, closed.end))
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
            let help = "put quotes around text that begins with `!`; a tag is not needed, since text is taken as it is written";
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
        if is_closed {
            self.closed = Some(open.start..end);
        }
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
                Key::Read(key) if is_cut_by_comma(self.text, open.start, &key, &node) => {
                    self.diagnostics.push(report_comma(&key));
                }
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

/// Whether a key in brackets has neither a value nor a `:`, so that it may be the rest of a text with a comma.
fn is_cut_by_comma(text: &str, open: usize, key: &Spanned<String>, value: &Node) -> bool {
    let is_empty = matches!(&value.kind, Kind::Scalar { text, plain: true, .. } if text.is_empty());
    let after = text[key.span.end as usize..].trim_start();
    text[open..].starts_with('{') && is_empty && !after.starts_with(':')
}

fn report_comma(key: &Spanned<String>) -> Diagnostic {
    let message = format!("`{}` is a key without a value", key.value);
    let help = "a `,` between `{` and `}` ends a value: put quotes around text that contains a comma, \
                and write every entry as `key: value`";
    Diagnostic::new(Code::Yaml, key.span, message).help(help)
}

fn read_key(diagnostics: &mut Diagnostics, entries: &[Entry], node: Node) -> Key {
    let span = node.span;
    let text = match node.kind {
        Kind::Scalar { text, plain, .. } if !(plain && text.is_empty()) => text,
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
