//! What a build gives back: file systems and metadata, for one platform or for each of several.
//!
//! The keys are those of exporter/containerimage/exptypes.

use std::collections::BTreeMap;

use buildkit_llb::Platform;
use compile::Assembly;
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
    pub(crate) base_config: Option<Value>,
    /// By key, without a prefix.
    pub(crate) annotations: BTreeMap<&'static str, String>,
    pub(crate) sbom: Option<Attestation>,
}

/// The answer of a build.
pub(crate) fn reply(request: &BuildRequest, assembly: Assembly, images: Vec<Built>) -> Reply {
    let described: Vec<Value> = images
        .iter()
        .map(|image| described(&image.platform))
        .collect();
    let mut reply =
        Reply::default().with_metadata("refs.platforms", bytes(&json!({ "Platforms": described })));
    if assembly == Assembly::Copies {
        reply = reply.with_metadata(
            INLINE_MESSAGE,
            "inlay: this engine cannot merge layers (docker's classic image store cannot), so a changed \
             extension copies those after it again; the image is the same",
        );
    }
    let mut references = BTreeMap::new();
    for image in images {
        let id = image.platform.to_string();
        let key = |key: &str| match request.shape {
            Shape::Single => key.to_owned(),
            Shape::Map => format!("{key}/{id}"),
        };
        reply = reply.with_metadata(key("containerimage.config"), bytes(&image.config));
        if let Some(config) = &image.base_config {
            reply = reply.with_metadata(key("containerimage.base.config"), bytes(config));
        }
        for (name, value) in &image.annotations {
            // Of the platform's manifest, as an index has several bases (exptypes/annotations.go).
            let of = match request.shape {
                Shape::Single => String::new(),
                Shape::Map => format!("[{id}]"),
            };
            reply = reply.with_metadata(format!("annotation-manifest{of}.{name}"), value.clone());
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

fn described(platform: &Platform) -> Value {
    let mut described = json!({ "os": platform.os, "architecture": platform.architecture });
    if !platform.variant.is_empty() {
        described["variant"] = json!(platform.variant);
    }
    json!({ "ID": platform.to_string(), "Platform": described })
}

fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}
