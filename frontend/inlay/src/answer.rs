//! One build, from its options to its image.

use std::collections::BTreeMap;

use buildkit_llb::Platform;
use compile::{
    Assembly, Capabilities, Compiled, Context, Request, ResolvedImage, SBOM_FILE, Target, compile,
};
use gateway::{Attestation, Engine, Evaluation, Failure, Gateway, Options, Reply};
use plan::{Catalogue, Plan, Resolution, resolve};
use source::{Diagnostic, Diagnostics, Reported, SourceId, Sources};
use spec::{ExtensionName, Image, ImageReference, WarningRules, parse_image_with, warning_rules};

use crate::catalogue::Folder;
use crate::request::{BuildRequest, arguments};
use crate::result::{self, Built};
use crate::subrequest::{self, Subrequest};
use crate::{base, context, images, platforms, report, target};

/// The images of a plan, resolved.
type Images = BTreeMap<ImageReference, ResolvedImage>;

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
    let subrequest = Subrequest::read(options)?;
    if subrequest == Some(Subrequest::Describe) {
        return Ok(subrequest::describe());
    }
    let request = BuildRequest::read(options)?;
    let located = context::locate(gateway, options, &request).await?;
    let loaded = context::read_spec(gateway, options, &request, &located).await?;

    let mut sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let id = sources.add(located.filename, loaded.text);
    let own_rules = warning_rules(&mut diagnostics, &sources, id);
    let rules = request.warning_rules.clone().unwrap_or(own_rules);
    let mut build = Build {
        gateway,
        options,
        request,
        folder,
        context: located.context,
        extension_contexts: BTreeMap::new(),
        rules,
        target: Target::Image,
        sources,
        diagnostics,
    };
    if let Some(subrequest) = subrequest {
        let asked = subrequest::answer(subrequest, build, &engine, id, loaded.ignore);
        return Box::pin(asked).await;
    }
    let converted = build.convert(id, loaded.ignore).await?;
    let warnings = build.warnings();
    for warning in &warnings {
        gateway
            .warn(report::warning(&build.sources, warning, &loaded.vertex))
            .await?;
    }
    if build.rules.fails && !warnings.is_empty() {
        return Err(report::unwanted(&build.sources, &warnings));
    }
    let mut images = Vec::new();
    for (platform, plan) in converted.plans {
        build.request.platform = platform;
        build.load_extension_contexts(&plan).await?;
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

/// What a spec came to.
pub(crate) struct Converted {
    pub(crate) image: Image,
    pub(crate) catalogue: Catalogue,
    /// For each platform, in the order asked for.
    pub(crate) plans: Vec<(Platform, Plan)>,
}

/// What the stages of one build share.
pub(crate) struct Build<'a, G> {
    pub(crate) gateway: &'a G,
    pub(crate) options: &'a Options,
    pub(crate) request: BuildRequest,
    pub(crate) folder: &'a Folder,
    pub(crate) context: Context,
    /// The named contexts in which extensions of their name were found, by platform.
    pub(crate) extension_contexts: BTreeMap<String, BTreeMap<ExtensionName, Context>>,
    /// Which warnings the user wants to see.
    pub(crate) rules: WarningRules,
    /// What of the image is built.
    pub(crate) target: Target,
    pub(crate) sources: Sources,
    pub(crate) diagnostics: Diagnostics,
}

