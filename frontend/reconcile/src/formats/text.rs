//! Bytes of files as text.

/// Bytes as text for messages; what is not UTF-8 is replaced.
pub fn to_text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
