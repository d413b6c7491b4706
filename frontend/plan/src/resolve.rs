//! One pass of resolution: the names still to be looked for, or the plan.

use std::collections::BTreeSet;

use source::{Diagnostics, Reported};
use spec::Image;

use crate::order::{Ordered, order};
use crate::select::{Selected, select};
use crate::{Catalogue, Plan, Planned, Wanted, bind, claims, clashes, settings, shell_text, union};

/// What a pass of resolution gives.
#[derive(Debug)]
pub enum Resolution {
    /// These have to be looked for; then resolve again.
    Need(BTreeSet<Wanted>),
    /// Everything is decided.
    Ready(Box<Plan>),
}

/// Resolves what an image uses against the extensions found so far.
///
/// `architecture` is that of the image, in OCI's words (`amd64`). Everything that can be found wrong is
/// reported, be it about different extensions: the parts of `image` and of definitions that were
/// reported by the parser are passed over.
///
/// # Errors
/// When there is any error in `diagnostics`, the parser's included: no plan is made of a spec that has
/// one.
pub fn resolve(
    diagnostics: &mut Diagnostics,
    image: &Image,
    catalogue: &Catalogue,
    architecture: &str,
) -> Result<Resolution, Reported> {
    let selection = select(diagnostics, image, catalogue);
    if !selection.need.is_empty() {
        return Ok(Resolution::Need(selection.need));
    }
    let mut circle = Diagnostics::new();
    let Ok(ordered) = order(&mut circle, selection.selected.clone()) else {
        // Without an order there is no plan, but each extension's own mistakes can be told.
        for selected in selection.selected.into_values() {
            let alone = Ordered {
                selected,
                requires: BTreeSet::new(),
            };
            let _ = bind_sound(diagnostics, &alone, image, architecture);
        }
        for found in circle.iter() {
            diagnostics.push(found.clone());
        }
        return Err(Reported);
    };
    let mut extensions: Vec<(&Ordered, Planned)> = Vec::new();
    for ordered in &ordered {
        if let Ok(planned) = bind_sound(diagnostics, ordered, image, architecture) {
            extensions.push((ordered, planned));
        }
    }
    let members = union::members(image, &extensions);
    for (_, extension) in &mut extensions {
        extension.is_in_union = extension.installs() && members.contains(&extension.name);
    }
    let settings = settings::combine(diagnostics, image, &extensions);
    let extensions: Vec<Planned> = extensions.into_iter().map(|(_, planned)| planned).collect();
    claims::check(diagnostics, &extensions);
    clashes::check(diagnostics, &extensions);
    if diagnostics.has_errors() {
        return Err(Reported);
    }
    Ok(Resolution::Ready(Box::new(Plan {
        base: image.base.clone(),
        architecture: architecture.to_owned(),
        extensions,
        environment: settings.environment,
        path: settings.path,
        workdir: image.workdir.as_ref().map(|workdir| workdir.value.clone()),
        labels: image
            .labels
            .iter()
            .map(|(key, value)| (key.clone(), value.value.clone()))
            .collect(),
    })))
}

/// Binds an extension, unless its definition or its use was reported: what would be said of a part that
/// was left out might not be true of the whole.
fn bind_sound(
    diagnostics: &mut Diagnostics,
    ordered: &Ordered,
    image: &Image,
    architecture: &str,
) -> Result<Planned, Reported> {
    let Selected {
        found,
        cause,
        is_contested,
        ..
    } = &ordered.selected;
    let is_reported = |span| diagnostics.is_reported_within(span);
    if *is_contested || is_reported(found.extension.span) || is_reported(*cause) {
        return Err(Reported);
    }
    shell_text::check(diagnostics, &found.extension);
    bind::bind(diagnostics, ordered, &image.base.value, architecture)
}
