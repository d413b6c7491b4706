//! Pieces of messages: lists of words, and the user's own text.

/// Words in backticks, all of which are meant: "`a`, `b` and `c`".
pub(crate) fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    joined(words, "and")
}

/// Words in backticks, of which one is meant: "`a`, `b` or `c`".
pub(crate) fn choice<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    joined(words, "or")
}

/// The user's text for a message: its first line, cut where it is long.
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

fn joined<'a>(words: impl IntoIterator<Item = &'a str>, conjunction: &str) -> String {
    let quoted: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [first @ .., last] if !first.is_empty() => {
            format!("{} {conjunction} {last}", first.join(", "))
        }
        few => few.concat(),
    }
}
