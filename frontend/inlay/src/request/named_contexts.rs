//! The named contexts of a build: what `--build-context` substitutes for images and extensions.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use buildkit_llb::Platform;
use gateway::{NamedContext, Options};
use serde_json::Value;

/// The named contexts of a build, and what the client says about each.
#[derive(Debug)]
pub(crate) struct NamedContexts {
    options: Options,
}

impl NamedContexts {
    pub(crate) fn read(options: &Options) -> Self {
        let options = options.clone();
        Self { options }
    }

    /// What the user substitutes for an image or an extension on this platform.
    pub(crate) fn find(&self, name: &str, platform: &Platform) -> Option<NamedContext<'_>> {
        self.options.named_context(name, &platform.to_string())
    }

    /// The key under which the engine keeps a folder that the client sent; it may be empty.
    pub(crate) fn shared_key(&self, name: &str) -> &str {
        let key = format!("sharedkey:localdir:{name}");
        self.options.get(&key).unwrap_or_default()
    }

    /// The image configuration of an input, as JSON, if the client sent one.
    pub(crate) fn input_config(&self, key: &str) -> Option<Vec<u8>> {
        let text = self.options.get(&format!("input-metadata:{key}"))?;
        let mut metadata: BTreeMap<String, Value> = serde_json::from_str(text).ok()?;
        let config = metadata.remove("containerimage.config")?;
        STANDARD.decode(config.as_str()?).ok()
    }
}
