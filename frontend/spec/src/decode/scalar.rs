//! Text of a form: names, paths, words, templates, modes and owners.

use std::collections::BTreeSet;
use std::fmt::Display;

use source::{Code, Diagnostic, Diagnostics, Span, Spanned, closest};

use crate::decode::value::{Value, list, shortened, text, words};
use crate::{ImagePath, Template};

/// What the templates of an extension may name; nothing is known when its `parameters` are broken.
pub(crate) struct Scope {
    pub(crate) declared: Option<BTreeSet<String>>,
}

/// Reports a value that has not the form it needs.
pub(crate) fn bad_value(
    diagnostics: &mut Diagnostics,
    span: Span,
    message: impl Into<String>,
    help: impl Into<String>,
) {
    diagnostics.push(Diagnostic::new(Code::BadValue, span, message).help(help));
}

/// Text that a constructor takes; `what` completes "`x` is no …: ".
pub(crate) fn named<T>(
    diagnostics: &mut Diagnostics,
    value: &Value<'_>,
    what: &str,
    constructor: impl FnOnce(&str) -> Result<T, String>,
) -> Option<Spanned<T>> {
    let written = text(diagnostics, value)?;
    construct(diagnostics, &written, what, constructor)
}

/// The same for text that was read already, such as a key.
pub(crate) fn construct<T>(
    diagnostics: &mut Diagnostics,
    written: &Spanned<String>,
    what: &str,
    constructor: impl FnOnce(&str) -> Result<T, String>,
) -> Option<Spanned<T>> {
    match constructor(&written.value) {
        Ok(value) => Some(Spanned::new(value, written.span)),
        Err(reason) => {
            let message = format!("`{}` is no {what}: {reason}", shortened(&written.value));
            diagnostics.push(Diagnostic::new(Code::BadValue, written.span, message));
            None
        }
    }
}

/// A list of such texts.
pub(crate) fn names<T>(
    diagnostics: &mut Diagnostics,
    value: Option<Value<'_>>,
    what: &str,
    constructor: impl Fn(&str) -> Result<T, String>,
) -> Vec<Spanned<T>> {
    let Some(value) = value else {
        return Vec::new();
    };
    list(diagnostics, &value)
        .iter()
        .filter_map(|entry| named(diagnostics, entry, what, &constructor))
        .collect()
}

/// A path of the image.
pub(crate) fn image_path(
    diagnostics: &mut Diagnostics,
    value: &Value<'_>,
) -> Option<Spanned<ImagePath>> {
    named(diagnostics, value, "path of the image", ImagePath::new)
}

/// A list of paths of the image.
pub(crate) fn image_paths(
    diagnostics: &mut Diagnostics,
    value: Option<Value<'_>>,
) -> Vec<Spanned<ImagePath>> {
    names(diagnostics, value, "path of the image", ImagePath::new)
}

/// A relative path, without `.` and `..` parts and a final slash in the result.
pub(crate) fn relative_path(written: &str) -> Result<String, String> {
    if written.starts_with('/') {
        return Err("it begins with `/`, and is relative to the folder it is in".to_owned());
    }
    if written.chars().any(char::is_control) {
        return Err("a path has no control characters".to_owned());
    }
    let mut parts = Vec::new();
    for part in written.split('/') {
        match part {
            "" | "." => {}
            ".." => return Err("`..` would lead out of the folder it is in".to_owned()),
            part => parts.push(part),
        }
    }
    if parts.is_empty() {
        return Err("it names no file and no folder".to_owned());
    }
    Ok(parts.join("/"))
}

/// Text with more in it than blanks, such as a command.
pub(crate) fn filled_text(
    diagnostics: &mut Diagnostics,
    value: &Value<'_>,
) -> Option<Spanned<String>> {
    let written = text(diagnostics, value)?;
    if written.value.trim().is_empty() {
        let message = format!("{} is empty", value.label);
        diagnostics.push(Diagnostic::new(Code::BadValue, written.span, message));
        return None;
    }
    Some(written)
}

/// One of some words.
pub(crate) fn word(
    diagnostics: &mut Diagnostics,
    value: &Value<'_>,
    known: &[&'static str],
) -> Option<&'static str> {
    let written = text(diagnostics, value)?;
    if let Some(word) = known.iter().find(|word| **word == written.value) {
        return Some(word);
    }
    unknown_word(diagnostics, value.label, &written, known);
    None
}

/// Reports text that is none of some words.
pub(crate) fn unknown_word(
    diagnostics: &mut Diagnostics,
    label: impl Display,
    written: &Spanned<String>,
    known: &[&str],
) {
    let help = match closest(&written.value, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("write one of {}", words(known.iter().copied())),
    };
    let message = format!("{label} cannot be `{}`", shortened(&written.value));
    bad_value(diagnostics, written.span, message, help);
}

/// Text with parameters in it, all of which are declared.
pub(crate) fn template(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    value: &Value<'_>,
) -> Option<Spanned<Template>> {
    let written = text(diagnostics, value)?;
    let template = match Template::parse(&written.value) {
        Ok(template) => template,
        Err(reason) => {
            diagnostics.push(Diagnostic::new(Code::BadTemplate, written.span, reason));
            return None;
        }
    };
    let mut is_known = true;
    if let Some(declared) = &scope.declared {
        for name in template.parameters().map(crate::ParameterName::as_str) {
            if !declared.contains(name) {
                is_known = false;
                undeclared(diagnostics, declared, name, written.span);
            }
        }
    }
    is_known.then(|| Spanned::new(template, written.span))
}

fn undeclared(diagnostics: &mut Diagnostics, declared: &BTreeSet<String>, name: &str, span: Span) {
    let help = match closest(name, declared.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `${{{meant}}}`?"),
        None => format!("declare `{name}` in `parameters`, or write `$${{` for the text `${{`"),
    };
    let message = format!("`${{{name}}}` names no parameter of this extension");
    diagnostics.push(Diagnostic::new(Code::BadTemplate, span, message).help(help));
}

/// Permission bits: three or four octal digits, or five with a leading `0`.
pub(crate) fn mode(written: &str) -> Result<u32, String> {
    let phrase = "three or four octal digits, such as \"0644\"";
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

/// Owner and group by number; the group is the owner's number when it is not written, as it is
/// for `COPY --chown` of a Dockerfile.
pub(crate) fn owner(written: &str) -> Result<(u32, u32), String> {
    let (user, group) = written.split_once(':').unwrap_or((written, written));
    if [user, group]
        .iter()
        .any(|part| part.contains(|letter: char| letter.is_alphabetic()))
    {
        return Err("names are not supported, write numbers such as `1000:1000`".to_owned());
    }
    let number = |part: &str| {
        let has_digits =
            (1..=10).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        has_digits.then(|| part.parse::<u32>().ok()).flatten()
    };
    match (number(user), number(group)) {
        (Some(user), Some(group)) => Ok((user, group)),
        _ => Err("one or two numbers such as `1000` or `1000:1000`".to_owned()),
    }
}
