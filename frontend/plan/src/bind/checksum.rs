//! Decides which checksum applies to a download: one that its extension lists, or, for another version, one that the use
//! gives or that is known from elsewhere.

use source::{Code, Diagnostic, Diagnostics, Reported, Span, Spanned};
use spec::{Check, PackageForm, ParameterName, Sha256, SourceKind, Template};

use crate::ChecksumOrigin;
use crate::bind::scope::{Scope, shorten};

/// The keys of a use that are about checksums, unless the extension declares a parameter with the same name.
const CHECKSUM: &str = "sha256";
const UNVERIFIED: &str = "unverified";

/// The checksum that applies to a download.
pub(crate) struct Checksum {
    /// 64 lowercase hexadecimal digits; `None` = it is not checked.
    pub(crate) sha256: Option<String>,
    pub(crate) origin: ChecksumOrigin,
}

/// Whether a key of a use is about checksums, so that every extension accepts it.
pub(crate) fn is_checksum_key(name: &ParameterName) -> bool {
    [CHECKSUM, UNVERIFIED].contains(&name.as_str())
}

/// The download of a source that can have a checksum: its form, what it names, and its check.
pub(crate) fn as_download(kind: &SourceKind) -> Option<(PackageForm, &Spanned<Template>, &Check)> {
    match kind {
        SourceKind::Pypi { package, check } => Some((PackageForm::Pypi, package, check)),
        SourceKind::Npm { package, check } => Some((PackageForm::Npm, package, check)),
        SourceKind::Crate { package, check } => Some((PackageForm::Crate, package, check)),
        SourceKind::Url { url, check } => Some((PackageForm::Url, url, check)),
        SourceKind::Git { .. } | SourceKind::Image { .. } | SourceKind::Context { .. } => None,
    }
}

/// The value that the use gives to a key about checksums, if the extension has no parameter with that name.
fn get_key<'a>(scope: &Scope<'a>, key: &str) -> Option<&'a Spanned<String>> {
    let name = ParameterName::new(key).ok()?;
    let is_declared = scope.extension.parameters.contains_key(&name);
    scope.with.get(&name).filter(|_| !is_declared)
}

/// Refuses keys about checksums that apply to no download, or a checksum that would apply to several.
pub(crate) fn check_keys(diagnostics: &mut Diagnostics, scope: &Scope<'_>) -> Result<(), Reported> {
    let (sha256, unverified) = (get_key(scope, CHECKSUM), get_key(scope, UNVERIFIED));
    let (key, given) = match (sha256, unverified) {
        (None, None) => return Ok(()),
        (Some(sha256), None) => (CHECKSUM, sha256),
        (None, Some(unverified)) => (UNVERIFIED, unverified),
        (Some(sha256), Some(unverified)) => {
            let message = "`sha256` and `unverified` cannot be given together";
            diagnostics.push(
                Diagnostic::new(Code::BadValue, unverified.span, message)
                    .label(sha256.span, "the checksum")
                    .help("leave `unverified` out"),
            );
            return Err(Reported);
        }
    };
    let name = &scope.extension.name.value;
    if key == UNVERIFIED && given.value != "true" {
        let message = "`unverified` can only be `true`";
        let help = "leave it out and give `sha256: …` instead";
        diagnostics.push(Diagnostic::new(Code::BadValue, given.span, message).help(help));
        return Err(Reported);
    }
    let sources = scope
        .extension
        .build
        .iter()
        .flat_map(|build| &build.sources);
    let downloads: Vec<&Spanned<Template>> = sources
        .filter_map(|source| as_download(&source.kind))
        .map(|(_, what, _)| what)
        .collect();
    let changed: Vec<&Spanned<Template>> = downloads
        .iter()
        .copied()
        .filter(|what| find_changed_parameter(scope, &what.value).is_some())
        .collect();
    let version = downloads
        .iter()
        .find_map(|what| what.value.parameters().next());
    match (changed.as_slice(), version) {
        ([], None) => {
            let message = format!("extension `{name}` has no parameter `{key}`");
            let help = "it can only be given together with another version of a download";
            diagnostics
                .push(Diagnostic::new(Code::UnknownParameter, given.span, message).help(help));
        }
        ([], Some(parameter)) => {
            let message =
                format!("`{key}` has no effect here: extension `{name}` has its own checksums");
            let help = format!("leave it out, or also give another `{parameter}`");
            diagnostics
                .push(Diagnostic::new(Code::UnknownParameter, given.span, message).help(help));
        }
        ([first, second, ..], _) if key == CHECKSUM => {
            let message = format!("one checksum is given for several downloads of `{name}`");
            diagnostics.push(
                Diagnostic::new(Code::BadChecksum, given.span, message)
                    .label(first.span, "one of them")
                    .label(second.span, "another")
                    .help(
                        "copy the extension into a folder of the build context and list the \
                         checksums there; `unverified: true` builds without any check",
                    ),
            );
        }
        _ => return Ok(()),
    }
    Err(Reported)
}

