//! A value on its way through the decoders, and taking it apart: text, list, mapping, fields.
//!
//! Each function reports a value of another kind, or none, in the user's words.

use std::fmt;

use source::{Code, Diagnostic, Diagnostics, Span, Spanned, closest};

use crate::keys::{Object, Presence};
use crate::yaml::{Entry, Kind, Node};

/// A value and what people call it.
#[derive(Clone, Copy)]
pub(crate) struct Value<'a> {
    /// What people call it.
    pub(crate) label: Label<'a>,
    /// Where its key is, or where it is itself: what to point at when nothing is written.
    pub(crate) place: Span,
    /// What is written.
    pub(crate) node: &'a Node,
}

/// What people call a value.
#[derive(Clone, Copy)]
pub(crate) enum Label<'a> {
    /// The value of a key.
    Key(&'a str),
    /// An entry of the list that is the value of a key.
    Entry(&'a str),
    /// A whole file.
    File(&'static str),
}

impl fmt::Display for Label<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Label::Key(key) => write!(formatter, "`{key}`"),
            Label::Entry(key) => write!(formatter, "an entry of `{key}`"),
            Label::File(what) => formatter.write_str(what),
        }
    }
}

impl<'a> Value<'a> {
    /// The value of an entry of a mapping.
    pub(crate) fn of(entry: &'a Entry) -> Self {
        Value {
            label: Label::Key(&entry.key.value),
            place: entry.key.span,
            node: &entry.value,
        }
    }

    /// Whether nothing is written, or `null` or `~` without quotes.
    pub(crate) fn is_absent(&self) -> bool {
        match &self.node.kind {
            Kind::Scalar { text, plain: true } => {
                matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL")
            }
            _ => false,
        }
    }

    /// Whether it is a mapping.
    pub(crate) fn is_mapping(&self) -> bool {
        matches!(self.node.kind, Kind::Mapping(_))
    }

    /// Whether it is text, or nothing.
    pub(crate) fn is_scalar(&self) -> bool {
        matches!(self.node.kind, Kind::Scalar { .. })
    }

    /// The key, if it has one, and the value.
    pub(crate) fn whole(&self) -> Span {
        Span {
            start: self.place.start.min(self.node.span.start),
            ..self.node.span
        }
    }

    /// The first line of what is written, or the key where nothing is.
    pub(crate) fn first_line(&self) -> Span {
        match &self.node.kind {
            Kind::Mapping(entries) => match entries.first() {
                Some(entry) => entry.key.span,
                None => self.node.span,
            },
            Kind::Sequence(nodes) => match nodes.first() {
                Some(node) if node.span.end > node.span.start && nodes.len() > 1 => self.place,
                _ => self.node.span,
            },
            Kind::Scalar { .. } | Kind::Reported => self.node.span,
        }
    }

    /// Reports that the value is of another kind than `expected`, or that there is none.
    pub(crate) fn wrong_kind(&self, diagnostics: &mut Diagnostics, expected: &str) {
        let found = match &self.node.kind {
            Kind::Reported => return,
            _ if self.is_absent() => {
                let message = format!("{} has no value", self.label);
                let help = match self.label {
                    Label::Entry(_) => format!("write {expected}, or remove the entry"),
                    _ => format!("write {expected}, or leave the key out"),
                };
                diagnostics.push(Diagnostic::new(Code::WrongKind, self.place, message).help(help));
                return;
            }
            Kind::Scalar { .. } => "text",
            Kind::Sequence(_) => "a list",
            Kind::Mapping(_) => "a mapping",
        };
        let message = format!("{} is {found}, where {expected} belongs", self.label);
        diagnostics.push(Diagnostic::new(Code::WrongKind, self.first_line(), message));
    }
}

/// The text of a value, as it is written: nothing is read as a number or a boolean.
pub(crate) fn text(diagnostics: &mut Diagnostics, value: &Value<'_>) -> Option<Spanned<String>> {
    match &value.node.kind {
        Kind::Scalar { text, .. } if !value.is_absent() => {
            Some(Spanned::new(text.clone(), value.node.span))
        }
        _ => {
            value.wrong_kind(diagnostics, "text");
            None
        }
    }
}

/// The entries of a list; empty when it was reported.
pub(crate) fn list<'a>(diagnostics: &mut Diagnostics, value: &Value<'a>) -> Vec<Value<'a>> {
    let Kind::Sequence(nodes) = &value.node.kind else {
        value.wrong_kind(diagnostics, "a list");
        return Vec::new();
    };
    let label = match value.label {
        Label::Key(key) | Label::Entry(key) => Label::Entry(key),
        Label::File(what) => Label::File(what),
    };
    let entry = |node: &'a Node| Value {
        label,
        // An entry without a value has no place of its own that can be seen.
        place: if node.span.start == node.span.end {
            value.place
        } else {
            node.span
        },
        node,
    };
    nodes.iter().map(entry).collect()
}

