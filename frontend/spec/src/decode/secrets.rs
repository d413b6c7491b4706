//! Decodes what the client gives to a step: secrets and ssh agents.

use source::{Diagnostics, Reported, Spanned};

use crate::contract;
use crate::decode::fields::read_fields;
use crate::decode::scalar::{read_form, read_name, read_names, read_word, report_bad_value};
use crate::decode::value::Value;
use crate::keys;
use crate::{AgentId, Need, SecretUse, VariableName};

/// Reads a secret of a step.
pub(crate) fn read_secret(
    diagnostics: &mut Diagnostics,
    value: Value<'_>,
) -> Result<SecretUse, Reported> {
    let fields = read_fields(diagnostics, value, &keys::SECRET)?;
    let id = fields
        .required("id")
        .and_then(|value| read_name(diagnostics, value));
    let path = fields.optional("path", |value| read_name(diagnostics, value));
    let environment = fields.optional("environment", |value| {
        read_form(diagnostics, value, "variable name", parse_variable)
    });
    let required = fields.optional("required", |value| {
        read_word(diagnostics, value, fields.words("required"))
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

/// Parses the name of a variable that has no meaning in steps yet.
pub(crate) fn parse_variable(name: &str) -> Result<VariableName, String> {
    let variable = VariableName::new(name)?;
    let lower = name.to_lowercase();
    let is_taken = contract::VARIABLES_TAKEN.contains(&name)
        || contract::PARAMETERS_TAKEN.contains(&lower.as_str());
    if is_taken && name == name.to_uppercase() {
        return Err("it already has a meaning in steps".to_owned());
    }
    Ok(variable)
}

/// Reads the ssh agents of a step: one of `words` for the default agent, or a list of ids.
pub(crate) fn read_agents(
    diagnostics: &mut Diagnostics,
    value: Value<'_>,
    words: &[&'static str],
) -> Result<Vec<Spanned<AgentId>>, Reported> {
    if value.is_scalar() {
        read_word(diagnostics, value, words)?;
        let default = AgentId::new("default").expect("`default` is one path component");
        return Ok(vec![Spanned::new(default, value.node.span)]);
    }
    if value.is_empty_list() {
        let message = format!("{} does not name an agent", value.label);
        let help = "write `ssh: true` for the default one, or leave the key out";
        return Err(report_bad_value(diagnostics, value.place, message, help));
    }
    Ok(read_names(diagnostics, Some(value)))
}