/// Chooses the checksum that applies to a download.
pub(crate) fn choose_checksum(
    diagnostics: &mut Diagnostics,
    scope: &Scope<'_>,
    what: &Spanned<Template>,
    (named, check): ((PackageForm, &str), &Check),
    span: Span,
) -> Result<Checksum, Reported> {
    let listed = |sha256: &Sha256| Checksum {
        sha256: Some(sha256.to_string()),
        origin: ChecksumOrigin::Definition,
    };
    // A download that the extension never checks needs no checksum in any version.
    let is_checked = !matches!(check, Check::Unverified(_)) || get_key(scope, CHECKSUM).is_some();
    if let Some(changed) = find_changed_parameter(scope, &what.value).filter(|_| is_checked) {
        return find_other_checksum(diagnostics, scope, (what, named), &changed);
    }
    match check {
        Check::Unverified(_) => Ok(Checksum {
            sha256: None,
            origin: ChecksumOrigin::Definition,
        }),
        Check::One(sha256) => Ok(listed(&sha256.value)),
        Check::ByArchitecture(by) => {
            let Some(sha256) = by.get(scope.architecture) else {
                let name = &scope.extension.name.value;
                let listed: Vec<_> = by.keys().map(|key| format!("`{key}`")).collect();
                let message = format!(
                    "extension `{name}` has no checksum for `{}`, only for {}",
                    scope.architecture,
                    listed.join(", ")
                );
                let help = "build for another platform, or add a checksum for this one";
                diagnostics.push(
                    Diagnostic::new(Code::MissingPlatform, span, message)
                        .label(scope.cause, "used here")
                        .help(help),
                );
                return Err(Reported);
            };
            Ok(listed(&sha256.value))
        }
    }
}

/// Finds a parameter of this template that the use sets to another value than the default. The listed checksums
/// belong to the default.
fn find_changed_parameter<'a>(
    scope: &Scope<'a>,
    template: &Template,
) -> Option<(ParameterName, &'a Spanned<String>)> {
    template.parameters().find_map(|name| {
        let given = scope.with.get(name)?;
        let default = scope.extension.parameters.get(name)?.default.as_ref();
        (default.map(|default| &default.value) != Some(&given.value)).then(|| (name.clone(), given))
    })
}

/// Finds the checksum of another version: one that the use gives together with it, or one that is known from elsewhere.
fn find_other_checksum(
    diagnostics: &mut Diagnostics,
    scope: &Scope<'_>,
    (what, (form, package)): (&Spanned<Template>, (PackageForm, &str)),
    (parameter, given): &(ParameterName, &Spanned<String>),
) -> Result<Checksum, Reported> {
    let name = &scope.extension.name.value;
    if let Some(text) = get_key(scope, CHECKSUM) {
        return match Sha256::new(text.value.as_str()) {
            Ok(sha256) => Ok(Checksum {
                sha256: Some(sha256.to_string()),
                origin: ChecksumOrigin::Spec(text.span),
            }),
            Err(form) => {
                let message = format!(
                    "`{}` is not a SHA-256 checksum: {form}",
                    shorten(&text.value)
                );
                let help = "copy it from the place that publishes the file, or from `sha256sum`";
                let diagnostic = Diagnostic::new(Code::BadChecksum, text.span, message);
                diagnostics.push(diagnostic.help(help));
                Err(Reported)
            }
        };
    }
    if let Some(text) = get_key(scope, UNVERIFIED) {
        if text.value != "true" {
            // `check_keys` reports it.
            return Err(Reported);
        }
        let message = format!("`{package}` is downloaded without a checksum");
        let help = "whoever can change the download can change the image; give `sha256:` instead";
        diagnostics.push(Diagnostic::new(Code::Unverified, text.span, message).help(help));
        return Ok(Checksum {
            sha256: None,
            origin: ChecksumOrigin::Definition,
        });
    }
    if let Some(sha256) = scope.checksums.find(name, form, package) {
        return Ok(Checksum {
            sha256: Some(sha256.to_owned()),
            origin: ChecksumOrigin::Known(given.span),
        });
    }
    if scope.checksums.are_looked_up {
        return Ok(Checksum {
            sha256: None,
            origin: ChecksumOrigin::Missing(given.span),
        });
    }
    diagnostics.push(
        Diagnostic::new(
            Code::UnlistedVersion,
            given.span,
            format!("extension `{name}` lists no checksum for `{package}`"),
        )
        .label(what.span, "its checksums belong to the default version")
        .help(format!(
            "write a lock, which looks it up (`--call=lock`), or add it: `- {name}: {{ {parameter}: \"{}\", \
             sha256: … }}`",
            given.value
        )),
    );
    Err(Reported)
}
