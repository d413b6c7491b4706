//! Named contexts: what `--build-context name=…` puts in the place of an image or an extension.
//!
//! The kinds and how each is loaded follow frontend/dockerui/namedcontext.go. Beyond it, archives of the web
//! are unpacked, as nothing here can use them packed, and `ssh://` is an address of git.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use buildkit_llb::{About, Copy, FileActions, Graph, Image, OciLayout, Output};
use compile::{ClientFolder, Context, ImageSource, Tree};
use gateway::{
    Failure, Gateway, ImageRequest, NamedContext, Options, ResolvedImage, normalized_reference,
};
use serde_json::Value;

use crate::context;
use crate::remote::{self, Fetched, GitFolder};
use crate::request::BuildRequest;

/// What a named context is.
pub(crate) struct Named {
    /// Its files.
    pub(crate) context: Context,
    /// The configuration of the image that it is; `Value::Null` when it is none.
    pub(crate) config: Value,
}

/// Why a named context cannot be used.
pub(crate) enum Unusable {
    /// It is of a kind or form that cannot be: a sentence for people.
    Refused(String),
    /// The engine could not load it.
    Failed(Failure),
}

impl Unusable {
    pub(crate) fn into_failure(self) -> Failure {
        match self {
            Unusable::Refused(why) => Failure::new(why),
            Unusable::Failed(failure) => failure,
        }
    }
}

impl<E: Into<Failure>> From<E> for Unusable {
    fn from(error: E) -> Self {
        Unusable::Failed(error.into())
    }
}

/// Loads a named context.
pub(crate) async fn load(
    gateway: &impl Gateway,
    options: &Options,
    request: &BuildRequest,
    named: NamedContext<'_>,
) -> Result<Named, Unusable> {
    let NamedContext { name, value } = named;
    let (kind, rest) = match value.split_once(':') {
        Some((kind, rest)) if !kind.starts_with("git@") => (kind, rest),
        _ => ("git", ""),
    };
    match kind {
        "docker-image" => {
            let reference = rest.trim_start_matches("//");
            if reference == "scratch" {
                return Ok(Named::of(buildkit_llb::pb::Definition::default()));
            }
            let title = format!("[context {name}]");
            let answer = resolve(
                gateway,
                request,
                reference,
                &title,
                reference,
                BTreeMap::new(),
            )
            .await?;
            let mut image = Image::new(answer.reference.as_str(), request.platform.clone());
            image.resolve_mode = request.resolve_mode;
            let mut graph = Graph::new();
            let output = graph.image(image, About::named(format!("{title} {reference}")));
            let definition = remote::definition(&gateway.ping().await?, &graph, output);
            Ok(Named::of(definition).with_config(&answer.config, named)?)
        }
        "oci-layout" => layout(gateway, options, request, named, rest).await,
        "local" => {
            let folder = client_folder(gateway, options, named, rest).await?;
            Ok(Named {
                context: Context::Client(folder),
                config: Value::Null,
            })
        }
        "input" => input(gateway, options, named, rest).await,
        "git" | "ssh" | "http" | "https" => {
            let title = format!("[context {name}] {value}");
            match remote::fetch(gateway, value, GitFolder::Drop, &title).await? {
                Some(Fetched::Folder(definition)) => Ok(Named::of(definition)),
                Some(Fetched::File(_)) => Err(Unusable::Refused(format!(
                    "the named context `{name}` is one file and no archive: `{value}`"
                ))),
                None => Err(unsupported(named)),
            }
        }
        _ => Err(unsupported(named)),
    }
}

fn unsupported(named: NamedContext<'_>) -> Unusable {
    let NamedContext { name, value } = named;
    Unusable::Refused(format!(
        "the named context `{name}` is of no known kind: `{value}`; give a folder, \
         `docker-image://…`, `oci-layout://…`, `target:…` in a bake file, or an address of git or the web"
    ))
}

/// What the engine knows of an image; `shown` is its name for people.
pub(crate) async fn resolve(
    gateway: &impl Gateway,
    request: &BuildRequest,
    reference: &str,
    prefix: &str,
    shown: &str,
    attributes: BTreeMap<String, String>,
) -> Result<ResolvedImage, Failure> {
    let platform = &request.platform;
    let answer = gateway.resolve_image(ImageRequest {
        reference: reference.to_owned(),
        platform: Some(buildkit_llb::pb::Platform {
            os: platform.os.clone(),
            architecture: platform.architecture.clone(),
            variant: platform.variant.clone(),
            ..Default::default()
        }),
        resolve_mode: request.resolve_mode_word.clone(),
        log_name: format!("{prefix} load metadata for {shown}"),
        attributes,
    });
    Ok(answer.await?)
}

