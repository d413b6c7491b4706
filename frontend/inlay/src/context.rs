//! The build context and the spec: where the client says they are, and what is read of them.
//!
//! The order of places follows frontend/dockerui/context.go, `initContext`.

use buildkit_llb::{About, Differ, Graph, Local, Output, pb};
use compile::{ClientFolder, Context, Tree};
use gateway::{Evaluation, Failure, Gateway, Options, Reference};
use spec::ignore_patterns;

use crate::catalogue::DEFINITION;
use crate::remote::{self, FILE, Fetched, GitFolder};
use crate::request::BuildRequest;

/// Where the build context and the spec are.
pub(crate) struct Located {
    /// The build context; of a folder of the client, nothing is left out yet.
    pub(crate) context: Context,
    /// What the spec is read from, unless from a folder of the client.
    spec: Option<pb::Definition>,
    /// The spec's file there.
    pub(crate) filename: String,
}

/// The spec's text, and the vertex that loaded it, to which warnings are attached.
pub(crate) struct SpecText {
    pub(crate) text: String,
    pub(crate) vertex: String,
    /// The patterns of the ignore file beside the spec, where there is one.
    pub(crate) ignore: Option<Vec<String>>,
}

/// Finds the build context and the spec.
pub(crate) async fn locate(
    gateway: &impl Gateway,
    options: &Options,
    request: &BuildRequest,
) -> Result<Located, Failure> {
    let key = options.get("contextkey").unwrap_or("context");
    let address = options.get(key).filter(|address| !address.is_empty());
    let is_local_spec = options.get("dockerfilekey").is_some();
    let mut filename = request.filename.clone();
    let (tree, spec) = if let Some(address) = address {
        let keep = options.get("build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR");
        let git_folder = match keep {
            Some("1" | "t" | "T" | "TRUE" | "true" | "True") => GitFolder::Keep,
            _ => GitFolder::Drop,
        };
        let title = "[internal] load remote build context";
        let fetched = remote::fetch(gateway, address, git_folder, title).await?;
        let definition = match fetched {
            Some(Fetched::Folder(definition)) => definition,
            Some(Fetched::File(definition)) => {
                FILE.clone_into(&mut filename);
                definition
            }
            None => {
                return Err(Failure::new(format!(
                    "the build context `{address}` is neither a folder nor an address of git or the web"
                )));
            }
        };
        (Some(definition.clone()), Some(definition))
    } else {
        let mut inputs = gateway.inputs().await?;
        (
            inputs.remove("context"),
            inputs.remove(&request.spec_source),
        )
    };
    for definition in tree.iter().chain(&spec) {
        if let Err(error) = Graph::new().import(definition) {
            return Err(Failure::new(format!(
                "the build context cannot be read: {error}"
            )));
        }
    }
    let context = match tree {
        Some(definition) => {
            let folder = options.get("contextsubdir").unwrap_or_default();
            Context::Engine(Tree {
                definition,
                folder: inside(folder)?,
            })
        }
        None => Context::Client(ClientFolder {
            name: "context".to_owned(),
            session: options.session_for("context").to_owned(),
            exclude: Vec::new(),
            key_hint: "context".to_owned(),
        }),
    };
    Ok(Located {
        context,
        spec: spec.filter(|_| !is_local_spec),
        filename,
    })
}

/// The folder of a context, relative and without `.` and `..`.
fn inside(folder: &str) -> Result<String, Failure> {
    let parts = folder.split('/');
    let parts: Vec<&str> = parts
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    if parts.contains(&"..") {
        return Err(Failure::new(format!(
            "contextsubdir `{folder}`: `..` would lead out of the build context"
        )));
    }
    Ok(parts.join("/"))
}

