//! The search for images, and what is required of them.

use std::collections::BTreeMap;

use buildkit_llb::Platform;
use compile::{ImageSource, ResolvedImage};
use plan::ImageUse;
use source::{Code, Diagnostic, Diagnostics, Reported, Spanned};
use spec::ImageReference;

use crate::convert::{Conversion, Converted};
use crate::finder::Finder;
use crate::report;
use crate::together::run_together;

/// Images, resolved.
pub(crate) type Images = BTreeMap<ImageReference, ResolvedImage>;

impl<F: Finder> Conversion<'_, F> {
    /// Finds the images of what is built, for each platform in order.
    pub(crate) async fn find_images(
        &mut self,
        converted: &Converted,
    ) -> Result<Vec<Images>, Reported> {
        let mut all = Vec::new();
        for platform_plan in &converted.platforms {
            let (platform, plan) = (&platform_plan.platform, &platform_plan.plan);
            all.push(self.find(platform, &plan.images(), &plan.base).await);
        }
        self.findings.check().map(|()| all)
    }

    /// Reports what is wrong with the base of a spec that has no plan.
    pub(crate) async fn check_base(&mut self, base: &Spanned<ImageReference>) {
        let used = ImageUse {
            span: base.span,
            runs_commands: true,
        };
        let wanted = BTreeMap::from([(base.value.clone(), used)]);
        for platform in &self.request.platforms {
            self.find(platform, &wanted, base).await;
        }
    }

    /// Finds images, all at once, and reports what is wrong with them.
    async fn find(
        &mut self,
        platform: &Platform,
        wanted: &BTreeMap<ImageReference, ImageUse>,
        base: &Spanned<ImageReference>,
    ) -> Images {
        let finder = &self.finder;
        let answers = wanted
            .keys()
            .map(|image| (image, self.locked_digest(image)))
            .map(|(image, digest)| async move {
                let found = finder.resolve_image(platform, image, digest.as_deref());
                found.await
            });
        let answers = run_together(answers).await;
        let mut differences = Vec::new();
        let mut images = Images::new();
        let mut failures = Vec::new();
        for ((image, used), answer) in wanted.iter().zip(answers) {
            match answer {
                Ok(Some(resolved)) => {
                    // What another build or a layout of the client has is no image of a registry.
                    if matches!(resolved.source, ImageSource::Reference(_)) {
                        differences.extend(self.check_locked_image(image, used.span));
                    }
                    images.insert(image.clone(), resolved);
                }
                Ok(None) => {}
                Err(failure) => failures.push((used.span, failure)),
            }
        }
        failures.sort_by_key(|(span, _)| *span);
        for (span, failure) in failures {
            let failure = report::add_place(failure, &self.findings.sources, span);
            self.findings.fail(failure);
        }
        let diagnostics = &mut self.findings.diagnostics;
        for difference in differences {
            diagnostics.push(difference);
        }
        check_platforms(diagnostics, platform, wanted, &images);
        check_triggers(diagnostics, base, &images);
        images
    }
}

/// Reports images that commands run in and that are for another platform.
///
/// An engine looks for the platform in a list of images only. It takes an image that is not a list for
/// any platform, and the result would claim to be what it is not. Images from which files are copied
/// are not checked: data is for every platform, whatever its image says.
fn check_platforms(
    diagnostics: &mut Diagnostics,
    platform: &Platform,
    wanted: &BTreeMap<ImageReference, ImageUse>,
    images: &Images,
) {
    for (image, used) in wanted.iter().filter(|(_, used)| used.runs_commands) {
        let Some(config) = images.get(image).map(|resolved| &resolved.config) else {
            continue;
        };
        let text = |key: &str| config[key].as_str().filter(|text| !text.is_empty());
        let (Some(os), Some(architecture)) = (text("os"), text("architecture")) else {
            continue;
        };
        if (os, architecture) != (&*platform.os, &*platform.architecture) {
            let message = format!(
                "the image `{image}` is for {os}/{architecture}, but the build is for {platform}"
            );
            let help =
                format!("build with `--platform {os}/{architecture}`, or choose another image");
            diagnostics.push(Diagnostic::new(Code::OtherPlatform, used.span, message).help(help));
        }
    }
}

/// Reports a base with commands for builds on it (`ONBUILD` in Dockerfiles): they would be skipped
/// silently, and the image would lack what they do.
fn check_triggers(diagnostics: &mut Diagnostics, base: &Spanned<ImageReference>, images: &Images) {
    let resolved = images.get(&base.value);
    let triggers = resolved.and_then(|resolved| resolved.config["config"]["OnBuild"].as_array());
    let Some(first) = triggers.and_then(|triggers| triggers.first()?.as_str()) else {
        return;
    };
    let name = &base.value;
    let message = format!(
        "the base `{name}` has ONBUILD commands, which run only when a Dockerfile builds on it: \
         `{first}`"
    );
    let help = format!(
        "build an image with a Dockerfile that says `FROM {name}`, and use that image as the base"
    );
    diagnostics.push(Diagnostic::new(Code::TriggersOfBase, base.span, message).help(help));
}
