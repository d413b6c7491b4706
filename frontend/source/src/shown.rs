//! Prepares text for people: without the passwords in addresses, and without what would command a terminal.
//!
//! Texts of users reach terminals in many ways. The places where they leave this program call [`shown`], so that
//! whoever composes a message need not think of it.

/// The text as it can be printed: as [`redacted`], and with escapes in place of control characters, which
/// could command the terminal, and of marks that change the direction of writing, which could make a text look
/// like another one. Line breaks and tabs stay.
pub fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in redacted(text).chars() {
        if is_harmful(letter) {
            shown.extend(letter.escape_unicode());
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// The text with another character of as many bytes for each one that [`shown`] escapes, so that every place in
/// it stays the same. For the lines of a file that are printed.
pub fn printable(text: &str) -> String {
    let printable = |letter: char| match letter.len_utf8() {
        _ if !is_harmful(letter) => letter,
        1 => '?',
        2 => '\u{bf}',
        _ => '\u{fffd}',
    };
    text.chars().map(printable).collect()
}

/// The text with `***` in place of passwords and tokens in its web addresses.
pub fn redacted(text: &str) -> String {
    let mut redacted = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, address) = rest.split_at(at + 3);
        redacted.push_str(before);
        let is_end = |letter: char| {
            letter.is_whitespace() || letter.is_control() || "\"'`<>\\".contains(letter)
        };
        let end = address.find(is_end).unwrap_or(address.len());
        // Another address may begin in it, as after a comma.
        let next = address[..end].find("://");
        let end = next.map_or(end, |next| {
            address[..next]
                .trim_end_matches(|letter: char| letter.is_ascii_alphanumeric())
                .len()
        });
        let (address, after) = address.split_at(end);
        let scheme = before[..at].rsplit(|letter: char| !letter.is_ascii_alphanumeric());
        redact_address(&mut redacted, scheme.into_iter().next(), address);
        rest = after;
    }
    redacted + rest
}

/// Whether [`redacted`] leaves something out of the text.
pub fn has_credentials(text: &str) -> bool {
    redacted(text) != text
}

/// Adds what follows `://` in an address.
fn redact_address(redacted: &mut String, scheme: Option<&str>, address: &str) {
    let authority = address.find(['/', '?', '#']).unwrap_or(address.len());
    let (authority, path) = address.split_at(authority);
    let scheme = scheme.unwrap_or_default().to_lowercase();
    match authority.rsplit_once('@') {
        // A token may stand in the place of the user.
        Some((_, host)) if scheme == "http" || scheme == "https" => {
            redacted.push_str("***@");
            redacted.push_str(host);
        }
        Some((user, host)) if matches!(scheme.as_str(), "ssh" | "git" | "ftp" | "sftp") => {
            redacted.push_str(user.split(':').next().unwrap_or_default());
            redacted.push_str(if user.contains(':') { ":***@" } else { "@" });
            redacted.push_str(host);
        }
        _ => redacted.push_str(authority),
    }
    let (path, fragment) = path.split_at(path.find('#').unwrap_or(path.len()));
    let mut parts = path.split_inclusive(['?', '&']);
    redacted.push_str(parts.next().unwrap_or_default());
    for part in parts {
        match part.split_once('=') {
            Some((key, value)) if is_secret(key) => {
                redacted.push_str(key);
                redacted.push_str("=***");
                redacted.push_str(if value.ends_with('&') { "&" } else { "" });
            }
            _ => redacted.push_str(part),
        }
    }
    redacted.push_str(fragment);
}

/// Whether the value of this key in a query is usually a secret, as in the signed addresses of clouds.
fn is_secret(key: &str) -> bool {
    let key = key.to_lowercase().replace(['-', '_'], "");
    let parts = [
        "token",
        "secret",
        "passw",
        "signature",
        "credential",
        "apikey",
        "auth",
    ];
    parts.iter().any(|part| key.contains(part))
        || ["key", "sig", "pwd", "jwt"].contains(&key.as_str())
}

fn is_harmful(letter: char) -> bool {
    let is_direction = matches!(
        letter,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    is_direction
        || matches!(letter, '\u{2028}' | '\u{2029}')
        || letter.is_control() && !matches!(letter, '\n' | '\t')
}
