//! Values given to arguments of the spec.

use std::collections::BTreeMap;

use gateway::Options;
use source::{Span, closest};
use spec::{Image, is_reserved_argument};

/// Arguments that are read without a spec declaring them, as far as people may mean them.
const READ_ANYWAY: &[&str] = &[
    "BUILDKIT_CACHE_MOUNT_NS",
    "BUILDKIT_DOCKERFILE_CHECK",
    "BUILDKIT_INLINE_CACHE",
    "BUILDKIT_MULTI_PLATFORM",
    "BUILDKIT_SANDBOX_HOSTNAME",
    "BUILDKIT_SYNTAX",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "SOURCE_DATE_EPOCH",
];

/// An argument that was given and that the spec does not declare.
pub(crate) struct Undeclared {
    /// What to tell the user.
    pub(crate) message: String,
    /// The arguments that it does declare.
    pub(crate) spans: Vec<Span>,
}

/// The values given in a build, but for those that BuildKit reads itself.
pub(crate) fn given(options: &Options) -> BTreeMap<String, String> {
    options
        .with_prefix("build-arg:")
        .filter(|(name, _)| !is_reserved_argument(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The first value for an argument that the spec does not declare: to build as if it were not given
/// would build something else than was asked for.
pub(crate) fn undeclared(image: &Image, given: &BTreeMap<String, String>) -> Option<Undeclared> {
    let declared = || image.arguments.keys().map(spec::ArgumentName::as_str);
    let name = given
        .keys()
        .find(|name| declared().all(|declared| declared != name.as_str()))?;
    let help = match closest(name, declared().chain(READ_ANYWAY.iter().copied())) {
        Some(near) => format!("did you mean `{near}`?"),
        None if image.arguments.is_empty() => {
            format!("declare it in the spec: `arguments: {{ {name}: … }}`")
        }
        None => {
            let declared: Vec<_> = declared().map(|name| format!("`{name}`")).collect();
            format!("it has {}", declared.join(", "))
        }
    };
    Some(Undeclared {
        message: format!("--build-arg `{name}`: the spec has no such argument; {help}"),
        spans: image
            .arguments
            .values()
            .map(|argument| argument.span)
            .collect(),
    })
}
