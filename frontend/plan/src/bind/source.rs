//! Binds sources to the values of parameters, and to the checksum for the platform that is built.

use std::collections::BTreeMap;

use source::{Diagnostics, Reported, Spanned};
use spec::{ImagePath, ImageReference, PackageForm, SourceKind, Template};

use crate::bind::checksum::{as_download, choose_checksum};
use crate::bind::files::find_content;
use crate::bind::scope::{Scope, check_address, shorten};
use crate::plan::default_builder_base;
use crate::{ChecksumOrigin, Fetch, PlannedSource, Registry};

/// Binds the sources of a builder.
pub(crate) fn bind_sources(
    diagnostics: &mut Diagnostics,
    scope: &Scope<'_>,
    build: &spec::Build,
) -> Result<BTreeMap<String, PlannedSource>, Reported> {
    let mut sources = BTreeMap::new();
    let mut result = Ok(());
    for source in &build.sources {
        match bind_source(diagnostics, scope, source) {
            Ok((fetch, checksum)) => {
                let planned = PlannedSource {
                    fetch,
                    span: source.span,
                    checksum,
                };
                sources.insert(source.to.value.to_string(), planned);
            }
            Err(Reported) => result = Err(Reported),
        }
    }
    result.map(|()| sources)
}

/// Binds one source.
fn bind_source(
    diagnostics: &mut Diagnostics,
    scope: &Scope<'_>,
    source: &spec::Source,
) -> Result<(Fetch, ChecksumOrigin), Reported> {
    if let Some((form, what, check)) = as_download(&source.kind) {
        // If the package is not valid, there is no point in asking for its checksum.
        let package = expand_package(diagnostics, scope, form, what)?;
        let named = (form, package.as_str());
        let checksum = choose_checksum(diagnostics, scope, what, (named, check), source.span)?;
        let download = make_download(form, package, checksum.sha256);
        return Ok((download, checksum.origin));
    }
    let fetch = match &source.kind {
        SourceKind::Git { repository, commit } => bind_git(diagnostics, scope, repository, commit)?,
        SourceKind::Image { image, path } => {
            let text = image.value.expand(&scope.values);
            let reference = ImageReference::new(text.as_str()).map_err(|form| {
                let message = format!("`{}` is not a valid image reference", shorten(&text));
                scope.report(diagnostics, image, message, &form);
                Reported
            });
            let whole = || ImagePath::new("/").expect("`/` is a valid path");
            let path = path.as_ref().map_or_else(whole, |path| path.value.clone());
            Fetch::Image {
                image: reference?,
                path,
            }
        }
        SourceKind::Context { path } => Fetch::Files(find_content(diagnostics, scope, path)?),
        SourceKind::Pypi { .. }
        | SourceKind::Npm { .. }
        | SourceKind::Crate { .. }
        | SourceKind::Url { .. } => unreachable!("`as_download` has matched these kinds"),
    };
    Ok((fetch, ChecksumOrigin::Definition))
}

fn make_download(form: PackageForm, package: String, sha256: Option<String>) -> Fetch {
    let registry = match form {
        PackageForm::Pypi => Registry::Pypi,
        PackageForm::Npm => Registry::Npm,
        PackageForm::Crate => Registry::Crate,
        PackageForm::Url | PackageForm::Suite | PackageForm::Component => {
            return Fetch::Url {
                url: package,
                sha256,
            };
        }
    };
    Fetch::Registry {
        registry,
        image: default_builder_base(),
        package,
        sha256,
    }
}

fn bind_git(
    diagnostics: &mut Diagnostics,
    scope: &Scope<'_>,
    repository: &Spanned<Template>,
    commit: &Spanned<Template>,
) -> Result<Fetch, Reported> {
    let address = repository.value.expand(&scope.values);
    let id = commit.value.expand(&scope.values);
    let mut result = Ok(());
    if address.trim().is_empty() || address.contains(char::is_whitespace) {
        let message = format!(
            "`{}` is not a valid address of a repository",
            shorten(&address)
        );
        let help = "write an address without blanks, such as `https://example.org/tool.git`";
        scope.report(diagnostics, repository, message, help);
        result = Err(Reported);
    }
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if id.len() != 40 || !id.bytes().all(is_digit) {
        let message = format!("`{}` is not a whole commit id", shorten(&id));
        let help = "write all 40 hexadecimal digits of a commit: a branch or a tag can move";
        scope.report(diagnostics, commit, message, help);
        result = Err(Reported);
    }
    let help =
        "give the token of the host when you build: `--secret id=GIT_AUTH_TOKEN.<host>,src=…`";
    check_address(diagnostics, repository, &address, help);
    result.map(|()| Fetch::Git {
        repository: address,
        commit: id,
    })
}

/// Expands what a source names. Its form is checked again, since a value could be a range of versions, or
/// smuggle in options for the client.
fn expand_package(
    diagnostics: &mut Diagnostics,
    scope: &Scope<'_>,
    form: PackageForm,
    what: &Spanned<Template>,
) -> Result<String, Reported> {
    let text = what.value.expand(&scope.values);
    let help = "download it in a step instead, with a secret: `secrets: [{ id: … }]`";
    check_address(diagnostics, what, &text, help);
    match form.check(&text) {
        Ok(()) => Ok(text),
        Err(phrase) => {
            let message = format!("`{}` is not a valid `{form}` source", shorten(&text));
            scope.report(diagnostics, what, message, phrase);
            Err(Reported)
        }
    }
}
