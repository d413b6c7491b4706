//! A build, from its options to its image.

use std::cell::Cell;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use buildkit_llb::{Output, pb};
use compile::{Compiled, SBOM_FILE, Target, independent_outputs};
use gateway::{
    Attestation, CacheImport, Engine, Evaluation, Failure, Gateway, Options, Reference, Reply,
};
use source::{Reported, shown};

use crate::catalogue::CatalogueFiles;
use crate::convert::{
    Conversion, Converted, Images, Packages, PlatformPlan, Purpose, Renewal, has_forgotten,
};
use crate::engine::{choose_assembly, make_definition};
use crate::finder::Finder;
use crate::finder::engine::EngineFinder;
use crate::request::BuildRequest;
use crate::result::{self, Built};
use crate::subrequest::{self, Subrequest};
use crate::together::{run_beside, run_together};
use crate::{context, failed_step, report};

/// How long packages may be looked up before other things are made meanwhile: if the engine has the answers, it gives them
/// sooner.
const AHEAD_AFTER: Duration = Duration::from_millis(300);

/// Answers a request of BuildKit.
///
/// The engine has run everything when the answer is given, unless the user leaves that to the client.
///
/// # Errors
/// When there is no image. The failure has the user's lines whenever a text of theirs is the cause.
pub async fn answer(
    gateway: &impl Gateway,
    options: &Options,
    catalogue: &CatalogueFiles,
) -> Result<Reply, Failure> {
    let answered = Box::pin(try_to_answer(gateway, options, catalogue)).await;
    // Failures quote addresses, and what the engine says of them.
    answered.map_err(|failure| {
        let message = shown(&failure.message);
        failure.with_message(message)
    })
}