/// Reads the spec.
pub(crate) async fn read_spec(
    gateway: &impl Gateway,
    options: &Options,
    request: &BuildRequest,
    located: &Located,
) -> Result<SpecText, Failure> {
    let name = &located.filename;
    let beside = format!("{name}.dockerignore");
    let mut graph = Graph::new();
    let output = if let Some(definition) = &located.spec {
        imported(&mut graph, definition)
    } else {
        let source = &request.spec_source;
        let mut local = Local::new(source.as_str(), options.session_for(source));
        local.follow_paths = vec![name.clone(), beside.clone()];
        "dockerfile".clone_into(&mut local.shared_key_hint);
        local.differ = Differ::None;
        let title = format!("[internal] load build definition from {name}");
        graph.local(local, About::named(title))
    };
    let from = load(gateway, &graph, output).await?;
    let bytes = gateway.read_file(&from, name).await?.ok_or_else(|| {
        Failure::new(format!(
            "there is no `{name}`; give the spec's path with `-f`"
        ))
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::new(format!("`{name}` is not UTF-8 text: byte {at} is not"))
    })?;
    // Patterns say what the client need not send: what the engine has already is all there.
    let ignore = match &located.context {
        Context::Client(_) => gateway.read_file(&from, &beside).await?,
        Context::Engine(_) => None,
    };
    Ok(SpecText {
        text,
        vertex: output
            .vertex()
            .map(|digest| digest.to_string())
            .unwrap_or_default(),
        ignore: ignore.map(|bytes| ignore_patterns(&String::from_utf8_lossy(&bytes))),
    })
}

/// The patterns of a folder's own ignore file; none when it has no such file.
pub(crate) async fn read_ignore(
    gateway: &impl Gateway,
    folder: &ClientFolder,
    title: String,
) -> Result<Vec<String>, Failure> {
    let mut local = Local::new(folder.name.as_str(), folder.session.as_str());
    local.follow_paths = vec![".dockerignore".to_owned()];
    local.shared_key_hint = format!("{}-.dockerignore", folder.key_hint);
    local.differ = Differ::None;
    let mut graph = Graph::new();
    let output = graph.local(local, About::named(title));
    let from = load(gateway, &graph, output).await?;
    let bytes = gateway.read_file(&from, ".dockerignore").await?;
    Ok(ignore_patterns(&String::from_utf8_lossy(
        &bytes.unwrap_or_default(),
    )))
}

/// The definitions of extensions in folders of a context, in the order of the folders; the empty one is the
/// context itself.
pub(crate) async fn read_definitions(
    gateway: &impl Gateway,
    context: &Context,
    folders: &[String],
    title: String,
) -> Result<Vec<Option<String>>, Failure> {
    let paths: Vec<String> = folders.iter().map(|folder| path_in(folder)).collect();
    let mut graph = Graph::new();
    let (output, prefix) = context
        .output(&mut graph, &paths, "definitions", About::named(title))
        .expect("a context was imported when it was found");
    let from = load(gateway, &graph, output).await?;
    let mut texts = Vec::new();
    for path in paths {
        let bytes = gateway
            .read_file(&from, format!("{prefix}/{path}").trim_start_matches('/'))
            .await?;
        let text = bytes.map(String::from_utf8).transpose();
        texts.push(text.map_err(|_| Failure::new(format!("`{path}` is not UTF-8 text")))?);
    }
    Ok(texts)
}

/// Where the definition of the extension in a folder is.
fn path_in(folder: &str) -> String {
    if folder.is_empty() {
        DEFINITION.to_owned()
    } else {
        format!("{folder}/{DEFINITION}")
    }
}

fn imported(graph: &mut Graph, definition: &pb::Definition) -> Output {
    let output = graph.import(definition);
    output.expect("a definition was imported when it was found")
}

async fn load(gateway: &impl Gateway, graph: &Graph, output: Output) -> Result<Reference, Failure> {
    let engine = gateway.ping().await?;
    let definition = remote::definition(&engine, graph, output);
    Ok(gateway.solve(definition, &[], Evaluation::Lazy).await?)
}
