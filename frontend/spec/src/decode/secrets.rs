//! Decodes what a step is given by the client: secrets and ssh agents.

use source::{Diagnostics, Reported, Spanned};

use crate::decode::fields::fields;
use crate::decode::scalar::{bad_value, form, name, names, word};
use crate::decode::value::Value;
use crate::keys;
use crate::{AgentId, Need, SecretUse, VariableName};

/// Variables that mean something in steps, beside those that are refused as parameters.
const TAKEN: &[&str] = &["PATH", "SSH_AUTH_SOCK"];

/// A secret of one step.
pub(crate) fn secret(
    diagnostics: &mut Diagnostics,
    value: Value<'_>,
) -> Result<SecretUse, Reported> {
    let fields = fields(diagnostics, value, &keys::SECRET)?;
    let id = fields
        .required("id")
        .and_then(|value| name(diagnostics, value));
    let path = fields.optional("path", |value| name(diagnostics, value));
    let environment = fields.optional("environment", |value| {
        form(diagnostics, value, "variable name", variable)
    });
    let required = fields.optional("required", |value| {
        word(diagnostics, value, fields.words("required"))
    });
    Ok(SecretUse {
        id: id?,
        path,
        environment,
        need: match required {
            Some("true") => Need::Required,
            _ => Need::Optional,
        },
        span: value.node.span,
    })
}

/// The name of a variable that has no meaning in steps yet.
pub(crate) fn variable(name: &str) -> Result<VariableName, String> {
    let variable = VariableName::new(name)?;
    let lower = name.to_lowercase();
    let is_taken = TAKEN.contains(&name) || crate::name::TAKEN.contains(&lower.as_str());
    if is_taken && name == name.to_uppercase() {
        return Err("it already has a meaning in steps".to_owned());
    }
    Ok(variable)
}

/// The ssh agents of one step: a word for the default one, or a list of ids.
pub(crate) fn agents(
    diagnostics: &mut Diagnostics,
    value: Value<'_>,
    words: &[&'static str],
) -> Result<Vec<Spanned<AgentId>>, Reported> {
    if value.is_scalar() {
        word(diagnostics, value, words)?;
        let default = AgentId::new("default").expect("`default` is one path component");
        return Ok(vec![Spanned::new(default, value.node.span)]);
    }
    if value.is_empty_list() {
        let message = format!("{} does not name an agent", value.label);
        let help = "write `ssh: true` for the default one, or leave the key out";
        return Err(bad_value(diagnostics, value.place, message, help));
    }
    Ok(names(diagnostics, Some(value)))
}
