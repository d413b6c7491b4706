//! Paths inside images: absolute, and cleaned as Go's `path.Clean` does.
//! Otherwise operations on `/a//b` and `/a/b` would be two vertices.

/// The absolute path without `.`, `..` and double separators, and without a trailing `/` unless it is `/` itself.
pub(crate) fn clean(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// Like [`clean`], but keeps a trailing `/` or `/.`, with which a copy goes *into* a directory.
/// The rule is that of `normalizePath` in client/llb/fileop.go.
pub(crate) fn clean_destination(path: &str) -> String {
    let mut cleaned = clean(path);
    let is_folder = path.ends_with('/') || path.ends_with("/.");
    if is_folder && !cleaned.ends_with('/') {
        cleaned.push('/');
    }
    if path.ends_with("/.") {
        cleaned.push('.');
    }
    cleaned
}

#[cfg(test)]
mod tests {
    use super::{clean, clean_destination};

    #[test]
    fn is_cleaned_as_in_go() {
        for (path, cleaned, kept) in [
            ("", "/", "/"),
            ("/", "/", "/"),
            ("a", "/a", "/a"),
            ("/a//b/./c/../d/", "/a/b/d", "/a/b/d/"),
            ("../../a", "/a", "/a"),
            ("/a/.", "/a", "/a/."),
            ("/.", "/", "/."),
        ] {
            assert_eq!(
                (clean(path).as_str(), clean_destination(path).as_str()),
                (cleaned, kept),
                "{path}"
            );
        }
    }
}
