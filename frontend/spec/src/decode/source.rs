//! Decodes what a builder fetches.

use std::collections::BTreeMap;

use source::{Code, Diagnostic, Diagnostics, Reported, Spanned};

use crate::decode::check::read_check;
use crate::decode::fields::{Fields, read_fields};
use crate::decode::phrase::shorten;
use crate::decode::scalar::{read_filled_text, read_name, read_relative_path, report_bad_value};
use crate::decode::template::{Scope, read_package, read_template};
use crate::decode::value::{Value, read_list_of, read_text};
use crate::keys;
use crate::{Check, ImageReference, PackageForm, Source, SourceKind, SourceName, Template};

/// Reads the sources of a builder and reports names that are used twice.
pub(crate) fn read_sources(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    value: Option<Value<'_>>,
) -> Vec<Source> {
    let named = read_list_of(diagnostics, value, |diagnostics, entry| {
        read_named_source(diagnostics, scope, entry)
    });
    let mut taken: BTreeMap<SourceName, source::Span> = BTreeMap::new();
    for (to, _) in &named {
        if let Some(first) = taken.insert(to.value.clone(), to.span) {
            let message = format!("two sources are put at `$SOURCES/{}`", to.value);
            diagnostics.push(
                Diagnostic::new(Code::BadValue, to.span, message)
                    .label(first, "the other one")
                    .help("give each source a name of its own"),
            );
        }
    }
    let sources = named.into_iter().filter_map(|(_, source)| source.ok());
    sources.collect()
}

/// Reads a source and its name. The name is returned even if the rest of the source was reported.
fn read_named_source(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    value: Value<'_>,
) -> Result<(Spanned<SourceName>, Result<Source, Reported>), Reported> {
    let fields = read_fields(diagnostics, value, &keys::SOURCE)?;
    let kind = read_kind(diagnostics, scope, &fields);
    let to: Spanned<SourceName> = fields
        .required("to")
        .and_then(|value| read_name(diagnostics, value))?;
    let source = kind.map(|kind| Source {
        kind,
        to: to.clone(),
        span: value.node.span,
    });
    Ok((to, source))
}

fn read_kind(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    fields: &Fields<'_>,
) -> Result<SourceKind, Reported> {
    let (kind, value) = fields.choice()?;
    let mut checked = |form| checked(diagnostics, scope, fields, form, value);
    match kind {
        "pypi" => {
            checked(PackageForm::Pypi).map(|(package, check)| SourceKind::Pypi { package, check })
        }
        "npm" => {
            checked(PackageForm::Npm).map(|(package, check)| SourceKind::Npm { package, check })
        }
        "crate" => {
            checked(PackageForm::Crate).map(|(package, check)| SourceKind::Crate { package, check })
        }
        "url" => checked(PackageForm::Url).map(|(url, check)| SourceKind::Url { url, check }),
        "git" => read_git(diagnostics, scope, fields, value),
        "image" => read_image(diagnostics, scope, fields, value),
        _ => read_relative_path(diagnostics, value).map(|path| SourceKind::Context { path }),
    }
}

/// Reads what a source with a checksum fetches, and how it is checked.
fn checked(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    fields: &Fields<'_>,
    form: PackageForm,
    value: Value<'_>,
) -> Result<(Spanned<Template>, Check), Reported> {
    let what = format!("`{form}` source");
    let package = read_package(diagnostics, scope, value, form, &what);
    let check = read_check(diagnostics, fields, value);
    Ok((package?, check?))
}

fn read_git(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    fields: &Fields<'_>,
    value: Value<'_>,
) -> Result<SourceKind, Reported> {
    let filled = read_filled_text(diagnostics, value);
    let repository = filled.and_then(|_| read_template(diagnostics, scope, value));
    // If there is no commit, the source breaks a rule of the table, which was reported.
    let commit = fields
        .get("commit")
        .ok_or(Reported)
        .and_then(|value| read_commit(diagnostics, scope, value));
    Ok(SourceKind::Git {
        repository: repository?,
        commit: commit?,
    })
}

/// Reads a whole commit id. If it contains parameters, `plan` checks it when they have their values.
fn read_commit(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    value: Value<'_>,
) -> Result<Spanned<Template>, Reported> {
    let digits = read_text(diagnostics, value)?.value;
    let commit = read_template(diagnostics, scope, value)?;
    let is_hexadecimal = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if commit.value.parameters().next().is_none() && !(digits.len() == 40 && is_hexadecimal) {
        let message = format!("`{}` is not a whole commit id", shorten(&digits));
        let help = "write all 40 lowercase hexadecimal digits; branches and tags can move";
        return Err(report_bad_value(diagnostics, commit.span, message, help));
    }
    Ok(commit)
}

fn read_image(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    fields: &Fields<'_>,
    value: Value<'_>,
) -> Result<SourceKind, Reported> {
    let image = read_template(diagnostics, scope, value).and_then(|image| {
        if image.value.parameters().next().is_none() {
            read_name::<ImageReference>(diagnostics, value)?;
        }
        Ok(image)
    });
    let path = fields.optional("path", |value| read_name(diagnostics, value));
    Ok(SourceKind::Image {
        image: image?,
        path,
    })
}
