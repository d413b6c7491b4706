//! Reads the lines of a `.dockerignore` as patterns for the engine.
//!
//! What they match is decided where the files are, by the rules of BuildKit's
//! `frontend/dockerui/context.go` and of `moby/patternmatcher`. Here it is only decided for messages.

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

/// The pattern that matches only this path.
pub fn literal_pattern(path: &str) -> String {
    const SPECIAL: &str = "*?[]\\^";
    if !path.contains(|letter| SPECIAL.contains(letter)) {
        return path.to_owned();
    }
    let mut pattern = String::new();
    for letter in path.chars() {
        match letter {
            // `moby/patternmatcher` leaves it to Go's regular expressions, where it would begin a count.
            '{' => pattern.push_str("[{]"),
            letter => {
                if SPECIAL.contains(letter) {
                    pattern.push('\\');
                }
                pattern.push(letter);
            }
        }
    }
    pattern
}

/// The pattern that excludes a path; `None` = it is not excluded.
///
/// As in `MatchesOrParentMatches` of `moby/patternmatcher`, the last pattern that matches the path or a folder above
/// it decides.
pub fn ignoring_pattern<'a>(patterns: &'a [String], path: &str) -> Option<&'a str> {
    let ends = path.match_indices('/').map(|(end, _)| end);
    let paths: Vec<&str> = ends
        .map(|end| &path[..end])
        .chain(std::iter::once(path))
        .collect();
    let mut found = None;
    for pattern in patterns {
        let (is_exception, glob) = match pattern.strip_prefix('!') {
            Some(glob) => (true, glob),
            None => (false, pattern.as_str()),
        };
        if is_exception == found.is_some()
            && paths
                .iter()
                .any(|path| matches(glob.as_bytes(), path.as_bytes()))
        {
            found = (!is_exception).then_some(pattern.as_str());
        }
    }
    found
}

/// Whether a pattern matches a whole path.
fn matches(glob: &[u8], path: &[u8]) -> bool {
    let any_rest = |rest: &[u8], within: &dyn Fn(&u8) -> bool| {
        let end = path.iter().take_while(|byte| within(byte)).count();
        (0..=end).any(|at| matches(rest, &path[at..]))
    };
    match glob {
        [] => path.is_empty(),
        [b'*', b'*', b'/', rest @ ..] => {
            let mut starts = (0..path.len()).filter(|at| *at == 0 || path[at - 1] == b'/');
            path.is_empty() && matches(rest, path) || starts.any(|at| matches(rest, &path[at..]))
        }
        [b'*', b'*', rest @ ..] => any_rest(rest, &|_| true),
        [b'*', rest @ ..] => any_rest(rest, &|byte| *byte != b'/'),
        [b'[', rest @ ..] if let Some(end) = class_end(rest) => match path {
            [first, others @ ..] => {
                is_in_class(&rest[..end], *first) && matches(&rest[end + 1..], others)
            }
            [] => false,
        },
        [b'\\', letter, rest @ ..] => path.first() == Some(letter) && matches(rest, &path[1..]),
        [letter, rest @ ..] => match path {
            [first, others @ ..] => {
                let is_like = letter == first || *letter == b'?' && *first != b'/';
                is_like && matches(rest, others)
            }
            [] => false,
        },
    }
}

/// Where the class of bytes ends whose `[` is before this text.
fn class_end(text: &[u8]) -> Option<usize> {
    let skipped = usize::from(text.first() == Some(&b'^'));
    let end = text.iter().skip(skipped + 1).position(|byte| *byte == b']');
    end.map(|end| end + skipped + 1)
}

fn is_in_class(class: &[u8], byte: u8) -> bool {
    let (is_negated, mut left) = match class.strip_prefix(b"^") {
        Some(rest) => (true, rest),
        None => (false, class),
    };
    let mut is_in = false;
    while let Some((first, rest)) = left.split_first() {
        if let [b'-', last, others @ ..] = rest {
            is_in |= (*first..=*last).contains(&byte);
            left = others;
        } else {
            is_in |= *first == byte;
            left = rest;
        }
    }
    is_in != is_negated
}

#[cfg(test)]
mod tests {
    use super::{ignore_patterns, ignoring_pattern};

    #[test]
    fn the_last_pattern_that_matches_decides() {
        let patterns = ignore_patterns(
            "*.conf\n**/secret\ndeep/*/x\n!deep/a/x\n[a-c]?z\nall\n!all/but\nall/but/me\n/data/**\n\\*star\n[^q]q\n",
        );
        let table = [
            ("a.conf", Some("*.conf")),
            ("b/a.conf", None),
            ("secret", Some("**/secret")),
            ("x/y/secret/z", Some("**/secret")),
            ("xsecret", None),
            ("deep/b/x", Some("deep/*/x")),
            ("deep/b/x/y", Some("deep/*/x")),
            ("deep/a/x", None),
            ("deep/b/c/x", None),
            ("bxz", Some("[a-c]?z")),
            ("b/z", None),
            ("dxz", None),
            ("all/x", Some("all")),
            ("all/but/x", None),
            ("all/but/me", Some("all/but/me")),
            ("data", None),
            ("data/x/y", Some("data/**")),
            ("*star", Some("\\*star")),
            ("xstar", None),
            ("xq", Some("[^q]q")),
            ("qq", None),
        ];
        for (path, expected) in table {
            assert_eq!(ignoring_pattern(&patterns, path), expected, "{path}");
        }
        for path in ["a/b c", "a*b?", "[x]", "\\", "^", "é", "d{2}*"] {
            let pattern = [super::literal_pattern(path)];
            assert_eq!(
                ignoring_pattern(&pattern, path),
                Some(&*pattern[0]),
                "{path}"
            );
            let other = path.replace(['*', '?', '[', ']', '\\', '^'], "x");
            assert!(other == path || ignoring_pattern(&pattern, &other).is_none());
        }
        for broken in ["[", "[]", "[^", "\\", "**", "*/", "a["] {
            let patterns = [broken.to_owned()];
            let _ = ignoring_pattern(&patterns, "a[");
        }
    }

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
