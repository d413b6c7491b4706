//! Whether images are for the platform that is built.
//!
//! An engine looks for the platform in a list of images only: an image that is no list it takes for any
//! platform, and the result would say that it is what it is not.

use std::collections::BTreeMap;

use buildkit_llb::Platform;
use compile::ResolvedImage;
use plan::Plan;
use source::{Code, Diagnostic, Diagnostics};
use spec::ImageReference;

/// Reports images that commands run in and that are for another platform. What images are copied from is
/// not looked at: data is for every platform, whatever its image says.
pub(crate) fn check(
    diagnostics: &mut Diagnostics,
    platform: &Platform,
    plan: &Plan,
    images: &BTreeMap<ImageReference, ResolvedImage>,
) {
    let run = plan
        .images()
        .into_iter()
        .filter(|(_, used)| used.runs_commands);
    for (image, used) in run {
        let Some(config) = images.get(&image).map(|resolved| &resolved.config) else {
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
            diagnostics.push(Diagnostic::new(Code::OtherPlatform, used.span, message).help(help));
        }
    }
}
