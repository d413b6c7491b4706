//! One pass of resolution: the names still to be looked for, or the plan.

use std::collections::{BTreeMap, BTreeSet};

use source::{Diagnostics, Span};
use spec::{ExtensionName, Image, PackageName, Packages};

use crate::closure::Selected;
use crate::{Catalogue, Plan, Planned, Wanted, bind, claims, clashes, closure, settings};

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
    let members = members(image, &ordered, &extensions);
    for extension in &mut extensions {
        let has_packages = !extension.packages.is_empty() || !extension.repositories.is_empty();
        extension.is_united = has_packages && members.contains(&extension.name);
    }
    let clashing = clashes::check(diagnostics, &extensions);
    clashing?;
    let packages = unite(&mut extensions);
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

/// The extensions whose packages are installed as one set: all, or those that ask for it, and what lies
/// between two of these, since the set is installed once.
fn members(image: &Image, ordered: &[Selected], extensions: &[Planned]) -> BTreeSet<ExtensionName> {
    let asks = |selected: &Selected| {
        image.packages == Packages::Union || selected.found.extension.install.union.is_some()
    };
    let asking: Vec<&Planned> = ordered
        .iter()
        .zip(extensions)
        .filter(|(selected, _)| asks(selected))
        .map(|(_, planned)| planned)
        .collect();
    let is_between = |extension: &Planned| {
        let mut above = asking.iter();
        let mut below = asking.iter();
        above.any(|other| other.requires.contains(&extension.name))
            && below.any(|other| extension.requires.contains(&other.name))
    };
    let between = extensions.iter().filter(|extension| is_between(extension));
    asking
        .iter()
        .copied()
        .chain(between)
        .map(|member| member.name.clone())
        .collect()
}

/// Takes the packages that are installed as one set out of the extensions.
fn unite(extensions: &mut [Planned]) -> BTreeMap<PackageName, Vec<Span>> {
    let mut packages = BTreeMap::<_, Vec<_>>::new();
    for extension in extensions
        .iter_mut()
        .filter(|extension| extension.is_united)
    {
        for (package, spans) in std::mem::take(&mut extension.packages) {
            packages.entry(package).or_default().extend(spans);
        }
    }
    for spans in packages.values_mut() {
        spans.sort_unstable();
    }
    packages
}
