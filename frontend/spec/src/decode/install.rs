//! Decodes an extension's `install`.

use source::{Code, Diagnostic, Diagnostics, Spanned};

use crate::decode::build::steps;
use crate::decode::scalar::{
    Scope, bad_value, filled_text, image_path, mode, named, names, owner, relative_path, template,
};
use crate::decode::secrets;
use crate::decode::value::{Value, fields, list, shortened, text};
use crate::keys;
use crate::{
    ContentFrom, ImagePath, Install, InstalledFile, Network, PackageForm, PackageName, Repository,
    Step, Template,
};

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
    let union = fields
        .get("union")
        .and_then(|value| filled_text(diagnostics, &value));
    if let Some(union) = union.as_ref().filter(|_| packages.is_empty()) {
        let message = "`union` is about packages, and there are none";
        bad_value(diagnostics, union.span, message, "leave it out");
    }
    let repositories = fields
        .get("repositories")
        .map(|value| list(diagnostics, &value))
        .unwrap_or_default()
        .iter()
        .filter_map(|entry| repository(diagnostics, scope, entry))
        .collect();
    let steps = fields
        .get("steps")
        .map(|value| steps(diagnostics, &value))
        .unwrap_or_default();
    check_network(diagnostics, &steps);
    secrets::check_parameters(diagnostics, scope, &steps);
    secrets::check_together(diagnostics, &steps);
    Install {
        packages,
        union,
        repositories,
        files,
        steps,
    }
}

/// The steps of an installation are one command of the engine, which has a network or has not.
fn check_network(diagnostics: &mut Diagnostics, steps: &[Step]) {
    let has = |network: Network| steps.iter().find(|step| step.network == network);
    if let (Some(with), Some(without)) = (has(Network::Default), has(Network::None)) {
        diagnostics.push(
            Diagnostic::new(
                Code::BadValue,
                without.span,
                "one step of `install` has no network and another has",
            )
            .label(with.span, "this one has")
            .help("they run as one: write `network: none` in all of them or in none"),
        );
    }
}

fn repository(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    value: &Value<'_>,
) -> Option<Repository> {
    let fields = fields(diagnostics, value, &keys::REPOSITORY)?;
    let url = fields
        .get("url")
        .and_then(|value| checked(diagnostics, scope, &value, PackageForm::Url));
    let suite = fields
        .get("suite")
        .map(|value| checked(diagnostics, scope, &value, PackageForm::Suite));
    let components = names(
        diagnostics,
        fields.get("components"),
        "component",
        |written: &str| {
            PackageForm::Component
                .check(written)
                .map(|()| written.to_owned())
                .map_err(str::to_owned)
        },
    );
    let key = fields
        .get("key")
        .and_then(|value| named(diagnostics, &value, "key", key_file));
    Some(Repository {
        url: url?,
        suite: suite.map_or(Some(None), |suite| suite.map(Some))?,
        components,
        key: key?,
        span: value.node.span,
    })
}

/// A template of a form.
fn checked(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    value: &Value<'_>,
    form: PackageForm,
) -> Option<Spanned<Template>> {
    let template = template(diagnostics, scope, value)?;
    if let Err(phrase) = form.check_template(&template.value) {
        let shown = text(diagnostics, value).map(|text| shortened(&text.value));
        let message = format!(
            "`{}` is no {form} of a repository",
            shown.unwrap_or_default()
        );
        bad_value(diagnostics, template.span, message, phrase);
        return None;
    }
    Some(template)
}

/// apt tells the kind of a key from its name.
fn key_file(written: &str) -> Result<String, String> {
    let path = relative_path(written)?;
    let stem = [".asc", ".gpg"]
        .iter()
        .find_map(|ending| written.strip_suffix(ending));
    if stem.is_some_and(|stem| !stem.is_empty() && !stem.ends_with('/')) {
        return Ok(path);
    }
    Err("a file of the extension's folder whose name ends with `.asc` or `.gpg`".to_owned())
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
