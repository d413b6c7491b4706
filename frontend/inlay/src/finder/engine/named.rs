//! Named contexts: what `--build-context name=…` substitutes for an image or an extension.
//!
//! The kinds of contexts and how each is loaded follow frontend/dockerui/namedcontext.go. In addition,
//! archives from the web are unpacked, because nothing here can use them packed, and `ssh://` is a
//! git address.

use std::collections::BTreeMap;

use buildkit_llb::{Copy, FileActions, Graph, Image, OciLayout, Output};
use compile::{ClientFolder, Context, ImageSource, Tree};
use gateway::{Failure, Gateway, NamedContext, normalized_reference};
use serde_json::Value;

use crate::context;
use crate::engine::{make_definition, titled};
use crate::finder::engine::for_platform::ForPlatform;
use crate::remote::{self, Fetched, GitFolder};

/// A named context, loaded.
pub(crate) struct Named {
    /// Its files.
    pub(crate) context: Context,
    /// Its configuration if it is an image; otherwise `Value::Null`.
    pub(crate) config: Value,
}

/// Why a named context cannot be used.
pub(crate) enum Unusable {
    /// Its kind or form is not possible here; a sentence that says why.
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
pub(crate) async fn load<G: Gateway>(
    engine: &ForPlatform<'_, G>,
    given: NamedContext<'_>,
) -> Result<Named, Unusable> {
    let gateway = engine.gateway;
    let NamedContext { name, value } = given;
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
            let answer = engine
                .resolve_image(reference, &title, reference, BTreeMap::new())
                .await?;
            let mut image = Image::new(answer.reference.as_str(), engine.platform.clone());
            image.resolve_mode = engine.request.resolve_mode;
            let mut graph = Graph::new();
            let output = graph.image(image, titled(format!("{title} {reference}")));
            let definition = make_definition(&gateway.ping().await?, &graph, output);
            Ok(Named::of(definition).with_config(&answer.config, given)?)
        }
        "oci-layout" => load_layout(engine, given, rest).await,
        "local" => {
            let folder = load_client_folder(engine, given, rest).await?;
            Ok(Named {
                context: Context::Client(folder),
                config: Value::Null,
            })
        }
        "input" => load_input(engine, given, rest).await,
        "git" | "ssh" | "http" | "https" => {
            let title = format!("[context {name}] {value}");
            match remote::fetch(gateway, value, GitFolder::Drop, &title).await? {
                Some(Fetched::Folder(definition)) => Ok(Named::of(definition)),
                Some(Fetched::File(_)) => Err(Unusable::Refused(format!(
                    "the named context `{name}` is a single file, not an archive: `{value}`"
                ))),
                None => Err(refuse_kind(given)),
            }
        }
        _ if engine.request.is_question && is_target(given) => Err(Unusable::Refused(format!(
            "the named context `{name}` is `{value}`, which bake makes only for a build, not for a question about one"
        ))),
        _ => Err(refuse_kind(given)),
    }
}

/// Whether a context is the result of another target of a bake file, as a client names it in questions. In builds it
/// hands over the result instead.
pub(crate) fn is_target(given: NamedContext<'_>) -> bool {
    given.value.starts_with("target:")
}

fn refuse_kind(given: NamedContext<'_>) -> Unusable {
    let NamedContext { name, value } = given;
    Unusable::Refused(format!(
        "the named context `{name}` is of an unknown kind: `{value}`; give a folder, \
         `docker-image://…`, `oci-layout://…`, `target:…` in a bake file, a git address or a web address"
    ))
}

