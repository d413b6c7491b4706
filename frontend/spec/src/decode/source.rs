//! Decodes what a builder fetches.

use std::collections::BTreeMap;

use source::{Code, Diagnostic, Diagnostics, Reported, Spanned};

use crate::decode::check::check;
use crate::decode::fields::{Fields, fields};
use crate::decode::phrase::shortened;
use crate::decode::scalar::{bad_value, filled_text, name, path_in_folder};
use crate::decode::template::{Scope, package, template};
use crate::decode::value::{Value, list_of, text};
use crate::keys;
use crate::{Check, ImageReference, PackageForm, Source, SourceKind, SourceName, Template};

/// The sources of one builder; no two have one name.
pub(crate) fn sources(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    value: Option<Value<'_>>,
) -> Vec<Source> {
    let named = list_of(diagnostics, value, |diagnostics, entry| {
        named_source(diagnostics, scope, entry)
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

/// A source and its name, which is known even where something was reported about the rest.
fn named_source(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    value: Value<'_>,
) -> Result<(Spanned<SourceName>, Result<Source, Reported>), Reported> {
    let fields = fields(diagnostics, value, &keys::SOURCE)?;
    let kind = kind(diagnostics, scope, &fields);
    let to: Spanned<SourceName> = fields
        .required("to")
        .and_then(|value| name(diagnostics, value))?;
    let source = kind.map(|kind| Source {
        kind,
        to: to.clone(),
        span: value.node.span,
    });
    Ok((to, source))
}

fn kind(
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
        "git" => git(diagnostics, scope, fields, value),
        "image" => image(diagnostics, scope, fields, value),
        _ => path_in_folder(diagnostics, value).map(|path| SourceKind::Context { path }),
    }
}

/// What a source with a checksum names, and how it is checked.
fn checked(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    fields: &Fields<'_>,
    form: PackageForm,
    value: Value<'_>,
) -> Result<(Spanned<Template>, Check), Reported> {
    let what = format!("`{form}` source");
    let package = package(diagnostics, scope, value, form, &what);
    let check = check(diagnostics, fields, value);
    Ok((package?, check?))
}

fn git(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    fields: &Fields<'_>,
    value: Value<'_>,
) -> Result<SourceKind, Reported> {
    let filled = filled_text(diagnostics, value);
    let repository = filled.and_then(|_| template(diagnostics, scope, value));
    // Without a commit, the rule of the table was broken and reported.
    let commit = fields
        .get("commit")
        .ok_or(Reported)
        .and_then(|value| commit(diagnostics, scope, value));
    Ok(SourceKind::Git {
        repository: repository?,
        commit: commit?,
    })
}

/// A whole commit id, or a template in which nothing is checked before parameters have their values.
fn commit(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    value: Value<'_>,
) -> Result<Spanned<Template>, Reported> {
    let digits = text(diagnostics, value)?.value;
    let commit = template(diagnostics, scope, value)?;
    let is_hexadecimal = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if commit.value.parameters().next().is_none() && !(digits.len() == 40 && is_hexadecimal) {
        let message = format!("`{}` is not a whole commit id", shortened(&digits));
        let help = "write all 40 lowercase hexadecimal digits; branches and tags can move";
        return Err(bad_value(diagnostics, commit.span, message, help));
    }
    Ok(commit)
}

fn image(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    fields: &Fields<'_>,
    value: Value<'_>,
) -> Result<SourceKind, Reported> {
    let image = template(diagnostics, scope, value).and_then(|image| {
        if image.value.parameters().next().is_none() {
            name::<ImageReference>(diagnostics, value)?;
        }
        Ok(image)
    });
    let path = fields.optional("path", |value| name(diagnostics, value));
    Ok(SourceKind::Image {
        image: image?,
        path,
    })
}
