//! Explains errors of syntax to people who do not know YAML's grammar.

use std::ops::Range;

use granit_parser::ErrorKind;

/// Says what is wrong and, if possible, what to do about it.
pub(crate) fn explain(kind: &ErrorKind) -> (String, Option<&'static str>) {
    let (message, help) = match kind {
        ErrorKind::UnexpectedEofFlowSequence => ("a `[` is never closed", "write the `]`"),
        ErrorKind::UnexpectedEofFlowMapping | ErrorKind::UnexpectedEofImplicitFlowMapping => {
            ("a `{` is never closed", "write the `}`")
        }
        ErrorKind::UnclosedFlowCollection { open: '[' } => {
            ("this `[` is never closed", "write the `]`")
        }
        ErrorKind::UnclosedFlowCollection { .. } => ("this `{` is never closed", "write the `}`"),
        ErrorKind::ExpectedFlowSequenceSeparator => (
            "a `,` or the closing `]` of a list is missing",
            "write `,` between the entries and `]` after the last",
        ),
        ErrorKind::ExpectedFlowMappingSeparator => (
            "a `,` or the closing `}` of a mapping is missing",
            "write `,` between the entries and `}` after the last",
        ),
        ErrorKind::MisplacedFlowCollectionEnd => (
            "a closing bracket that was never opened",
            "remove it, or put quotes around the text",
        ),
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            return (
                format!("`{open}` is closed by `{close}`"),
                Some("close each bracket with its own kind"),
            );
        }
        ErrorKind::UnclosedQuotedScalar => {
            ("this quote is never closed", "write the closing quote")
        }
        ErrorKind::InvalidQuotedScalarIndent => (
            "a quote that was opened above this line is not closed",
            "write the closing quote, or indent the lines inside the quotes",
        ),
        ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar => (
            "something follows a closing quote",
            "put all of the text into quotes, or none of it",
        ),
        ErrorKind::UnknownQuotedScalarEscape => (
            "an escape with a backslash that YAML does not know",
            "write `\\\\` for a backslash, or use single quotes",
        ),
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInPlainScalar => {
            ("a tab where only spaces are allowed", "indent with spaces")
        }
        ErrorKind::InvalidIndentation
        | ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::InvalidBlockScalarIndent
        | ErrorKind::InvalidFlowScalarIndent
        | ErrorKind::BlockSequenceEntryNotAllowed => (
            "this line does not fit the indentation of the lines above it",
            "begin the keys of one mapping, and the `-` of one list, in the same column",
        ),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => (
            "a line that is neither `key: value` nor an entry `- …` of a list",
            "write a `:` and a blank after a key",
        ),
        ErrorKind::MappingValueNotAllowed
        | ErrorKind::MappingKeyNotAllowed
        | ErrorKind::InvalidColonPlacement => (
            "a `:` where a key is not allowed",
            "put quotes around text that contains `: `, and write each key on its own line",
        ),
        ErrorKind::ExpectedNodeContent => (
            "a value is missing, or begins with a character that needs quotes",
            "put quotes around the text",
        ),
        ErrorKind::UnexpectedCharacter { character } => {
            return (
                format!("text cannot begin with `{}`", character.escape_default()),
                Some("put quotes around the text"),
            );
        }
        ErrorKind::CommentNotSeparated => (
            "a `#` directly after something else",
            "write a blank before the `#` of a comment",
        ),
        ErrorKind::RecursionLimitExceeded => (
            "lists and mappings are nested too deeply",
            "nest them less: the format needs nine levels",
        ),
        other => return (other.to_string().to_lowercase(), None),
    };
    (message.to_owned(), Some(help))
}

/// What to point at for an error at this offset: the rest of the line, or if that is empty, the last
/// character before it.
pub(crate) fn locate(text: &str, at: usize) -> Range<usize> {
    let line = text[at..].lines().next().unwrap_or("").trim_end();
    if !line.is_empty() {
        return at..at + line.len();
    }
    let before = text[..at].trim_end();
    let last = before.chars().next_back().map_or(0, char::len_utf8);
    before.len() - last..before.len()
}
