//! Images by name, resolved to digests: named contexts first, then registries.

use std::collections::BTreeMap;

use compile::{ImageSource, ResolvedImage};
use gateway::{Failure, Gateway, familiar_reference};
use serde_json::Value;
use spec::ImageReference;

use crate::finder::engine::for_platform::ForPlatform;
use crate::finder::engine::named::{self, Unusable};

/// Resolves an image; `None` if a question is asked about a build with the result of another one, which clients make
/// only for builds. A digest is that of the lock, and holds for an image of a registry that has none itself.
pub(crate) async fn resolve<G: Gateway>(
    engine: &ForPlatform<'_, G>,
    image: &ImageReference,
    digest: Option<&str>,
) -> Result<Option<ResolvedImage>, Failure> {
    let contexts = &engine.request.named_contexts;
    let reference = match contexts.find(image.as_str(), engine.platform) {
        None => image.as_str(),
        // A named context that is an image of a registry is an image of the graph like any other.
        Some(given) if engine.request.is_question && named::is_target(given) => return Ok(None),
        Some(given) => match given.value.strip_prefix("docker-image://") {
            Some(reference) if reference != "scratch" => reference,
            _ => {
                let loaded = named::load(engine, given).await;
                let mut loaded = loaded.map_err(Unusable::into_failure)?;
                let config = loaded.config.take();
                let source = loaded.into_source(engine.gateway, given.name).await?;
                return Ok(Some(ResolvedImage { source, config }));
            }
        },
    };
    let shown = familiar_reference(reference).unwrap_or_else(|| reference.to_owned());
    let pinned = digest.filter(|_| !reference.contains('@'));
    let pinned = pinned.map(|digest| format!("{reference}@{digest}"));
    let reference = pinned.as_deref().unwrap_or(reference);
    let none = BTreeMap::new();
    let answer = engine
        .resolve_image(reference, "[internal]", &shown, none)
        .await?;
    let config: Value = serde_json::from_slice(&answer.config).map_err(|error| {
        Failure::new(format!(
            "the image `{shown}` has a configuration that is not JSON: {error}"
        ))
    })?;
    Ok(Some(ResolvedImage {
        source: ImageSource::Reference(answer.reference),
        config,
    }))
}