async fn try_to_answer(
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
    let conversion = Conversion::new(&request, finder, located.filename, spec.text);
    let mut conversion = conversion.with_lock(spec.lock);
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    conversion.began_seconds = now.map_or(0, |now| now.as_secs());
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

/// Replaces the engine's words about a file that is not there with the place that asks for it, if it is a file of a
/// context. Only then are contexts searched, so that no other build waits for that.
async fn explain_missing<F: Finder>(
    conversion: &mut Conversion<'_, F>,
    converted: &Converted,
    failure: Failure,
) -> Failure {
    let may_miss_file = ["not found", "no such file"]
        .iter()
        .any(|words| failure.message.contains(words));
    if may_miss_file && failure.exit_code().is_none() {
        let checked = conversion.check_paths(&converted.image, &converted.catalogue);
        if checked.await.is_ok() && conversion.findings.check().is_err() {
            return conversion.findings.failure();
        }
    }
    failure
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
        let converted = converted.map_err(|Reported| conversion.findings.failure())?;
        let images = conversion.find_images(&converted).await;
        if let Ok(images) = &images {
            conversion.check_layers(&converted, images, choose_assembly(&self.engine));
        }
        let warned = self.warn(conversion, 0).await?;
        let checked = conversion.findings.check().and(images);
        let images = checked.map_err(|Reported| conversion.findings.failure())?;
        let ahead = self.definitions_ahead(conversion, &converted, &images);
        let are_found = Cell::new(false);
        let built = run_beside(
            self.build_all(conversion, (&converted, &images), warned, &are_found),
            self.run_ahead(&request.cache_imports, ahead, &are_found),
        );
        let built = built.await?;
        Ok(result::make_reply(
            request,
            choose_assembly(&self.engine),
            built,
        ))
    }

    /// Finds the packages and builds for each platform, from newer package lists if an archive has forgotten what was found.
    /// The first `warned` warnings were sent before. Notes in `are_found` that the packages are found.
    async fn build_all<F: Finder>(
        &self,
        conversion: &mut Conversion<'_, F>,
        (converted, images): (&Converted, &[Images]),
        mut warned: usize,
        are_found: &Cell<bool>,
    ) -> Result<Vec<Built>, Failure> {
        let request = conversion.request;
        let assembly = choose_assembly(&self.engine);
        let mut renewal = Renewal::of(request);
        loop {
            let may_renew = matches!(renewal, Renewal::None);
            let found = conversion.find_packages(converted, images, assembly, renewal);
            let found = found.await;
            let found = found.map_err(|Reported| conversion.findings.failure())?;
            warned = self.warn(conversion, warned).await?;
            are_found.set(true);
            let plans = converted.platforms.iter().zip(images).zip(&found);
            let built = run_together(plans.map(|((platform_plan, images), packages)| {
                self.build(
                    conversion,
                    converted,
                    platform_plan,
                    images.clone(),
                    packages,
                )
            }));
            let built: Result<Vec<Built>, Failure> = built.await.into_iter().collect();
            match built {
                Ok(built) => return Ok(built),
                // What the package lists name is not there any more: with today's lists, the build can go on.
                Err(failure) if has_forgotten(&failure) && may_renew && conversion.leave_lock() => {
                    renewal = Renewal::Forgotten(found);
                }
                Err(failure) => return Err(explain_missing(conversion, converted, failure).await),
            }
        }
    }

    /// The definitions of what can be made while packages are looked up.
    fn definitions_ahead<F: Finder>(
        &self,
        conversion: &Conversion<'_, F>,
        converted: &Converted,
        images: &[Images],
    ) -> Vec<pb::Definition> {
        let request = conversion.request;
        if converted.target != Target::Image || request.evaluation != Evaluation::Now {
            return Vec::new();
        }
        let assembly = choose_assembly(&self.engine);
        let mut definitions = Vec::new();
        for (platform_plan, images) in converted.platforms.iter().zip(images) {
            let none = Packages::default();
            let images = images.clone();
            let request =
                conversion.compile_request(converted, platform_plan, images, assembly, &none);
            let sources = &conversion.findings.sources;
            let (graph, outputs) = independent_outputs(&platform_plan.plan, sources, &request);
            let outputs = outputs.into_iter();
            definitions.extend(outputs.map(|output| make_definition(&self.engine, &graph, output)));
        }
        definitions
    }

    /// Makes what can be made while packages are looked up, if that takes long. Failures are left to the build itself.
    async fn run_ahead(
        &self,
        imports: &[CacheImport],
        definitions: Vec<pb::Definition>,
        are_found: &Cell<bool>,
    ) {
        if definitions.is_empty() {
            return;
        }
        tokio::time::sleep(AHEAD_AFTER).await;
        if are_found.get() {
            return;
        }
        let definitions = definitions.into_iter();
        let solves =
            definitions.map(|definition| self.gateway.solve(definition, imports, Evaluation::Now));
        let _kept = run_together(solves).await;
        // The engine must not drop what was made before the image is there.
        std::future::pending::<()>().await;
    }

    /// Sends the warnings but for the first ones, which were sent before, and fails if the user does not accept any.
    /// Returns how many there are.
    async fn warn<F>(&self, conversion: &Conversion<'_, F>, sent: usize) -> Result<usize, Failure> {
        let findings = &conversion.findings;
        let warnings = findings.shown_warnings();
        for warning in &warnings[sent..] {
            let warning = report::make_warning(&findings.sources, warning, &self.spec_vertex);
            self.gateway.warn(warning).await?;
        }
        if findings.refuses_warnings() {
            return Err(report::refuse_warnings(&findings.sources, &warnings));
        }
        Ok(warnings.len())
    }

    /// Compiles what is built for one platform and hands its graph to the engine.
    async fn build<F: Finder>(
        &self,
        conversion: &Conversion<'_, F>,
        converted: &Converted,
        platform_plan: &PlatformPlan,
        images: Images,
        packages: &Packages,
    ) -> Result<Built, Failure> {
        // Parts of an image have no base.
        let base = images.get(&platform_plan.plan.base.value);
        let base = base.filter(|_| converted.target == Target::Image).cloned();
        let assembly = choose_assembly(&self.engine);
        let compiled = conversion.compile(converted, platform_plan, images, assembly, packages);
        let request = conversion.request;
        let reference = self.solve(request, &compiled, compiled.root).await?;
        let sbom = match compiled.sbom {
            None => None,
            Some(output) => {
                let reference = self.solve(request, &compiled, output).await?;
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

    /// Has the engine evaluate one output of the graph. Where that is left to the client, nothing runs yet.
    async fn solve(
        &self,
        request: &BuildRequest,
        compiled: &Compiled,
        output: Output,
    ) -> Result<Reference, Failure> {
        let solve = |output: Output| {
            let definition = make_definition(&self.engine, &compiled.graph, output);
            self.gateway
                .solve(definition, &request.cache_imports, request.evaluation)
        };
        let failure = match solve(output).await {
            Ok(reference) => return Ok(reference),
            Err(error) => Failure::from(error),
        };
        // The engine gave up at the first download that failed; the others are tried too, so that every
        // wrong checksum is told at once.
        let others = failed_step::other_downloads(compiled, output, &failure);
        let others = run_together(others.into_iter().map(solve)).await;
        let others = others.into_iter().filter_map(Result::err);
        let failures = std::iter::once(failure).chain(others.map(Failure::from));
        let failures = failures.map(|failure| failed_step::explain(&compiled.graph, failure));
        Err(failed_step::combine(failures.collect()).expect("one failure is there"))
    }
}
