//! Reads text that has a form: names, paths, words, modes and owners.

use std::fmt::Display;

use source::{Code, Diagnostic, Diagnostics, Reported, Span, Spanned, closest};

use crate::decode::phrase::{join_with_or, shorten};
use crate::decode::value::{Value, read_list_of, read_text, refuse_comment};
use crate::name::Name;

/// Reports a value that does not have the form that it needs.
pub(crate) fn report_bad_value(
    diagnostics: &mut Diagnostics,
    span: Span,
    message: impl Into<String>,
    help: impl Into<String>,
) -> Reported {
    diagnostics.push(Diagnostic::new(Code::BadValue, span, message).help(help));
    Reported
}

/// Reads text with a constructor. `kind` is what people call such text.
pub(crate) fn read_form<T>(
    diagnostics: &mut Diagnostics,
    value: Value<'_>,
    kind: &str,
    constructor: impl FnOnce(&str) -> Result<T, String>,
) -> Result<Spanned<T>, Reported> {
    let written = read_text(diagnostics, value)?;
    construct(diagnostics, &written, kind, constructor)
}

/// Applies a constructor to text that was already read, such as a key.
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
                shorten(&written.value)
            );
            diagnostics.push(Diagnostic::new(Code::BadValue, written.span, message));
            Err(Reported)
        }
    }
}

/// Reads a name.
pub(crate) fn read_name<T: Name>(
    diagnostics: &mut Diagnostics,
    value: Value<'_>,
) -> Result<Spanned<T>, Reported> {
    read_form(diagnostics, value, T::KIND, T::parse)
}

/// Makes a name from text that was already read, such as a key.
pub(crate) fn construct_name<T: Name>(
    diagnostics: &mut Diagnostics,
    written: &Spanned<String>,
) -> Result<Spanned<T>, Reported> {
    construct(diagnostics, written, T::KIND, T::parse)
}

/// Reads a list of names; it is empty if there is no value.
pub(crate) fn read_names<T: Name>(
    diagnostics: &mut Diagnostics,
    value: Option<Value<'_>>,
) -> Vec<Spanned<T>> {
    read_list_of(diagnostics, value, read_name)
}

/// Parses a relative path. The result has no `.` or `..` parts and no slash at the end.
pub(crate) fn parse_relative_path(written: &str) -> Result<String, String> {
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

/// Reads a path in the folder of the extension.
pub(crate) fn read_relative_path(
    diagnostics: &mut Diagnostics,
    value: Value<'_>,
) -> Result<Spanned<String>, Reported> {
    read_form(diagnostics, value, "relative path", parse_relative_path)
}

/// Reads text that is more than blanks, such as a command.
pub(crate) fn read_filled_text(
    diagnostics: &mut Diagnostics,
    value: Value<'_>,
) -> Result<Spanned<String>, Reported> {
    let written = read_text(diagnostics, value)?;
    if written.value.trim().is_empty() {
        let message = format!("{} is empty", value.label);
        diagnostics.push(Diagnostic::new(Code::BadValue, written.span, message));
        return Err(Reported);
    }
    Ok(written)
}

/// Reads a command for the shell. Refuses one that a comment of YAML cuts off inside quotes.
pub(crate) fn read_command(
    diagnostics: &mut Diagnostics,
    value: Value<'_>,
) -> Result<Spanned<String>, Reported> {
    refuse_comment(diagnostics, value, has_open_quote)?;
    read_filled_text(diagnostics, value)
}

/// Whether a quote of the shell is not closed.
fn has_open_quote(command: &str) -> bool {
    let mut open = None;
    let mut letters = command.chars();
    while let Some(letter) = letters.next() {
        match (open, letter) {
            (None | Some('"'), '\\') => {
                letters.next();
            }
            (None, '\'' | '"') => open = Some(letter),
            (Some(quote), _) if quote == letter => open = None,
            _ => {}
        }
    }
    open.is_some()
}

/// The modes that people give to files and folders.
const USUAL_MODES: [u32; 23] = [
    0o400, 0o440, 0o444, 0o500, 0o550, 0o555, 0o600, 0o640, 0o644, 0o660, 0o664, 0o666, 0o700,
    0o711, 0o750, 0o755, 0o770, 0o775, 0o777, 0o1777, 0o2755, 0o2775, 0o4755,
];

/// Reads one of the known words.
pub(crate) fn read_word(
    diagnostics: &mut Diagnostics,
    value: Value<'_>,
    known: &[&'static str],
) -> Result<&'static str, Reported> {
    if !value.is_scalar() {
        return Err(value.report_wrong_kind(diagnostics, &join_with_or(known.iter().copied())));
    }
    let written = read_text(diagnostics, value)?;
    match known.iter().find(|word| **word == written.value) {
        Some(word) => Ok(word),
        None => Err(report_unknown_word(
            diagnostics,
            value.label,
            &written,
            known,
        )),
    }
}

fn report_unknown_word(
    diagnostics: &mut Diagnostics,
    label: impl Display,
    written: &Spanned<String>,
    known: &[&str],
) -> Reported {
    let help = match closest(&written.value, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("write {}", join_with_or(known.iter().copied())),
    };
    let message = format!("{label} cannot be `{}`", shorten(&written.value));
    report_bad_value(diagnostics, written.span, message, help)
}

/// Parses permission bits: three or four octal digits, or five if the first is `0`.
pub(crate) fn parse_mode(written: &str) -> Result<u32, String> {
    let phrase = "it must be three or four octal digits, such as \"0644\"";
    // Programs that take `0644` for a number write it again without its leading zero, in decimal.
    if !written.starts_with('0')
        && let Some(mode) = (written.parse().ok()).filter(|mode| USUAL_MODES.contains(mode))
    {
        let meant = if written.bytes().all(|byte| byte < b'8') {
            format!(", or \"0{written}\" if that is meant")
        } else {
            String::new()
        };
        return Err(format!(
            "it is {mode:04o} in decimal, and modes are octal: write \"{mode:04o}\"{meant}"
        ));
    }
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

/// Parses the numbers of owner and group. If no group is written, it is the owner's number, as in
/// `COPY --chown` of a Dockerfile.
pub(crate) fn parse_owner(written: &str) -> Result<(u32, u32), String> {
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
