//! Pieces of messages: lists of words, and the user's own text.

/// Words in backticks, with commas.
pub(crate) fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
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
