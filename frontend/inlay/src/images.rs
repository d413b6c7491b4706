//! Images of a plan, resolved to digests: named contexts first, then registries.

use std::collections::BTreeMap;

use buildkit_llb::pb;
use compile::ResolvedImage;
use gateway::{Failure, Gateway, ImageRequest, Options, familiar_reference};
use plan::Plan;
use serde_json::Value;
use source::Sources;
use spec::ImageReference;

use crate::report;
use crate::request::BuildRequest;
use crate::together::together;

/// Resolves every image of the plan, all at once.
pub(crate) async fn resolve(
    gateway: &impl Gateway,
    options: &Options,
    request: &BuildRequest,
    sources: &Sources,
    plan: &Plan,
) -> Result<BTreeMap<ImageReference, ResolvedImage>, Failure> {
    let images = plan.images();
    let resolved = together(images.iter().map(|(image, span)| async move {
        let resolved = resolve_one(gateway, options, request, image).await;
        resolved.map_err(|failure| report::located(failure, sources, *span))
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
    let platform = &request.platform;
    let reference = match options.named_context(image.as_str(), &platform.to_string()) {
        None => image.to_string(),
        Some(context) => match context.strip_prefix("docker-image://") {
            Some(reference) => reference.to_owned(),
            None => {
                return Err(Failure::new(format!(
                    "the named context for the image `{image}` is `{context}`; this version of \
                     inlay takes images only: `--build-context {image}=docker-image://…`"
                )));
            }
        },
    };
    let shown = familiar_reference(&reference).unwrap_or_else(|| reference.clone());
    let answer = gateway.resolve_image(ImageRequest {
        reference,
        platform: Some(pb::Platform {
            os: platform.os.clone(),
            architecture: platform.architecture.clone(),
            variant: platform.variant.clone(),
            ..pb::Platform::default()
        }),
        resolve_mode: request.resolve_mode_word.clone(),
        log_name: format!("[internal] load metadata for {shown}"),
        attributes: BTreeMap::new(),
    });
    let answer = answer.await?;
    let config: Value = serde_json::from_slice(&answer.config).map_err(|error| {
        Failure::new(format!(
            "the image `{shown}` has a configuration that is not JSON: {error}"
        ))
    })?;
    Ok(ResolvedImage {
        reference: answer.reference,
        config,
    })
}
