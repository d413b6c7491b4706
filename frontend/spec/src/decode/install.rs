//! Decodes an extension's `install`.

use source::{Code, Diagnostic, Diagnostics, Reported, Spanned};

use crate::decode::fields::fields;
use crate::decode::mounts::{check_together, check_variables};
use crate::decode::phrase::shortened;
use crate::decode::scalar::{
    bad_value, filled_text, form, mode, name, names, owner, path_in_folder, relative_path,
};
use crate::decode::step::step;
use crate::decode::template::{Scope, package, template};
use crate::decode::value::{Value, list_of};
use crate::keys;
use crate::{
    ContentFrom, ImagePath, Install, InstalledFile, Network, PackageForm, Repository, Step,
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
pub(crate) fn install(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    value: Value<'_>,
) -> Result<Install, Reported> {
    let fields = fields(diagnostics, value, &keys::INSTALL)?;
    let packages = names(diagnostics, fields.get("packages"));
    let files = list_of(diagnostics, fields.get("files"), |diagnostics, entry| {
        file(diagnostics, scope, entry)
    });
    let union = fields.optional("union", |value| filled_text(diagnostics, value));
    let has_packages = fields
        .get("packages")
        .is_some_and(|packages| !packages.is_empty_list());
    if let Some(union) = union.as_ref().filter(|_| !has_packages) {
        let message = "`union` has no packages to install";
        bad_value(
            diagnostics,
            union.span,
            message,
            "leave it out, or list `packages`",
        );
    }
    let repositories = list_of(
        diagnostics,
        fields.get("repositories"),
        |diagnostics, entry| repository(diagnostics, scope, entry),
    );
    let steps = list_of(diagnostics, fields.get("steps"), step);
    check_network(diagnostics, &steps);
    check_variables(diagnostics, scope, &steps);
    check_together(diagnostics, &steps);
    Ok(Install {
        packages,
        union,
        repositories,
        files,
        steps,
    })
}

/// The steps of an installation are one command of the engine, which has a network or does not.
fn check_network(diagnostics: &mut Diagnostics, steps: &[Step]) {
    let has = |network: Network| steps.iter().find(|step| step.network == network);
    if let (Some(with), Some(without)) = (has(Network::Default), has(Network::None)) {
        diagnostics.push(
            Diagnostic::new(
                Code::BadValue,
                without.span,
                "some steps of `install` have a network and others do not",
            )
            .label(with.span, "this one has a network")
            .help("they run as one command: write `network: none` in all of them or in none"),
        );
    }
}

fn repository(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    value: Value<'_>,
) -> Result<Repository, Reported> {
    let fields = fields(diagnostics, value, &keys::REPOSITORY)?;
    let url = fields.required("url").and_then(|value| {
        let what = "url of a repository";
        package(diagnostics, scope, value, PackageForm::Url, what)
    });
    let suite = fields.get("suite").map(|value| {
        let what = "suite of a repository";
        package(diagnostics, scope, value, PackageForm::Suite, what)
    });
    let components = list_of(
        diagnostics,
        fields.get("components"),
        |diagnostics, entry| {
            form(diagnostics, entry, "component", |written| {
                let checked = PackageForm::Component.check(written);
                checked.map(|()| written.to_owned()).map_err(str::to_owned)
            })
        },
    );
    let key = fields
        .required("key")
        .and_then(|value| form(diagnostics, value, "key file", key_file));
    Ok(Repository {
        url: url?,
        suite: suite.transpose()?,
        components,
        key: key?,
        span: value.node.span,
    })
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
    Err("its name must end with `.asc` or `.gpg`".to_owned())
}

fn file(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    value: Value<'_>,
) -> Result<InstalledFile, Reported> {
    let fields = fields(diagnostics, value, &keys::FILE)?;
    let content = match fields.choice() {
        Ok(("from", value)) => path_in_folder(diagnostics, value).map(ContentFrom::Path),
        Ok((_, value)) => template(diagnostics, scope, value).map(ContentFrom::Text),
        Err(reported) => Err(reported),
    };
    let to = fields
        .required("to")
        .and_then(|value| filled_path(diagnostics, value, "name a file or a folder below it"));
    let mode = fields.optional("mode", |value| form(diagnostics, value, "mode", mode));
    let owner = fields.optional("owner", |value| form(diagnostics, value, "owner", owner));
    Ok(InstalledFile {
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
    value: Value<'_>,
    help: &str,
) -> Result<Spanned<ImagePath>, Reported> {
    let path: Spanned<ImagePath> = name(diagnostics, value)?;
    if path.value.as_str() == "/" {
        let message = format!("{} cannot be `/`", value.label);
        return Err(bad_value(diagnostics, path.span, message, help));
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
        return Err(bad_value(
            diagnostics,
            path.span,
            message,
            "choose another path",
        ));
    }
    Ok(path)
}
