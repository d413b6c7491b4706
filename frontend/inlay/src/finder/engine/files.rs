//! Files of a context: definitions of extensions, and whether paths exist.

use buildkit_llb::Graph;
use compile::Context;
use gateway::{Error, Failure, Gateway, Reference};

use crate::catalogue::DEFINITION;
use crate::engine;

/// The definitions of extensions in folders of a context, in the order of the folders. The empty
/// folder is the context itself.
pub(crate) async fn read_definitions(
    gateway: &impl Gateway,
    context: &Context,
    folders: &[String],
    title: String,
) -> Result<Vec<Option<String>>, Failure> {
    let paths: Vec<String> = folders
        .iter()
        .map(|folder| {
            format!("{folder}/{DEFINITION}")
                .trim_start_matches('/')
                .to_owned()
        })
        .collect();
    let loaded = Loaded::load(gateway, context, &paths, "definitions", title).await?;
    let mut texts = Vec::new();
    for path in paths {
        let bytes = gateway
            .read_file(&loaded.reference, &loaded.path(&path))
            .await?;
        let text = bytes.map(String::from_utf8).transpose();
        texts.push(text.map_err(|_| Failure::new(format!("`{path}` is not UTF-8 text")))?);
    }
    Ok(texts)
}

/// Which of these paths a context has, in the same order. What an ignore file excludes is not there.
pub(crate) async fn have_paths(
    gateway: &impl Gateway,
    context: &Context,
    paths: &[String],
    title: String,
) -> Result<Vec<bool>, Failure> {
    let loaded = Loaded::load(gateway, context, paths, "paths", title).await?;
    let mut have = Vec::new();
    for path in paths {
        let path = loaded.path(path);
        let start = gateway.read_start(&loaded.reference, &path, 1).await;
        have.push(match start {
            Ok(start) => start.is_some(),
            // A folder is there too, but the engine cannot read it (`ReadFile` in
            // cache/util/fsutil.go; the words are those of Go).
            Err(Error::Refused { message, .. }) if message.contains("is a directory") => true,
            Err(error) => return Err(error.into()),
        });
    }
    Ok(have)
}

/// Some paths of a context, ready to be read.
struct Loaded {
    reference: Reference,
    /// The folder of the context, with a `/` in front, or nothing.
    prefix: String,
}

impl Loaded {
    /// `part` tells these paths from others in what the engine keeps of a client's folder.
    async fn load(
        gateway: &impl Gateway,
        context: &Context,
        paths: &[String],
        part: &str,
        title: String,
    ) -> Result<Self, Failure> {
        let mut graph = Graph::new();
        let (output, prefix) = context
            .output(&mut graph, paths, part, engine::titled(title))
            .expect("a context was imported when it was found");
        let reference = engine::load(gateway, &graph, output).await?;
        Ok(Self { reference, prefix })
    }

    /// A path of the context, in what was loaded.
    fn path(&self, path: &str) -> String {
        let path = format!("{}/{path}", self.prefix);
        path.trim_start_matches('/').to_owned()
    }
}
