//! Checks that the caches and secrets of steps do not get in each other's way.

use std::collections::{BTreeMap, BTreeSet};

use source::{Code, Diagnostic, Diagnostics, Span};

use crate::contract::{LINKS, MOUNTS_TAKEN, Need};
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
        let resolved = resolve(&path);
        if let Some(help) = find_conflict(&resolved) {
            let message = format!("nothing can be mounted at `{path}`");
            report_bad_value(diagnostics, span, message, help);
        } else if let Some(first) = taken.insert(resolved, span) {
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

/// The path with links of the bases followed, since that is where a mount ends up.
fn resolve(path: &ImagePath) -> ImagePath {
    let text = path.as_str();
    let target = LINKS.iter().find_map(|(link, target)| {
        let rest = text.strip_prefix(link)?;
        (rest.is_empty() || rest.starts_with('/')).then(|| format!("{target}{rest}"))
    });
    target.map_or_else(
        || path.clone(),
        |target| ImagePath::new(&target).expect("it is as valid as the link"),
    )
}

/// What to do instead of mounting something at a path; `None` = something can be mounted there.
fn find_conflict(path: &ImagePath) -> Option<String> {
    if path.as_str() == "/" {
        return Some("choose another path: this one is the whole file system".to_owned());
    }
    let taken = MOUNTS_TAKEN.iter().map(|(taken, need)| {
        let taken = ImagePath::new(taken).expect("the table has valid paths");
        (taken, *need)
    });
    let mut conflicts = taken.filter_map(|(taken, need)| {
        let reason = match need {
            Need::Folder if *path == taken => {
                return Some(format!(
                    "choose a folder below it: `{taken}` is a folder of the system"
                ));
            }
            Need::Folder => return None,
            Need::Inlay => "steps use",
            Need::Engine => "the engine mounts something at",
            Need::System => "the system needs what is at",
        };
        if path.is_within(&taken) {
            let end = if need == Need::Inlay {
                " for something else"
            } else {
                ""
            };
            return Some(format!("choose another path: {reason} `{taken}`{end}"));
        }
        let is_hidden = taken.is_within(path);
        is_hidden.then(|| format!("choose another path: a mount here would hide `{taken}`"))
    });
    conflicts.next()
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
    let mounted = |path: &ImagePath| format!("mount different things at `{}`", resolve(path));
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
