//! The build context and the spec: where they are in the engine or at the client, and their texts.
//!
//! The order of places follows `initContext` in frontend/dockerui/context.go.

use buildkit_llb::{Differ, Graph, Local, Output, pb};
use compile::{ClientFolder, Context, Tree, send_only};
use gateway::{Failure, Gateway};
use spec::ignore_patterns;

use crate::engine;
use crate::remote::{self, FILE, Fetched};
use crate::request::{BuildRequest, Location};

/// Where the build context and the spec are.
pub(crate) struct Located {
    /// The build context. If it is a folder of the client, nothing is excluded from it yet.
    pub(crate) context: Context,
    /// What the spec is read from, unless it is in a folder of the client.
    spec: Option<pb::Definition>,
    /// The spec's file there.
    pub(crate) filename: String,
}

/// The spec as a text.
pub(crate) struct SpecText {
    pub(crate) text: String,
    /// The digest of the vertex that loaded it, to which warnings are attached.
    pub(crate) vertex: String,
    /// The patterns of the ignore file beside the spec, if there is one.
    pub(crate) ignore: Option<Vec<String>>,
    /// The name and the text of the lock beside the spec, if there is one.
    pub(crate) lock: Option<(String, String)>,
}

/// Finds the build context and the spec.
pub(crate) async fn locate(
    gateway: &impl Gateway,
    request: &BuildRequest,
) -> Result<Located, Failure> {
    let location = &request.location;
    let mut filename = location.filename.clone();
    let (tree, spec) = if let Some(address) = &location.address {
        let definition = match fetch(gateway, location, address).await? {
            Fetched::Folder(definition) => definition,
            Fetched::File(definition) => {
                FILE.clone_into(&mut filename);
                definition
            }
        };
        (Some(definition.clone()), Some(definition))
    } else {
        let mut inputs = gateway.inputs().await?;
        let spec = inputs.remove(&location.spec_source);
        (inputs.remove("context"), spec)
    };
    for definition in tree.iter().chain(&spec) {
        if let Err(error) = Graph::new().import(definition) {
            return Err(Failure::new(format!(
                "the build context cannot be read: {error}"
            )));
        }
    }
    let context = match tree {
        Some(definition) => Context::Engine(Tree {
            definition,
            folder: location.folder.clone(),
        }),
        None => Context::Client(ClientFolder {
            name: "context".to_owned(),
            session: request.sessions.serving("context").to_owned(),
            exclude: Vec::new(),
            key_hint: "context".to_owned(),
        }),
    };
    Ok(Located {
        context,
        spec: spec.filter(|_| !location.is_spec_local),
        filename,
    })
}

async fn fetch(
    gateway: &impl Gateway,
    location: &Location,
    address: &str,
) -> Result<Fetched, Failure> {
    let title = "[internal] load remote build context";
    let fetched = remote::fetch(gateway, address, location.git_folder, title).await?;
    fetched.ok_or_else(|| {
        Failure::new(format!(
            "the build context `{address}` must be a folder, a git address or a web address"
        ))
    })
}

/// Reads the spec.
pub(crate) async fn read_spec(
    gateway: &impl Gateway,
    request: &BuildRequest,
    located: &Located,
) -> Result<SpecText, Failure> {
    let name = &located.filename;
    let beside = format!("{name}.dockerignore");
    let mut graph = Graph::new();
    let output = if let Some(definition) = &located.spec {
        import(&mut graph, definition)
    } else {
        let source = &request.location.spec_source;
        let mut local = Local::new(source.as_str(), request.sessions.serving(source));
        let [own_lock, lock] = lock_names(name);
        send_only(&mut local, &[name.clone(), beside.clone(), own_lock, lock]);
        "dockerfile".clone_into(&mut local.shared_key_hint);
        local.differ = Differ::None;
        let title = format!("[internal] load build definition from {name}");
        graph.local(local, engine::titled(title))
    };
    let from = engine::load(gateway, &graph, output).await?;
    let bytes = gateway.read_file(&from, name).await?.ok_or_else(|| {
        Failure::new(format!(
            "there is no `{name}`; give the spec's path with `-f`"
        ))
    })?;
    let text = to_text(name, bytes)?;
    let mut lock = None;
    for name in lock_names(name) {
        if let Some(bytes) = gateway.read_file(&from, &name).await? {
            lock = Some((name.clone(), to_text(&name, bytes)?));
            break;
        }
    }
    // The patterns say what the client need not send. What the engine already has is all there.
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
        lock,
        ignore: ignore.map(|bytes| ignore_patterns(&String::from_utf8_lossy(&bytes))),
    })
}

fn to_text(name: &str, bytes: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::new(format!("`{name}` is not UTF-8 text: byte {at} is invalid"))
    })
}

/// The files that can be the lock of a spec, the first that is there.
pub(crate) fn lock_names(spec: &str) -> [String; 2] {
    let folder = spec.rfind('/').map_or("", |end| &spec[..=end]);
    [format!("{spec}.lock"), format!("{folder}inlay.lock")]
}

/// The patterns of a folder's own ignore file; none if it has no such file.
pub(crate) async fn read_ignore_file(
    gateway: &impl Gateway,
    folder: &ClientFolder,
    title: String,
) -> Result<Vec<String>, Failure> {
    let mut local = Local::new(folder.name.as_str(), folder.session.as_str());
    local.follow_paths = vec![".dockerignore".to_owned()];
    local.shared_key_hint = format!("{}-.dockerignore", folder.key_hint);
    local.differ = Differ::None;
    let mut graph = Graph::new();
    let output = graph.local(local, engine::titled(title));
    let from = engine::load(gateway, &graph, output).await?;
    let bytes = gateway.read_file(&from, ".dockerignore").await?;
    Ok(ignore_patterns(&String::from_utf8_lossy(
        &bytes.unwrap_or_default(),
    )))
}

fn import(graph: &mut Graph, definition: &pb::Definition) -> Output {
    let output = graph.import(definition);
    output.expect("a definition was imported when it was found")
}
