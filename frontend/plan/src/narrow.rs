//! An image with a single one of its extensions, for users who build that one.

use std::collections::BTreeMap;

use source::Spanned;
use spec::{ExtensionName, Image, Use, Used};

use crate::{Catalogue, Planned, Wanted};

/// The spec of the image with this extension and what it requires, and nothing else.
///
/// A spec and not a plan, to be resolved like any other: variables, search paths and packages of others
/// are then in none of it, and the vertices of the extension are those of the whole image.
pub fn narrow(image: &Image, catalogue: &Catalogue, extension: &Planned) -> Image {
    let is_kept =
        |name: &ExtensionName| *name == extension.name || extension.requires.contains(name);
    let name_of = |used: &Use| match &used.used {
        Used::Named(name) => Some(name.value.clone()),
        Used::Inline(extension) => Some(extension.name.value.clone()),
        Used::Folder(path) => {
            let found = catalogue.get(&Wanted::Folder(path.value.clone()))?;
            Some(found.extension.name.value.clone())
        }
    };
    let mut narrowed = image.clone();
    narrowed
        .extensions
        .retain(|used| name_of(used).is_some_and(|name| is_kept(&name)));
    let is_used = |used: &Use| name_of(used).as_ref() == Some(&extension.name);
    if !narrowed.extensions.iter().any(is_used) {
        // It is in the image because others require it.
        narrowed.extensions.push(Use {
            used: Used::Named(Spanned::new(extension.name.clone(), extension.span)),
            with: BTreeMap::new(),
            span: extension.span,
        });
    }
    narrowed
}
