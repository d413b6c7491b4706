//! The conversion of a spec: from its text to a plan for each platform, and to graphs.
//!
//! It is the same for builds, for questions about them, and for people at a terminal, who differ in
//! their [`Finder`] and their [`Purpose`].

mod checksums;
mod extensions;
mod images;
mod layers;
mod locked;
mod packages;
mod paths;

use std::collections::BTreeMap;

use buildkit_llb::Platform;
use compile::{Assembly, Compiled, Context, Request, Target, compile};
use plan::{Catalogue, Plan, Resolution, resolve};
use source::{Reported, SourceId};
use spec::{Extension, ExtensionName, Image, parse_image_with};

pub(crate) use images::Images;
pub(crate) use locked::LockFile;
pub(crate) use packages::{Packages, Renewal, has_forgotten};

use crate::convert::extensions::list_extensions;
use crate::finder::Finder;
use crate::findings::Findings;
use crate::request::{BuildRequest, arguments};
use crate::target;

/// The label of an image that has its lock.
const LABEL: &str = "inlay.lock";

/// A conversion of one spec.
pub(crate) struct Conversion<'a, F> {
    pub(crate) request: &'a BuildRequest,
    pub(crate) findings: Findings,
    finder: F,
    spec: SourceId,
    /// The name and the text of the lock beside the spec, until it is read.
    lock_text: Option<(String, String)>,
    /// The lock beside the spec, if it is used.
    lock: Option<LockFile>,
    /// Whether checksums that nobody gives are looked up. If not, they are missed.
    pub(crate) looks_up_checksums: bool,
    /// What identifies the content of each extension that was looked up by its name.
    contents: BTreeMap<ExtensionName, String>,
    /// When the conversion began, in seconds since 1970; 0 = nobody knows.
    pub(crate) began_seconds: u64,
}

/// What a spec is converted for, which decides what is looked for besides extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To answer a question about the build: nothing else is looked for.
    Question,
    /// To build: images are looked for.
    Build,
    /// To say everything that is wrong: images are looked for, and files in contexts too.
    Check,
}

/// A spec after its conversion: everything about it is decided, and nothing was found wrong.
pub(crate) struct Converted {
    pub(crate) image: Image,
    pub(crate) catalogue: Catalogue,
    /// What of the image is built.
    pub(crate) target: Target,
    /// For each platform, in the order asked for.
    pub(crate) platforms: Vec<PlatformPlan>,
}

impl Converted {
    /// Every extension that was found, by name.
    pub(crate) fn extensions(&self) -> BTreeMap<&ExtensionName, &Extension> {
        let extensions = list_extensions(&self.image, &self.catalogue);
        extensions
            .map(|(extension, _)| (&extension.name.value, extension))
            .collect()
    }
}

/// What is built for one platform.
pub(crate) struct PlatformPlan {
    pub(crate) platform: Platform,
    pub(crate) plan: Plan,
    build_context: Context,
    /// The named contexts in which extensions were found.
    extension_contexts: BTreeMap<ExtensionName, Context>,
}

impl<'a, F: Finder> Conversion<'a, F> {
    /// The conversion of a spec, whose file has this name.
    pub(crate) fn new(
        request: &'a BuildRequest,
        finder: F,
        filename: String,
        text: String,
    ) -> Self {
        let rules = request.warning_rules.as_ref();
        let (findings, spec) = Findings::new(filename, text, rules);
        Self {
            request,
            findings,
            finder,
            spec,
            lock_text: None,
            lock: None,
            looks_up_checksums: false,
            contents: BTreeMap::new(),
            began_seconds: 0,
        }
    }

    /// The same conversion with a lock beside the spec: the name and the text of its file.
    pub(crate) fn with_lock(mut self, lock: Option<(String, String)>) -> Self {
        self.lock_text = lock;
        self
    }

    /// The text of the spec.
    pub(crate) fn text(&self) -> &str {
        &self.findings.sources.get(self.spec).text
    }

    /// Reads the spec and what it uses, and decides everything about one target of it. An empty target
    /// is the whole image.
    pub(crate) async fn convert(
        &mut self,
        purpose: Purpose,
        target: &str,
    ) -> Result<Converted, Reported> {
        self.read_lock()?;
        let Findings {
            diagnostics,
            sources,
            ..
        } = &mut self.findings;
        let given = &self.request.arguments;
        let image = parse_image_with(diagnostics, sources, self.spec, given)?;
        arguments::check(diagnostics, &image, given);
        let opened = self.finder.open_build_context(&image).await;
        opened.map_err(|failure| self.findings.fail(failure))?;
        let mut catalogue = Catalogue::new(self.finder.catalogue_names());
        let mut plans = Vec::new();
        for platform in &self.request.platforms {
            plans.push(self.plan(&mut catalogue, &image, platform).await?);
        }
        if purpose == Purpose::Check {
            self.check_paths(&image, &catalogue).await?;
        }
        let plans: Result<Vec<Plan>, Reported> = plans.into_iter().collect();
        if self.findings.check().is_err() && purpose != Purpose::Question {
            // There is no plan, but every plan of this spec would have this base.
            self.check_base(&image.base).await;
        }
        self.findings.check()?;
        let mut converted = Converted {
            image,
            catalogue,
            target: Target::Image,
            platforms: Vec::new(),
        };
        for (platform, plan) in self.request.platforms.iter().zip(plans?) {
            let plan = self.choose(&mut converted, platform, plan, target).await?;
            converted.platforms.push(PlatformPlan {
                platform: platform.clone(),
                plan,
                build_context: self.finder.build_context(),
                extension_contexts: self.finder.extension_contexts(platform),
            });
        }
        self.check_locked_extensions(&converted);
        Ok(converted)
    }

