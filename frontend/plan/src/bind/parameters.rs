//! Binds the parameters of an extension to their values.

use std::collections::BTreeMap;

use source::{Code, Diagnostic, Diagnostics, Reported, closest};
use spec::ParameterName;

use crate::bind::checksum::is_checksum_key;
use crate::select::Selected;

/// Refuses values for parameters that the extension does not declare.
pub(crate) fn check_names(
    diagnostics: &mut Diagnostics,
    selected: &Selected,
) -> Result<(), Reported> {
    let extension = &selected.found.extension;
    let mut result = Ok(());
    for (name, value) in &selected.with {
        if extension.parameters.contains_key(name) || is_checksum_key(name) {
            continue;
        }
        let known = extension.parameters.keys().map(ParameterName::as_str);
        let help = match closest(name.as_str(), known) {
            Some(near) => format!("did you mean `{near}`?"),
            None if extension.parameters.is_empty() => "it has no parameters".to_owned(),
            None => {
                let known = extension.parameters.keys();
                let known: Vec<_> = known.map(|name| format!("`{name}`")).collect();
                format!("its parameters are {}", known.join(", "))
            }
        };
        let own = &extension.name.value;
        let message = format!("extension `{own}` has no parameter `{name}`");
        diagnostics.push(Diagnostic::new(Code::UnknownParameter, value.span, message).help(help));
        result = Err(Reported);
    }
    result
}

/// Finds the value of every parameter, and reports parameters that have none.
pub(crate) fn bind_values(
    diagnostics: &mut Diagnostics,
    selected: &Selected,
) -> Result<BTreeMap<ParameterName, String>, Reported> {
    let extension = &selected.found.extension;
    let mut values = BTreeMap::new();
    let mut result = Ok(());
    for (name, parameter) in &extension.parameters {
        if let Some(value) = selected.with.get(name).or(parameter.default.as_ref()) {
            values.insert(name.clone(), value.value.clone());
            continue;
        }
        let own = &extension.name.value;
        let message = format!("extension `{own}` needs a value for `{name}`");
        diagnostics.push(
            Diagnostic::new(Code::MissingParameter, selected.cause, message)
                .label(parameter.span, "it has no default")
                .help(format!("write `- {own}: {{ {name}: … }}`")),
        );
        result = Err(Reported);
    }
    result.map(|()| values)
}