/// An image in a layout that the client offers as a store of that name, `store@sha256:…`.
async fn layout(
    gateway: &impl Gateway,
    options: &Options,
    request: &BuildRequest,
    named: NamedContext<'_>,
    value: &str,
) -> Result<Named, Unusable> {
    let NamedContext { name, .. } = named;
    let value = value.trim_start_matches("//");
    let Some((store, digest)) = value.split_once('@') else {
        return Err(Unusable::Refused(format!(
            "the named context `{name}` is an OCI layout without a digest: `{value}`; write \
             `oci-layout://…@sha256:…`"
        )));
    };
    let store = store.split_once(':').map_or(store, |(store, _)| store);
    // For people alone: what is loaded is named by the store and the digest.
    let short = name.split_once("::").map_or(name, |(short, _)| short);
    let shown = normalized_reference(&format!("{short}@{digest}")).ok_or_else(|| {
        Unusable::Refused(format!(
            "the named context `{name}` is an OCI layout with a malformed digest: `{digest}`"
        ))
    })?;
    let attributes = BTreeMap::from([
        ("oci.session".to_owned(), options.session_id.clone()),
        ("oci.store".to_owned(), store.to_owned()),
    ]);
    let reference = format!("oci-layout://{shown}");
    let title = format!("[context {name}]");
    let answer = resolve(gateway, request, &reference, &title, &shown, attributes).await?;
    let mut layout = OciLayout::new(shown, request.platform.clone());
    layout.session.clone_from(&options.session_id);
    store.clone_into(&mut layout.store);
    let mut graph = Graph::new();
    let about = About::named(format!("{title} OCI load from client"));
    let output = graph.oci_layout(layout, about);
    let definition = remote::definition(&gateway.ping().await?, &graph, output);
    Named::of(definition).with_config(&answer.config, named)
}

async fn client_folder(
    gateway: &impl Gateway,
    options: &Options,
    named: NamedContext<'_>,
    local: &str,
) -> Result<ClientFolder, Failure> {
    let NamedContext { name, .. } = named;
    let key = options.get(&format!("sharedkey:localdir:{name}"));
    let mut folder = ClientFolder {
        name: local.to_owned(),
        session: options.session_for(local).to_owned(),
        exclude: Vec::new(),
        key_hint: format!("context:{name}"),
    };
    let title = format!("[context {name}] load .dockerignore");
    folder.exclude = context::read_ignore(gateway, &folder, title).await?;
    folder.key_hint = format!("context:{name}-{}", key.unwrap_or_default());
    Ok(folder)
}

/// The result of another build, `target:…` of a bake file among them.
async fn input(
    gateway: &impl Gateway,
    options: &Options,
    named: NamedContext<'_>,
    key: &str,
) -> Result<Named, Unusable> {
    let name = named.name;
    let Some(definition) = gateway.inputs().await?.remove(key) else {
        return Err(Unusable::Refused(format!(
            "the named context `{name}` is an input that the client did not give: `{key}`"
        )));
    };
    if let Err(error) = Graph::new().import(&definition) {
        return Err(Unusable::Refused(format!(
            "the named context `{name}` cannot be read: {error}"
        )));
    }
    let metadata = options.get(&format!("input-metadata:{key}"));
    let config = metadata
        .and_then(|text| serde_json::from_str::<BTreeMap<String, Value>>(text).ok())
        .and_then(|mut metadata| metadata.remove("containerimage.config"))
        .and_then(|config| STANDARD.decode(config.as_str()?).ok());
    match config {
        Some(config) => Named::of(definition).with_config(&config, named),
        None => Ok(Named::of(definition)),
    }
}

impl Named {
    fn of(definition: buildkit_llb::pb::Definition) -> Self {
        let folder = String::new();
        Named {
            context: Context::Engine(Tree { definition, folder }),
            config: Value::Null,
        }
    }

    fn with_config(mut self, config: &[u8], named: NamedContext<'_>) -> Result<Self, Unusable> {
        self.config = serde_json::from_slice(config).map_err(|error| {
            let name = named.name;
            Failure::new(format!(
                "the named context `{name}` has a configuration that is not JSON: {error}"
            ))
        })?;
        Ok(self)
    }

    /// The same in the place of an image.
    pub(crate) async fn into_source(
        self,
        gateway: &impl Gateway,
        name: &str,
    ) -> Result<ImageSource, Failure> {
        let folder = match self.context {
            Context::Engine(tree) => return Ok(ImageSource::Definition(tree.definition)),
            Context::Client(folder) => folder,
        };
        let mut graph = Graph::new();
        let about = About::named(format!("[context {name}] load from client"));
        let local = graph.local(folder.local(""), about);
        // A command on it would run in each build: a client's folder is known by its session, and what a
        // command runs on is not looked at. A copy is known by its content.
        let mut copy = Copy::new(local, "/", "/");
        copy.directory_contents = true;
        let about = About::named(format!("[context {name}] copy"));
        let output = graph.file(FileActions::on(Output::SCRATCH).copy(copy), about);
        let engine = gateway.ping().await?;
        Ok(ImageSource::Definition(remote::definition(
            &engine, &graph, output,
        )))
    }
}
