//! Decodes an extension's `install`.

use source::{Diagnostics, Spanned};

use crate::decode::scalar::{
    Scope, bad_value, image_path, mode, named, names, owner, relative_path, template,
};
use crate::decode::value::{Value, fields, list, shortened};
use crate::keys;
use crate::{ContentFrom, ImagePath, Install, InstalledFile, PackageName};

/// What an engine puts into each container itself, so that a layer with it is never seen.
const PROVIDED: &[&str] = &[
    "/proc",
    "/sys",
    "/dev",
    "/run",
    "/etc/hosts",
    "/etc/resolv.conf",
    "/etc/hostname",
    "/.dockerenv",
];

/// What is installed on the user's base.
pub(crate) fn install(diagnostics: &mut Diagnostics, scope: &Scope, value: &Value<'_>) -> Install {
    let Some(fields) = fields(diagnostics, value, &keys::INSTALL) else {
        return Install::default();
    };
    let package_name = |name: &str| PackageName::new(name);
    let packages = names(diagnostics, fields.get("packages"), "package", package_name);
    let files = fields
        .get("files")
        .map(|value| list(diagnostics, &value))
        .unwrap_or_default()
        .iter()
        .filter_map(|entry| file(diagnostics, scope, entry))
        .collect();
    Install { packages, files }
}

fn file(diagnostics: &mut Diagnostics, scope: &Scope, value: &Value<'_>) -> Option<InstalledFile> {
    let fields = fields(diagnostics, value, &keys::FILE)?;
    let content = match fields.one_of(diagnostics, &["from", "text"]) {
        Some(("from", value)) => {
            named(diagnostics, &value, "path in the folder", relative_path).map(ContentFrom::Path)
        }
        Some((_, value)) => template(diagnostics, scope, &value).map(ContentFrom::Text),
        None => None,
    };
    let to = fields
        .get("to")
        .and_then(|value| filled_path(diagnostics, &value, "name a file or a folder below it"));
    let mode = fields
        .get("mode")
        .and_then(|value| named(diagnostics, &value, "mode", mode));
    let owner = fields
        .get("owner")
        .and_then(|value| named(diagnostics, &value, "owner", owner));
    Some(InstalledFile {
        content: content?,
        to: to?,
        mode,
        owner,
        span: value.node.span,
    })
}

/// A path that a layer can fill; `help` says what to write in place of `/`.
pub(crate) fn filled_path(
    diagnostics: &mut Diagnostics,
    value: &Value<'_>,
    help: &str,
) -> Option<Spanned<ImagePath>> {
    let path = image_path(diagnostics, value)?;
    if path.value.as_str() == "/" {
        let message = format!("{} cannot be `/`", value.label);
        bad_value(diagnostics, path.span, message, help);
        return None;
    }
    let is_within = |folder: &&&str| {
        let folder = ImagePath::new(folder).expect("the list has paths of the image");
        path.value.is_within(&folder)
    };
    if let Some(folder) = PROVIDED.iter().find(is_within) {
        let message = format!(
            "nothing can be put at `{}`: a container has its own `{folder}`",
            shortened(path.value.as_str())
        );
        bad_value(diagnostics, path.span, message, "choose another path");
        return None;
    }
    Some(path)
}
