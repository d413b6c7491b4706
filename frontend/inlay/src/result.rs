//! The answer of a build: file systems and metadata, for one platform or for several.
//!
//! The keys are those of exporter/containerimage/exptypes.

use std::collections::BTreeMap;

use buildkit_llb::Platform;
use compile::{Assembly, ImageSource, ResolvedImage};
use gateway::{Attestation, Reference, References, Reply};
use serde_json::{Value, json};

use crate::request::{BuildRequest, Shape};

/// buildx prints it after the build.
const INLINE_MESSAGE: &str = "frontend.result.inlinemessage";

/// An image that was built.
pub(crate) struct Built {
    pub(crate) platform: Platform,
    pub(crate) reference: Reference,
    pub(crate) config: Value,
    /// The base, unless what was built is a part of an image, which has none.
    pub(crate) base: Option<ResolvedImage>,
    pub(crate) sbom: Option<Attestation>,
}

/// The answer of a build.
pub(crate) fn make_reply(request: &BuildRequest, assembly: Assembly, images: Vec<Built>) -> Reply {
    let platforms = images.iter().map(|image| describe(&image.platform));
    let platforms: Vec<Value> = platforms.collect();
    let mut reply = Reply::default().with_metadata(
        "refs.platforms",
        to_bytes(&json!({ "Platforms": platforms })),
    );
    if assembly == Assembly::Copies {
        reply = reply.with_metadata(
            INLINE_MESSAGE,
            "inlay: this engine cannot merge layers (docker's classic image store), so when an extension \
             changes, the layers after it are copied again; the image is the same",
        );
    }
    let mut references = BTreeMap::new();
    for image in images {
        let id = image.platform.to_string();
        let key = |key: &str| match request.shape {
            Shape::Single => key.to_owned(),
            Shape::Map => format!("{key}/{id}"),
        };
        reply = reply.with_metadata(key("containerimage.config"), to_bytes(&image.config));
        if let Some(base) = &image.base {
            reply = reply.with_metadata(key("containerimage.base.config"), to_bytes(&base.config));
        }
        for (name, value) in image
            .base
            .as_ref()
            .map(make_annotations)
            .unwrap_or_default()
        {
            // On the platform's manifest, because the images of an index may have different bases
            // (exptypes/annotations.go).
            let of = match request.shape {
                Shape::Single => String::new(),
                Shape::Map => format!("[{id}]"),
            };
            reply = reply.with_metadata(format!("annotation-manifest{of}.{name}"), value);
        }
        if let Some(epoch) = request.epoch {
            reply = reply.with_metadata(key("source.date.epoch"), epoch.seconds().to_string());
        }
        if let Some(sbom) = image.sbom {
            reply = reply.with_attestation(id.as_str(), sbom);
        }
        references.insert(id, image.reference);
    }
    reply.references = match request.shape {
        Shape::Single => references
            .into_values()
            .next()
            .map_or(References::None, References::Single),
        Shape::Map => References::Platforms(references),
    };
    reply
}

/// The annotations that name the base (annotations.md of the OCI image-spec), if it is an image of a
/// registry.
fn make_annotations(base: &ResolvedImage) -> BTreeMap<&'static str, String> {
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

fn describe(platform: &Platform) -> Value {
    let mut described = json!({ "os": platform.os, "architecture": platform.architecture });
    if !platform.variant.is_empty() {
        described["variant"] = json!(platform.variant);
    }
    json!({ "ID": platform.to_string(), "Platform": described })
}

fn to_bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use compile::{ImageSource, ResolvedImage};
    use serde_json::Value;

    use super::make_annotations;

    #[test]
    fn a_base_from_a_registry_is_named() {
        let values = |reference: &str| {
            let source = ImageSource::Reference(reference.to_owned());
            let config = Value::Null;
            let annotations = make_annotations(&ResolvedImage { source, config });
            annotations.into_values().collect::<Vec<_>>()
        };
        assert_eq!(
            values("docker.io/library/debian:bookworm@sha256:1"),
            ["sha256:1", "docker.io/library/debian:bookworm"]
        );
        assert_eq!(values("scratch"), [""; 0]);
    }
}
