//! What is asked of the base, and what an image says of it.

use std::collections::BTreeMap;

use compile::{ImageSource, ResolvedImage};
use plan::Plan;
use source::{Code, Diagnostic, Diagnostics};
use spec::ImageReference;

/// Reports a base with commands for those that build on it (`ONBUILD` of Dockerfiles): they would be passed
/// over in silence, and what the base is for would be missing.
pub(crate) fn check(
    diagnostics: &mut Diagnostics,
    plan: &Plan,
    images: &BTreeMap<ImageReference, ResolvedImage>,
) {
    let base = images.get(&plan.base.value);
    let triggers = base.and_then(|base| base.config["config"]["OnBuild"].as_array());
    let Some(first) = triggers.and_then(|triggers| triggers.first()?.as_str()) else {
        return;
    };
    let name = &plan.base.value;
    let message = format!(
        "the base `{name}` has commands for Dockerfiles that build on it (ONBUILD), which only they run: `{first}`"
    );
    let help = format!(
        "build an image of it with a Dockerfile that says `FROM {name}`, and take that as the base"
    );
    let problem = Diagnostic::new(Code::TriggersOfBase, plan.base.span, message).help(help);
    diagnostics.push(problem);
}

/// The annotations that name the base (OCI image-spec, annotations.md), where it is of a registry.
pub(crate) fn annotations(base: &ResolvedImage) -> BTreeMap<&'static str, String> {
    let ImageSource::Reference(reference) = &base.source else {
        return BTreeMap::new();
    };
    let Some((name, digest)) = reference.split_once('@') else {
        return BTreeMap::new();
    };
    BTreeMap::from([
        ("org.opencontainers.image.base.name", name.to_owned()),
        ("org.opencontainers.image.base.digest", digest.to_owned()),
    ])
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_base_of_a_registry_is_named() {
        let of = |source| {
            let config = Value::Null;
            let said = annotations(&ResolvedImage { source, config });
            said.into_values().collect::<Vec<_>>()
        };
        let reference = |text: &str| ImageSource::Reference(text.to_owned());
        let with_digest = of(reference("docker.io/library/debian:bookworm@sha256:1"));
        assert_eq!(
            with_digest,
            ["sha256:1", "docker.io/library/debian:bookworm"]
        );
        assert_eq!(of(reference("scratch")), [""; 0]);
    }
}
