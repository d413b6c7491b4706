//! Text for people to read, made from the bytes of files and paths.

/// Converts bytes to text, replacing what is not UTF-8.
pub fn to_text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