impl<G: Gateway> Build<'_, G> {
    /// Reads the spec and what it uses, and decides everything: the same for a build and for what is
    /// only asked about one. `ignore` are the patterns of the file beside the spec.
    pub(crate) async fn convert(
        &mut self,
        id: SourceId,
        ignore: Option<Vec<String>>,
    ) -> Result<Converted, Failure> {
        let given = &self.request.arguments;
        let image = parse_image_with(&mut self.diagnostics, &self.sources, id, given);
        let Ok(image) = image else {
            return Err(report::failure(&self.sources, &self.diagnostics));
        };
        if let Some(undeclared) = arguments::undeclared(&image, given) {
            let failure = Failure::new(undeclared.message);
            return Err(report::located_all(
                failure,
                &self.sources,
                &undeclared.spans,
            ));
        }
        if let Context::Client(client) = &mut self.context {
            client.exclude = match ignore {
                Some(patterns) => patterns,
                None if reads_context(&image) => {
                    let title = "[internal] load .dockerignore".to_owned();
                    context::read_ignore(self.gateway, client, title).await?
                }
                None => Vec::new(),
            };
        }
        let mut catalogue = Catalogue::new(self.folder.names());
        let mut plans = Vec::new();
        for platform in self.request.platforms.clone() {
            self.request.platform = platform.clone();
            plans.push((platform, self.plan(&mut catalogue, &image).await?));
        }
        if self.diagnostics.has_errors() {
            return Err(report::failure(&self.sources, &self.diagnostics));
        }
        for (_, plan) in &plans {
            self.request.require_known(plan)?;
        }
        for (platform, plan) in &mut plans {
            let chosen = target::choose(&self.request.target, plan, &self.sources)?;
            self.target = chosen.target;
            let alone = plan
                .extensions
                .iter()
                .find(|one| Some(&one.name) == chosen.alone.as_ref());
            if let Some(extension) = alone {
                let narrowed = plan::narrow(&image, &catalogue, extension);
                self.request.platform = platform.clone();
                *plan = self.plan(&mut catalogue, &narrowed).await?;
            }
        }
        Ok(Converted {
            image,
            catalogue,
            plans,
        })
    }

    /// The warnings that the user wants to see.
    pub(crate) fn warnings(&self) -> Vec<&Diagnostic> {
        let warnings = self.diagnostics.warnings();
        warnings
            .filter(|warning| self.rules.shows(warning.code))
            .collect()
    }

    /// Resolves until nothing is looked for any more; as many rounds as requirements are deep.
    async fn plan(&mut self, catalogue: &mut Catalogue, image: &Image) -> Result<Plan, Failure> {
        loop {
            let architecture = &self.request.platform.architecture;
            let resolution = resolve(&mut self.diagnostics, image, catalogue, architecture);
            match resolution {
                Err(Reported) => return Err(report::failure(&self.sources, &self.diagnostics)),
                Ok(Resolution::Ready(plan)) => return Ok(*plan),
                Ok(Resolution::Need(wanted)) => self.look(image, catalogue, wanted).await?,
            }
        }
    }

    /// Compiles the plan for the request's platform and hands its graph to the engine.
    async fn image(&self, engine: &Engine, plan: &Plan) -> Result<Built, Failure> {
        let request = &self.request;
        let resolved = self.resolve_images(plan).await?;
        // Parts of an image are on no base.
        let base = resolved
            .get(&plan.base.value)
            .filter(|_| self.target == Target::Image);
        let base_config = base.map(|base| base.config.clone());
        let annotations = base.map(base::annotations).unwrap_or_default();
        let compiled = self.compile(engine, plan, resolved);
        let capabilities: Capabilities = engine.capabilities.iter().map(String::as_str).collect();
        let definition = compiled.graph.definition(compiled.root, &capabilities);
        let reference = self
            .gateway
            .solve(definition, &request.cache_imports, Evaluation::Lazy)
            .await?;
        let sbom = match compiled.sbom {
            None => None,
            Some(output) => {
                let definition = compiled.graph.definition(output, &capabilities);
                let solved =
                    self.gateway
                        .solve(definition, &request.cache_imports, Evaluation::Lazy);
                Some(Attestation::sbom(solved.await?, SBOM_FILE))
            }
        };
        Ok(Built {
            platform: request.platform.clone(),
            reference,
            sbom,
            config: compiled.config,
            base_config,
            annotations,
        })
    }

    /// The images of a plan for the request's platform.
    pub(crate) async fn resolve_images(&self, plan: &Plan) -> Result<Images, Failure> {
        let (gateway, options) = (self.gateway, self.options);
        let request = &self.request;
        let images = images::resolve(gateway, options, request, &self.sources, plan).await?;
        let mut diagnostics = Diagnostics::new();
        platforms::check(&mut diagnostics, &request.platform, plan, &images);
        base::check(&mut diagnostics, plan, &images);
        if diagnostics.has_errors() {
            return Err(report::failure(&self.sources, &diagnostics));
        }
        Ok(images)
    }

    /// The graph of a plan for the request's platform.
    pub(crate) fn compile(&self, engine: &Engine, plan: &Plan, images: Images) -> Compiled {
        let request = &self.request;
        compile(
            plan,
            &self.sources,
            &Request {
                platform: request.platform.clone(),
                is_one_of_several: request.platforms.len() > 1,
                images,
                resolve_mode: request.resolve_mode,
                context: self.context.clone(),
                extension_contexts: self.own_contexts(),
                frontend: gateway::frontend_definition(),
                assembly: assembly(engine),
                target: self.target.clone(),
                proxy: request.proxy.clone(),
                commands: request.commands.clone(),
                epoch: request.epoch,
                rerun: request.rerun.clone(),
                wants_sbom: wants_sbom(self.options),
                labels: request.labels.clone(),
            },
        )
    }
}

/// Whether a bill of materials is asked for, and not that of a generator of the user's choice.
fn wants_sbom(options: &Options) -> bool {
    let asked = options.get("attest:sbom");
    asked.is_some_and(|value| {
        !value
            .split(',')
            .any(|field| field.starts_with("generator="))
    })
}

/// Whether anything of the image can come from the build context.
fn reads_context(image: &Image) -> bool {
    image
        .extensions
        .iter()
        .any(|used| !matches!(used.used, spec::Used::Named(_)))
}
