//! Decodes an extension's `install`.

use source::{Code, Diagnostic, Diagnostics, Reported, Spanned};

use crate::decode::fields::read_fields;
use crate::decode::mounts::{check_together, check_variables};
use crate::decode::phrase::shorten;
use crate::decode::scalar::{
    parse_mode, parse_owner, parse_relative_path, read_filled_text, read_form, read_name,
    read_names, read_relative_path, report_bad_value,
};
use crate::decode::step::read_step;
use crate::decode::template::{Scope, parse_template, read_package};
use crate::decode::value::{Value, read_bytes, read_list_of, refuse_comment};
use crate::keys;
use crate::{
    ContentFrom, ImagePath, Install, InstalledFile, Network, PackageForm, Repository, Step,
};

/// What the engine puts into every container itself, so that it would hide what a layer has there.
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

/// Reads what is installed on the user's base.
pub(crate) fn read_install(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    value: Value<'_>,
) -> Result<Install, Reported> {
    let fields = read_fields(diagnostics, value, &keys::INSTALL)?;
    let packages = read_names(diagnostics, fields.get("packages"));
    let files = read_list_of(diagnostics, fields.get("files"), |diagnostics, entry| {
        read_file(diagnostics, scope, entry)
    });
    let union = fields.optional("union", |value| read_filled_text(diagnostics, value));
    let has_packages = fields
        .get("packages")
        .is_some_and(|packages| !packages.is_empty_list());
    if let Some(union) = union.as_ref().filter(|_| !has_packages) {
        let message = "`union` has no packages to install";
        report_bad_value(
            diagnostics,
            union.span,
            message,
            "leave it out, or list `packages`",
        );
    }
    let repositories = read_list_of(
        diagnostics,
        fields.get("repositories"),
        |diagnostics, entry| read_repository(diagnostics, scope, entry),
    );
    let steps = read_list_of(diagnostics, fields.get("steps"), read_step);
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

/// Reports that only some steps have a network. They run as one command of the engine, which has a
/// network or does not.
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

fn read_repository(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    value: Value<'_>,
) -> Result<Repository, Reported> {
    let fields = read_fields(diagnostics, value, &keys::REPOSITORY)?;
    let url = fields.required("url").and_then(|value| {
        let what = "url of a repository";
        read_package(diagnostics, scope, value, PackageForm::Url, what)
    });
    let suite = fields.get("suite").map(|value| {
        let what = "suite of a repository";
        read_package(diagnostics, scope, value, PackageForm::Suite, what)
    });
    let components = read_list_of(
        diagnostics,
        fields.get("components"),
        |diagnostics, entry| {
            read_form(diagnostics, entry, "component", |written| {
                let checked = PackageForm::Component.check(written);
                checked.map(|()| written.to_owned()).map_err(str::to_owned)
            })
        },
    );
    let key = fields
        .required("key")
        .and_then(|value| read_form(diagnostics, value, "key file", parse_key_file));
    Ok(Repository {
        url: url?,
        suite: suite.transpose()?,
        components,
        key: key?,
        span: value.node.span,
    })
}

/// Parses the path of a key. apt recognizes the kind of a key by the ending of its name.
fn parse_key_file(written: &str) -> Result<String, String> {
    let path = parse_relative_path(written)?;
    let stem = [".asc", ".gpg"]
        .iter()
        .find_map(|ending| written.strip_suffix(ending));
    if stem.is_some_and(|stem| !stem.is_empty() && !stem.ends_with('/')) {
        return Ok(path);
    }
    Err("its name must end with `.asc` or `.gpg`".to_owned())
}

fn read_file(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    value: Value<'_>,
) -> Result<InstalledFile, Reported> {
    let fields = read_fields(diagnostics, value, &keys::FILE)?;
    let content = match fields.choice() {
        Ok(("from", value)) => read_relative_path(diagnostics, value).map(ContentFrom::Path),
        Ok((_, value)) => refuse_comment(diagnostics, value, |text| !text.is_empty())
            .and_then(|()| read_bytes(diagnostics, value))
            .and_then(|written| parse_template(diagnostics, scope, &written))
            .map(ContentFrom::Text),
        Err(reported) => Err(reported),
    };
    let to = fields
        .required("to")
        .and_then(|value| read_filled_path(diagnostics, value, "name a file or a folder below it"));
    let mode = fields.optional("mode", |value| {
        read_form(diagnostics, value, "mode", parse_mode)
    });
    let owner = fields.optional("owner", |value| {
        read_form(diagnostics, value, "owner", parse_owner)
    });
    Ok(InstalledFile {
        content: content?,
        to: to?,
        mode,
        owner,
        span: value.node.span,
    })
}

/// Reads a path that a layer can fill. `help` says what to write instead of `/`.
pub(crate) fn read_filled_path(
    diagnostics: &mut Diagnostics,
    value: Value<'_>,
    help: &str,
) -> Result<Spanned<ImagePath>, Reported> {
    let path: Spanned<ImagePath> = read_name(diagnostics, value)?;
    if path.value.as_str() == "/" {
        let message = format!("{} cannot be `/`", value.label);
        return Err(report_bad_value(diagnostics, path.span, message, help));
    }
    let is_within = |folder: &&&str| {
        let folder = ImagePath::new(folder).expect("the list has paths of the image");
        path.value.is_within(&folder)
    };
    if let Some(folder) = PROVIDED.iter().find(is_within) {
        let message = format!(
            "nothing can be put at `{}`: a container has its own `{folder}`",
            shorten(path.value.as_str())
        );
        return Err(report_bad_value(
            diagnostics,
            path.span,
            message,
            "choose another path",
        ));
    }
    Ok(path)
}
