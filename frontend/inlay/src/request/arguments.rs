//! Values given to arguments of the spec.

use std::collections::BTreeMap;

use gateway::Options;
use source::{Code, Diagnostic, Diagnostics, Span, closest};
use spec::{ArgumentName, Image, is_reserved_argument};

/// Arguments that every build takes without a declaration, as far as people may mean them.
const READ_ANYWAY: &[&str] = &[
    "BUILDKIT_CACHE_MOUNT_NS",
    "BUILDKIT_DOCKERFILE_CHECK",
    "BUILDKIT_INLINE_CACHE",
    "BUILDKIT_MULTI_PLATFORM",
    "BUILDKIT_SANDBOX_HOSTNAME",
    "BUILDKIT_SYNTAX",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "INLAY_DEBUG",
    "INLAY_LOCK",
    "NO_PROXY",
    "SOURCE_DATE_EPOCH",
];

/// Reads the values that a build gives, without those that BuildKit reads itself.
pub(crate) fn read_given(options: &Options) -> BTreeMap<String, String> {
    options
        .with_prefix("build-arg:")
        .filter(|(name, _)| !is_reserved_argument(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Reports values for arguments that the spec does not declare: ignoring them would build something
/// else than was asked for.
pub(crate) fn check(
    diagnostics: &mut Diagnostics,
    image: &Image,
    given: &BTreeMap<String, String>,
) {
    let declared: Vec<&str> = image.arguments.keys().map(ArgumentName::as_str).collect();
    for name in given
        .keys()
        .filter(|name| !declared.contains(&name.as_str()))
    {
        let known = declared.iter().chain(READ_ANYWAY).copied();
        let help = match closest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None if declared.is_empty() => {
                format!("declare it in the spec: `arguments: {{ {name}: … }}`")
            }
            None => format!("it has `{}`", declared.join("`, `")),
        };
        let message = format!("--build-arg `{name}`: the spec has no such argument");
        let place = find_declarations(image).unwrap_or(image.base.span);
        diagnostics.push(Diagnostic::new(Code::UnknownArgument, place, message).help(help));
    }
}

/// Where the spec declares its arguments, if it does: from the first to the last.
fn find_declarations(image: &Image) -> Option<Span> {
    let spans = image.arguments.values().map(|argument| argument.span);
    spans.reduce(|all, span| Span {
        source: all.source,
        start: all.start.min(span.start),
        end: all.end.max(span.end),
    })
}