/// The entries of a mapping; empty when it was reported.
pub(crate) fn mapping<'a>(diagnostics: &mut Diagnostics, value: &Value<'a>) -> &'a [Entry] {
    if let Kind::Mapping(entries) = &value.node.kind {
        entries
    } else {
        value.wrong_kind(diagnostics, "a mapping");
        &[]
    }
}

/// A mapping whose keys were compared with the format's.
pub(crate) struct Fields<'a> {
    value: Value<'a>,
    entries: &'a [Entry],
    object: &'static Object,
    has_unknown: bool,
}

/// Compares a mapping with an object of the format: unknown, planned and missing keys are reported.
pub(crate) fn fields<'a>(
    diagnostics: &mut Diagnostics,
    value: &Value<'a>,
    object: &'static Object,
) -> Option<Fields<'a>> {
    let Kind::Mapping(entries) = &value.node.kind else {
        value.wrong_kind(diagnostics, "a mapping");
        return None;
    };
    let mut meant = Vec::new();
    let mut has_unknown = false;
    for entry in entries {
        let name = &entry.key.value;
        match object.key(name) {
            Some(key) if key.presence == Presence::Planned => planned(diagnostics, name, entry),
            Some(_) => {}
            None => {
                has_unknown = true;
                meant.extend(unknown(diagnostics, entry, object));
            }
        }
    }
    let fields = Fields {
        value: *value,
        entries,
        object,
        has_unknown,
    };
    for key in object.keys {
        let is_missing = key.presence == Presence::Required && fields.get(key.name).is_none();
        // One mistake, one error: a misspelled key was reported with the name it should have.
        if is_missing && !meant.contains(&key.name) {
            let help = format!("add `{}: …`, {}", key.name, key.description);
            fields.missing(diagnostics, &format!("`{}` is missing", key.name), &help);
        }
    }
    Some(fields)
}

impl<'a> Fields<'a> {
    /// The value of a key of the object.
    ///
    /// # Panics
    ///
    /// When the object's table has no such key in this version.
    pub(crate) fn get(&self, name: &str) -> Option<Value<'a>> {
        let known = self.object.key(name).map(|key| key.presence);
        assert!(
            known.is_some_and(|presence| presence != Presence::Planned),
            "the decoder asks for keys of its table: `{name}`"
        );
        let entry = self.entries.iter().find(|entry| entry.key.value == name)?;
        Some(Value::of(entry))
    }

    /// Those of these keys that are there, in the order of `names`.
    pub(crate) fn present(&self, names: &[&'static str]) -> Vec<(&'static str, Value<'a>)> {
        let present = |name: &&'static str| Some((*name, self.get(name)?));
        names.iter().filter_map(present).collect()
    }

    /// Reports that something is missing from the object, at its first line.
    pub(crate) fn missing(&self, diagnostics: &mut Diagnostics, message: &str, help: &str) {
        let place = self.value.first_line();
        let diagnostic = Diagnostic::new(Code::MissingKey, place, message);
        diagnostics.push(diagnostic.help(help));
    }

    /// The one of these keys that is there; none or several are reported.
    pub(crate) fn one_of(
        &self,
        diagnostics: &mut Diagnostics,
        names: &[&'static str],
    ) -> Option<(&'static str, Value<'a>)> {
        let present = self.present(names);
        if let [(first, value), (second, other), ..] = present.as_slice() {
            let message = format!("`{first}` and `{second}` exclude each other");
            diagnostics.push(
                Diagnostic::new(Code::BadValue, other.place, message)
                    .label(value.place, format!("`{first}` is here"))
                    .help("keep one of them"),
            );
            return None;
        }
        if present.is_empty() && !self.has_unknown {
            let help = format!("write one of {}", words(names.iter().copied()));
            self.missing(
                diagnostics,
                &format!(
                    "{} has none of the keys that it needs one of",
                    self.value.label
                ),
                &help,
            );
        }
        present.first().copied()
    }
}

fn planned(diagnostics: &mut Diagnostics, name: &str, entry: &Entry) {
    let message = format!("`{name}` is planned and not in this version");
    diagnostics
        .push(Diagnostic::new(Code::PlannedKey, entry.key.span, message).help("leave it out"));
}

fn unknown(
    diagnostics: &mut Diagnostics,
    entry: &Entry,
    object: &'static Object,
) -> Option<&'static str> {
    let name = &entry.key.value;
    let meant = closest(name, object.names());
    let help = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("the keys here are {}", words(object.names())),
    };
    let message = format!("unknown key `{}`", shortened(name));
    diagnostics.push(Diagnostic::new(Code::UnknownKey, entry.key.span, message).help(help));
    meant
}

/// Words in backticks, with commas.
pub(crate) fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

/// The user's text for a message: its first line, and not much of it.
pub(crate) fn shortened(text: &str) -> String {
    const LIMIT: usize = 60;
    let line = text.trim().lines().next().unwrap_or("");
    if line.chars().count() <= LIMIT && line.len() == text.trim().len() {
        return line.to_owned();
    }
    let mut short: String = line.chars().take(LIMIT).collect();
    short.push('…');
    short
}
