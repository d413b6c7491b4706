//! [`Archive`]: an image in the OCI layout, read into memory.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

/// An image whose layers are not compressed.
#[derive(Clone, Debug)]
pub struct Archive {
    /// The image's configuration.
    pub config: Value,
    /// The entries of each layer in order, from the lowest layer to the highest.
    pub layers: Vec<Vec<Entry>>,
    whole: Vec<u8>,
}

/// One entry of a layer, with everything that can make two layers differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The path, without `/` at the beginning.
    pub path: String,
    /// Type, mode, owner, group, seconds since 1970 and the target of a link, as text.
    pub metadata: String,
    /// The content of a file.
    pub content: Vec<u8>,
}

impl Archive {
    /// Reads an archive of one image.
    ///
    /// # Errors
    /// When it is not in the OCI layout.
    pub fn read(path: &Path) -> Result<Archive> {
        let whole = fs::read(path)?;
        let mut blobs = BTreeMap::new();
        for entry in tar::Archive::new(whole.as_slice()).entries()? {
            let mut entry = entry?;
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes)?;
            blobs.insert(entry.path()?.to_string_lossy().into_owned(), bytes);
        }
        let json = |path: &str| -> Result<Value> {
            let blob = blobs
                .get(path)
                .with_context(|| format!("the archive has no `{path}`"))?;
            Ok(serde_json::from_slice(blob)?)
        };
        let place = |descriptor: &Value| {
            let digest = descriptor["digest"].as_str().unwrap_or_default();
            format!("blobs/{}", digest.replace(':', "/"))
        };
        let manifest = json(&place(&json("index.json")?["manifests"][0]))?;
        let config = json(&place(&manifest["config"]))?;
        let layers = manifest["layers"]
            .as_array()
            .context("the manifest has no layers")?
            .iter();
        let layers = layers.map(|layer| {
            entries(
                blobs
                    .get(&place(layer))
                    .context("the archive lacks a layer")?,
            )
        });
        Ok(Archive {
            config,
            layers: layers.collect::<Result<_>>()?,
            whole,
        })
    }

    /// Whether a word occurs anywhere: in a layer, the configuration, the manifest or a name.
    pub fn mentions(&self, word: &str) -> bool {
        let word = word.as_bytes();
        self.whole.windows(word.len()).any(|part| part == word)
    }

    /// For each layer, what the history says about it and the digest of its uncompressed bytes.
    pub fn layers_by_origin(&self) -> Vec<(String, String)> {
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let history = list(&self.config["history"]);
        let made = history.iter().filter(|entry| entry["empty_layer"] != true);
        let origins = made.map(|entry| entry["created_by"].as_str().unwrap_or_default().to_owned());
        let digests = list(&self.config["rootfs"]["diff_ids"]).into_iter();
        origins
            .zip(digests.map(|digest| digest.as_str().unwrap_or_default().to_owned()))
            .collect()
    }

    /// Every entry of every layer.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.layers.iter().flatten()
    }
}

fn entries(layer: &[u8]) -> Result<Vec<Entry>> {
    let mut found = Vec::new();
    for entry in tar::Archive::new(layer).entries()? {
        let mut entry = entry?;
        let mut content = Vec::new();
        entry.read_to_end(&mut content)?;
        let header = entry.header();
        let target = entry.link_name()?.map(|path| path.display().to_string());
        let metadata = format!(
            "{:?} {:o} {}:{} {} {}",
            header.entry_type(),
            header.mode()?,
            header.uid()?,
            header.gid()?,
            header.mtime()?,
            target.unwrap_or_default()
        );
        let path = entry.path()?.display().to_string();
        found.push(Entry {
            path: path.trim_matches('/').to_owned(),
            metadata,
            content,
        });
    }
    Ok(found)
}
