//! One build, from its options to its image.

use std::collections::BTreeMap;

use compile::{Assembly, Capabilities, Context, Request, SBOM_FILE, compile};
use gateway::{Attestation, Engine, Failure, Gateway, Options, Reply};
use plan::{Catalogue, Plan, Resolution, resolve};
use serde_json::{Value, json};
use source::{Diagnostics, Sources};
use spec::{ExtensionName, Image, parse_image};

use crate::catalogue::Folder;
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
    let located = context::locate(gateway, options, &request).await?;
    let loaded = context::read_spec(gateway, options, &request, &located).await?;

    let mut sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let id = sources.add(located.filename, loaded.text);
    let Some(image) = parse_image(&mut diagnostics, &sources, id) else {
        return Err(report::failure(&sources, &diagnostics));
    };
    let mut context = located.context;
    if let Context::Client(client) = &mut context {
        client.exclude = match loaded.ignore {
            Some(patterns) => patterns,
            None if reads_context(&image) => {
                let title = "[internal] load .dockerignore".to_owned();
                context::read_ignore(gateway, client, title).await?
            }
            None => Vec::new(),
        };
    }
    let mut build = Build {
        gateway,
        options,
        request,
        folder,
        context,
        extension_contexts: BTreeMap::new(),
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
pub(crate) struct Build<'a, G> {
    pub(crate) gateway: &'a G,
    pub(crate) options: &'a Options,
    pub(crate) request: BuildRequest,
    pub(crate) folder: &'a Folder,
    pub(crate) context: Context,
    /// The named contexts in which extensions of their name were found.
    pub(crate) extension_contexts: BTreeMap<ExtensionName, Context>,
    pub(crate) sources: Sources,
    pub(crate) diagnostics: Diagnostics,
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
                Some(Resolution::Need(wanted)) => self.look(image, &mut catalogue, wanted).await?,
            }
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
                context: self.context.clone(),
                extension_contexts: self.extension_contexts.clone(),
                frontend: gateway::frontend_definition(),
                assembly: if can_merge {
                    Assembly::Merge
                } else {
                    Assembly::Copies
                },
                proxy: request.proxy.clone(),
                rerun: request.rerun.clone(),
                wants_sbom: wants_sbom(self.options),
                labels: request.labels.clone(),
            },
        );
        let capabilities: Capabilities = engine.capabilities.iter().map(String::as_str).collect();
        let definition = compiled.graph.definition(compiled.root, &capabilities);
        let reference = self
            .gateway
            .solve(definition, &request.cache_imports, false)
            .await?;
        let sbom = match compiled.sbom {
            None => None,
            Some(output) => {
                let definition = compiled.graph.definition(output, &capabilities);
                let solved = self
                    .gateway
                    .solve(definition, &request.cache_imports, false);
                Some(Attestation::sbom(solved.await?, SBOM_FILE))
            }
        };
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
        if let Some(sbom) = sbom {
            reply = reply.with_attestation(platform.to_string(), sbom);
        }
        Ok(reply)
    }
}

fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
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
