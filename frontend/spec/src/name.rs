//! A type for each kind of name, so that text with a meaning never leaves the crate as a bare string.
//!
//! The error of each constructor is a clause that can follow "`x` is not a valid extension name: ".

use std::fmt;

use crate::contract;

/// A kind of name, as the decoder reads it.
pub(crate) trait Name: Sized {
    /// What people call it, such as `extension name`.
    const KIND: &'static str;

    /// Checks the form; the error is a clause that says what the form is.
    fn parse(text: &str) -> Result<Self, String>;
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident, $check:ident, $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Checks the form. The error is a clause that says what the form is, such as "it must …".
            pub fn new(text: impl Into<String>) -> Result<Self, String> {
                let text = text.into();
                $check(&text).map(|()| Self(text))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Name for $name {
            const KIND: &'static str = $kind;

            fn parse(text: &str) -> Result<Self, String> {
                Self::new(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    )*};
}

names! {
    /// The name of an extension: lowercase letters, digits, `-`, `_` and `.`, beginning with a letter or
    /// a digit.
    ExtensionName, check_extension, "extension name";
    /// The name of a parameter: lowercase letters, digits and `_`, beginning with a letter. Steps see it
    /// as a variable in capitals, so names of variables that programs know are refused.
    ParameterName, check_parameter, "parameter name";
    /// The name of a variable: letters, digits and `_`, not beginning with a digit.
    VariableName, check_variable, "variable name";
    /// The name of an argument: letters, digits and `_`, not beginning with a digit. Names that BuildKit
    /// itself reads are refused.
    ArgumentName, check_argument, "argument name";
    /// The name of a Debian package as Debian Policy 5.6.1 defines it, optionally with `:architecture`,
    /// `=version` or `/release` as apt accepts them.
    PackageName, check_package, "package name";
    /// A name below `$SOURCES`: one path component.
    SourceName, check_component, "name below `$SOURCES`";
    /// An image reference, `name[:tag][@sha256:…]`, in the grammar of the distribution project.
    ImageReference, check_image, "image reference";
    /// The time of a snapshot of an archive, in UTC: a date, `2026-11-01`, or a moment, `20261101T120000Z`.
    SnapshotTime, check_snapshot, "time of a snapshot";
    /// The id of a secret, as the client gives it: one path component. Ids that inlay or BuildKit asks for
    /// itself are refused.
    SecretId, check_secret, "secret id";
    /// The id of an ssh agent, as the client gives it: one path component.
    AgentId, check_component, "ssh agent id";
    /// The id of a cache. Ids of inlay's own caches are refused.
    CacheId, check_cache, "cache id";
    /// A SHA-256 checksum: 64 lowercase hexadecimal digits.
    Sha256, check_sha256, "SHA-256 checksum";
}

impl SnapshotTime {
    /// The moment, as services of snapshots write it in addresses: that of a date is its beginning.
    pub fn moment(&self) -> String {
        match self.0.len() {
            10 => format!("{}T000000Z", self.0.replace('-', "")),
            _ => self.0.clone(),
        }
    }
}

fn require(holds: bool, phrase: &str) -> Result<(), String> {
    if holds {
        Ok(())
    } else {
        Err(phrase.to_owned())
    }
}

fn lower_or_digit(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

fn check_extension(text: &str) -> Result<(), String> {
    let form = text.len() <= 64
        && text.bytes().next().is_some_and(lower_or_digit)
        && text
            .bytes()
            .all(|byte| lower_or_digit(byte) || b"-_.".contains(&byte));
    require(
        form,
        "it must consist of at most 64 lowercase letters, digits, `-`, `_` and `.`, and begin with a letter or a digit",
    )
}

fn check_parameter(text: &str) -> Result<(), String> {
    let form = text.len() <= 64
        && text
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| lower_or_digit(byte) || byte == b'_');
    require(
        form,
        "it must consist of at most 64 lowercase letters, digits and `_`, and begin with a letter",
    )?;
    require(
        !contract::PARAMETERS_TAKEN.contains(&text),
        "in steps, its variable would replace one that already has a meaning",
    )
}

fn check_variable(text: &str) -> Result<(), String> {
    let form = text
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    require(
        form,
        "it must consist of letters, digits and `_`, and not begin with a digit",
    )
}

/// Whether BuildKit or its clients read build arguments of this name themselves, whatever the frontend
/// declares.
pub fn is_reserved_argument(name: &str) -> bool {
    name.starts_with("BUILDKIT_")
        || name.starts_with("INLAY_")
        || name == "SOURCE_DATE_EPOCH"
        || name.ends_with("_PROXY")
        || name.ends_with("_proxy")
}

fn check_argument(text: &str) -> Result<(), String> {
    check_variable(text)?;
    require(
        !is_reserved_argument(text),
        "arguments of this name are read by BuildKit or inlay itself",
    )
}

fn check_package(text: &str) -> Result<(), String> {
    let name_end = text.find([':', '=', '/']).unwrap_or(text.len());
    let (name, rest) = text.split_at(name_end);
    if rest.starts_with('=') && rest.contains('*') {
        return require(
            false,
            "a version is written in full, such as `jq=1.6-2.1`; a lock keeps the versions that were installed",
        );
    }
    let form = name.len() >= 2
        && name.bytes().next().is_some_and(lower_or_digit)
        && name
            .bytes()
            .all(|byte| lower_or_digit(byte) || b"+-.".contains(&byte))
        && (rest.is_empty() || rest.len() >= 2)
        && rest
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b":=/+-.~_".contains(&byte));
    // apt-get reads a final `-` as "remove" and a final `+` as "install", but names such as g++ end in `+`.
    require(
        form && !text.ends_with('-'),
        "it must be the name of a Debian package, such as `libssl-dev` or `g++`",
    )
}

fn check_snapshot(text: &str) -> Result<(), String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let shape: String = text
        .chars()
        .map(|char| if char.is_ascii_digit() { '0' } else { char })
        .collect();
    let is_within = |from: usize, least: u32, most: u32| {
        let number = digits.get(from..from + 2).and_then(|two| two.parse().ok());
        number.is_some_and(|number: u32| (least..=most).contains(&number))
    };
    let is_date = is_within(4, 1, 12) && is_within(6, 1, 31);
    let form = match shape.as_str() {
        "0000-00-00" => is_date,
        "00000000T000000Z" => {
            is_date && is_within(8, 0, 23) && is_within(10, 0, 59) && is_within(12, 0, 59)
        }
        _ => false,
    };
    require(
        form,
        "it must be a date such as `2026-11-01`, or a moment in UTC such as `20261101T120000Z`",
    )
}

