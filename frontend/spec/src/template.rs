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
        let parts = pieces(text, "a parameter")?
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(text) => Ok(Part::Text(text)),
                Piece::Name(name) => match ParameterName::new(name) {
                    Ok(name) => Ok(Part::Parameter(name)),
                    Err(reason) => Err(format!("`{name}` is not a valid parameter name: {reason}")),
                },
            });
        Ok(Self {
            parts: parts.collect::<Result<_, _>>()?,
        })
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

/// A piece of text with names in it.
pub(crate) enum Piece<'a> {
    /// Text that stands for itself.
    Text(String),
    /// What stands between `${` and `}`.
    Name(&'a str),
}

/// Takes text with `${name}` in it apart; the error is a phrase that says what is wrong. `what` is
/// what a name is of.
pub(crate) fn pieces<'a>(text: &'a str, what: &str) -> Result<Vec<Piece<'a>>, String> {
    let mut pieces = Vec::new();
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
            if !literal.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut literal)));
            }
            pieces.push(Piece::Name(&tail[..end]));
            rest = &tail[end + 1..];
        } else {
            return Err(format!(
                "a single `$`: write `${{name}}` for {what}, or `$$` for a dollar sign"
            ));
        }
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        pieces.push(Piece::Text(literal));
    }
    Ok(pieces)
}
