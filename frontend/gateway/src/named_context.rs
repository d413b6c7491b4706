//! The option keys by which a user replaces an image, and the image references they are made from.
//!
//! A reference is read as Docker reads it (distribution/reference, `ParseNormalizedNamed`): the
//! host defaults to `docker.io`, where names of one component are in `library/`. The familiar form
//! omits both, and the key also omits `:latest`.

const DEFAULT_DOMAIN: &str = "docker.io";
const OFFICIAL: &str = "library/";
/// The beginning of every such key.
pub(crate) const PREFIX: &str = "context:";

/// The option keys to try for a name, the most specific first; `None` if it cannot be replaced.
pub(crate) fn keys(name: &str, platform: &str) -> Option<[String; 2]> {
    // `scratch` and `context` are keywords, not images: d2l/convert.go.
    if matches!(name, "scratch" | "context") {
        return None;
    }
    let familiar = familiar_reference(name)?;
    let short = familiar.strip_suffix(":latest").unwrap_or(&familiar);
    Some([
        format!("{PREFIX}{short}::{platform}"),
        format!("{PREFIX}{short}"),
    ])
}

/// The short form of an image reference, as users write it: `ubuntu:24.04`.
///
/// `None` if the text is not an image reference.
pub fn familiar_reference(text: &str) -> Option<String> {
    let Parts {
        domain,
        path,
        suffix,
    } = parse(text)?;
    if domain != DEFAULT_DOMAIN {
        return Some(format!("{domain}/{path}{suffix}"));
    }
    let official = path
        .strip_prefix(OFFICIAL)
        .filter(|rest| !rest.contains('/'));
    Some(format!("{}{suffix}", official.unwrap_or(&path)))
}

/// The long form of an image reference, as the engine requires it:
/// `docker.io/library/ubuntu:latest`.
///
/// The tag is `latest` if the text has neither a tag nor a digest. `None` if the text is not an
/// image reference.
pub fn normalized_reference(text: &str) -> Option<String> {
    let Parts {
        domain,
        path,
        suffix,
    } = parse(text)?;
    let suffix = if suffix.is_empty() { ":latest" } else { suffix };
    Some(format!("{domain}/{path}{suffix}"))
}

struct Parts<'a> {
    domain: &'a str,
    path: String,
    /// The tag and the digest, each with its separator.
    suffix: &'a str,
}

fn parse(text: &str) -> Option<Parts<'_>> {
    // 64 hexadecimal digits are the identifier of an image, not its name.
    if text.len() == 64 && text.bytes().all(is_lower_hexadecimal) {
        return None;
    }
    let (domain, rest) = split_domain(text);
    let (named, digest) = match rest.split_once('@') {
        Some((named, digest)) => (named, Some(digest)),
        None => (rest, None),
    };
    let (path, tag) = match named.split_once(':') {
        Some((path, tag)) => (path, Some(tag)),
        None => (named, None),
    };
    let valid = domain.is_none_or(is_domain)
        && path.split('/').all(is_component)
        && tag.is_none_or(is_tag)
        && digest.is_none_or(is_digest);
    if !valid {
        return None;
    }
    let domain = match domain {
        None | Some("index.docker.io") => DEFAULT_DOMAIN,
        Some(domain) => domain,
    };
    let official = domain == DEFAULT_DOMAIN && !path.contains('/');
    let full_path = if official {
        format!("{OFFICIAL}{path}")
    } else {
        path.to_owned()
    };
    Some(Parts {
        domain,
        path: full_path,
        suffix: &rest[path.len()..],
    })
}

/// The first component is a host if it has a dot, a port or an upper case letter, or is
/// `localhost`: then it cannot be part of a path.
fn split_domain(text: &str) -> (Option<&str>, &str) {
    match text.split_once('/') {
        Some((first, rest))
            if first.contains(['.', ':'])
                || first == "localhost"
                || first.bytes().any(|byte| byte.is_ascii_uppercase()) =>
        {
            (Some(first), rest)
        }
        _ => (None, text),
    }
}

fn is_domain(domain: &str) -> bool {
    if let Some(rest) = domain.strip_prefix('[') {
        return rest.split_once(']').is_some_and(|(address, port)| {
            !address.is_empty()
                && address
                    .bytes()
                    .all(|byte| byte.is_ascii_hexdigit() || byte == b':')
                && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
        });
    }
    let (host, port) = match domain.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (domain, None),
    };
    host.split('.').all(is_label) && port.is_none_or(is_port)
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn is_port(port: &str) -> bool {
    !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
}

/// Lower case words that are joined by one `.`, one or two `_`, or any number of `-`.
fn is_component(component: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = component.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return false;
    };
    is_word(*first)
        && is_word(*last)
        && component
            .split(|letter: char| u8::try_from(letter).is_ok_and(is_word))
            .filter(|separator| !separator.is_empty())
            .all(|separator| {
                matches!(separator, "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-')
            })
}

fn is_tag(tag: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let bytes = tag.as_bytes();
    bytes.first().is_some_and(|first| is_word(*first))
        && bytes.len() <= 128
        && bytes
            .iter()
            .all(|byte| is_word(*byte) || matches!(byte, b'.' | b'-'))
}

fn is_digest(digest: &str) -> bool {
    digest.split_once(':').is_some_and(|(algorithm, value)| {
        !algorithm.is_empty()
            && algorithm
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+._-".contains(&byte))
            && value.len() >= 32
            && value.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

fn is_lower_hexadecimal(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}
