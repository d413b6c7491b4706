//! Text of a form: names, paths, words, modes and owners.

use std::fmt::Display;

use source::{Code, Diagnostic, Diagnostics, Reported, Span, Spanned, closest};

use crate::decode::phrase::{choice, shortened};
use crate::decode::value::{Value, list_of, text};
use crate::name::Name;

/// Reports a value that does not have the form it needs.
pub(crate) fn bad_value(
    diagnostics: &mut Diagnostics,
    span: Span,
    message: impl Into<String>,
    help: impl Into<String>,
) -> Reported {
    diagnostics.push(Diagnostic::new(Code::BadValue, span, message).help(help));
    Reported
}

/// Text that a constructor takes; `kind` is what people call it.
pub(crate) fn form<T>(
    diagnostics: &mut Diagnostics,
    value: Value<'_>,
    kind: &str,
    constructor: impl FnOnce(&str) -> Result<T, String>,
) -> Result<Spanned<T>, Reported> {
    let written = text(diagnostics, value)?;
    construct(diagnostics, &written, kind, constructor)
}

/// The same for text that was read already.
pub(crate) fn construct<T>(
    diagnostics: &mut Diagnostics,
    written: &Spanned<String>,
    kind: &str,
    constructor: impl FnOnce(&str) -> Result<T, String>,
) -> Result<Spanned<T>, Reported> {
    match constructor(&written.value) {
        Ok(value) => Ok(Spanned::new(value, written.span)),
        Err(reason) => {
            let message = format!(
                "`{}` is not a valid {kind}: {reason}",
                shortened(&written.value)
            );
            diagnostics.push(Diagnostic::new(Code::BadValue, written.span, message));
            Err(Reported)
        }
    }
}

/// A name.
pub(crate) fn name<T: Name>(
    diagnostics: &mut Diagnostics,
    value: Value<'_>,
) -> Result<Spanned<T>, Reported> {
    form(diagnostics, value, T::KIND, T::parse)
}

/// A name that was read already as text, such as a key.
pub(crate) fn name_of<T: Name>(
    diagnostics: &mut Diagnostics,
    written: &Spanned<String>,
) -> Result<Spanned<T>, Reported> {
    construct(diagnostics, written, T::KIND, T::parse)
}

/// A list of names.
pub(crate) fn names<T: Name>(
    diagnostics: &mut Diagnostics,
    value: Option<Value<'_>>,
) -> Vec<Spanned<T>> {
    list_of(diagnostics, value, name)
}

/// A relative path, without `.` and `..` parts and a final slash in the result.
pub(crate) fn relative_path(written: &str) -> Result<String, String> {
    if written.starts_with('/') {
        return Err("it must not begin with `/`".to_owned());
    }
    if written.chars().any(char::is_control) {
        return Err("it must not contain control characters".to_owned());
    }
    let mut parts = Vec::new();
    for part in written.split('/') {
        match part {
            "" | "." => {}
            ".." => return Err("it must not contain `..`".to_owned()),
            part => parts.push(part),
        }
    }
    if parts.is_empty() {
        return Err("it must name a file or a folder".to_owned());
    }
    Ok(parts.join("/"))
}

/// A path in the folder of the extension.
pub(crate) fn path_in_folder(
    diagnostics: &mut Diagnostics,
    value: Value<'_>,
) -> Result<Spanned<String>, Reported> {
    form(diagnostics, value, "relative path", relative_path)
}

/// Text with more in it than blanks, such as a command.
pub(crate) fn filled_text(
    diagnostics: &mut Diagnostics,
    value: Value<'_>,
) -> Result<Spanned<String>, Reported> {
    let written = text(diagnostics, value)?;
    if written.value.trim().is_empty() {
        let message = format!("{} is empty", value.label);
        diagnostics.push(Diagnostic::new(Code::BadValue, written.span, message));
        return Err(Reported);
    }
    Ok(written)
}

/// One of some words.
pub(crate) fn word(
    diagnostics: &mut Diagnostics,
    value: Value<'_>,
    known: &[&'static str],
) -> Result<&'static str, Reported> {
    if !value.is_scalar() {
        return Err(value.wrong_kind(diagnostics, &choice(known.iter().copied())));
    }
    let written = text(diagnostics, value)?;
    match known.iter().find(|word| **word == written.value) {
        Some(word) => Ok(word),
        None => Err(unknown_word(diagnostics, value.label, &written, known)),
    }
}

fn unknown_word(
    diagnostics: &mut Diagnostics,
    label: impl Display,
    written: &Spanned<String>,
    known: &[&str],
) -> Reported {
    let help = match closest(&written.value, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("write {}", choice(known.iter().copied())),
    };
    let message = format!("{label} cannot be `{}`", shortened(&written.value));
    bad_value(diagnostics, written.span, message, help)
}

/// Permission bits: three or four octal digits, or five with a leading `0`.
pub(crate) fn mode(written: &str) -> Result<u32, String> {
    let phrase = "it must be three or four octal digits, such as \"0644\"";
    let digits = match written.len() {
        5 => written.strip_prefix('0').unwrap_or(""),
        _ => written,
    };
    let is_octal = digits.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    if !is_octal || !(3..=4).contains(&digits.len()) {
        return Err(phrase.to_owned());
    }
    u32::from_str_radix(digits, 8).map_err(|_| phrase.to_owned())
}

/// Owner and group by number. Where no group is written it is the owner's number, as it is for
/// `COPY --chown` of a Dockerfile.
pub(crate) fn owner(written: &str) -> Result<(u32, u32), String> {
    let (user, group) = written.split_once(':').unwrap_or((written, written));
    if [user, group]
        .iter()
        .any(|part| part.contains(|letter: char| letter.is_alphabetic()))
    {
        return Err("it must be numbers, such as `1000:1000`; names are not supported".to_owned());
    }
    let number = |part: &str| {
        let has_digits =
            (1..=10).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        has_digits.then(|| part.parse::<u32>().ok()).flatten()
    };
    match (number(user), number(group)) {
        (Some(user), Some(group)) => Ok((user, group)),
        _ => Err("it must be one or two numbers, such as `1000` or `1000:1000`".to_owned()),
    }
}
