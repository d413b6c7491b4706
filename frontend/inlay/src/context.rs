//! What the client sends: the spec, and definitions of extensions in the build context.

use std::collections::BTreeSet;

use buildkit_llb::{About, Capabilities, Differ, Graph, Local};
use gateway::{Failure, Gateway, Options, Reference};
use spec::ignore_patterns;

use crate::catalogue::DEFINITION;
use crate::request::BuildRequest;

/// The spec's text, and the vertex that loaded it, to which warnings are attached.
pub(crate) struct SpecText {
    pub(crate) text: String,
    pub(crate) vertex: String,
    /// The patterns of the ignore file beside the spec, where there is one.
    pub(crate) ignore: Option<Vec<String>>,
}

/// Reads the spec from the client.
pub(crate) async fn read_spec(
    gateway: &impl Gateway,
    options: &Options,
    request: &BuildRequest,
) -> Result<SpecText, Failure> {
    let name = &request.filename;
    let mut local = Local::new(
        &*request.spec_source,
        options.session_for(&request.spec_source),
    );
    let beside = format!("{name}.dockerignore");
    local.follow_paths = vec![name.clone(), beside.clone()];
    "dockerfile".clone_into(&mut local.shared_key_hint);
    local.differ = Differ::None;
    let title = format!("[internal] load build definition from {name}");
    let (from, vertex) = load(gateway, local, title).await?;
    let bytes = gateway.read_file(&from, name).await?.ok_or_else(|| {
        Failure::new(format!(
            "there is no `{name}`; give the spec's path with `-f`"
        ))
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::new(format!("`{name}` is not UTF-8 text: byte {at} is not"))
    })?;
    let ignore = gateway.read_file(&from, &beside).await?;
    let ignore = ignore.map(|bytes| ignore_patterns(&String::from_utf8_lossy(&bytes)));
    Ok(SpecText {
        text,
        vertex,
        ignore,
    })
}

/// The patterns of the build context's own ignore file; none when it has no such file.
pub(crate) async fn read_ignore(
    gateway: &impl Gateway,
    options: &Options,
) -> Result<Vec<String>, Failure> {
    let mut local = Local::new("context", options.session_for("context"));
    local.follow_paths = vec![".dockerignore".to_owned()];
    "context-.dockerignore".clone_into(&mut local.shared_key_hint);
    local.differ = Differ::None;
    let (from, _) = load(gateway, local, "[internal] load .dockerignore".to_owned()).await?;
    let bytes = gateway
        .read_file(&from, ".dockerignore")
        .await?
        .unwrap_or_default();
    Ok(ignore_patterns(&String::from_utf8_lossy(&bytes)))
}

/// The definitions of extensions in folders of the build context, in the order of the folders.
pub(crate) async fn read_definitions(
    gateway: &impl Gateway,
    options: &Options,
    exclude: &[String],
    folders: &BTreeSet<String>,
) -> Result<Vec<Option<String>>, Failure> {
    let mut local = Local::new("context", options.session_for("context"));
    local.follow_paths = folders
        .iter()
        .map(|folder| format!("{folder}/{DEFINITION}"))
        .collect();
    local.exclude_patterns = exclude.to_vec();
    "context:definitions".clone_into(&mut local.shared_key_hint);
    let names: Vec<&str> = folders.iter().map(String::as_str).collect();
    let title = format!(
        "[internal] load definitions of extensions in {}",
        names.join(", ")
    );
    let (from, _) = load(gateway, local, title).await?;
    let mut texts = Vec::new();
    for folder in folders {
        let path = format!("{folder}/{DEFINITION}");
        let text = match gateway.read_file(&from, &path).await? {
            None => None,
            Some(bytes) => Some(
                String::from_utf8(bytes)
                    .map_err(|_| Failure::new(format!("`{path}` is not UTF-8 text")))?,
            ),
        };
        texts.push(text);
    }
    Ok(texts)
}

async fn load(
    gateway: &impl Gateway,
    local: Local,
    title: String,
) -> Result<(Reference, String), Failure> {
    let engine = gateway.ping().await?;
    let mut graph = Graph::new();
    let output = graph.local(local, About::named(title));
    let capabilities: Capabilities = engine.capabilities.iter().map(String::as_str).collect();
    let vertex = output
        .vertex()
        .map(|digest| digest.to_string())
        .unwrap_or_default();
    let reference = gateway
        .solve(graph.definition(output, &capabilities), &[], false)
        .await?;
    Ok((reference, vertex))
}
