//! A value on its way through the decoders, and how it is read as text, a list or a mapping.
//!
//! Each function reports a value of another kind, or a key without a value.

use std::fmt;

use source::{Code, Diagnostic, Diagnostics, Reported, Span, Spanned};

use crate::decode::phrase::shorten;
use crate::yaml::tree::{Entry, Kind, Node};

/// A value and what people call it.
#[derive(Clone, Copy)]
pub(crate) struct Value<'a> {
    /// What people call it.
    pub(crate) label: Label<'a>,
    /// Its key, or the value itself if it has none: what to point at if nothing is written.
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
    pub(crate) fn is_absent(self) -> bool {
        match &self.node.kind {
            Kind::Scalar {
                text, plain: true, ..
            } => {
                matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL")
            }
            _ => false,
        }
    }

    /// Whether it is a mapping.
    pub(crate) fn is_mapping(self) -> bool {
        matches!(self.node.kind, Kind::Mapping(_))
    }

    /// Whether it is text, or nothing is written.
    pub(crate) fn is_scalar(self) -> bool {
        matches!(self.node.kind, Kind::Scalar { .. })
    }

    /// Whether it is a list without entries.
    pub(crate) fn is_empty_list(self) -> bool {
        matches!(&self.node.kind, Kind::Sequence(nodes) if nodes.is_empty())
    }

    /// The span of the key, if it has one, and the value.
    pub(crate) fn whole(self) -> Span {
        Span {
            start: self.place.start.min(self.node.span.start),
            ..self.node.span
        }
    }

    /// The first line of what is written, or the key if nothing is.
    pub(crate) fn first_line(self) -> Span {
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

    /// The value as a message shows it: its text in backticks, or else what people call it.
    pub(crate) fn show(self) -> String {
        match &self.node.kind {
            Kind::Scalar { text, .. } if !self.is_absent() => format!("`{}`", shorten(text)),
            _ => self.label.to_string(),
        }
    }

    /// Reports that the value is of another kind than `expected`, or that there is none.
    pub(crate) fn report_wrong_kind(
        self,
        diagnostics: &mut Diagnostics,
        expected: &str,
    ) -> Reported {
        let found = match &self.node.kind {
            Kind::Reported => return Reported,
            _ if self.is_absent() => {
                let message = format!("{} has no value", self.label);
                let help = match self.label {
                    Label::Entry(_) => format!("write {expected}, or remove the entry"),
                    _ => format!("write {expected}, or leave the key out"),
                };
                let help = match &self.node.kind {
                    Kind::Scalar {
                        has_comment: true,
                        text,
                        ..
                    } if text.is_empty() => format!(
                        "{help}; a `#` after a blank begins a comment: put quotes around text that begins with `#`"
                    ),
                    Kind::Scalar { text, .. } if !text.is_empty() => {
                        format!("{help}; put quotes around `{text}` if the word is meant")
                    }
                    _ => help,
                };
                diagnostics.push(Diagnostic::new(Code::WrongKind, self.place, message).help(help));
                return Reported;
            }
            Kind::Scalar { .. } => "text",
            Kind::Sequence(_) => "a list",
            Kind::Mapping(_) => "a mapping",
        };
        let message = format!("{} must be {expected}, not {found}", self.label);
        diagnostics.push(Diagnostic::new(Code::WrongKind, self.first_line(), message));
        Reported
    }
}

/// Reads text as it is written: nothing becomes a number or a boolean. Refuses NUL, which no command, variable
/// or name can hold.
pub(crate) fn read_text(
    diagnostics: &mut Diagnostics,
    value: Value<'_>,
) -> Result<Spanned<String>, Reported> {
    let written = read_bytes(diagnostics, value)?;
    if written.value.contains('\0') {
        let message = format!("{} contains the character NUL", value.label);
        let help = "leave `\\0` out: only the `text` of a file can contain it";
        diagnostics.push(Diagnostic::new(Code::BadValue, written.span, message).help(help));
        return Err(Reported);
    }
    Ok(written)
}

/// Reads text that may contain anything.
pub(crate) fn read_bytes(
    diagnostics: &mut Diagnostics,
    value: Value<'_>,
) -> Result<Spanned<String>, Reported> {
    match &value.node.kind {
        Kind::Scalar { text, .. } if !value.is_absent() => {
            Ok(Spanned::new(text.clone(), value.node.span))
        }
        _ => Err(value.report_wrong_kind(diagnostics, "text")),
    }
}

/// Refuses text that ends at a comment, if the comment may be meant as part of it.
pub(crate) fn refuse_comment(
    diagnostics: &mut Diagnostics,
    value: Value<'_>,
    is_cut: impl FnOnce(&str) -> bool,
) -> Result<(), Reported> {
    match &value.node.kind {
        Kind::Scalar {
            text,
            has_comment: true,
            ..
        } if is_cut(text) => {
            let message = format!(
                "{} ends at a `#` after a blank, which begins a comment",
                value.label
            );
            let help = "put quotes around text that contains ` #`, or write it as a block after `|`; \
                        write a comment on a line of its own";
            let diagnostic = Diagnostic::new(Code::BadValue, value.node.span, message);
            diagnostics.push(diagnostic.help(help));
            Err(Reported)
        }
        _ => Ok(()),
    }
}

/// Reads the entries of a list.
pub(crate) fn read_list<'a>(
    diagnostics: &mut Diagnostics,
    value: Value<'a>,
) -> Result<impl Iterator<Item = Value<'a>> + use<'a>, Reported> {
    let Kind::Sequence(nodes) = &value.node.kind else {
        return Err(value.report_wrong_kind(diagnostics, "a list"));
    };
    let label = match value.label {
        Label::Key(key) | Label::Entry(key) => Label::Entry(key),
        Label::File(what) => Label::File(what),
    };
    Ok(nodes.iter().map(move |node| Value {
        label,
        // An entry without a value has an empty span, which nobody could see.
        place: if node.span.start == node.span.end {
            value.place
        } else {
            node.span
        },
        node,
    }))
}

/// Reads a list whose entries are all read in the same way; it is empty if there is no value. Entries that
/// were reported are left out.
pub(crate) fn read_list_of<'a, T>(
    diagnostics: &mut Diagnostics,
    value: Option<Value<'a>>,
    read: impl Fn(&mut Diagnostics, Value<'a>) -> Result<T, Reported>,
) -> Vec<T> {
    let Some(Ok(entries)) = value.map(|value| read_list(diagnostics, value)) else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| read(diagnostics, entry).ok())
        .collect()
}

/// Reads the entries of a mapping.
pub(crate) fn read_mapping<'a>(
    diagnostics: &mut Diagnostics,
    value: Value<'a>,
) -> Result<&'a [Entry], Reported> {
    match &value.node.kind {
        Kind::Mapping(entries) => Ok(entries),
        _ => Err(value.report_wrong_kind(diagnostics, "a mapping")),
    }
}
