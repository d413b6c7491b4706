//! Looking for extensions: by name in named contexts and the catalogue, by folder in the build context.

use std::collections::{BTreeMap, BTreeSet};

use compile::Context;
use gateway::{Failure, Gateway};
use plan::{Catalogue, Found, Origin, Plan, Wanted};
use source::{Reported, Span};
use spec::{ExtensionName, Image, Used, parse_extension};

use crate::answer::Build;
use crate::catalogue::{DEFINITION, Looked};
use crate::{context, named, report};

/// What was found under a name; a definition with problems, which were reported, is `Broken`.
enum Lookup {
    Found(Box<Found>),
    Absent,
    Refused(String),
    Broken,
}

impl<G: Gateway> Build<'_, G> {
    /// Looks for everything that is wanted, and puts what comes of it into the catalogue.
    pub(crate) async fn look(
        &mut self,
        image: &Image,
        catalogue: &mut Catalogue,
        wanted: BTreeSet<Wanted>,
    ) -> Result<(), Failure> {
        let mut folders = Vec::new();
        for wanted in wanted {
            let name = match &wanted {
                Wanted::Named(name) => name,
                Wanted::Folder(folder) => {
                    folders.push(folder.clone());
                    continue;
                }
            };
            match self.named(image, name).await? {
                Lookup::Found(found) => catalogue.found(wanted, *found),
                Lookup::Absent => catalogue.absent(wanted),
                Lookup::Refused(why) => catalogue.refused(wanted, why),
                Lookup::Broken => catalogue.broken(wanted),
            }
        }
        if !folders.is_empty() {
            let title = format!(
                "[internal] load definitions of extensions in {}",
                folders.join(", ")
            );
            let texts =
                context::read_definitions(self.gateway, &self.context, &folders, title).await?;
            for (folder, text) in folders.into_iter().zip(texts) {
                let wanted = Wanted::Folder(folder.clone());
                let Some(text) = text else {
                    catalogue.absent(wanted);
                    continue;
                };
                let id = self.sources.add(format!("{folder}/{DEFINITION}"), text);
                match parse_extension(&mut self.diagnostics, &self.sources, id) {
                    Ok(extension) => {
                        let origin = Origin::Folder(folder);
                        catalogue.found(wanted, Found { extension, origin });
                    }
                    Err(Reported) => catalogue.broken(wanted),
                }
            }
        }
        Ok(())
    }

    /// The contexts of extensions for the request's platform; where it was never looked for them, those of
    /// the first platform.
    pub(crate) fn own_contexts(&self) -> BTreeMap<ExtensionName, Context> {
        let platform = self.request.platform.to_string();
        let mut own = self.extension_contexts.values().next().cloned();
        for (name, context) in self.extension_contexts.get(&platform).into_iter().flatten() {
            let own = own.get_or_insert_default();
            own.insert(name.clone(), context.clone());
        }
        own.unwrap_or_default()
    }

    /// Loads the contexts of a plan's extensions for the request's platform: what a name stands for, or
    /// the content of an image, can be another for each.
    pub(crate) async fn load_extension_contexts(&mut self, plan: &Plan) -> Result<(), Failure> {
        let platform = self.request.platform.to_string();
        let known: BTreeSet<ExtensionName> = self
            .extension_contexts
            .values()
            .flat_map(BTreeMap::keys)
            .cloned()
            .collect();
        for extension in &plan.extensions {
            let own = self.extension_contexts.entry(platform.clone()).or_default();
            let is_loaded = own.contains_key(&extension.name);
            let name = &extension.name;
            let given = self.options.named_context(name.as_str(), &platform);
            if let (Some(given), true, false) = (given, known.contains(name), is_loaded) {
                let loaded = named::load(self.gateway, self.options, &self.request, given).await;
                let context = loaded.map_err(named::Unusable::into_failure)?.context;
                let text = self.definition(name, &context).await?;
                if text.as_ref() != Some(&self.sources.get(extension.span.source).text) {
                    let failure = Failure::new(format!(
                        "extension `{name}` has another `{DEFINITION}` for {platform} than for {}: \
                         files may differ from platform to platform, its definition is one for all",
                        self.request.platforms[0]
                    ));
                    return Err(report::located(failure, &self.sources, extension.cause));
                }
                let own = self.extension_contexts.entry(platform.clone()).or_default();
                own.insert(name.clone(), context);
            }
        }
        Ok(())
    }

    async fn named(&mut self, image: &Image, name: &ExtensionName) -> Result<Lookup, Failure> {
        let (options, platform) = (self.options, self.request.platform.to_string());
        if let Some(given) = options.named_context(name.as_str(), &platform) {
            let loaded = named::load(self.gateway, options, &self.request, given).await;
            let found = match loaded {
                Ok(loaded) => {
                    self.in_named_context(name, loaded.context, given.value)
                        .await
                }
                Err(named::Unusable::Refused(why)) => return Ok(Lookup::Refused(why)),
                Err(named::Unusable::Failed(failure)) => Err(failure),
            };
            return found.map_err(|failure| match place_of(image, name) {
                Some(span) => report::located(failure, &self.sources, span),
                None => failure,
            });
        }
        let looked = self
            .folder
            .look(&mut self.diagnostics, &mut self.sources, name)
            .map_err(|error| Failure::new(format!("cannot read extension `{name}`: {error}")))?;
        Ok(match looked {
            Looked::Absent => Lookup::Absent,
            Looked::Found(Some(found)) => Lookup::Found(found),
            Looked::Found(None) => Lookup::Broken,
        })
    }

    /// The text of the definition in a context of its own.
    async fn definition(
        &self,
        name: &ExtensionName,
        context: &Context,
    ) -> Result<Option<String>, Failure> {
        let title = format!("[context {name}] load {DEFINITION}");
        let root = [String::new()];
        let texts = context::read_definitions(self.gateway, context, &root, title).await?;
        Ok(texts.into_iter().next().flatten())
    }

    async fn in_named_context(
        &mut self,
        name: &ExtensionName,
        context: Context,
        value: &str,
    ) -> Result<Lookup, Failure> {
        let Some(text) = self.definition(name, &context).await? else {
            return Ok(Lookup::Refused(format!(
                "the named context `{name}` has no `{DEFINITION}`: `{value}`"
            )));
        };
        let platform = self.request.platform.to_string();
        let own = self.extension_contexts.entry(platform).or_default();
        own.insert(name.clone(), context);
        let id = self.sources.add(format!("{name}/{DEFINITION}"), text);
        let extension = parse_extension(&mut self.diagnostics, &self.sources, id);
        Ok(extension.map_or_else(
            |Reported| Lookup::Broken,
            |extension| {
                let origin = Origin::NamedContext;
                Lookup::Found(Box::new(Found { extension, origin }))
            },
        ))
    }
}

/// Where a spec uses an extension by name.
fn place_of(image: &Image, name: &ExtensionName) -> Option<Span> {
    image.extensions.iter().find_map(|used| match &used.used {
        Used::Named(named) if named.value == *name => Some(named.span),
        _ => None,
    })
}
