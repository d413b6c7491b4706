//! One build, from its options to its image.

use std::collections::BTreeSet;

use compile::{Assembly, Capabilities, Request, compile};
use gateway::{Engine, Failure, Gateway, Options, Reply};
use plan::{Catalogue, Found, Origin, Plan, Resolution, Wanted, resolve};
use serde_json::{Value, json};
use source::{Diagnostics, Sources};
use spec::{Image, parse_extension, parse_image};

use crate::catalogue::{DEFINITION, Folder, Looked};
use crate::request::BuildRequest;
use crate::{context, images, report};

/// Answers a request of BuildKit.
///
/// Nothing of the image runs before the answer is returned: the engine runs what the exporter
/// needs. The failure carries the user's lines wherever a text of theirs is the cause.
pub async fn answer(
    gateway: &impl Gateway,
    options: &Options,
    folder: &Folder,
) -> Result<Reply, Failure> {
    let engine = gateway.ping().await?;
    engine.require_file_operations()?;
    if let Some(id) = options.get("requestid").filter(|id| !id.is_empty()) {
        return Err(Failure::unsupported_subrequest(id));
    }
    let request = BuildRequest::read(options)?;
    let loaded = context::read_spec(gateway, options, &request).await?;

    let mut sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let id = sources.add(request.filename.clone(), loaded.text);
    let Some(image) = parse_image(&mut diagnostics, &sources, id) else {
        return Err(report::failure(&sources, &diagnostics));
    };
    let exclude = match loaded.ignore {
        Some(patterns) => patterns,
        None if reads_context(&image) => context::read_ignore(gateway, options).await?,
        None => Vec::new(),
    };
    let mut build = Build {
        gateway,
        options,
        request,
        folder,
        exclude,
        sources,
        diagnostics,
    };
    let plan = build.plan(&image).await?;
    if build.diagnostics.has_errors() {
        return Err(report::failure(&build.sources, &build.diagnostics));
    }
    for warning in build.diagnostics.warnings() {
        gateway
            .warn(report::warning(&build.sources, warning, &loaded.vertex))
            .await?;
    }
    build.image(&engine, &plan).await
}

/// What the stages of one build share.
struct Build<'a, G> {
    gateway: &'a G,
    options: &'a Options,
    request: BuildRequest,
    folder: &'a Folder,
    exclude: Vec<String>,
    sources: Sources,
    diagnostics: Diagnostics,
}

impl<G: Gateway> Build<'_, G> {
    /// Resolves until nothing is looked for any more; as many rounds as requirements are deep.
    async fn plan(&mut self, image: &Image) -> Result<Plan, Failure> {
        let mut catalogue = Catalogue::new(self.folder.names());
        loop {
            let architecture = &self.request.platform.architecture;
            let resolution = resolve(&mut self.diagnostics, image, &catalogue, architecture);
            match resolution {
                None => return Err(report::failure(&self.sources, &self.diagnostics)),
                Some(Resolution::Ready(plan)) => return Ok(*plan),
                Some(Resolution::Need(wanted)) => self.look(&mut catalogue, wanted).await?,
            }
        }
    }

    async fn look(
        &mut self,
        catalogue: &mut Catalogue,
        wanted: BTreeSet<Wanted>,
    ) -> Result<(), Failure> {
        let mut folders = BTreeSet::new();
        let mut is_sound = true;
        for wanted in wanted {
            let Wanted::Named(name) = &wanted else {
                folders.extend(match wanted {
                    Wanted::Folder(folder) => Some(folder),
                    Wanted::Named(_) => None,
                });
                continue;
            };
            let looked = self
                .folder
                .look(&mut self.diagnostics, &mut self.sources, name);
            match looked
                .map_err(|error| Failure::new(format!("cannot read extension `{name}`: {error}")))?
            {
                Looked::Absent => catalogue.absent(wanted),
                Looked::Found(Some(found)) => catalogue.found(wanted, *found),
                Looked::Found(None) => is_sound = false,
            }
        }
        if !folders.is_empty() {
            let texts =
                context::read_definitions(self.gateway, self.options, &self.exclude, &folders)
                    .await?;
            for (folder, text) in folders.into_iter().zip(texts) {
                let wanted = Wanted::Folder(folder.clone());
                let Some(text) = text else {
                    catalogue.absent(wanted);
                    continue;
                };
                let id = self.sources.add(format!("{folder}/{DEFINITION}"), text);
                match parse_extension(&mut self.diagnostics, &self.sources, id) {
                    Some(extension) => {
                        let origin = Origin::Folder(folder);
                        catalogue.found(wanted, Found { extension, origin });
                    }
                    None => is_sound = false,
                }
            }
        }
        if is_sound {
            Ok(())
        } else {
            Err(report::failure(&self.sources, &self.diagnostics))
        }
    }

    /// Compiles the plan and hands its graph to the engine.
    async fn image(&self, engine: &Engine, plan: &Plan) -> Result<Reply, Failure> {
        let request = &self.request;
        let resolved =
            images::resolve(self.gateway, self.options, request, &self.sources, plan).await?;
        let base_config = resolved
            .get(&plan.base.value)
            .map(|base| base.config.clone());
        let can_merge = ["mergeop", "diffop"]
            .iter()
            .all(|id| engine.capabilities.contains(*id));
        let compiled = compile(
            plan,
            &self.sources,
            &Request {
                platform: request.platform.clone(),
                images: resolved,
                resolve_mode: request.resolve_mode,
                context_session: self.options.session_for("context").to_owned(),
                frontend: gateway::frontend_definition(),
                context_exclude: self.exclude.clone(),
                assembly: if can_merge {
                    Assembly::Merge
                } else {
                    Assembly::Copies
                },
                proxy: request.proxy.clone(),
                rerun: request.rerun.clone(),
                labels: request.labels.clone(),
            },
        );
        let capabilities: Capabilities = engine.capabilities.iter().map(String::as_str).collect();
        let definition = compiled.graph.definition(compiled.root, &capabilities);
        let reference = self
            .gateway
            .solve(definition, &request.cache_imports, false)
            .await?;
        let platform = &request.platform;
        let mut described = json!({ "os": platform.os, "architecture": platform.architecture });
        if !platform.variant.is_empty() {
            described["variant"] = json!(platform.variant);
        }
        let platforms =
            json!({ "Platforms": [{ "ID": platform.to_string(), "Platform": described }] });
        let mut reply = Reply::single(reference)
            .with_metadata("containerimage.config", bytes(&compiled.config))
            .with_metadata("refs.platforms", bytes(&platforms));
        if let Some(config) = base_config {
            reply = reply.with_metadata("containerimage.base.config", bytes(&config));
        }
        Ok(reply)
    }
}

fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

/// Whether anything of the image can come from the build context.
fn reads_context(image: &Image) -> bool {
    image
        .extensions
        .iter()
        .any(|used| !matches!(used.used, spec::Used::Named(_)))
}
