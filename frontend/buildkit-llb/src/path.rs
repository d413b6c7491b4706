//! Paths inside images, always with `/`, cleaned as Go's `path.Clean` does.
//! Without this, `/a//b` and `/a/b` would be two vertices.

/// The path below `/`, without `.`, `..` and double separators; never with a trailing `/`, except `/` itself.
pub(crate) fn absolute(path: &str) -> String {
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

/// As [`absolute`], but a trailing `/` or `/.` stays: it makes a copy go *into* a directory.
/// The rule is `normalizePath` of client/llb/fileop.go.
pub(crate) fn destination(path: &str) -> String {
    let mut clean = absolute(path);
    let is_folder = path.ends_with('/') || path.ends_with("/.");
    if is_folder && !clean.ends_with('/') {
        clean.push('/');
    }
    if path.ends_with("/.") {
        clean.push('.');
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::{absolute, destination};

    #[test]
    fn is_cleaned_as_in_go() {
        for (path, clean, kept) in [
            ("", "/", "/"),
            ("/", "/", "/"),
            ("a", "/a", "/a"),
            ("/a//b/./c/../d/", "/a/b/d", "/a/b/d/"),
            ("../../a", "/a", "/a"),
            ("/a/.", "/a", "/a/."),
            ("/.", "/", "/."),
        ] {
            assert_eq!(
                (absolute(path).as_str(), destination(path).as_str()),
                (clean, kept),
                "{path}"
            );
        }
    }
}