/// An image in an OCI layout that the client offers as a store, `store@sha256:…`.
async fn load_layout<G: Gateway>(
    engine: &ForPlatform<'_, G>,
    given: NamedContext<'_>,
    value: &str,
) -> Result<Named, Unusable> {
    let NamedContext { name, .. } = given;
    let value = value.trim_start_matches("//");
    let Some((store, digest)) = value.split_once('@') else {
        return Err(Unusable::Refused(format!(
            "the named context `{name}` is an OCI layout without a digest: `{value}`; write \
             `oci-layout://…@sha256:…`"
        )));
    };
    let store = store.split_once(':').map_or(store, |(store, _)| store);
    // The name is for people only: the store and the digest identify what is loaded.
    let short = name.split_once("::").map_or(name, |(short, _)| short);
    let shown = normalized_reference(&format!("{short}@{digest}")).ok_or_else(|| {
        Unusable::Refused(format!(
            "the named context `{name}` is an OCI layout with a malformed digest: `{digest}`"
        ))
    })?;
    let attributes = BTreeMap::from([
        (
            "oci.session".to_owned(),
            engine.request.sessions.own.clone(),
        ),
        ("oci.store".to_owned(), store.to_owned()),
    ]);
    let reference = format!("oci-layout://{shown}");
    let title = format!("[context {name}]");
    let answer = engine
        .resolve_image(&reference, &title, &shown, attributes)
        .await?;
    let mut layout = OciLayout::new(shown, engine.platform.clone());
    layout.session.clone_from(&engine.request.sessions.own);
    store.clone_into(&mut layout.store);
    let mut graph = Graph::new();
    let about = titled(format!("{title} OCI load from client"));
    let output = graph.oci_layout(layout, about);
    let definition = make_definition(&engine.gateway.ping().await?, &graph, output);
    Named::of(definition).with_config(&answer.config, given)
}

async fn load_client_folder<G: Gateway>(
    engine: &ForPlatform<'_, G>,
    given: NamedContext<'_>,
    local: &str,
) -> Result<ClientFolder, Failure> {
    let NamedContext { name, .. } = given;
    let request = engine.request;
    let mut folder = ClientFolder {
        name: local.to_owned(),
        session: request.sessions.serving(local).to_owned(),
        exclude: Vec::new(),
        key_hint: format!("context:{name}"),
    };
    let title = format!("[context {name}] load .dockerignore");
    folder.exclude = context::read_ignore_file(engine.gateway, &folder, title).await?;
    let key = request.named_contexts.shared_key(name);
    folder.key_hint = format!("context:{name}-{key}");
    Ok(folder)
}

/// The result of another build, such as `target:…` in a bake file.
async fn load_input<G: Gateway>(
    engine: &ForPlatform<'_, G>,
    given: NamedContext<'_>,
    key: &str,
) -> Result<Named, Unusable> {
    let name = given.name;
    let Some(definition) = engine.gateway.inputs().await?.remove(key) else {
        return Err(Unusable::Refused(format!(
            "the named context `{name}` is an input that the client did not send: `{key}`"
        )));
    };
    if let Err(error) = Graph::new().import(&definition) {
        return Err(Unusable::Refused(format!(
            "the named context `{name}` cannot be read: {error}"
        )));
    }
    match engine.request.named_contexts.input_config(key) {
        Some(config) => Named::of(definition).with_config(&config, given),
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

    fn with_config(mut self, config: &[u8], given: NamedContext<'_>) -> Result<Self, Unusable> {
        self.config = serde_json::from_slice(config).map_err(|error| {
            let name = given.name;
            Failure::new(format!(
                "the named context `{name}` has a configuration that is not JSON: {error}"
            ))
        })?;
        Ok(self)
    }

    /// The same, as what the engine takes an image from.
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
        let about = titled(format!("[context {name}] load from client"));
        let local = graph.local(folder.local(""), about);
        // The engine keys a folder of the client by its session, and does not look at the content of
        // what a command runs on: without the copy, commands would run again in each build. A copy is
        // keyed by its content.
        let mut copy = Copy::new(local, "/", "/");
        copy.directory_contents = true;
        let about = titled(format!("[context {name}] copy"));
        let output = graph.file(FileActions::on(Output::SCRATCH).copy(copy), about);
        let engine = gateway.ping().await?;
        Ok(ImageSource::Definition(make_definition(
            &engine, &graph, output,
        )))
    }
}
