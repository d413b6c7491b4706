//! Sources with their parameters' values and the checksum of the platform that is built.

use std::collections::BTreeMap;

use source::{Code, Diagnostic, Diagnostics, Spanned};
use spec::{Check, ImagePath, ImageReference, SourceKind, Template, package_form};

use super::checksum::checksum;
use super::{Scope, own_content};
use crate::{Fetch, PlannedSource, Registry};

pub(crate) fn sources(
    diagnostics: &mut Diagnostics,
    scope: &Scope<'_>,
    build: &spec::Build,
) -> Option<BTreeMap<String, PlannedSource>> {
    let mut sources = BTreeMap::new();
    let mut sound = true;
    for source in &build.sources {
        match fetch(diagnostics, scope, source) {
            Some(fetch) => {
                let planned = PlannedSource {
                    fetch,
                    span: source.span,
                };
                sources.insert(source.to.value.to_string(), planned);
            }
            None => sound = false,
        }
    }
    sound.then_some(sources)
}

fn fetch(diagnostics: &mut Diagnostics, scope: &Scope<'_>, source: &spec::Source) -> Option<Fetch> {
    let mut download = || {
        let (kind, what, check) = checked(&source.kind)?;
        let package = package(diagnostics, scope, kind, what)?;
        let sha256 = checksum(diagnostics, scope, what, check, source.span).ok()?;
        Some((package, sha256))
    };
    let registry = |registry, (package, sha256)| Fetch::Registry {
        registry,
        package,
        sha256,
    };
    match &source.kind {
        SourceKind::Pypi { .. } => download().map(|found| registry(Registry::Pypi, found)),
        SourceKind::Npm { .. } => download().map(|found| registry(Registry::Npm, found)),
        SourceKind::Crate { .. } => download().map(|found| registry(Registry::Crate, found)),
        SourceKind::Url { .. } => download().map(|(url, sha256)| Fetch::Url { url, sha256 }),
        SourceKind::Git { repository, commit } => {
            let address = repository.value.expand(&scope.values);
            if address.trim().is_empty() || address.contains(char::is_whitespace) {
                let message = format!("`{}` is no address of a repository", shown(&address));
                let help =
                    "write an address without blanks, such as `https://example.org/tool.git`";
                refuse(diagnostics, scope, repository, message, help);
                return None;
            }
            let id = commit.value.expand(&scope.values);
            let is_whole = id.len() == 40
                && id
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
            if !is_whole {
                let message = format!("`{}` is no whole commit id", shown(&id));
                let help = "a commit is named by 40 hexadecimal digits: a branch or a tag can move";
                refuse(diagnostics, scope, commit, message, help);
                return None;
            }
            Some(Fetch::Git {
                repository: address,
                commit: id,
            })
        }
        SourceKind::Image { image, path } => {
            let text = image.value.expand(&scope.values);
            let reference = ImageReference::new(text.as_str()).map_err(|form| {
                let message = format!("`{}` is no image reference", shown(&text));
                refuse(diagnostics, scope, image, message, &format!("write {form}"));
            });
            let whole = || ImagePath::new("/").expect("`/` is a path");
            let path = path.as_ref().map_or_else(whole, |path| path.value.clone());
            Some(Fetch::Image {
                image: reference.ok()?,
                path,
            })
        }
        SourceKind::Context { path } => own_content(diagnostics, scope, path).map(Fetch::Files),
    }
}

/// Sources that are checked by a checksum: their key in the format, what they name, the checksum.
pub(super) fn checked(kind: &SourceKind) -> Option<(&'static str, &Spanned<Template>, &Check)> {
    match kind {
        SourceKind::Pypi { package, check } => Some(("pypi", package, check)),
        SourceKind::Npm { package, check } => Some(("npm", package, check)),
        SourceKind::Crate { package, check } => Some(("crate", package, check)),
        SourceKind::Url { url, check } => Some(("url", url, check)),
        SourceKind::Git { .. } | SourceKind::Image { .. } | SourceKind::Context { .. } => None,
    }
}

/// What a source names, with values in place of parameters; its form is checked again, as a value
/// can be a range, or bring options of a client with it.
fn package(
    diagnostics: &mut Diagnostics,
    scope: &Scope<'_>,
    kind: &str,
    what: &Spanned<Template>,
) -> Option<String> {
    let text = what.value.expand(&scope.values);
    match package_form(kind, &text) {
        Ok(()) => Some(text),
        Err(phrase) => {
            let message = format!("`{}` is no `{kind}` source", shown(&text));
            refuse(diagnostics, scope, what, message, phrase);
            None
        }
    }
}

/// Refuses what a template has become: at the user's value where one went into it.
pub(super) fn refuse(
    diagnostics: &mut Diagnostics,
    scope: &Scope<'_>,
    what: &Spanned<Template>,
    message: String,
    help: &str,
) {
    let given = what.value.parameters().find_map(|name| {
        let value = scope.with.get(name)?;
        Some((name, value.span))
    });
    let diagnostic = match given {
        None => Diagnostic::new(Code::BadValue, what.span, message),
        Some((name, span)) => Diagnostic::new(Code::BadValue, span, message)
            .label(what.span, format!("the value of `{name}` goes in here")),
    };
    diagnostics.push(diagnostic.help(help));
}

/// A text for people: one line, cut.
pub(super) fn shown(text: &str) -> String {
    let mut shown: String = text.escape_debug().take(60).collect();
    if text.chars().count() > 60 {
        shown.push('…');
    }
    shown
}
