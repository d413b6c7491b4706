//! The line `# syntax=…`, without which docker does not run inlay.

/// A note for people whose spec does not name a frontend; empty if it does.
///
/// docker looks for the line among the directives that a file begins with, before any other line
/// (`DetectSyntax` in frontend/dockerfile/parser/directives.go).
pub(crate) fn write_note(text: &str) -> String {
    if has_syntax(text) {
        return String::new();
    }
    let word = find_first_word(text).unwrap_or("base:");
    format!(
        "note: the spec does not begin with a line `# syntax=…`, so docker would read it as a \
         Dockerfile and fail with `unknown instruction: {word}`\n  = help: write `# \
         syntax=ghcr.io/inlay/inlay:1` as the first line\n"
    )
}

fn has_syntax(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    let mut lines = text.lines().peekable();
    let _shebang = lines.next_if(|line| line.starts_with("#!"));
    let directives = lines.map_while(|line| {
        let (key, value) = line.strip_prefix('#')?.split_once('=')?;
        let (key, value) = (key.trim(), value.trim());
        let is_key = key.starts_with(|first: char| first.is_ascii_alphabetic())
            && key.chars().all(|letter| letter.is_ascii_alphanumeric());
        (is_key && !value.is_empty()).then_some(key)
    });
    let mut directives = directives.map(str::to_lowercase);
    directives.any(|key| key == "syntax")
}

/// The first word that docker would take for an instruction.
fn find_first_word(text: &str) -> Option<&str> {
    let lines = text.lines().map(str::trim);
    let mut lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.next()?.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::{has_syntax, write_note};

    #[test]
    fn the_line_is_found_where_docker_finds_it() {
        for text in [
            "# syntax=x\nbase: y\n",
            "#syntax = x y\n",
            "\u{feff}# Syntax=x\n",
            "#!/usr/bin/env inlay\n# syntax=x\n",
            "# check=skip=all\n# syntax=x\n",
        ] {
            assert!(has_syntax(text), "{text:?}");
        }
        for text in [
            "",
            "base: y\n# syntax=x\n",
            "\n# syntax=x\n",
            " # syntax=x\n",
            "# a comment\n# syntax=x\n",
            "# syntax=\n",
            "# syntaxes=x\n",
        ] {
            assert!(!has_syntax(text), "{text:?}");
        }
    }

    #[test]
    fn the_note_names_what_docker_would_stumble_over() {
        assert_eq!(write_note("# syntax=x\nbase: y\n"), "");
        assert!(
            write_note("# tools\n\narguments: {}\n").contains("unknown instruction: arguments:`")
        );
        assert!(write_note("").contains("unknown instruction: base:`"));
    }
}
