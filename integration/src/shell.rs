//! Quoting words for a POSIX shell.

/// A word as a POSIX shell reads it back unchanged. Plain words stay as they are.
pub(crate) fn quote(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=,@%+".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, expected: &str) {
        assert_eq!(quote(word), expected);
    }

    #[test]
    fn plain_words_stay() {
        check(
            "debian:bookworm=docker-image://127.0.0.1:5117/debian:bookworm",
            "debian:bookworm=docker-image://127.0.0.1:5117/debian:bookworm",
        );
    }

    #[test]
    fn other_words_are_quoted() {
        check("", "''");
        check("a b", "'a b'");
        check("$HOME", "'$HOME'");
        check("it's", "'it'\\''s'");
    }

    #[test]
    fn a_shell_reads_the_word_back() {
        let word = "a'b \"c\" $d\n\\e*~";
        let script = format!("printf %s {}", quote(word));
        let output = std::process::Command::new("sh")
            .args(["-c", &script])
            .output()
            .unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), word);
    }
}
