//! Arguments of a spec: reads their declarations and puts their values into the data of the spec.
//!
//! The values are put in before the form of a text is checked. So nothing after the decoder has to know
//! about arguments, and a value with the wrong form is an error at the text that contains it.

use std::collections::BTreeMap;

use source::{Code, Diagnostic, Diagnostics, Reported, Span, Spanned, closest};

use crate::decode::fields::read_fields;
use crate::decode::scalar::{construct, construct_name};
use crate::decode::value::{Value, read_mapping, read_text};
use crate::name::Name;
use crate::template::{Piece, split_pieces};
use crate::{Argument, ArgumentName, keys};

/// The values of arguments, by name.
///
/// The inner error means that the declaration of this argument was reported, the outer one that
/// `arguments` itself was, so that it is not known what is declared.
pub(crate) struct Arguments {
    values: Result<BTreeMap<String, Result<String, Reported>>, Reported>,
}

/// Reads the declarations and combines them with the given values.
pub(crate) fn read_arguments(
    diagnostics: &mut Diagnostics,
    value: Option<Value<'_>>,
    given: &BTreeMap<String, String>,
) -> (BTreeMap<ArgumentName, Argument>, Arguments) {
    let mut declared = BTreeMap::new();
    let mut values = BTreeMap::new();
    let entries = value.map_or(Ok(&[][..]), |value| read_mapping(diagnostics, value));
    for entry in entries.unwrap_or_default() {
        let name = construct_name(diagnostics, &entry.key);
        let argument = read_argument(diagnostics, &entry.key, Value::of(entry), given);
        let value = argument.as_ref().map(|argument| argument.value.clone());
        values.insert(entry.key.value.clone(), value.map_err(|reported| *reported));
        if let (Ok(name), Ok(argument)) = (name, argument) {
            declared.insert(name.value, argument);
        }
    }
    let values = entries.map(|_| values);
    (declared, Arguments { values })
}

/// Reads an argument, which is written as its default or as a mapping. If it was given a value, it stays
/// declared, whatever is wrong with its default.
fn read_argument(
    diagnostics: &mut Diagnostics,
    name: &Spanned<String>,
    value: Value<'_>,
    given: &BTreeMap<String, String>,
) -> Result<Argument, Reported> {
    let mut description = None;
    let default = if value.is_mapping() {
        let fields = read_fields(diagnostics, value, &keys::ARGUMENT)?;
        description = fields.optional("description", |value| read_text(diagnostics, value));
        let default = fields.get("default");
        default
            .map(|value| read_text(diagnostics, value))
            .transpose()
    } else if value.is_scalar() && !value.is_absent() {
        read_text(diagnostics, value).map(Some)
    } else {
        Err(value.report_wrong_kind(diagnostics, "a default or `{}`"))
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
    /// Reads text and puts in the values of the arguments that it names.
    pub(crate) fn read_text(
        &self,
        diagnostics: &mut Diagnostics,
        value: Value<'_>,
    ) -> Result<Spanned<String>, Reported> {
        let written = read_text(diagnostics, value)?;
        let pieces = split_pieces(&written.value, "an argument").map_err(|reason| {
            diagnostics.push(Diagnostic::new(Code::BadTemplate, written.span, reason));
            Reported
        })?;
        let mut filled = Ok(String::new());
        for piece in pieces {
            let value = match piece {
                Piece::Text(text) => Ok(text),
                Piece::Name(name) => self.find_value(diagnostics, name, written.span),
            };
            filled = filled.and_then(|filled| Ok(filled + &value?));
        }
        Ok(Spanned::new(filled?, written.span))
    }

    /// Reads a name, and puts in the values of arguments before its form is checked.
    pub(crate) fn read_name<T: Name>(
        &self,
        diagnostics: &mut Diagnostics,
        value: Value<'_>,
    ) -> Result<Spanned<T>, Reported> {
        let filled = self.read_text(diagnostics, value)?;
        construct(diagnostics, &filled, T::KIND, T::parse)
    }

    fn find_value(
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
