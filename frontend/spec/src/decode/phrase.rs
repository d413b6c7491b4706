//! Phrases for messages: lists of words, and the user's own text.

use source::redacted;

/// Lists words in backticks, all of which are meant: "`a`, `b` and `c`".
pub(crate) fn join_with_and<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    joined(words, "and")
}

/// Lists words in backticks, one of which is meant: "`a`, `b` or `c`".
pub(crate) fn join_with_or<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    joined(words, "or")
}

/// Shortens the user's text for a message: its first line, cut if it is long. A password is left out before,
/// since it could not be recognized in half an address.
pub(crate) fn shorten(text: &str) -> String {
    const LIMIT: usize = 60;
    let text = &redacted(text);
    let line = text.trim().lines().next().unwrap_or("");
    if line.chars().count() <= LIMIT && line.len() == text.trim().len() {
        return line.to_owned();
    }
    let mut short: String = line.chars().take(LIMIT).collect();
    short.push('…');
    short
}

fn joined<'a>(words: impl IntoIterator<Item = &'a str>, conjunction: &str) -> String {
    let quoted: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [first @ .., last] if !first.is_empty() => {
            format!("{} {conjunction} {last}", first.join(", "))
        }
        few => few.concat(),
    }
}
