//! Decodes what a builder fetches, and how it is checked.

use std::collections::{BTreeMap, BTreeSet};

use source::{Code, Diagnostic, Diagnostics, Spanned, closest};

use crate::decode::scalar::{
    Scope, bad_value, filled_text, image_path, named, relative_path, template,
};
use crate::decode::value::{Fields, Value, fields, list, mapping, shortened, text, words};
use crate::keys::{self, ARCHITECTURES, REGISTRY_KINDS, SOURCE_KINDS};
use crate::{Check, ImageReference, PackageForm, Sha256, Source, SourceKind, SourceName, Template};

/// The sources of one builder; no two have one name.
pub(crate) fn sources(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    value: &Value<'_>,
) -> Vec<Source> {
    let mut taken: BTreeMap<SourceName, source::Span> = BTreeMap::new();
    let mut sources = Vec::new();
    for entry in list(diagnostics, value) {
        let Some(fields) = fields(diagnostics, &entry, &keys::SOURCE) else {
            continue;
        };
        let kind = kind(diagnostics, scope, &fields);
        let to = fields.get("to").and_then(|value| {
            named(diagnostics, &value, "name below `$SOURCES`", |name| {
                SourceName::new(name)
            })
        });
        let Some(to) = to else { continue };
        if let Some(first) = taken.insert(to.value.clone(), to.span) {
            let message = format!("two sources are put at `$SOURCES/{}`", to.value);
            diagnostics.push(
                Diagnostic::new(Code::BadValue, to.span, message)
                    .label(first, "the other one")
                    .help("give each source a name of its own"),
            );
        }
        if let Some(kind) = kind {
            let span = entry.node.span;
            sources.push(Source { kind, to, span });
        }
    }
    sources
}

fn kind(diagnostics: &mut Diagnostics, scope: &Scope, fields: &Fields<'_>) -> Option<SourceKind> {
    let (kind, value) = fields.one_of(diagnostics, SOURCE_KINDS)?;
    let is_checked = REGISTRY_KINDS.contains(&kind);
    for (key, takes) in [
        ("sha256", is_checked),
        ("unverified", is_checked),
        ("commit", kind == "git"),
        ("path", kind == "image"),
    ] {
        if let (Some(other), false) = (fields.get(key), takes) {
            let message = format!("`{key}` means nothing with `{kind}`");
            bad_value(diagnostics, other.place, message, "leave it out");
        }
    }
    let mut package = |form| package(diagnostics, scope, fields, form, &value);
    match kind {
        "pypi" => {
            package(PackageForm::Pypi).map(|(package, check)| SourceKind::Pypi { package, check })
        }
        "npm" => {
            package(PackageForm::Npm).map(|(package, check)| SourceKind::Npm { package, check })
        }
        "crate" => {
            package(PackageForm::Crate).map(|(package, check)| SourceKind::Crate { package, check })
        }
        "url" => package(PackageForm::Url).map(|(url, check)| SourceKind::Url { url, check }),
        "git" => git(diagnostics, scope, fields, &value),
        "image" => image(diagnostics, scope, fields, &value),
        _ => named(diagnostics, &value, "path in the folder", relative_path)
            .map(|path| SourceKind::Context { path }),
    }
}

/// What a checked source names, and how it is checked.
fn package(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    fields: &Fields<'_>,
    form: PackageForm,
    value: &Value<'_>,
) -> Option<(Spanned<Template>, Check)> {
    let written = template(diagnostics, scope, value);
    let package = written.filter(|package| {
        let Err(phrase) = form.check_template(&package.value) else {
            return true;
        };
        let shown = text(diagnostics, value).map(|text| shortened(&text.value));
        let message = format!("`{}` is no `{form}` source", shown.unwrap_or_default());
        bad_value(diagnostics, package.span, message, phrase);
        false
    });
    let check = check(diagnostics, fields, value);
    Some((package?, check?))
}

fn check(diagnostics: &mut Diagnostics, fields: &Fields<'_>, what: &Value<'_>) -> Option<Check> {
    let shown = text(&mut Diagnostics::new(), what).map_or_else(
        || "this source".to_owned(),
        |text| format!("`{}`", shortened(&text.value)),
    );
    match (fields.get("sha256"), fields.get("unverified")) {
        (Some(sha256), None) => checksums(diagnostics, &sha256),
        (None, Some(unverified)) => {
            if text(diagnostics, &unverified)?.value != "true" {
                let message = "`unverified` can only be `true`";
                let help = "leave it out, and add `sha256: …`";
                bad_value(diagnostics, unverified.node.span, message, help);
                return None;
            }
            let span = unverified.whole();
            diagnostics.push(
                Diagnostic::new(
                    Code::Unverified,
                    span,
                    format!("{shown} is fetched without a checksum"),
                )
                .help("add `sha256: …` in place of `unverified: true`"),
            );
            Some(Check::Unverified(span))
        }
        (Some(_), Some(_)) => {
            fields.one_of(diagnostics, &["sha256", "unverified"]);
            None
        }
        (None, None) => {
            diagnostics.push(
                Diagnostic::new(
                    Code::MissingChecksum,
                    what.node.span,
                    format!("{shown} has no checksum"),
                )
                .help("add `sha256: …`, or `unverified: true` to fetch it without one"),
            );
            None
        }
    }
}

