//! Which checksum holds for a download: one that its extension lists, or one that the use gives with
//! another version.

use source::{Code, Diagnostic, Diagnostics, Span, Spanned};
use spec::{Check, ParameterName, Sha256, Template};

use super::fetch::{checked, shown};
use super::{CHECKSUM, Scope, UNVERIFIED};

/// Something is wrong, and was reported.
pub(super) struct Reported;

/// A word about checksums that the use gives, where the extension has no parameter of that name.
fn word<'a>(scope: &Scope<'a>, word: &str) -> Option<&'a Spanned<String>> {
    let name = ParameterName::new(word).ok()?;
    let is_declared = scope.extension.parameters.contains_key(&name);
    scope.with.get(&name).filter(|_| !is_declared)
}

/// Refuses words about checksums that check nothing, or not one thing.
pub(super) fn words(diagnostics: &mut Diagnostics, scope: &Scope<'_>) -> Option<()> {
    let (sha256, unverified) = (word(scope, CHECKSUM), word(scope, UNVERIFIED));
    let (key, given) = match (sha256, unverified) {
        (None, None) => return Some(()),
        (Some(sha256), None) => (CHECKSUM, sha256),
        (None, Some(unverified)) => (UNVERIFIED, unverified),
        (Some(sha256), Some(unverified)) => {
            let message = "`sha256` and `unverified` exclude each other";
            diagnostics.push(
                Diagnostic::new(Code::BadValue, unverified.span, message)
                    .label(sha256.span, "the checksum")
                    .help("leave `unverified` out"),
            );
            return None;
        }
    };
    let name = &scope.extension.name.value;
    if key == UNVERIFIED && given.value != "true" {
        let message = "`unverified` can only be `true`";
        let help = "leave it out, and give `sha256: …`";
        diagnostics.push(Diagnostic::new(Code::BadValue, given.span, message).help(help));
        return None;
    }
    let sources = scope
        .extension
        .build
        .iter()
        .flat_map(|build| &build.sources);
    let checked: Vec<&Spanned<Template>> = sources
        .filter_map(|source| checked(&source.kind))
        .map(|(_, what, _)| what)
        .collect();
    let changed: Vec<&Spanned<Template>> = checked
        .iter()
        .copied()
        .filter(|what| changed_parameter(scope, &what.value).is_some())
        .collect();
    let depends = checked
        .iter()
        .find_map(|what| what.value.parameters().next());
    match (changed.as_slice(), depends) {
        ([], None) => {
            let message = format!("extension `{name}` has no parameter `{key}`");
            let help = "it means something only beside another version of a download";
            diagnostics
                .push(Diagnostic::new(Code::UnknownParameter, given.span, message).help(help));
        }
        ([], Some(parameter)) => {
            let message =
                format!("`{key}` means nothing here: extension `{name}` has its own checksums");
            let help = format!("leave it out, or give it together with another `{parameter}`");
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
        _ => return Some(()),
    }
    None
}

/// The checksum that holds for this download.
///
/// `None`: unverified, by somebody's own words.
pub(super) fn checksum(
    diagnostics: &mut Diagnostics,
    scope: &Scope<'_>,
    what: &Spanned<Template>,
    check: &Check,
    span: Span,
) -> Result<Option<String>, Reported> {
    // An extension that never checks this download does so in no version.
    let is_checked = !matches!(check, Check::Unverified(_)) || word(scope, CHECKSUM).is_some();
    if let Some(changed) = changed_parameter(scope, &what.value).filter(|_| is_checked) {
        return of_the_use(diagnostics, scope, what, &changed);
    }
    match check {
        Check::Unverified(_) => Ok(None),
        Check::One(sha256) => Ok(Some(sha256.value.to_string())),
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
                return Err(Reported);
            };
            Ok(Some(sha256.value.to_string()))
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
) -> Result<Option<String>, Reported> {
    let name = &scope.extension.name.value;
    if let Some(text) = word(scope, CHECKSUM) {
        return match Sha256::new(text.value.as_str()) {
            Ok(sha256) => Ok(Some(sha256.to_string())),
            Err(form) => {
                let message = format!("`{}` is no SHA-256 checksum: {form}", shown(&text.value));
                let help = "copy it from the place that publishes the file, or from `sha256sum`";
                let diagnostic = Diagnostic::new(Code::BadChecksum, text.span, message);
                diagnostics.push(diagnostic.help(help));
                Err(Reported)
            }
        };
    }
    let package = what.value.expand(&scope.values);
    if let Some(text) = word(scope, UNVERIFIED).filter(|text| text.value == "true") {
        let message = format!("`{package}` is downloaded without a checksum");
        let help = "whoever can change the download can change the image; give `sha256:` instead";
        diagnostics.push(Diagnostic::new(Code::Unverified, text.span, message).help(help));
        return Ok(None);
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
    Err(Reported)
}
