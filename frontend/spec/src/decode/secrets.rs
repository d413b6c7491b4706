//! Decodes what a step is given of the client's: secrets and ssh agents; and checks where steps have mounts.

use std::collections::{BTreeMap, BTreeSet};

use source::{Code, Diagnostic, Diagnostics, Span, Spanned};

use crate::decode::scalar::{Scope, bad_value, image_path, named, names, word};
use crate::decode::value::{Value, fields, list};
use crate::keys;
use crate::yaml::Kind;
use crate::{AgentId, CacheMount, ImagePath, Need, SecretId, SecretUse, Step, VariableName};

/// Variables that mean something in steps, beside those that are refused as parameters.
const TAKEN: &[&str] = &["PATH", "SSH_AUTH_SOCK"];

/// Where steps have mounts of inlay's own; nothing can be mounted there or below.
const OWN: &[&str] = &["/out", "/sources", "/run/inlay", "/run/secrets/inlay-ca"];

/// The secrets of one step.
pub(crate) fn secrets(diagnostics: &mut Diagnostics, value: &Value<'_>) -> Vec<SecretUse> {
    list(diagnostics, value)
        .iter()
        .filter_map(|entry| secret(diagnostics, entry))
        .collect()
}

fn secret(diagnostics: &mut Diagnostics, value: &Value<'_>) -> Option<SecretUse> {
    let fields = fields(diagnostics, value, &keys::SECRET)?;
    let id = fields
        .get("id")
        .and_then(|value| named(diagnostics, &value, "secret's id", |id| SecretId::new(id)));
    let path = fields
        .get("path")
        .and_then(|value| image_path(diagnostics, &value));
    let environment = fields
        .get("environment")
        .and_then(|value| named(diagnostics, &value, "variable", variable));
    let required = fields
        .get("required")
        .and_then(|value| word(diagnostics, &value, &["true", "false"]));
    Some(SecretUse {
        id: id?,
        path,
        environment,
        need: if required == Some("true") {
            Need::Required
        } else {
            Need::Optional
        },
        span: value.node.span,
    })
}

/// A variable that means nothing to steps yet.
pub(crate) fn variable(name: &str) -> Result<VariableName, String> {
    let variable = VariableName::new(name)?;
    let lower = name.to_lowercase();
    let is_taken = TAKEN.contains(&name) || crate::name::TAKEN.contains(&lower.as_str());
    if is_taken && name == name.to_uppercase() {
        return Err("it already has a meaning in steps".to_owned());
    }
    Ok(variable)
}

/// The ssh agents of one step: `true` for the default one, or a list of ids.
pub(crate) fn agents(diagnostics: &mut Diagnostics, value: &Value<'_>) -> Vec<Spanned<AgentId>> {
    if value.is_scalar() {
        let is_true = word(diagnostics, value, &["true"]).is_some();
        let default = AgentId::new("default").expect("it is one component");
        return is_true
            .then(|| Spanned::new(default, value.node.span))
            .into_iter()
            .collect();
    }
    if matches!(&value.node.kind, Kind::Sequence(nodes) if nodes.is_empty()) {
        let message = format!("{} names no agent", value.label);
        let help = "write `ssh: true` for the default one, or leave the key out";
        bad_value(diagnostics, value.place, message, help);
    }
    names(diagnostics, Some(*value), "ssh agent's id", |id| {
        AgentId::new(id)
    })
}

/// Reports mounts of one step that are in each other's place or in that of inlay's own, and variables that
/// two secrets set.
pub(crate) fn check_places(
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
        let own = OWN.iter().find(|own| {
            text == **own
                || text
                    .strip_prefix(**own)
                    .is_some_and(|rest| rest.starts_with('/'))
        });
        if text == "/" || own.is_some() {
            let message = format!("nothing can be mounted at `{text}`");
            let help = match own {
                Some(own) => format!("steps have `{own}` for something else"),
                None => "it is the whole file system".to_owned(),
            };
            bad_value(diagnostics, span, message, help);
        } else if let Some(first) = taken.insert(path.clone(), span) {
            let message = format!("two things of one step are mounted at `{path}`");
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
            let message = format!("two secrets of one step set `{}`", variable.value);
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
pub(crate) fn check_parameters(diagnostics: &mut Diagnostics, scope: &Scope, steps: &[Step]) {
    let empty = BTreeSet::new();
    let declared = scope.declared.as_ref().unwrap_or(&empty);
    let secrets = steps.iter().flat_map(|step| &step.secrets);
    for variable in secrets.filter_map(|secret| secret.environment.as_ref()) {
        let name = variable.value.as_str();
        if let Some(parameter) = declared.iter().find(|one| one.to_uppercase() == name) {
            let message = format!("`{name}` is the variable of the parameter `{parameter}`");
            bad_value(
                diagnostics,
                variable.span,
                message,
                "give the secret a variable of its own",
            );
        }
    }
}

/// Reports what steps that run as one command cannot have together: one place with two things in it.
pub(crate) fn check_together(diagnostics: &mut Diagnostics, steps: &[Step]) {
    let mut taken: BTreeMap<String, (String, Span)> = BTreeMap::new();
    for step in steps {
        let caches = step.cache.iter().map(|cache| {
            let place = format!("`{}`", cache.path.value);
            (place, format!("cache {}", cache.id.value), cache.path.span)
        });
        let secrets = step.secrets.iter().flat_map(|secret| {
            let id = format!("secret {}", secret.id.value);
            let file = secret.file().map(|file| format!("`{file}`"));
            let variable = secret.environment.as_ref();
            let variable =
                variable.map(|name| (format!("the variable `{}`", name.value), name.span));
            file.map(|file| (file, place(secret)))
                .into_iter()
                .chain(variable)
                .map(move |(place, span)| (place, id.clone(), span))
        });
        for (place, what, span) in caches.chain(secrets) {
            let Some((first, other)) = taken.get(&place) else {
                taken.insert(place, (what, span));
                continue;
            };
            // Two of one step are told of already.
            let is_of_step = step.span.start <= other.start && other.end <= step.span.end;
            if *first != what && !is_of_step {
                let message = format!("two steps of `install` have different things at {place}");
                diagnostics.push(
                    Diagnostic::new(Code::BadValue, span, message)
                        .label(*other, "the other one")
                        .help("they run as one command: give each a place of its own"),
                );
            }
        }
    }
}
