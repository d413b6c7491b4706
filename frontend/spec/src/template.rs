//! Data with parameters in it: `uv==${version}`.
//!
//! Parsed when the file is read, so that an unknown name is found before any build. `$$` is one
//! dollar sign. Shell text is never a template.

use std::collections::BTreeMap;

use crate::ParameterName;

/// Text with `${name}` in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Template {
    parts: Vec<Part>,
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text that stands for itself.
    Text(String),
    /// The value of a parameter.
    Parameter(ParameterName),
}

impl Template {
    /// Makes a template of pieces.
    pub fn new(parts: Vec<Part>) -> Self {
        Self { parts }
    }

    /// Reads a template; the error is a phrase that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            literal.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            if let Some(tail) = after.strip_prefix('$') {
                literal.push('$');
                rest = tail;
            } else if let Some(tail) = after.strip_prefix('{') {
                let Some(end) = tail.find('}') else {
                    return Err("`${` without a closing `}`".to_owned());
                };
                let name = ParameterName::new(&tail[..end]).map_err(|reason| {
                    format!("`${{{}}}` names no parameter: {reason}", &tail[..end])
                })?;
                if !literal.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut literal)));
                }
                parts.push(Part::Parameter(name));
                rest = &tail[end + 1..];
            } else {
                return Err(
                    "a lone `$`: write `${name}` for a parameter, `$$` for a dollar sign"
                        .to_owned(),
                );
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Ok(Self { parts })
    }

    /// The pieces, in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The parameters it names, each as often as it is named.
    pub fn parameters(&self) -> impl Iterator<Item = &ParameterName> {
        self.parts.iter().filter_map(|part| match part {
            Part::Parameter(name) => Some(name),
            Part::Text(_) => None,
        })
    }

    /// The text with values in place of names; a name without a value becomes nothing (`plan`
    /// reports those before anything is expanded).
    pub fn expand(&self, values: &BTreeMap<ParameterName, String>) -> String {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.as_str(),
                Part::Parameter(name) => values.get(name).map_or("", String::as_str),
            })
            .collect()
    }
}
