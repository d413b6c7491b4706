//! Decodes how the bytes of a download are checked.

use std::collections::BTreeMap;

use source::{Code, Diagnostic, Diagnostics, Reported, Spanned, closest};

use crate::decode::fields::Fields;
use crate::decode::phrase::{join_with_and, join_with_or, shorten};
use crate::decode::scalar::report_bad_value;
use crate::decode::value::{Value, read_mapping, read_text};
use crate::keys::forms::ARCHITECTURES;
use crate::{Check, Sha256};

/// Reads how a source is checked. `what` is the value that says what it fetches.
pub(crate) fn read_check(
    diagnostics: &mut Diagnostics,
    fields: &Fields<'_>,
    what: Value<'_>,
) -> Result<Check, Reported> {
    let Some(unverified) = fields.get("unverified") else {
        // If there is neither, the source breaks a rule of the table, which was reported.
        let sha256 = fields.get("sha256").ok_or(Reported)?;
        return read_checksums(diagnostics, sha256);
    };
    let written = read_text(diagnostics, unverified)?;
    if !fields.words("unverified").contains(&written.value.as_str()) {
        let message = "`unverified` can only be `true`";
        let help = "leave it out, and add `sha256: …`";
        return Err(report_bad_value(diagnostics, written.span, message, help));
    }
    let span = unverified.whole();
    let message = format!("{} is fetched without a checksum", what.show());
    diagnostics.push(
        Diagnostic::new(Code::Unverified, span, message)
            .help("add `sha256: …` in place of `unverified: true`"),
    );
    Ok(Check::Unverified(span))
}

fn read_checksums(diagnostics: &mut Diagnostics, value: Value<'_>) -> Result<Check, Reported> {
    if !value.is_mapping() {
        return read_checksum(diagnostics, value).map(Check::One);
    }
    let entries = read_mapping(diagnostics, value)?;
    if entries.is_empty() {
        let message = "`sha256` does not list any architecture";
        let help = format!(
            "write one checksum, or one for each architecture: {}",
            join_with_and(ARCHITECTURES.iter().copied())
        );
        diagnostics.push(Diagnostic::new(Code::BadChecksum, value.node.span, message).help(help));
        return Err(Reported);
    }
    let mut found = Ok(BTreeMap::new());
    for entry in entries {
        let checksum = read_checksum(diagnostics, Value::of(entry));
        let architecture = read_architecture(diagnostics, &entry.key);
        found = found.and_then(|mut found| {
            found.insert(architecture?.to_owned(), checksum?);
            Ok(found)
        });
    }
    found.map(Check::ByArchitecture)
}

fn read_architecture(
    diagnostics: &mut Diagnostics,
    written: &Spanned<String>,
) -> Result<&'static str, Reported> {
    let mut known = ARCHITECTURES.iter().copied();
    if let Some(architecture) = known.find(|known| *known == written.value) {
        return Ok(architecture);
    }
    let meant = match written.value.as_str() {
        "x86_64" | "x86-64" | "x64" => Some("amd64"),
        "aarch64" | "armv8" => Some("arm64"),
        "armhf" | "armv7" | "armv7l" | "armv6" => Some("arm"),
        "i386" | "i686" | "x86" => Some("386"),
        other => closest(other, ARCHITECTURES.iter().copied()),
    };
    let help = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("write {}", join_with_or(ARCHITECTURES.iter().copied())),
    };
    let message = format!("unknown architecture `{}`", shorten(&written.value));
    diagnostics.push(Diagnostic::new(Code::BadChecksum, written.span, message).help(help));
    Err(Reported)
}

fn read_checksum(
    diagnostics: &mut Diagnostics,
    value: Value<'_>,
) -> Result<Spanned<Sha256>, Reported> {
    let written = read_text(diagnostics, value)?;
    let reason = match Sha256::new(written.value.as_str()) {
        Ok(checksum) => return Ok(Spanned::new(checksum, written.span)),
        Err(reason) => reason,
    };
    let bare = written.value.strip_prefix("sha256:");
    let digits = bare.unwrap_or(&written.value);
    let help = if bare.is_some() && Sha256::new(digits).is_ok() {
        "write it without the `sha256:` prefix".to_owned()
    } else if Sha256::new(digits.to_ascii_lowercase()).is_ok() {
        "write it in lowercase".to_owned()
    } else if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        format!("it has {} digits: copy all 64", digits.len())
    } else {
        "copy it from where the file is published, or from `sha256sum`".to_owned()
    };
    let message = format!(
        "`{}` is not a valid SHA-256 checksum: {reason}",
        shorten(&written.value)
    );
    diagnostics.push(Diagnostic::new(Code::BadChecksum, written.span, message).help(help));
    Err(Reported)
}
