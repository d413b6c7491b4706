//! Data with parameters in it: `uv==${version}`.
//!
//! Templates are parsed when the file is read, so that an unknown name is found before anything is
//! built. `$$` stands for a dollar sign. Shell text is never a template.

use std::collections::BTreeMap;

use crate::ParameterName;

/// Text with `${name}` in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Template {
    parts: Vec<Part>,
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text that stands for itself.
    Text(String),
    /// The value of a parameter.
    Parameter(ParameterName),
}

impl Template {
    /// Makes a template from its parts.
    pub fn new(parts: Vec<Part>) -> Self {
        Self { parts }
    }

    /// Reads a template. The error is a phrase that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = split_pieces(text, "a parameter")?
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

    /// The parts, in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The parameters that it names, each as often as it is named.
    pub fn parameters(&self) -> impl Iterator<Item = &ParameterName> {
        self.parts.iter().filter_map(|part| match part {
            Part::Parameter(name) => Some(name),
            Part::Text(_) => None,
        })
    }

    /// The text with values in place of names. A name without a value is left out; `plan` reports such
    /// names before it expands anything.
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

/// A piece of text that has names in it.
pub(crate) enum Piece<'a> {
    /// Text that stands for itself.
    Text(String),
    /// What is written between `${` and `}`.
    Name(&'a str),
}

/// Splits text with `${name}` in it. The error is a phrase that says what is wrong; in it, `what` is what
/// a name stands for, such as "a parameter".
pub(crate) fn split_pieces<'a>(text: &'a str, what: &str) -> Result<Vec<Piece<'a>>, String> {
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
