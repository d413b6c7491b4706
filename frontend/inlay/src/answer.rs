//! One build, from its options to its image.

use std::collections::BTreeSet;

use compile::{Assembly, Capabilities, Request, compile};
use gateway::{Engine, Failure, Gateway, Options, Reply};
use plan::{Catalogue, Found, Origin, Plan, Resolution, Wanted, resolve};
use source::{Diagnostics, Sources};
use spec::{Image, parse_extension, parse_image_with};

use crate::catalogue::{DEFINITION, Folder, Looked};
use crate::request::{BuildRequest, arguments};
use crate::result::{self, Built};
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
    let given = &request.arguments;
    let Some(image) = parse_image_with(&mut diagnostics, &sources, id, given) else {
        return Err(report::failure(&sources, &diagnostics));
    };
    if let Some(undeclared) = arguments::undeclared(&image, given) {
        let failure = Failure::new(undeclared.message);
        return Err(report::located_all(failure, &sources, &undeclared.spans));
    }
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
    let mut catalogue = Catalogue::new(folder.names());
    let mut plans = Vec::new();
    for platform in build.request.platforms.clone() {
        build.request.platform = platform.clone();
        plans.push((platform, build.plan(&mut catalogue, &image).await?));
    }
    if build.diagnostics.has_errors() {
        return Err(report::failure(&build.sources, &build.diagnostics));
    }
    for (_, plan) in &plans {
        build.request.require_known(plan)?;
    }
    for warning in build.diagnostics.warnings() {
        gateway
            .warn(report::warning(&build.sources, warning, &loaded.vertex))
            .await?;
    }
    let mut images = Vec::new();
    for (platform, plan) in plans {
        build.request.platform = platform;
        images.push(build.image(&engine, &plan).await?);
    }
    Ok(result::reply(&build.request, assembly(&engine), images))
}

/// How this engine can put layers together.
fn assembly(engine: &Engine) -> Assembly {
    let can_merge = ["mergeop", "diffop"]
        .iter()
        .all(|id| engine.capabilities.contains(*id));
    if can_merge {
        Assembly::Merge
    } else {
        Assembly::Copies
    }
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
    async fn plan(&mut self, catalogue: &mut Catalogue, image: &Image) -> Result<Plan, Failure> {
        loop {
            let architecture = &self.request.platform.architecture;
            let resolution = resolve(&mut self.diagnostics, image, catalogue, architecture);
            match resolution {
                None => return Err(report::failure(&self.sources, &self.diagnostics)),
                Some(Resolution::Ready(plan)) => return Ok(*plan),
                Some(Resolution::Need(wanted)) => self.look(catalogue, wanted).await?,
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

    /// Compiles the plan for the request's platform and hands its graph to the engine.
    async fn image(&self, engine: &Engine, plan: &Plan) -> Result<Built, Failure> {
        let request = &self.request;
        let resolved =
            images::resolve(self.gateway, self.options, request, &self.sources, plan).await?;
        let base_config = resolved
            .get(&plan.base.value)
            .map(|base| base.config.clone());
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
                assembly: assembly(engine),
                proxy: request.proxy.clone(),
                commands: request.commands.clone(),
                epoch: request.epoch,
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
        Ok(Built {
            platform: request.platform.clone(),
            reference,
            config: compiled.config,
            base_config,
        })
    }
}

/// Whether anything of the image can come from the build context.
fn reads_context(image: &Image) -> bool {
    image
        .extensions
        .iter()
        .any(|used| !matches!(used.used, spec::Used::Named(_)))
}
