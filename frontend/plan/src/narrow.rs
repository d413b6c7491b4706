//! Narrows an image to one of its extensions, for users who build only that one.

use std::collections::BTreeMap;

use source::Spanned;
use spec::{ExtensionName, Image, Use, Used};

use crate::{Catalogue, Planned, Wanted};

/// Returns the spec of the image with only this extension and what it requires.
///
/// The result is a spec rather than a plan, so that it is resolved like any other. Variables, search paths and
/// packages of other extensions are then left out, and the vertices of the extension are the same as in the
/// whole image.
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
        // The spec does not list it: it is in the image because others require it.
        narrowed.extensions.push(Use {
            used: Used::Named(Spanned::new(extension.name.clone(), extension.span)),
            with: BTreeMap::new(),
            after: Vec::new(),
            span: extension.span,
        });
    }
    narrowed
}
