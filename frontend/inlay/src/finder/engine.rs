//! What a spec uses, as the engine has it: named contexts, the build context and images.

mod files;
mod for_platform;
mod image;
mod named;

use std::collections::BTreeMap;

use buildkit_llb::Platform;
use compile::{Context, QuestionId, Questions, ResolvedImage};
use gateway::{Evaluation, Failure, Gateway, NamedContext};
use plan::Origin;
use spec::{ExtensionName, Image, ImageReference, Used, ignoring_pattern};

use crate::catalogue::{CatalogueFiles, DEFINITION};
use crate::context;
use crate::engine::make_definition;
use crate::failed_step::explain;
use crate::finder::engine::for_platform::ForPlatform;
use crate::finder::engine::named::Unusable;
use crate::finder::{Asked, ContextName, Definition, Finder, Lookup};
use crate::request::BuildRequest;
use crate::together::run_together;

/// What a spec uses, as the engine has it.
pub(crate) struct EngineFinder<'a, G> {
    gateway: &'a G,
    request: &'a BuildRequest,
    catalogue: &'a CatalogueFiles,
    build_context: Context,
    /// The patterns of the ignore file beside the spec, if there is one.
    ignore: Option<Vec<String>>,
    /// The named contexts in which extensions were found.
    extension_contexts: BTreeMap<Platform, BTreeMap<ExtensionName, Context>>,
}

impl<'a, G: Gateway> EngineFinder<'a, G> {
    /// `ignore` are the patterns of the ignore file beside the spec, if there is one.
    pub(crate) fn new(
        gateway: &'a G,
        request: &'a BuildRequest,
        catalogue: &'a CatalogueFiles,
        build_context: Context,
        ignore: Option<Vec<String>>,
    ) -> Self {
        Self {
            gateway,
            request,
            catalogue,
            build_context,
            ignore,
            extension_contexts: BTreeMap::new(),
        }
    }

    fn for_platform<'b>(&'b self, platform: &'b Platform) -> ForPlatform<'b, G> {
        ForPlatform {
            gateway: self.gateway,
            request: self.request,
            platform,
        }
    }

    /// Looks for an extension in a named context of its name, which can be another context for each
    /// platform: what it stands for, or the content of an image, may differ.
    async fn find_in_named_context(
        &mut self,
        name: &ExtensionName,
        given: NamedContext<'_>,
    ) -> Result<Lookup, Unusable> {
        let request = self.request;
        let first = &request.platforms[0];
        let context = named::load(&self.for_platform(first), given).await?.context;
        let Some(text) = self.read_own_definition(name, &context).await? else {
            return Err(Unusable::Refused(format!(
                "the named context `{name}` has no `{DEFINITION}`: `{}`",
                given.value
            )));
        };
        for platform in &request.platforms[1..] {
            let Some(given) = request.named_contexts.find(name.as_str(), platform) else {
                return Err(Unusable::Refused(only_for(name, first, platform)));
            };
            let other = named::load(&self.for_platform(platform), given)
                .await?
                .context;
            if self.read_own_definition(name, &other).await?.as_ref() != Some(&text) {
                return Err(Unusable::Failed(Failure::new(format!(
                    "extension `{name}` has a different `{DEFINITION}` for {platform} than for \
                     {first}: its files may differ between platforms, but not its definition"
                ))));
            }
            self.remember(platform, name, other);
        }
        self.remember(first, name, context);
        Ok(Lookup::Found(Definition {
            filename: format!("{name}/{DEFINITION}"),
            text,
            origin: Origin::NamedContext,
        }))
    }

    fn remember(&mut self, platform: &Platform, name: &ExtensionName, context: Context) {
        let contexts = self.extension_contexts.entry(platform.clone()).or_default();
        contexts.insert(name.clone(), context);
    }

    fn context(&self, place: ContextName<'_>) -> &Context {
        match place {
            ContextName::Build => &self.build_context,
            ContextName::Extension(name, platform) => {
                let contexts = self.extension_contexts.get(platform);
                let context = contexts.and_then(|contexts| contexts.get(name));
                context.expect("an extension was found in its named context")
            }
        }
    }

    /// The text of the definition in a context of its own.
    async fn read_own_definition(
        &self,
        name: &ExtensionName,
        context: &Context,
    ) -> Result<Option<String>, Failure> {
        let title = format!("[context {name}] load {DEFINITION}");
        let root = [String::new()];
        let texts = files::read_definitions(self.gateway, context, &root, title).await?;
        Ok(texts.into_iter().next().flatten())
    }
}

