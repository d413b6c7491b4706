//! Paths in the image, in canonical form.

use std::fmt;

use crate::name::Name;

/// An absolute path in the image.
///
/// Shape: begins with `/`; has no empty, `.` or `..` parts, no control characters, and no slash at the
/// end except for `/` itself. Paths below `/bin`, `/sbin`, `/lib`, `/lib32`, `/lib64` and `/libx32` become
/// paths below `/usr`: on every supported base these are links (merged /usr), and a layer with a folder of
/// that name would replace the link. An engine test showed that such an image has no `/bin/sh`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImagePath(String);

const MERGED: &[&str] = &["bin", "sbin", "lib", "lib32", "lib64", "libx32"];

impl ImagePath {
    /// Checks a path and makes it canonical. The error is a clause that says what the form is, such as
    /// "it must …".
    pub fn new(text: &str) -> Result<Self, String> {
        let Some(rest) = text.strip_prefix('/') else {
            return Err("it must begin with `/`".to_owned());
        };
        if text.chars().any(char::is_control) {
            return Err("it must not contain control characters".to_owned());
        }
        let mut parts: Vec<&str> = Vec::new();
        for part in rest.split('/') {
            match part {
                "" | "." => {}
                ".." => return Err("it must not contain `..`".to_owned()),
                part => parts.push(part),
            }
        }
        if parts.first().is_some_and(|first| MERGED.contains(first)) {
            parts.insert(0, "usr");
        }
        Ok(Self(format!("/{}", parts.join("/"))))
    }

    /// The path, which begins with `/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folders above it, from the outermost to the innermost, without `/`.
    pub fn parents(&self) -> impl Iterator<Item = &str> {
        self.0
            .match_indices('/')
            .skip(1)
            .map(|(at, _)| &self.0[..at])
    }

    /// Whether it is `other` or lies below it.
    pub fn is_within(&self, other: &ImagePath) -> bool {
        other.0 == "/"
            || self.0 == other.0
            || self
                .0
                .strip_prefix(other.0.as_str())
                .is_some_and(|rest| rest.starts_with('/'))
    }
}

impl Name for ImagePath {
    const KIND: &'static str = "path in the image";

    fn parse(text: &str) -> Result<Self, String> {
        Self::new(text)
    }
}

impl fmt::Display for ImagePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
