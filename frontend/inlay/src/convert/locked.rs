//! What a lock says about a spec, and what it does not.

use std::collections::BTreeMap;

use compile::{Assembly, InstallationId, Known, StateId, Target, wanted_packages};
use lock::{Entry, Installation, Lock};
use source::{Code, Diagnostic, Diagnostics, Reported, Span};
use spec::ImageReference;

use crate::convert::{Conversion, Converted, Images, Packages, PlatformPlan, checksums};
use crate::finder::Finder;
use crate::request::LockMode;

/// What to do if a lock does not match its spec.
const HELP: &str = "write the lock again with `--call=lock`";

/// The lock beside a spec.
#[derive(Debug, Clone)]
pub(crate) struct LockFile {
    /// The name of its file.
    pub(crate) name: String,
    pub(crate) lock: Lock,
}

/// The digits of the digest of a resolved image; `None` = it is not an image of a registry.
fn digest_of(source: &compile::ImageSource) -> Option<&str> {
    match source {
        compile::ImageSource::Reference(reference) => {
            let (_, digest) = reference.split_once('@')?;
            digest.strip_prefix("sha256:")
        }
        compile::ImageSource::Definition(_) => None,
    }
}

impl<F: Finder> Conversion<'_, F> {
    /// Reads the lock, and reports what is wrong with it.
    pub(crate) fn read_lock(&mut self) -> Result<(), Reported> {
        let mode = &self.request.lock;
        let Some((name, text)) = self.lock_text.take_if(|_| !mode.upgrades_all()) else {
            return Ok(());
        };
        let findings = &mut self.findings;
        let source = findings.sources.add(name.clone(), text);
        let lock = lock::read_lock(&mut findings.diagnostics, &findings.sources, source)?;
        self.lock = Some(LockFile { name, lock });
        Ok(())
    }

    /// Goes on without the lock, unless the request insists on it. Returns whether it does.
    pub(crate) fn leave_lock(&mut self) -> bool {
        let insists = self.request.lock.is_strict();
        if !insists {
            self.lock = None;
        }
        !insists
    }

    /// The digest that the lock has for an image.
    pub(crate) fn locked_digest(&self, image: &ImageReference) -> Option<String> {
        let file = self.lock.as_ref()?;
        let entry = file.lock.images.get(image.as_str())?;
        Some(format!("sha256:{}", entry.sha256))
    }

    /// What the lock has for a platform.
    pub(crate) fn locked_platform(
        &self,
        platform: &buildkit_llb::Platform,
    ) -> Option<&lock::Platform> {
        let file = self.lock.as_ref()?;
        file.lock.platforms.get(&platform.to_string())
    }

    /// Reports extensions that were looked up by their names and have another content than the lock says, and what the
    /// lock has beside what the spec uses.
    pub(crate) fn check_locked_extensions(&mut self, converted: &Converted) {
        let Some(file) = &self.lock else { return };
        let name = &file.name;
        let code = self.code_of_difference();
        let mut found = Vec::new();
        let extensions = converted.platforms.first();
        let extensions = extensions.map_or(&[][..], |first| &first.plan.extensions);
        for extension in extensions {
            let Some(content) = self.contents.get(&extension.name) else {
                continue;
            };
            if self.is_upgraded(&InstallationId::Extension(extension.name.clone())) {
                continue;
            }
            let locked = file.lock.extensions.get(extension.name.as_str());
            let message = match locked {
                Some(entry) if entry.sha256 == *content => continue,
                Some(_) => format!(
                    "`{name}` was written for another content of the extension `{}`",
                    extension.name
                ),
                None => format!("`{name}` does not have the extension `{}`", extension.name),
            };
            let mut diagnostic = Diagnostic::new(code, extension.cause, message);
            diagnostic = match locked.and_then(|entry| entry.span) {
                Some(place) => diagnostic.label(place, "the lock has it here").help(
                    "use the version of inlay that the lock was written with, or write the lock again with \
                     `--call=lock`",
                ),
                None => diagnostic.help(HELP),
            };
            found.push(diagnostic);
        }
        if self.request.lock == LockMode::Locked && self.is_whole(converted) {
            let is_used = |name: &str| {
                let mut all = extensions.iter();
                all.any(|one| one.name.as_str() == name && self.contents.contains_key(&one.name))
            };
            let images = converted.platforms.iter().map(|one| one.plan.images());
            let images: Vec<_> = images.flatten().map(|(image, _)| image).collect();
            for (image, entry) in &file.lock.images {
                if !images.iter().any(|used| used.as_str() == image) {
                    let message = format!("the spec uses no image `{image}`");
                    found.extend(unused(message, entry.span));
                }
            }
            for (extension, entry) in &file.lock.extensions {
                if !is_used(extension) {
                    let message = format!("the spec does not look up an extension `{extension}`");
                    found.extend(unused(message, entry.span));
                }
            }
            for platform_plan in &converted.platforms {
                let used = checksums::known(&platform_plan.plan);
                let locked = self.locked_platform(&platform_plan.platform);
                let sources = locked.into_iter().flat_map(|locked| &locked.sources);
                for (key, entry) in sources.filter(|(key, _)| !used.contains_key(*key)) {
                    let message = format!("the spec needs no checksum of `{}`", key.1);
                    found.extend(unused(message, entry.span));
                }
            }
        }
        for diagnostic in found {
            self.findings.diagnostics.push(diagnostic);
        }
    }

    /// Whether the whole image is built.
    fn is_whole(&self, converted: &Converted) -> bool {
        converted.target == Target::Image && self.request.target.is_empty()
    }

    /// Reports that what the lock does not have was resolved from other package lists than what it has.
    pub(crate) fn check_locked_lists(
        &self,
        diagnostics: &mut Diagnostics,
        platform_plan: &PlatformPlan,
        known: &Known,
    ) {
        let Some(file) = &self.lock else { return };
        let base = &platform_plan.plan.base;
        let locked = self.locked_platform(&platform_plan.platform);
        let locked = locked.and_then(|locked| locked.states.get(base.value.as_str()));
        let now = known.states.get(&StateId::Image(base.value.clone()));
        if locked.zip(now).is_some_and(|(locked, now)| locked != now) {
            let message = format!(
                "what `{}` does not have is resolved from other package lists than it was written from",
                file.name
            );
            let help = "if versions do not fit, renew the lock: `--call=lock` with `--build-arg INLAY_LOCK=upgrade`";
            let diagnostic = Diagnostic::new(Code::StaleLock, base.span, message).help(help);
            diagnostics.push(diagnostic);
        }
    }

    /// The lock of what was found. It has the checksums that are known, but not those that are looked up.
    pub(crate) fn make_lock<'b>(
        &self,
        converted: &Converted,
        platforms: impl Iterator<Item = (&'b PlatformPlan, &'b Images, &'b Packages)>,
        assembly: Assembly,
    ) -> Lock {
        let mut lock = Lock::default();
        for (platform_plan, images, packages) in platforms {
            for (image, resolved) in images {
                if let Some(digest) = digest_of(&resolved.source) {
                    lock.images
                        .insert(image.to_string(), entry(digest.to_owned()));
                }
            }
            for extension in &platform_plan.plan.extensions {
                if let Some(content) = self.contents.get(&extension.name) {
                    let entry = entry(content.clone());
                    lock.extensions.insert(extension.name.to_string(), entry);
                }
            }
            let none = Packages::default();
            let request =
                self.compile_request(converted, platform_plan, images.clone(), assembly, &none);
            let wanted = wanted_packages(&platform_plan.plan, &request);
            let installations = packages.known.lists.iter().map(|(id, list)| {
                // A frozen lock is used even if the spec asks for something else. It must not look as if it matched.
                let asked = self
                    .frozen_question(&platform_plan.platform, id)
                    .or_else(|| wanted.get(id).map(|wanted| wanted.asked.hex()));
                let installation = Installation {
                    asked: asked.unwrap_or_default(),
                    list: list.clone(),
                    span: None,
                };
                (id.to_string(), installation)
            });
            let known = checksums::known(&platform_plan.plan).into_iter();
            let platform = lock::Platform {
                states: self.states(platform_plan, packages),
                sources: known.map(|(key, sha256)| (key, entry(sha256))).collect(),
                installations: installations.collect(),
            };
            lock.platforms
                .insert(platform_plan.platform.to_string(), platform);
        }
        lock
    }

    /// What a frozen lock has the packages of an installation for.
    fn frozen_question(
        &self,
        platform: &buildkit_llb::Platform,
        id: &InstallationId,
    ) -> Option<String> {
        let locked = self.locked_platform(platform)?;
        let locked = locked.installations.get(&id.to_string());
        locked
            .filter(|_| self.request.lock == LockMode::Frozen)
            .map(|installation| installation.asked.clone())
    }

    /// The digests of the package lists of each image: those that were asked, or else those that the lock has.
    fn states(
        &self,
        platform_plan: &PlatformPlan,
        packages: &Packages,
    ) -> BTreeMap<String, String> {
        let locked = self.locked_platform(&platform_plan.platform);
        let mut states: BTreeMap<String, String> = BTreeMap::new();
        for image in platform_plan.plan.images().keys() {
            let asked = packages.known.states.get(&StateId::Image(image.clone()));
            let locked = locked.and_then(|locked| locked.states.get(image.as_str()));
            if let Some(digest) = asked.or(locked) {
                states.insert(image.to_string(), digest.clone());
            }
        }
        states
    }

    /// Reports an image that the lock does not have. `span` is a place that asks for it.
    pub(crate) fn check_locked_image(
        &self,
        image: &ImageReference,
        span: Span,
    ) -> Option<Diagnostic> {
        let name = match &self.lock {
            Some(file) if file.lock.images.contains_key(image.as_str()) => return None,
            Some(file) => file.name.as_str(),
            None if self.request.lock.is_strict() => {
                let message = "there is no lock beside the spec";
                let help = "write one with `--call=lock`";
                return Some(Diagnostic::new(Code::OtherLock, span, message).help(help));
            }
            None => return None,
        };
        let message = format!("`{name}` does not have the image `{image}`");
        let code = self.code_of_difference();
        Some(Diagnostic::new(code, span, message).help(HELP))
    }

    /// What the lock knows about packages, as far as the spec still asks for the same.
    pub(crate) fn locked_packages(
        &self,
        diagnostics: &mut Diagnostics,
        (converted, platform_plan, images): (&Converted, &PlatformPlan, &Images),
        assembly: Assembly,
    ) -> Known {
        let mut known = Known::default();
        let Some(file) = &self.lock else {
            return known;
        };
        let packages = Packages::default();
        let request = self.compile_request(
            converted,
            platform_plan,
            images.clone(),
            assembly,
            &packages,
        );
        let wanted = wanted_packages(&platform_plan.plan, &request);
        let platform = &platform_plan.platform;
        let locked = self.locked_platform(platform);
        for (id, asked) in &wanted {
            if self.is_upgraded(id) {
                continue;
            }
            let found = locked.and_then(|locked| locked.installations.get(&id.to_string()));
            let is_same = |found: &&Installation| {
                found.asked == asked.asked.hex() || self.request.lock == LockMode::Frozen
            };
            if let Some(found) = found.filter(is_same) {
                known.lists.insert(id.clone(), found.list.clone());
                continue;
            }
            let mut spans = asked.packages.values().flatten();
            let span = spans
                .next()
                .copied()
                .unwrap_or(platform_plan.plan.base.span);
            let name = &file.name;
            let message = match found {
                Some(_) => format!(
                    "`{name}` has the packages of `{id}` for something else than the spec asks for"
                ),
                None => format!("`{name}` does not have the packages of `{id}` for {platform}"),
            };
            let code = self.code_of_difference();
            let mut diagnostic = Diagnostic::new(code, span, message).help(HELP);
            if let Some(place) = found.and_then(|found| found.span) {
                diagnostic = diagnostic.label(place, "the lock has them here");
            }
            diagnostics.push(diagnostic);
        }
        if self.request.lock == LockMode::Locked && self.is_whole(converted) {
            check_unused(diagnostics, &wanted.into_keys().collect::<Vec<_>>(), locked);
        }
        known
    }

    /// Whether the request asks for the newest packages of an installation.
    fn is_upgraded(&self, id: &InstallationId) -> bool {
        match (&self.request.lock, id) {
            (LockMode::Upgrade(names), InstallationId::Extension(name)) => {
                names.is_empty() || names.contains(name)
            }
            (LockMode::Upgrade(names), _) => names.is_empty(),
            _ => false,
        }
    }

    /// The code of a difference between the lock and the spec.
    fn code_of_difference(&self) -> Code {
        if self.request.lock.is_strict() {
            Code::OtherLock
        } else {
            Code::StaleLock
        }
    }
}

/// Reports what a lock has and the spec does not ask for.
fn check_unused(
    diagnostics: &mut Diagnostics,
    wanted: &[InstallationId],
    locked: Option<&lock::Platform>,
) {
    let names: Vec<String> = wanted.iter().map(InstallationId::to_string).collect();
    let installations = locked.into_iter().flat_map(|locked| &locked.installations);
    for (name, installation) in installations.filter(|(name, _)| !names.contains(name)) {
        let message = format!("the spec installs no packages of `{name}`");
        if let Some(diagnostic) = unused(message, installation.span) {
            diagnostics.push(diagnostic);
        }
    }
}

fn unused(message: String, span: Option<Span>) -> Option<Diagnostic> {
    Some(Diagnostic::new(Code::OtherLock, span?, message).help(HELP))
}

fn entry(sha256: String) -> Entry {
    Entry { sha256, span: None }
}