fn checksums(diagnostics: &mut Diagnostics, value: &Value<'_>) -> Option<Check> {
    if !value.is_mapping() {
        return checksum(diagnostics, value).map(Check::One);
    }
    let entries = mapping(diagnostics, value);
    if entries.is_empty() {
        let message = "`sha256` lists no architecture";
        let help = format!(
            "write a checksum, or one for each of {}",
            words(ARCHITECTURES.iter().copied())
        );
        diagnostics.push(Diagnostic::new(Code::BadChecksum, value.node.span, message).help(help));
        return None;
    }
    let mut found = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for entry in entries {
        let name = &entry.key.value;
        seen.insert(name.clone());
        let checksum = checksum(diagnostics, &Value::of(entry));
        if !ARCHITECTURES.contains(&name.as_str()) {
            unknown_architecture(diagnostics, &entry.key);
        } else if let Some(checksum) = checksum {
            found.insert(name.clone(), checksum);
        }
    }
    (found.len() == seen.len()).then_some(Check::ByArchitecture(found))
}

fn unknown_architecture(diagnostics: &mut Diagnostics, written: &Spanned<String>) {
    let meant = match written.value.as_str() {
        "x86_64" | "x86-64" | "x64" => Some("amd64"),
        "aarch64" | "armv8" => Some("arm64"),
        "armhf" | "armv7" | "armv7l" | "armv6" => Some("arm"),
        "i386" | "i686" | "x86" => Some("386"),
        other => closest(other, ARCHITECTURES.iter().copied()),
    };
    let help = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("write one of {}", words(ARCHITECTURES.iter().copied())),
    };
    let message = format!("unknown architecture `{}`", shortened(&written.value));
    diagnostics.push(Diagnostic::new(Code::BadChecksum, written.span, message).help(help));
}

fn checksum(diagnostics: &mut Diagnostics, value: &Value<'_>) -> Option<Spanned<Sha256>> {
    let written = text(diagnostics, value)?;
    let Err(reason) = Sha256::new(written.value.as_str()) else {
        return named(diagnostics, value, "checksum", |text| Sha256::new(text));
    };
    let bare = written.value.strip_prefix("sha256:");
    let digits = bare.unwrap_or(&written.value);
    let help = if bare.is_some() && Sha256::new(digits).is_ok() {
        "write it without the `sha256:` prefix".to_owned()
    } else if Sha256::new(digits.to_ascii_lowercase()).is_ok() {
        "write it in lowercase".to_owned()
    } else if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        format!("this has {} digits", digits.len())
    } else {
        "copy it from the place that publishes the file, or from `sha256sum`".to_owned()
    };
    let message = format!(
        "`{}` is no SHA-256 checksum: {reason}",
        shortened(&written.value)
    );
    diagnostics.push(Diagnostic::new(Code::BadChecksum, written.span, message).help(help));
    None
}

fn git(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    fields: &Fields<'_>,
    value: &Value<'_>,
) -> Option<SourceKind> {
    let is_filled = filled_text(diagnostics, value).is_some();
    let repository = template(diagnostics, scope, value).filter(|_| is_filled);
    let Some(commit) = fields.get("commit") else {
        fields.missing(
            diagnostics,
            "`commit` is missing",
            "add `commit: …`, the whole commit id, 40 hexadecimal digits",
        );
        return None;
    };
    let written = text(diagnostics, &commit)?;
    let commit = template(diagnostics, scope, &commit)?;
    let digits = &written.value;
    let is_hexadecimal = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if commit.value.parameters().next().is_none() && !(digits.len() == 40 && is_hexadecimal) {
        let message = format!("`{}` is no commit id", shortened(digits));
        let help =
            "write the whole id, 40 lowercase hexadecimal digits; branches and tags can move";
        bad_value(diagnostics, commit.span, message, help);
        return None;
    }
    let repository = repository?;
    Some(SourceKind::Git { repository, commit })
}

fn image(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    fields: &Fields<'_>,
    value: &Value<'_>,
) -> Option<SourceKind> {
    let image = template(diagnostics, scope, value)?;
    if image.value.parameters().next().is_none() {
        named(diagnostics, value, "image", |text| {
            ImageReference::new(text)
        })?;
    }
    let path = fields
        .get("path")
        .and_then(|value| image_path(diagnostics, &value));
    Some(SourceKind::Image { image, path })
}
