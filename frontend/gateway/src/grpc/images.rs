//! Finding an image, with the call that the engine has for it.

use buildkit_proto::{
    moby::buildkit::v1::frontend::{
        ResolveImageConfigRequest, ResolveSourceImageRequest, ResolveSourceMetaRequest,
        llb_bridge_client::LlbBridgeClient,
    },
    pb,
};
use tonic::transport::Channel;

use crate::{Error, ImageRequest, ResolvedImage, image::DOCKER_IMAGE};

/// Finds an image with the call of engines that have `source.metaresolver`.
pub(crate) async fn resolve_by_source(
    mut client: LlbBridgeClient<Channel>,
    request: ImageRequest,
) -> Result<ResolvedImage, Error> {
    let identifier = request.identifier();
    let source = pb::SourceOp {
        identifier: identifier.clone(),
        attrs: request.attributes,
    };
    let request = ResolveSourceMetaRequest {
        source: Some(source),
        platform: request.platform,
        log_name: request.log_name,
        resolve_mode: request.resolve_mode,
        image: Some(ResolveSourceImageRequest::default()),
        ..Default::default()
    };
    let answer = client.resolve_source_meta(request).await;
    let answer = answer
        .map_err(|status| Error::from_status("ResolveSourceMeta", &status))?
        .into_inner();
    let identifier = answer.source.map_or(identifier, |source| source.identifier);
    let Some(image) = answer.image else {
        // A source policy may replace an image by something else.
        return Err(Error::unexpected(
            "ResolveSourceMeta",
            format!("`{identifier}` is not an image"),
        ));
    };
    Ok(ResolvedImage::new(&identifier, image.digest, image.config))
}

/// Finds an image with the call of older engines.
pub(crate) async fn resolve_by_config(
    mut client: LlbBridgeClient<Channel>,
    request: ImageRequest,
) -> Result<ResolvedImage, Error> {
    let identifier = request.identifier();
    let reference = identifier
        .strip_prefix(DOCKER_IMAGE)
        .unwrap_or(&identifier)
        .to_owned();
    let request = ResolveImageConfigRequest {
        r#ref: reference.clone(),
        platform: request.platform,
        resolve_mode: request.resolve_mode,
        log_name: request.log_name,
        ..Default::default()
    };
    let answer = client.resolve_image_config(request).await;
    let answer = answer
        .map_err(|status| Error::from_status("ResolveImageConfig", &status))?
        .into_inner();
    // Engines that do not have source policies yet do not repeat the reference.
    let reference = if answer.r#ref.is_empty() {
        reference
    } else {
        answer.r#ref
    };
    Ok(ResolvedImage::new(&reference, answer.digest, answer.config))
}
