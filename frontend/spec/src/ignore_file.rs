//! Reads the lines of a `.dockerignore` as patterns for the engine.
//!
//! Only the lines are read here. What they match is decided where the files are, by the rules of
//! BuildKit's `frontend/dockerui/context.go` and of `moby/patternmatcher/ignorefile`.

/// The patterns of an ignore file, in order.
///
/// Blank lines, comments and a `/` at the beginning are left out. `.` and empty parts are dropped, as
/// Go's `filepath.Clean` does. A `!` stays in front of what it excludes from the patterns.
pub fn ignore_patterns(text: &str) -> Vec<String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(pattern)
        .collect()
}

fn pattern(line: &str) -> Option<String> {
    let line = line.trim();
    let (sign, path) = match line.strip_prefix('!') {
        Some(path) => ("!", path.trim()),
        None => ("", line),
    };
    if path.is_empty() {
        return (!sign.is_empty()).then(|| sign.to_owned());
    }
    let cleaned = clean(path);
    let relative = if cleaned.len() > 1 {
        cleaned.strip_prefix('/').unwrap_or(&cleaned)
    } else {
        &cleaned
    };
    Some(format!("{sign}{relative}"))
}

/// Does what Go's `filepath.Clean` does.
fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

#[cfg(test)]
mod tests {
    use super::ignore_patterns;

    #[test]
    fn lines_become_patterns() {
        let table = [
            ("# comment\n\n  \nnode_modules\n", vec!["node_modules"]),
            ("/target\n./a//b/\n", vec!["target", "a/b"]),
            (
                "*\n!keep/me\n! /spaced \n",
                vec!["*", "!keep/me", "!spaced"],
            ),
            (
                "  indented # not a comment",
                vec!["indented # not a comment"],
            ),
            ("a/../b\n..\n/\n", vec!["b", "..", "/"]),
            ("\u{feff}#first\nx\r\n", vec!["x"]),
        ];
        for (text, expected) in table {
            assert_eq!(ignore_patterns(text), expected, "{text:?}");
        }
    }
}