impl<G: Gateway> Finder for EngineFinder<'_, G> {
    fn catalogue_names(&self) -> Vec<ExtensionName> {
        self.catalogue.names()
    }

    async fn open_build_context(&mut self, image: &Image) -> Result<(), Failure> {
        let Context::Client(folder) = &mut self.build_context else {
            return Ok(());
        };
        folder.exclude = match self.ignore.take() {
            Some(patterns) => patterns,
            None if uses_build_context(image) => {
                let title = "[internal] load .dockerignore".to_owned();
                context::read_ignore_file(self.gateway, folder, title).await?
            }
            None => Vec::new(),
        };
        Ok(())
    }

    async fn find_extension(&mut self, name: &ExtensionName) -> Result<Lookup, Failure> {
        let request = self.request;
        let first = &request.platforms[0];
        let find = |platform| request.named_contexts.find(name.as_str(), platform);
        let Some(given) = find(first) else {
            let mut others = request.platforms[1..].iter();
            return match others.find(|platform| find(platform).is_some()) {
                None => Lookup::in_catalogue(self.catalogue, name),
                Some(other) => Ok(Lookup::Refused(only_for(name, other, first))),
            };
        };
        match self.find_in_named_context(name, given).await {
            Ok(lookup) => Ok(lookup),
            Err(Unusable::Refused(why)) => Ok(Lookup::Refused(why)),
            Err(Unusable::Failed(failure)) => Err(failure),
        }
    }

    async fn read_definitions(&self, folders: &[String]) -> Result<Vec<Option<String>>, Failure> {
        let title = format!(
            "[internal] load definitions of extensions in {}",
            folders.join(", ")
        );
        files::read_definitions(self.gateway, &self.build_context, folders, title).await
    }

    async fn have_paths(
        &self,
        place: ContextName<'_>,
        paths: &[String],
    ) -> Result<Vec<bool>, Failure> {
        let context = self.context(place);
        let prefix = match place {
            ContextName::Build => "[internal]".to_owned(),
            ContextName::Extension(name, _) => format!("[context {name}]"),
        };
        let title = format!("{prefix} look for {}", paths.join(", "));
        files::have_paths(self.gateway, context, paths, title).await
    }

    fn ignoring_pattern(&self, place: ContextName<'_>, path: &str) -> Option<String> {
        match self.context(place) {
            Context::Client(folder) => ignoring_pattern(&folder.exclude, path).map(str::to_owned),
            Context::Engine(_) => None,
        }
    }

    async fn resolve_image(
        &self,
        platform: &Platform,
        image: &ImageReference,
        digest: Option<&str>,
    ) -> Result<Option<ResolvedImage>, Failure> {
        image::resolve(&self.for_platform(platform), image, digest).await
    }

    async fn ask(&self, questions: &Questions, id: &QuestionId) -> Result<Asked, Failure> {
        let engine = self.gateway.ping().await?;
        let output = questions.asked[id].output;
        let definition = make_definition(&engine, &questions.graph, output);
        let imports = &self.request.cache_imports;
        let solved = self.gateway.solve(definition, imports, Evaluation::Now);
        let reference = solved
            .await
            .map_err(|error| explain(&questions.graph, error.into()))?;
        let names: &[&'static str] = match id {
            QuestionId::State(_) => &["digest", "packages", "made"],
            QuestionId::Resolution(_) => &["answer"],
            QuestionId::Checksum(..) => &["sha256"],
        };
        let read = names
            .iter()
            .map(|name| self.gateway.read_file(&reference, name));
        let read = run_together(read).await;
        let mut files = BTreeMap::new();
        for (name, bytes) in names.iter().zip(read) {
            let bytes = bytes?.unwrap_or_default();
            files.insert(*name, String::from_utf8_lossy(&bytes).into_owned());
        }
        Ok(Asked::Answered(files))
    }

    fn build_context(&self) -> Context {
        self.build_context.clone()
    }

    fn extension_contexts(&self, platform: &Platform) -> BTreeMap<ExtensionName, Context> {
        let contexts = self.extension_contexts.get(platform);
        contexts.cloned().unwrap_or_default()
    }
}

/// Says that a named context is given for one platform of the build and not for another.
fn only_for(name: &ExtensionName, platform: &Platform, other: &Platform) -> String {
    format!(
        "the named context `{name}` is given for {platform} but not for {other}, and an extension has one \
         definition for all platforms"
    )
}

/// Whether anything of the image can come from the build context.
fn uses_build_context(image: &Image) -> bool {
    image
        .extensions
        .iter()
        .any(|used| !matches!(used.used, Used::Named(_)))
}
