//! Repositories with their parameters' values, and their keys.

use source::{Code, Diagnostic, Diagnostics, Spanned};
use spec::{Repository, Template, package_form};

use super::fetch::{refuse, shown};
use super::{Scope, own_content};
use crate::{Content, PlannedRepository};

/// The repositories of an extension; `None` means that something was reported.
pub(super) fn repositories(
    diagnostics: &mut Diagnostics,
    scope: &Scope<'_>,
) -> Option<Vec<PlannedRepository>> {
    let written = &scope.extension.install.repositories;
    let planned: Vec<Option<PlannedRepository>> = written
        .iter()
        .map(|repository| self::repository(diagnostics, scope, repository))
        .collect();
    planned.into_iter().collect()
}

fn repository(
    diagnostics: &mut Diagnostics,
    scope: &Scope<'_>,
    repository: &Repository,
) -> Option<PlannedRepository> {
    let url = expanded(diagnostics, scope, "url", &repository.url);
    let suite = match &repository.suite {
        None => Some(None),
        Some(suite) => expanded(diagnostics, scope, "suite", suite).map(Some),
    };
    let key = own_content(diagnostics, scope, &repository.key);
    if let Some(Content::Folder(_)) = key {
        let message = format!("`{}` is a folder and no key", repository.key.value);
        diagnostics.push(
            Diagnostic::new(Code::BadValue, repository.key.span, message)
                .help("name the file with the public key"),
        );
        return None;
    }
    let suite = suite?;
    let is_flat = suite.as_ref().is_some_and(|suite| suite.ends_with('/'));
    if is_flat != repository.components.is_empty() {
        let (message, help) = if is_flat {
            (
                "a repository whose `suite` ends with `/` has no components",
                "leave `components` out",
            )
        } else {
            (
                "the repository names no components",
                "add `components: [main]`, or write a `suite` that ends with `/` for a flat one",
            )
        };
        diagnostics.push(Diagnostic::new(Code::BadValue, repository.span, message).help(help));
        return None;
    }
    Some(PlannedRepository {
        url: url?,
        suite,
        components: repository
            .components
            .iter()
            .map(|component| component.value.clone())
            .collect(),
        key: key?,
        key_kind: match repository.key.value.rsplit_once('.') {
            Some((_, "gpg")) => "gpg",
            _ => "asc",
        },
        span: repository.span,
    })
}

/// A template with its values; its form is checked again, as a value can bring anything with it.
fn expanded(
    diagnostics: &mut Diagnostics,
    scope: &Scope<'_>,
    kind: &str,
    what: &Spanned<Template>,
) -> Option<String> {
    let text = what.value.expand(&scope.values);
    if let Err(phrase) = package_form(kind, &text) {
        let message = format!("`{}` is no {kind} of a repository", shown(&text));
        refuse(diagnostics, scope, what, message, phrase);
        return None;
    }
    Some(text)
}
