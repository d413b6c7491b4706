//! Arguments of a build: their declarations, and their values in the data of a spec.
//!
//! Values are put in before a text is checked for its form. So nothing after the decoder knows of
//! arguments, and a value of the wrong form is an error at the text that it was put into.

use std::collections::BTreeMap;

use source::{Code, Diagnostic, Diagnostics, Reported, Span, Spanned, closest};

use crate::decode::fields::fields;
use crate::decode::scalar::{construct, name_of};
use crate::decode::value::{Value, mapping, text};
use crate::name::Name;
use crate::template::{Piece, pieces};
use crate::{Argument, ArgumentName, keys};

/// The values of arguments by name.
///
/// An error stands for what was reported: the declaration of one argument, or `arguments` itself, so
/// that nobody knows what is declared.
pub(crate) struct Arguments {
    values: Result<BTreeMap<String, Result<String, Reported>>, Reported>,
}

/// Reads the declarations and takes the values that were given.
pub(crate) fn arguments(
    diagnostics: &mut Diagnostics,
    value: Option<Value<'_>>,
    given: &BTreeMap<String, String>,
) -> (BTreeMap<ArgumentName, Argument>, Arguments) {
    let mut declared = BTreeMap::new();
    let mut values = BTreeMap::new();
    let entries = value.map_or(Ok(&[][..]), |value| mapping(diagnostics, value));
    for entry in entries.unwrap_or_default() {
        let name = name_of(diagnostics, &entry.key);
        let argument = argument(diagnostics, &entry.key, Value::of(entry), given);
        let value = argument.as_ref().map(|argument| argument.value.clone());
        values.insert(entry.key.value.clone(), value.map_err(|reported| *reported));
        if let (Ok(name), Ok(argument)) = (name, argument) {
            declared.insert(name.value, argument);
        }
    }
    let values = entries.map(|_| values);
    (declared, Arguments { values })
}

/// An argument, written as its default or with more. One that was given a value stays declared
/// whatever is wrong with its default.
fn argument(
    diagnostics: &mut Diagnostics,
    name: &Spanned<String>,
    value: Value<'_>,
    given: &BTreeMap<String, String>,
) -> Result<Argument, Reported> {
    let mut description = None;
    let default = if value.is_mapping() {
        let fields = fields(diagnostics, value, &keys::ARGUMENT)?;
        description = fields.optional("description", |value| text(diagnostics, value));
        let default = fields.get("default");
        default.map(|value| text(diagnostics, value)).transpose()
    } else if value.is_scalar() && !value.is_absent() {
        text(diagnostics, value).map(Some)
    } else {
        Err(value.wrong_kind(diagnostics, "a default or `{}`"))
    };
    let value = match (given.get(&name.value), &default) {
        (Some(given), _) => given.clone(),
        (None, Ok(Some(default))) => default.value.clone(),
        (None, Ok(None)) => {
            let name = &name.value;
            let message = format!("argument `{name}` has no default and was not given a value");
            let help = format!("build with `--build-arg {name}=…`, or write a default");
            diagnostics
                .push(Diagnostic::new(Code::MissingArgument, value.place, message).help(help));
            return Err(Reported);
        }
        (None, Err(reported)) => return Err(*reported),
    };
    Ok(Argument {
        value,
        default: default.unwrap_or_default(),
        description,
        span: name.span,
    })
}

impl Arguments {
    /// Text, with the values of the arguments that it names put in.
    pub(crate) fn text(
        &self,
        diagnostics: &mut Diagnostics,
        value: Value<'_>,
    ) -> Result<Spanned<String>, Reported> {
        let written = text(diagnostics, value)?;
        let pieces = pieces(&written.value, "an argument").map_err(|reason| {
            diagnostics.push(Diagnostic::new(Code::BadTemplate, written.span, reason));
            Reported
        })?;
        let mut filled = Ok(String::new());
        for piece in pieces {
            let value = match piece {
                Piece::Text(text) => Ok(text),
                Piece::Name(name) => self.value(diagnostics, name, written.span),
            };
            filled = filled.and_then(|filled| Ok(filled + &value?));
        }
        Ok(Spanned::new(filled?, written.span))
    }

    /// A name, with the values of arguments put in before its form is checked.
    pub(crate) fn name<T: Name>(
        &self,
        diagnostics: &mut Diagnostics,
        value: Value<'_>,
    ) -> Result<Spanned<T>, Reported> {
        let filled = self.text(diagnostics, value)?;
        construct(diagnostics, &filled, T::KIND, T::parse)
    }

    fn value(
        &self,
        diagnostics: &mut Diagnostics,
        name: &str,
        span: Span,
    ) -> Result<String, Reported> {
        let values = self.values.as_ref().map_err(|reported| *reported)?;
        if let Some(value) = values.get(name) {
            return value.clone();
        }
        let help = match closest(name, values.keys().map(String::as_str)) {
            Some(meant) => format!("did you mean `${{{meant}}}`?"),
            None => format!(
                "declare it in `arguments`, or write `$${{{name}}}` for the text `${{{name}}}`"
            ),
        };
        let message = format!("`{name}` is not an argument of this spec");
        diagnostics.push(Diagnostic::new(Code::BadTemplate, span, message).help(help));
        Err(Reported)
    }
}
