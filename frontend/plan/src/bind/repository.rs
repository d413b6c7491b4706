//! Binds repositories of packages: their addresses with the values of parameters, and their keys.

use source::{Code, Diagnostic, Diagnostics, Reported, Spanned};
use spec::{PackageForm, Repository, Template};

use crate::bind::files::find_content;
use crate::bind::scope::{Scope, check_address, shorten};
use crate::{Content, PlannedRepository};

/// Binds the repositories of an extension.
pub(crate) fn bind_repositories(
    diagnostics: &mut Diagnostics,
    scope: &Scope<'_>,
) -> Result<Vec<PlannedRepository>, Reported> {
    let written = scope.extension.install.repositories.iter();
    let planned: Vec<Result<PlannedRepository, Reported>> = written
        .map(|repository| bind_repository(diagnostics, scope, repository))
        .collect();
    planned.into_iter().collect()
}

fn bind_repository(
    diagnostics: &mut Diagnostics,
    scope: &Scope<'_>,
    repository: &Repository,
) -> Result<PlannedRepository, Reported> {
    let url = expand(diagnostics, scope, PackageForm::Url, &repository.url);
    if let Ok(url) = &url {
        let help = "it becomes part of the image: use a repository or a mirror that needs none";
        check_address(diagnostics, &repository.url, url, help);
    }
    let suite = repository.suite.as_ref();
    let suite = suite
        .map(|suite| expand(diagnostics, scope, PackageForm::Suite, suite))
        .transpose();
    let key = find_content(diagnostics, scope, &repository.key);
    if let Ok(Content::Folder(_)) = key {
        let message = format!("the key `{}` is a folder", repository.key.value);
        diagnostics.push(
            Diagnostic::new(Code::BadValue, repository.key.span, message)
                .help("name the file with the public key"),
        );
        return Err(Reported);
    }
    let suite = suite?;
    let is_flat = suite.as_ref().is_some_and(|suite| suite.ends_with('/'));
    if is_flat != repository.components.is_empty() {
        let (message, help) = if is_flat {
            (
                "a repository whose `suite` ends with `/` cannot have components",
                "leave `components` out",
            )
        } else {
            (
                "the repository lists no components",
                "add `components: [main]`, or write a `suite` that ends with `/` for a flat repository",
            )
        };
        diagnostics.push(Diagnostic::new(Code::BadValue, repository.span, message).help(help));
        return Err(Reported);
    }
    let components = repository.components.iter();
    Ok(PlannedRepository {
        url: url?,
        suite,
        components: components
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

/// Expands a template. Its form is checked again, since a value can contain anything.
fn expand(
    diagnostics: &mut Diagnostics,
    scope: &Scope<'_>,
    form: PackageForm,
    what: &Spanned<Template>,
) -> Result<String, Reported> {
    let text = what.value.expand(&scope.values);
    if let Err(phrase) = form.check(&text) {
        let message = format!("`{}` is not a valid {form} of a repository", shorten(&text));
        scope.report(diagnostics, what, message, phrase);
        return Err(Reported);
    }
    Ok(text)
}
