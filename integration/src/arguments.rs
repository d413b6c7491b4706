//! The flags that let a public spec build from this repository, quoted for a shell.

use std::path::Path;

use anyhow::Result;

use crate::base::{self, Suite};
use crate::engine::{Engine, Kind};

/// The frontend's public name, as the first line of a spec has it.
const PUBLIC_FRONTEND: &str = "ghcr.io/inlay/inlay:1";

/// The flags as one line for a shell.
///
/// # Errors
/// When the frontend or the base cannot be made.
pub(crate) fn arguments(engine: &Engine) -> Result<String> {
    let words = flags(engine, &engine.frontend()?)?;
    let quoted: Vec<String> = words.iter().map(|word| quote(word)).collect();
    Ok(quoted.join(" "))
}

/// The flags, a word each, with that frontend. The base of bookworm is made if needed; trixie is
/// named if it is there.
///
/// # Errors
/// When the base cannot be made.
pub(crate) fn flags(engine: &Engine, frontend: &str) -> Result<Vec<String>> {
    let mut contexts = vec![(PUBLIC_FRONTEND.to_owned(), frontend.to_owned())];
    // The user's engine pulls the public bases itself.
    if engine.kind() == Kind::Private {
        contexts.push((
            Suite::Bookworm.public_reference(),
            engine.base(Suite::Bookworm)?,
        ));
        if let Some(reference) = base::existing(engine, Suite::Trixie)? {
            contexts.push((Suite::Trixie.public_reference(), reference));
        }
    }
    let mut words = Vec::new();
    for (public, reference) in contexts {
        words.push("--build-context".to_owned());
        words.push(format!("{public}=docker-image://{reference}"));
    }
    if let Some(bundle) = certificates() {
        words.push("--secret".to_owned());
        words.push(format!("id=inlay-ca,src={bundle}"));
    }
    Ok(words)
}

/// The machine's bundle of certificate authorities, for steps behind a proxy that inspects TLS.
fn certificates() -> Option<String> {
    let named = std::env::var("SSL_CERT_FILE").ok();
    let usual = "/etc/ssl/certs/ca-certificates.crt".to_owned();
    named
        .into_iter()
        .chain([usual])
        .find(|path| Path::new(path).is_file())
}

/// A word as a POSIX shell reads it back unchanged; plain ones stay plain.
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
    fn others_are_quoted() {
        check("", "''");
        check("a b", "'a b'");
        check("$HOME", "'$HOME'");
        check("it's", "'it'\\''s'");
    }

    #[test]
    fn a_shell_reads_it_back() {
        let word = "a'b \"c\" $d\n\\e*~";
        let script = format!("printf %s {}", quote(word));
        let output = std::process::Command::new("sh")
            .args(["-c", &script])
            .output()
            .unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), word);
    }
}