fn check_component(text: &str) -> Result<(), String> {
    let form = !text.is_empty()
        && text.len() <= 255
        && text != "."
        && text != ".."
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'/' && byte != b'\\');
    require(
        form,
        "it must be a file name, without `/`, blanks or control characters",
    )
}

fn check_secret(text: &str) -> Result<(), String> {
    check_component(text)?;
    require(
        !contract::is_reserved_secret(text),
        "inlay and BuildKit ask for this secret themselves, and no step can",
    )
}

fn check_cache(text: &str) -> Result<(), String> {
    let form = !text.trim().is_empty() && !text.chars().any(char::is_control);
    require(
        form,
        "it must not be empty and must not contain control characters",
    )?;
    require(
        !contract::is_reserved_cache(text),
        "ids that begin with `inlay/` are those of inlay's own caches",
    )
}

fn check_sha256(text: &str) -> Result<(), String> {
    let form = text.len() == 64
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    require(form, "it must be 64 lowercase hexadecimal digits")
}

fn check_image(text: &str) -> Result<(), String> {
    let phrase = "it must be `name`, `name:tag` or `name@sha256:…`, with a lowercase name";
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (text, None),
    };
    if let Some(digest) = digest {
        let digits = digest.strip_prefix("sha256:").unwrap_or("");
        require(
            check_sha256(digits).is_ok(),
            "its digest must be `sha256:` and 64 lowercase hexadecimal digits",
        )?;
    }
    let (name, tag) = match rest.rfind(':') {
        Some(at) if !rest[at..].contains('/') => (&rest[..at], Some(&rest[at + 1..])),
        _ => (rest, None),
    };
    let tag_form = tag.is_none_or(|tag| {
        (1..=128).contains(&tag.len())
            && tag
                .bytes()
                .next()
                .is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && tag
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
    });
    let mut parts = name.split('/').peekable();
    let first = parts.peek().copied().unwrap_or("");
    let is_host = name.contains('/') && (first.contains(['.', ':']) || first == "localhost");
    if is_host {
        parts.next();
    }
    let host_form = !is_host
        || first
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".:-[]".contains(&byte));
    let path_form = parts.all(|part| {
        let ends = |byte: Option<u8>| byte.is_some_and(lower_or_digit);
        ends(part.bytes().next())
            && ends(part.bytes().next_back())
            && part
                .bytes()
                .all(|byte| lower_or_digit(byte) || b"._-".contains(&byte))
    });
    require(
        tag_form && host_form && path_form && rest.len() <= 255,
        phrase,
    )
}
