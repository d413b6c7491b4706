//! Text for people to read, made from the bytes of files and paths.

/// Converts bytes to text, replacing what is not UTF-8, and escaping what would command a terminal or change the
/// direction of writing: paths and files can contain anything. Line breaks and tabs stay.
pub fn to_text(bytes: &[u8]) -> String {
    let mut text = String::new();
    for letter in String::from_utf8_lossy(bytes).chars() {
        let is_direction = matches!(
            letter,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        );
        if is_direction || letter.is_control() && !matches!(letter, '\n' | '\t') {
            text.extend(letter.escape_unicode());
        } else {
            text.push(letter);
        }
    }
    text
}
