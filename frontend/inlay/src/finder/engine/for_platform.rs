//! The engine, asked on behalf of one platform of a build.

use std::collections::BTreeMap;

use buildkit_llb::Platform;
use compile::ResolveMode;
use gateway::{Failure, Gateway, ImageRequest, ResolvedImage};

use crate::request::BuildRequest;

/// The engine, asked on behalf of one platform of a build.
pub(crate) struct ForPlatform<'a, G> {
    pub(crate) gateway: &'a G,
    pub(crate) request: &'a BuildRequest,
    pub(crate) platform: &'a Platform,
}

impl<G: Gateway> ForPlatform<'_, G> {
    /// Asks for the digest and the configuration of an image.
    ///
    /// The line of progress begins with `prefix`, and `shown` is the image's name in it.
    pub(crate) async fn resolve_image(
        &self,
        reference: &str,
        prefix: &str,
        shown: &str,
        attributes: BTreeMap<String, String>,
    ) -> Result<ResolvedImage, Failure> {
        let platform = self.platform;
        let resolve_mode = match self.request.resolve_mode {
            ResolveMode::Default => "default",
            ResolveMode::Pull => "pull",
            ResolveMode::Local => "local",
        };
        let answer = self.gateway.resolve_image(ImageRequest {
            reference: reference.to_owned(),
            platform: Some(buildkit_llb::pb::Platform {
                os: platform.os.clone(),
                architecture: platform.architecture.clone(),
                variant: platform.variant.clone(),
                ..Default::default()
            }),
            resolve_mode: resolve_mode.to_owned(),
            log_name: format!("{prefix} load metadata for {shown}"),
            attributes,
        });
        Ok(answer.await?)
    }
}
