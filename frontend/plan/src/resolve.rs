//! One pass of resolution: the names still to be looked for, or the plan.

use std::collections::{BTreeMap, BTreeSet};

use source::Diagnostics;
use spec::{Image, Packages};

use crate::{Catalogue, Plan, Wanted, bind, claims, closure, settings};

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
/// `architecture` is that of the image in OCI's words (`amd64`). `None` means that problems were
/// reported into `diagnostics`; all that can be found in one pass are.
pub fn resolve(
    diagnostics: &mut Diagnostics,
    image: &Image,
    catalogue: &Catalogue,
    architecture: &str,
) -> Option<Resolution> {
    let selection = match closure::select(diagnostics, image, catalogue)? {
        closure::Selection::Need(wanted) => return Some(Resolution::Need(wanted)),
        closure::Selection::Complete(selected) => selected,
    };
    let ordered = closure::order(diagnostics, selection)?;
    let mut extensions = Vec::new();
    let mut sound = true;
    for selected in &ordered {
        match bind::bind(diagnostics, selected, architecture) {
            Some(planned) => extensions.push(planned),
            None => sound = false,
        }
    }
    if !sound {
        return None;
    }
    let claimed = claims::check(diagnostics, &extensions);
    let settings = settings::unite(diagnostics, image, &ordered, &extensions)?;
    claimed?;
    let mut packages = BTreeMap::<_, Vec<_>>::new();
    if image.packages == Packages::Union {
        for extension in &mut extensions {
            for (package, spans) in std::mem::take(&mut extension.packages) {
                packages.entry(package).or_default().extend(spans);
            }
        }
    }
    for spans in packages.values_mut() {
        spans.sort_unstable();
    }
    Some(Resolution::Ready(Box::new(Plan {
        base: image.base.clone(),
        extensions,
        packages,
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
