//! What a lock says about a spec, and what it does not.

use std::collections::BTreeMap;

use compile::{Assembly, InstallationId, Known, wanted_packages};
use lock::{Installation, Lock, Platform};
use source::{Code, Diagnostic, Diagnostics, Reported, Span};
use spec::ImageReference;

use crate::convert::{Conversion, Converted, Images, Packages, PlatformPlan};
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

/// The digest of a resolved image; `None` = it is not an image of a registry.
fn digest_of(source: &compile::ImageSource) -> Option<&str> {
    match source {
        compile::ImageSource::Reference(reference) => {
            reference.split_once('@').map(|(_, digest)| digest)
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
    pub(crate) fn locked_digest(&self, image: &ImageReference) -> Option<&str> {
        let file = self.lock.as_ref()?;
        file.lock.images.get(image.as_str()).map(String::as_str)
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
        let platform = platform_plan.platform.to_string();
        let locked = file.lock.platforms.get(&platform);
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
        let is_whole = converted.target == compile::Target::Image && self.request.target.is_empty();
        if self.request.lock == LockMode::Locked && is_whole {
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
    locked: Option<&Platform>,
) {
    let names: Vec<String> = wanted.iter().map(InstallationId::to_string).collect();
    let installations = locked.into_iter().flat_map(|locked| &locked.installations);
    for (name, installation) in installations.filter(|(name, _)| !names.contains(name)) {
        let message = format!("the spec installs no packages of `{name}`");
        if let Some(span) = installation.span {
            let diagnostic = Diagnostic::new(Code::OtherLock, span, message).help(HELP);
            diagnostics.push(diagnostic);
        }
    }
}

/// The lock of what was found.
pub(crate) fn make_lock(
    converted: &Converted,
    images: &[Images],
    packages: &[Packages],
    asked: &[BTreeMap<InstallationId, String>],
) -> Lock {
    let mut lock = Lock::default();
    for (image, resolved) in images.iter().flatten() {
        if let Some(digest) = digest_of(&resolved.source) {
            lock.images.insert(image.to_string(), digest.to_owned());
        }
    }
    let platforms = converted.platforms.iter().zip(packages).zip(asked);
    for ((platform_plan, packages), asked) in platforms {
        let installations = packages.known.lists.iter().map(|(id, list)| {
            let installation = Installation {
                asked: asked.get(id).cloned().unwrap_or_default(),
                list: list.clone(),
                span: None,
            };
            (id.to_string(), installation)
        });
        let platform = Platform {
            installations: installations.collect(),
        };
        lock.platforms
            .insert(platform_plan.platform.to_string(), platform);
    }
    lock
}
