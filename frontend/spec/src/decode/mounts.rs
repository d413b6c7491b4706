//! Checks that the caches and secrets of steps do not get in each other's way.

use std::collections::{BTreeMap, BTreeSet};

use source::{Code, Diagnostic, Diagnostics, Span};

use crate::contract::MOUNTS_TAKEN;
use crate::decode::scalar::report_bad_value;
use crate::decode::template::Scope;
use crate::{CacheMount, ImagePath, SecretUse, Step, VariableName};

/// Reports mounts of one step that have the same place as each other or as inlay's own mounts, and
/// variables that two secrets set.
pub(crate) fn check_mounts(
    diagnostics: &mut Diagnostics,
    cache: &[CacheMount],
    secrets: &[SecretUse],
) {
    let of_caches = cache
        .iter()
        .map(|cache| (cache.path.value.clone(), cache.path.span));
    let of_secrets = secrets
        .iter()
        .filter_map(|secret| Some((secret.file()?, place(secret))));
    let mut taken: BTreeMap<ImagePath, Span> = BTreeMap::new();
    for (path, span) in of_caches.chain(of_secrets) {
        let text = path.as_str();
        let own = MOUNTS_TAKEN.iter().find(|own| {
            text == **own
                || text
                    .strip_prefix(**own)
                    .is_some_and(|rest| rest.starts_with('/'))
        });
        if text == "/" || own.is_some() {
            let message = format!("nothing can be mounted at `{text}`");
            let help = match own {
                Some(own) => format!("choose another path: steps use `{own}` for something else"),
                None => "choose another path: this one is the whole file system".to_owned(),
            };
            report_bad_value(diagnostics, span, message, help);
        } else if let Some(first) = taken.insert(path.clone(), span) {
            let message = format!("one step has two mounts at `{path}`");
            diagnostics.push(
                Diagnostic::new(Code::BadValue, span, message)
                    .label(first, "the other one")
                    .help("give each a path of its own"),
            );
        }
    }
    let mut variables: BTreeMap<&VariableName, Span> = BTreeMap::new();
    for variable in secrets
        .iter()
        .filter_map(|secret| secret.environment.as_ref())
    {
        if let Some(first) = variables.insert(&variable.value, variable.span) {
            let message = format!(
                "two secrets of one step set the variable `{}`",
                variable.value
            );
            diagnostics.push(
                Diagnostic::new(Code::BadValue, variable.span, message)
                    .label(first, "the other one")
                    .help("give each a variable of its own"),
            );
        }
    }
}

fn place(secret: &SecretUse) -> Span {
    secret
        .path
        .as_ref()
        .map_or(secret.id.span, |path| path.span)
}

/// Reports secrets that set the variable of a parameter.
pub(crate) fn check_variables(diagnostics: &mut Diagnostics, scope: &Scope, steps: &[Step]) {
    let empty = BTreeSet::new();
    let declared = scope.declared.as_ref().unwrap_or(&empty);
    let secrets = steps.iter().flat_map(|step| &step.secrets);
    for variable in secrets.filter_map(|secret| secret.environment.as_ref()) {
        let name = variable.value.as_str();
        if let Some(parameter) = declared.iter().find(|one| one.to_uppercase() == name) {
            let message = format!("`{name}` is the variable of the parameter `{parameter}`");
            let help = "give the secret a variable of its own";
            report_bad_value(diagnostics, variable.span, message, help);
        }
    }
}

/// Reports places and variables that steps use differently although they run as one command.
pub(crate) fn check_together(diagnostics: &mut Diagnostics, steps: &[Step]) {
    let mounted = |path: &ImagePath| format!("mount different things at `{path}`");
    // How the conflict is called, and which thing is already there.
    let mut taken: BTreeMap<String, (String, Span)> = BTreeMap::new();
    for step in steps {
        let caches = step.cache.iter().map(|cache| {
            let conflict = mounted(&cache.path.value);
            (
                conflict,
                format!("cache {}", cache.id.value),
                cache.path.span,
            )
        });
        let secrets = step.secrets.iter().flat_map(|secret| {
            let id = format!("secret {}", secret.id.value);
            let file = secret.file();
            let file = file.map(|file| (mounted(&file), place(secret)));
            let variable = secret.environment.as_ref().map(|name| {
                let conflict = format!("set the variable `{}` to different secrets", name.value);
                (conflict, name.span)
            });
            let places = file.into_iter().chain(variable);
            places.map(move |(conflict, span)| (conflict, id.clone(), span))
        });
        for (conflict, what, span) in caches.chain(secrets) {
            let Some((first, other)) = taken.get(&conflict) else {
                taken.insert(conflict, (what, span));
                continue;
            };
            // Two things of one step were reported by `check_mounts`.
            if *first != what && !step.span.contains(*other) {
                let message = format!("two steps of `install` {conflict}");
                diagnostics.push(
                    Diagnostic::new(Code::BadValue, span, message)
                        .label(*other, "the other one")
                        .help("they run as one command: give each a place of its own"),
                );
            }
        }
    }
}
