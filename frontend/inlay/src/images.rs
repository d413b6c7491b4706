//! Images by name, resolved to digests: named contexts first, then registries.

use std::collections::BTreeMap;

use compile::{ImageSource, ResolvedImage};
use gateway::{Failure, Gateway, Options, familiar_reference};
use plan::Plan;
use serde_json::Value;
use source::Sources;
use spec::ImageReference;

use crate::request::BuildRequest;
use crate::together::together;
use crate::{named, report};

/// Resolves every image of the plan, all at once.
pub(crate) async fn resolve(
    gateway: &impl Gateway,
    options: &Options,
    request: &BuildRequest,
    sources: &Sources,
    plan: &Plan,
) -> Result<BTreeMap<ImageReference, ResolvedImage>, Failure> {
    let images = plan.images();
    let resolved = together(images.iter().map(|(image, used)| async move {
        let resolved = resolve_one(gateway, options, request, image).await;
        resolved.map_err(|failure| report::located(failure, sources, used.span))
    }));
    let resolved = resolved.await.into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok(images.into_keys().zip(resolved).collect())
}

async fn resolve_one(
    gateway: &impl Gateway,
    options: &Options,
    request: &BuildRequest,
    image: &ImageReference,
) -> Result<ResolvedImage, Failure> {
    let named = options.named_context(image.as_str(), &request.platform.to_string());
    let reference = match named {
        None => image.as_str(),
        // Of a registry too: it is an image of the graph like any other.
        Some(named) => match named.value.strip_prefix("docker-image://") {
            Some(reference) if reference != "scratch" => reference,
            _ => {
                let loaded = named::load(gateway, options, request, named).await;
                let mut loaded = loaded.map_err(named::Unusable::into_failure)?;
                let config = loaded.config.take();
                let source = loaded.into_source(gateway, named.name).await?;
                return Ok(ResolvedImage { source, config });
            }
        },
    };
    let shown = familiar_reference(reference).unwrap_or_else(|| reference.to_owned());
    let none = BTreeMap::new();
    let answer = named::resolve(gateway, request, reference, "[internal]", &shown, none).await?;
    let config: Value = serde_json::from_slice(&answer.config).map_err(|error| {
        Failure::new(format!(
            "the image `{shown}` has a configuration that is not JSON: {error}"
        ))
    })?;
    Ok(ResolvedImage {
        source: ImageSource::Reference(answer.reference),
        config,
    })
}