    /// Makes the graph of what is built for one platform.
    ///
    /// Images that are missing in `images` are used as they are written.
    pub(crate) fn compile(
        &self,
        converted: &Converted,
        platform_plan: &PlatformPlan,
        images: Images,
        assembly: Assembly,
        packages: &Packages,
    ) -> Compiled {
        let lock = self.lock_label(converted, platform_plan, &images, assembly, packages);
        let mut request =
            self.compile_request(converted, platform_plan, images, assembly, packages);
        request.labels.extend(lock);
        compile(&platform_plan.plan, &self.findings.sources, &request)
    }

    /// The label with the lock of an image, if the user does not give it. Package lists are left out: newer ones may change
    /// nothing about the image.
    fn lock_label(
        &self,
        converted: &Converted,
        platform_plan: &PlatformPlan,
        images: &Images,
        assembly: Assembly,
        packages: &Packages,
    ) -> Option<(String, String)> {
        let labels = [&self.request.labels, &platform_plan.plan.labels];
        if converted.target != Target::Image || labels.iter().any(|all| all.contains_key(LABEL)) {
            return None;
        }
        let platforms = std::iter::once((platform_plan, images, packages));
        let mut lock = self.make_lock(converted, platforms, assembly);
        for platform in lock.platforms.values_mut() {
            platform.states.clear();
        }
        Some((LABEL.to_owned(), lock.to_string()))
    }

    /// What a compilation needs to know besides the plan.
    pub(crate) fn compile_request(
        &self,
        converted: &Converted,
        platform_plan: &PlatformPlan,
        images: Images,
        assembly: Assembly,
        packages: &Packages,
    ) -> Request {
        let request = self.request;
        Request {
            platform: platform_plan.platform.clone(),
            is_one_of_several: request.platforms.len() > 1,
            images,
            resolve_mode: request.resolve_mode,
            context: platform_plan.build_context.clone(),
            context_host: request.location.git_host(),
            extension_contexts: platform_plan.extension_contexts.clone(),
            frontend: gateway::frontend_definition(),
            assembly,
            target: converted.target.clone(),
            proxy: request.proxy.clone(),
            commands: request.commands.clone(),
            epoch: request.epoch,
            rerun: request.rerun.clone(),
            wants_sbom: request.wants_sbom,
            labels: request.labels.clone(),
            renews_packages: packages.renews,
            known: packages.known.clone(),
        }
    }

    /// Plans an image for one platform, in as many rounds as requirements are deep.
    ///
    /// The inner error means that something is wrong with the texts; the outer one, that an extension
    /// could not be looked for.
    async fn plan(
        &mut self,
        catalogue: &mut Catalogue,
        image: &Image,
        platform: &Platform,
    ) -> Result<Result<Plan, Reported>, Reported> {
        catalogue.checksums = self.known_checksums(platform);
        loop {
            let diagnostics = &mut self.findings.diagnostics;
            match resolve(diagnostics, image, catalogue, &platform.architecture) {
                Err(Reported) => return Ok(Err(Reported)),
                Ok(Resolution::Ready(plan)) => return Ok(Ok(*plan)),
                Ok(Resolution::Need(wanted)) => {
                    self.find_extensions(image, catalogue, wanted).await?;
                }
            }
        }
    }

    /// Narrows the plan of the whole image to one target, and notes which part of it is built.
    async fn choose(
        &mut self,
        converted: &mut Converted,
        platform: &Platform,
        plan: Plan,
        target: &str,
    ) -> Result<Plan, Reported> {
        let known = self.request.require_known(&plan);
        known.map_err(|failure| self.findings.fail(failure))?;
        let chosen = target::choose(target, &plan, &self.findings.sources);
        let chosen = chosen.map_err(|failure| self.findings.fail(failure))?;
        converted.target = chosen.target;
        let alone = chosen.alone.and_then(|name| plan.extension(&name));
        let Some(extension) = alone else {
            return Ok(plan);
        };
        let narrowed = plan::narrow(&converted.image, &converted.catalogue, extension);
        self.plan(&mut converted.catalogue, &narrowed, platform)
            .await?
    }
}
