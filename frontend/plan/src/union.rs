//! Finds the members of the union: the packages that are installed together, as one set.

use std::collections::BTreeSet;

use spec::{ExtensionName, Image, Packages};

use crate::Planned;
use crate::order::Ordered;

/// Finds the extensions whose packages are in the union. They are either all extensions, or those that ask for
/// it. An extension between two members is a member too, since the union is installed only once.
pub(crate) fn find_members(
    image: &Image,
    extensions: &[(&Ordered, Planned)],
) -> BTreeSet<ExtensionName> {
    let asks = |ordered: &Ordered| {
        let install = &ordered.selected.found.extension.install;
        image.packages == Packages::Union || install.union.is_some()
    };
    let asking: Vec<&Planned> = extensions
        .iter()
        .filter(|(ordered, _)| asks(ordered))
        .map(|(_, planned)| planned)
        .collect();
    let is_between = |extension: &Planned| {
        let is_below = |other: &&Planned| other.requires.contains(&extension.name);
        let is_above = |other: &&Planned| extension.requires.contains(&other.name);
        asking.iter().any(is_below) && asking.iter().any(is_above)
    };
    let between = extensions.iter().map(|(_, planned)| planned);
    asking
        .iter()
        .copied()
        .chain(between.filter(|extension| is_between(extension)))
        .map(|member| member.name.clone())
        .collect()
}
