//! Sources with their parameters' values and the checksum of the platform that is built.

use std::collections::BTreeMap;

use source::{Code, Diagnostic, Diagnostics, Span, Spanned};
use spec::{Check, ImagePath, ImageReference, ParameterName, Sha256, SourceKind, Template};

use super::{CHECKSUM, Scope, UNVERIFIED, own_content};
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
    let mut registry = |registry, package: &Spanned<Template>, checked: &Check| {
        Some(Fetch::Registry {
            registry,
            package: package.value.expand(&scope.values),
            sha256: checksum(diagnostics, scope, package, checked, source.span)?,
        })
    };
    match &source.kind {
        SourceKind::Pypi { package, check } => registry(Registry::Pypi, package, check),
        SourceKind::Npm { package, check } => registry(Registry::Npm, package, check),
        SourceKind::Crate { package, check } => registry(Registry::Crate, package, check),
        SourceKind::Url { url, check } => {
            let sha256 = checksum(diagnostics, scope, url, check, source.span)?;
            Some(Fetch::Url {
                url: url.value.expand(&scope.values),
                sha256,
            })
        }
        SourceKind::Git { repository, commit } => {
            let id = commit.value.expand(&scope.values);
            let is_whole = id.len() == 40
                && id
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
            if !is_whole {
                let message = format!("`{id}` is no whole commit id");
                let help = "a commit is named by 40 hexadecimal digits: a branch or a tag can move";
                diagnostics.push(Diagnostic::new(Code::BadValue, commit.span, message).help(help));
                return None;
            }
            Some(Fetch::Git {
                repository: repository.value.expand(&scope.values),
                commit: id,
            })
        }
        SourceKind::Image { image, path } => {
            let text = image.value.expand(&scope.values);
            let reference = ImageReference::new(text.as_str()).map_err(|form| {
                let message = format!("`{text}` is no image reference: {form}");
                diagnostics.push(Diagnostic::new(Code::BadValue, image.span, message));
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

/// The checksum that holds for this download.
///
/// The outer `None`: reported. The inner: unverified, by somebody's own words.
fn checksum(
    diagnostics: &mut Diagnostics,
    scope: &Scope<'_>,
    what: &Spanned<Template>,
    check: &Check,
    span: Span,
) -> Option<Option<String>> {
    if let Some(changed) = changed_parameter(scope, &what.value) {
        return of_the_use(diagnostics, scope, what, &changed);
    }
    match check {
        Check::Unverified(_) => Some(None),
        Check::One(sha256) => Some(Some(sha256.value.to_string())),
        Check::ByArchitecture(by) => {
            let Some(sha256) = by.get(scope.architecture) else {
                let name = &scope.extension.name.value;
                let listed: Vec<_> = by.keys().map(|key| format!("`{key}`")).collect();
                let message = format!(
                    "extension `{name}` has no checksum for `{}`: it has {}",
                    scope.architecture,
                    listed.join(", ")
                );
                let help = "build for a platform it has, or add its checksum";
                diagnostics.push(
                    Diagnostic::new(Code::MissingPlatform, span, message)
                        .label(scope.cause, "used here")
                        .help(help),
                );
                return None;
            };
            Some(Some(sha256.value.to_string()))
        }
    }
}

/// A parameter of this template whose value is not the default: the listed checksums are those of
/// the default.
fn changed_parameter<'a>(
    scope: &Scope<'a>,
    template: &Template,
) -> Option<(ParameterName, &'a Spanned<String>)> {
    template.parameters().find_map(|name| {
        let given = scope.with.get(name)?;
        let default = scope.extension.parameters.get(name)?.default.as_ref();
        (default.map(|default| &default.value) != Some(&given.value)).then(|| (name.clone(), given))
    })
}

/// The checksum that the use itself gives with its version.
fn of_the_use(
    diagnostics: &mut Diagnostics,
    scope: &Scope<'_>,
    what: &Spanned<Template>,
    (parameter, given): &(ParameterName, &Spanned<String>),
) -> Option<Option<String>> {
    let word = |word: &str| {
        ParameterName::new(word)
            .ok()
            .and_then(|name| scope.with.get(&name))
    };
    let name = &scope.extension.name.value;
    if let Some(text) = word(CHECKSUM) {
        return match Sha256::new(text.value.as_str()) {
            Ok(sha256) => Some(Some(sha256.to_string())),
            Err(form) => {
                let message = format!("`{}` is no SHA-256 checksum: {form}", text.value);
                diagnostics.push(Diagnostic::new(Code::BadChecksum, text.span, message));
                None
            }
        };
    }
    let package = what.value.expand(&scope.values);
    if let Some(text) = word(UNVERIFIED).filter(|text| text.value == "true") {
        let message = format!("`{package}` is downloaded without a checksum");
        let help = "whoever can change the download can change the image; give `sha256:` instead";
        diagnostics.push(Diagnostic::new(Code::Unverified, text.span, message).help(help));
        return Some(None);
    }
    diagnostics.push(
        Diagnostic::new(
            Code::UnlistedVersion,
            given.span,
            format!("extension `{name}` lists no checksum for `{package}`"),
        )
        .label(what.span, "its checksums are those of the default")
        .help(format!(
            "give it: `- {name}: {{ {parameter}: \"{}\", sha256: … }}`; `unverified: true` in its \
             place builds without any check",
            given.value
        )),
    );
    None
}
