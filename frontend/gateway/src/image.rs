//! A request for an image, and what the engine answers.
//!
//! The reference is normalized here, because the engine requires a host name in it
//! (source/containerimage/identifier.go). The engine reports the digest separately; it is added to
//! the reference here.

use std::collections::BTreeMap;

use buildkit_proto::pb;

use crate::named_context::normalized_reference;

/// The scheme of images in a registry.
pub(crate) const DOCKER_IMAGE: &str = "docker-image://";

/// A request for the digest and the configuration of an image.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ImageRequest {
    /// `ubuntu:24.04`, or an identifier with its scheme, such as `oci-layout://store@sha256:…`.
    pub reference: String,
    /// The platform to choose from an index; the engine's own if absent.
    pub platform: Option<pb::Platform>,
    /// `default`, `pull` or `local`; empty means `default`. It is the value of the option
    /// `image-resolve-mode`.
    pub resolve_mode: String,
    /// The progress line, by convention
    /// `[internal] load metadata for docker.io/library/ubuntu:24.04`.
    pub log_name: String,
    /// More attributes of the source, such as `oci.session` and `oci.store`. They are not sent to
    /// engines older than 0.13.
    pub attributes: BTreeMap<String, String>,
}

/// An image as the engine found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedImage {
    /// The reference after source policies, with a host name, and with the digest if it is known:
    /// `docker.io/library/ubuntu:24.04@sha256:…`. A scheme other than `docker-image` stays.
    pub reference: String,
    /// The digest of the manifest or index: `sha256:…`.
    pub digest: String,
    /// The image configuration as JSON.
    pub config: Vec<u8>,
}

impl ImageRequest {
    /// The identifier of the source: the scheme, and a reference with a host name and a tag.
    pub(crate) fn identifier(&self) -> String {
        if self.reference.contains("://") {
            return self.reference.clone();
        }
        let normalized = normalized_reference(&self.reference);
        format!(
            "{DOCKER_IMAGE}{}",
            normalized.unwrap_or_else(|| self.reference.clone())
        )
    }
}

impl ResolvedImage {
    /// The image to which the engine gave this identifier.
    pub(crate) fn new(identifier: &str, digest: String, config: Vec<u8>) -> ResolvedImage {
        let mut reference = identifier
            .strip_prefix(DOCKER_IMAGE)
            .unwrap_or(identifier)
            .to_owned();
        if !digest.is_empty() && !reference.contains('@') {
            reference.push('@');
            reference.push_str(&digest);
        }
        ResolvedImage {
            reference,
            digest,
            config,
        }
    }
}
