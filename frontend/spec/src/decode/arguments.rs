//! Arguments of a build: their declarations, and their values in the data of a spec.
//!
//! Values are put in before a text is checked for its form, so that nothing behind the decoder knows
//! of arguments, and a value of the wrong form is an error at the text that it was put into.

use std::collections::BTreeMap;

use source::{Code, Diagnostic, Diagnostics, Reported, Span, Spanned, closest};

use crate::decode::scalar::construct;
use crate::decode::value::{Value, fields, mapping, text};
use crate::template::{Piece, pieces};
use crate::{Argument, ArgumentName, ImagePath, keys};

/// The values of arguments.
pub(crate) struct Arguments {
    /// By name; none where a declaration is broken, which was reported. Not there at all when
    /// nobody can say what is declared.
    values: Option<BTreeMap<String, Option<String>>>,
}

/// Reads the declarations and takes the values that were given.
pub(crate) fn arguments(
    diagnostics: &mut Diagnostics,
    value: Option<Value<'_>>,
    given: &BTreeMap<String, String>,
) -> (BTreeMap<ArgumentName, Argument>, Arguments) {
    let mut declared = BTreeMap::new();
    let mut values = BTreeMap::new();
    let Some(value) = value else {
        let values = Some(values);
        return (declared, Arguments { values });
    };
    for entry in mapping(diagnostics, &value) {
        let name = construct(diagnostics, &entry.key, "argument's name", |name| {
            ArgumentName::new(name)
        });
        let argument = argument(diagnostics, &entry.key, &Value::of(entry), given);
        let value = argument.as_ref().map(|argument| argument.value.clone());
        values.insert(entry.key.value.clone(), value);
        if let (Some(name), Some(argument)) = (name, argument) {
            declared.insert(name.value, argument);
        }
    }
    let values = value.is_mapping().then_some(values);
    (declared, Arguments { values })
}

/// An argument, written as its default or with more. One that was given a value stays declared
/// whatever is wrong with its default.
fn argument(
    diagnostics: &mut Diagnostics,
    name: &Spanned<String>,
    value: &Value<'_>,
    given: &BTreeMap<String, String>,
) -> Option<Argument> {
    let mut description = None;
    let default = if value.is_mapping() {
        let fields = fields(diagnostics, value, &keys::ARGUMENT)?;
        description = fields
            .get("description")
            .and_then(|value| text(diagnostics, &value));
        let default = fields.get("default");
        default.map(|value| text(diagnostics, &value).ok_or(Reported))
    } else if value.is_scalar() && !value.is_absent() {
        Some(text(diagnostics, value).ok_or(Reported))
    } else {
        value.wrong_kind(diagnostics, "a default or `{}`");
        Some(Err(Reported))
    };
    let value = match (given.get(&name.value), &default) {
        (Some(given), _) => given.clone(),
        (None, Some(Ok(default))) => default.value.clone(),
        (None, Some(Err(Reported))) => return None,
        (None, None) => {
            let name = &name.value;
            let message = format!("argument `{name}` has no default and was given no value");
            diagnostics.push(
                Diagnostic::new(Code::MissingArgument, value.place, message).help(format!(
                    "build with `--build-arg {name}=…`, or write a default"
                )),
            );
            return None;
        }
    };
    Some(Argument {
        value,
        default: default.and_then(Result::ok),
        description,
        span: name.span,
    })
}

impl Arguments {
    /// Text with the values of the arguments that it names.
    pub(crate) fn text(
        &self,
        diagnostics: &mut Diagnostics,
        value: &Value<'_>,
    ) -> Option<Spanned<String>> {
        let written = text(diagnostics, value)?;
        let pieces = match pieces(&written.value, "an argument") {
            Ok(pieces) => pieces,
            Err(reason) => {
                diagnostics.push(Diagnostic::new(Code::BadTemplate, written.span, reason));
                return None;
            }
        };
        let mut filled = Some(String::new());
        for piece in pieces {
            let value = match piece {
                Piece::Text(text) => Some(text),
                Piece::Name(name) => self.value(diagnostics, name, written.span),
            };
            filled = filled.zip(value).map(|(filled, value)| filled + &value);
        }
        Some(Spanned::new(filled?, written.span))
    }

    /// Such text of a form; `what` completes "`x` is no …: ".
    pub(crate) fn named<T>(
        &self,
        diagnostics: &mut Diagnostics,
        value: &Value<'_>,
        what: &str,
        constructor: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<Spanned<T>> {
        let filled = self.text(diagnostics, value)?;
        construct(diagnostics, &filled, what, constructor)
    }

    /// A path of the image.
    pub(crate) fn path(
        &self,
        diagnostics: &mut Diagnostics,
        value: &Value<'_>,
    ) -> Option<Spanned<ImagePath>> {
        self.named(diagnostics, value, "path of the image", ImagePath::new)
    }

    /// The value of an argument; nothing when a problem of it was reported.
    fn value(&self, diagnostics: &mut Diagnostics, name: &str, span: Span) -> Option<String> {
        let values = self.values.as_ref()?;
        if let Some(value) = values.get(name) {
            return value.clone();
        }
        let help = match closest(name, values.keys().map(String::as_str)) {
            Some(meant) => format!("did you mean `${{{meant}}}`?"),
            None => format!(
                "declare it in `arguments`, or write `$${{{name}}}` for the text `${{{name}}}`"
            ),
        };
        let message = format!("`${{{name}}}` names no argument of this spec");
        diagnostics.push(Diagnostic::new(Code::BadTemplate, span, message).help(help));
        None
    }
}
