//! How many layers an image has: engines mount only so many.

use compile::{Assembly, Target, count_layers};
use source::{Code, Diagnostic};

use crate::convert::{Conversion, Converted, Images};
use crate::finder::Finder;

/// The most layers that every engine can use: `layer.maxLayerDepth` of moby. overlayfs has its own limit, the length
/// of its options, which containerd reaches a little later.
const MOST: usize = 125;

/// From how many layers on there is a warning. A joint or an image that is built on this one adds some.
const MANY: usize = 110;

impl<F: Finder> Conversion<'_, F> {
    /// Reports an image with more layers than engines can use, or with nearly as many. `images` are those of each
    /// platform in order.
    pub(crate) fn check_layers(
        &mut self,
        converted: &Converted,
        images: &[Images],
        assembly: Assembly,
    ) {
        if !matches!(converted.target, Target::Image | Target::Tests(_)) {
            return;
        }
        for (platform_plan, images) in converted.platforms.iter().zip(images) {
            let plan = &platform_plan.plan;
            let config = images.get(&plan.base.value).map(|image| &image.config);
            let of_base = config.and_then(|config| config["rootfs"]["diff_ids"].as_array());
            let of_base = of_base.map_or(0, Vec::len);
            let own = count_layers(plan, assembly);
            let whole = of_base + own;
            let code = match whole {
                0..MANY => continue,
                MANY..=MOST => Code::ManyLayers,
                _ => Code::TooManyLayers,
            };
            let message = format!(
                "the image has {whole} layers, {of_base} of its base and {own} of its extensions; engines can \
                 use {MOST}"
            );
            let help = "install all packages as one layer (`packages: union`), put what several extensions \
                        bring into one, or use a base with fewer layers";
            let diagnostic = Diagnostic::new(code, plan.base.span, message).help(help);
            self.findings.diagnostics.push(diagnostic);
            return;
        }
    }
}
