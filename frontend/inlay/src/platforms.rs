//! Whether images are for the platform that is built.
//!
//! An engine looks for the platform in a list of images only: an image that is no list it takes for any
//! platform, and the result would say that it is what it is not.

use std::collections::BTreeMap;

use buildkit_llb::Platform;
use compile::ResolvedImage;
use plan::{DEFAULT_BUILDER_BASE, Plan};
use source::{Code, Diagnostic, Diagnostics, Span};
use spec::{BuilderBase, ImageReference};

/// Reports images that commands run in and that are for another platform. What images are copied from is
/// not looked at: data is for every platform, whatever its image says.
pub(crate) fn check(
    diagnostics: &mut Diagnostics,
    platform: &Platform,
    plan: &Plan,
    images: &BTreeMap<ImageReference, ResolvedImage>,
) {
    for (image, span) in run_in(plan) {
        let config = images.iter().find(|(name, _)| name.as_str() == image);
        let Some(config) = config.map(|(_, resolved)| &resolved.config) else {
            continue;
        };
        let (Some(os), Some(architecture)) = (
            config["os"].as_str(),
            config["architecture"]
                .as_str()
                .filter(|text| !text.is_empty()),
        ) else {
            continue;
        };
        if (os, architecture) != (&*platform.os, &*platform.architecture) {
            let message =
                format!("the image `{image}` is for {os}/{architecture}, and {platform} is built");
            let help =
                format!("build with `--platform {os}/{architecture}`, or choose another image");
            diagnostics.push(Diagnostic::new(Code::OtherPlatform, span, message).help(help));
        }
    }
}

/// The images that commands run in, with a place that asks for each.
fn run_in(plan: &Plan) -> BTreeMap<&str, Span> {
    let mut images = BTreeMap::from([(plan.base.value.as_str(), plan.base.span)]);
    let builds = plan
        .extensions
        .iter()
        .filter_map(|extension| extension.build.as_ref());
    for build in builds {
        let image = match &build.on {
            BuilderBase::Default => DEFAULT_BUILDER_BASE,
            BuilderBase::Base => continue,
            BuilderBase::Image(image) => image.as_str(),
        };
        images.entry(image).or_insert(build.span);
    }
    images
}
