//! One pass of resolution, which ends with the names still to be looked for, or with the plan.

use std::collections::BTreeSet;

use source::{Diagnostics, Reported};
use spec::Image;

use crate::order::{Ordered, order};
use crate::select::{Selected, select};
use crate::{
    Catalogue, Checksums, Plan, Planned, Wanted, bind, claims, clashes, settings, shell_text, union,
};

/// The result of one pass of resolution.
#[derive(Debug)]
pub enum Resolution {
    /// These extensions have to be looked for before the next pass.
    Need(BTreeSet<Wanted>),
    /// Everything is decided.
    Ready(Box<Plan>),
}

/// Resolves what an image uses against the extensions found so far.
///
/// `architecture` is that of the image, as OCI names it (`amd64`). One pass reports everything that it can
/// find wrong, even in different extensions. It ignores those parts of `image` and of definitions in which
/// the parser has already reported a problem.
///
/// # Errors
/// If there is any error in `diagnostics`, including those of the parser: a spec with an error gets no plan.
pub fn resolve(
    diagnostics: &mut Diagnostics,
    image: &Image,
    catalogue: &Catalogue,
    architecture: &str,
) -> Result<Resolution, Reported> {
    let checksums = &catalogue.checksums;
    let selection = select(diagnostics, image, catalogue);
    if !selection.need.is_empty() {
        return Ok(Resolution::Need(selection.need));
    }
    let mut circle = Diagnostics::new();
    let Ok(ordered) = order(&mut circle, selection.selected.clone()) else {
        // Without an order there is no plan, but the mistakes within each extension can still be reported.
        for selected in selection.selected.into_values() {
            let alone = Ordered {
                selected,
                requires: BTreeSet::new(),
            };
            let _ = bind_sound(diagnostics, &alone, image, (architecture, checksums));
        }
        for found in circle.iter() {
            diagnostics.push(found.clone());
        }
        return Err(Reported);
    };
    let mut extensions: Vec<(&Ordered, Planned)> = Vec::new();
    for ordered in &ordered {
        if let Ok(planned) = bind_sound(diagnostics, ordered, image, (architecture, checksums)) {
            extensions.push((ordered, planned));
        }
    }
    let members = union::find_members(image, &extensions);
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
        snapshot: image.snapshot.clone(),
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

/// Binds an extension, unless a problem in its definition or its use has been reported: the part with the
/// problem was left out, so what else would be reported might not be true.
fn bind_sound(
    diagnostics: &mut Diagnostics,
    ordered: &Ordered,
    image: &Image,
    (architecture, checksums): (&str, &Checksums),
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
    bind::bind(
        diagnostics,
        ordered,
        &image.base.value,
        (architecture, checksums),
    )
}
