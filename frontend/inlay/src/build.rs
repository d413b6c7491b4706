//! A build, from its options to its image.

use buildkit_llb::{Graph, Output};
use compile::{SBOM_FILE, Target};
use gateway::{Attestation, Engine, Evaluation, Failure, Gateway, Options, Reference, Reply};

use crate::catalogue::CatalogueFiles;
use crate::convert::{Conversion, Converted, Images, PlatformPlan, Purpose};
use crate::engine::{assembly, definition};
use crate::finder::Finder;
use crate::finder::engine::EngineFinder;
use crate::request::BuildRequest;
use crate::result::{self, Built};
use crate::subrequest::{self, Subrequest};
use crate::{context, report};

/// Answers a request of BuildKit.
///
/// Nothing of the image runs before the answer is returned: the engine runs what the exporter needs.
///
/// # Errors
/// When there is no image. The failure has the user's lines whenever a text of theirs is the cause.
pub async fn answer(
    gateway: &impl Gateway,
    options: &Options,
    catalogue: &CatalogueFiles,
) -> Result<Reply, Failure> {
    let engine = gateway.ping().await?;
    engine.require_file_operations()?;
    let subrequest = Subrequest::read(options)?;
    if subrequest == Some(Subrequest::Describe) {
        return Ok(subrequest::describe());
    }
    let request = BuildRequest::read(options)?;
    let located = context::locate(gateway, &request).await?;
    let spec = context::read_spec(gateway, &request, &located).await?;
    let build_context = located.context;
    let finder = EngineFinder::new(gateway, &request, catalogue, build_context, spec.ignore);
    let mut conversion = Conversion::new(&request, finder, located.filename, spec.text);
    if let Some(subrequest) = subrequest {
        let answer = subrequest::answer(subrequest, &mut conversion, &engine);
        return Box::pin(answer).await;
    }
    let build = Build {
        gateway,
        engine,
        spec_vertex: spec.vertex,
    };
    build.run(&mut conversion).await
}

/// A build on an engine.
struct Build<'a, G> {
    gateway: &'a G,
    engine: Engine,
    /// The digest of the vertex that loaded the spec.
    spec_vertex: String,
}

impl<G: Gateway> Build<'_, G> {
    async fn run<F: Finder>(&self, conversion: &mut Conversion<'_, F>) -> Result<Reply, Failure> {
        let request = conversion.request;
        let converted = conversion.convert(Purpose::Build, &request.target).await;
        let converted = converted.map_err(|_| conversion.findings.failure())?;
        self.warn(conversion).await?;
        let images = conversion.find_images(&converted).await;
        let images = images.map_err(|_| conversion.findings.failure())?;
        let mut built = Vec::new();
        for (platform_plan, images) in converted.platforms.iter().zip(images) {
            built.push(
                self.build(conversion, &converted, platform_plan, images)
                    .await?,
            );
        }
        Ok(result::reply(request, assembly(&self.engine), built))
    }

    /// Sends the warnings, and fails if the user does not accept any.
    async fn warn<F>(&self, conversion: &Conversion<'_, F>) -> Result<(), Failure> {
        let findings = &conversion.findings;
        let warnings = findings.warnings();
        for warning in &warnings {
            let warning = report::warning(&findings.sources, warning, &self.spec_vertex);
            self.gateway.warn(warning).await?;
        }
        if findings.refuses_warnings() {
            return Err(report::refused_warnings(&findings.sources, &warnings));
        }
        Ok(())
    }

    /// Compiles what is built for one platform and hands its graph to the engine.
    async fn build<F: Finder>(
        &self,
        conversion: &Conversion<'_, F>,
        converted: &Converted,
        platform_plan: &PlatformPlan,
        images: Images,
    ) -> Result<Built, Failure> {
        // Parts of an image have no base.
        let base = images.get(&platform_plan.plan.base.value);
        let base = base.filter(|_| converted.target == Target::Image).cloned();
        let assembly = assembly(&self.engine);
        let compiled = conversion.compile(converted, platform_plan, images, assembly);
        let request = conversion.request;
        let reference = self.solve(request, &compiled.graph, compiled.root).await?;
        let sbom = match compiled.sbom {
            None => None,
            Some(output) => {
                let reference = self.solve(request, &compiled.graph, output).await?;
                Some(Attestation::sbom(reference, SBOM_FILE))
            }
        };
        Ok(Built {
            platform: platform_plan.platform.clone(),
            reference,
            sbom,
            config: compiled.config,
            base,
        })
    }

    async fn solve(
        &self,
        request: &BuildRequest,
        graph: &Graph,
        output: Output,
    ) -> Result<Reference, Failure> {
        let definition = definition(&self.engine, graph, output);
        let imports = &request.cache_imports;
        let solved = self.gateway.solve(definition, imports, Evaluation::Lazy);
        Ok(solved.await?)
    }
}
