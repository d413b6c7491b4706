//! Text with parameters in it, and what it can name.

use std::collections::BTreeSet;

use source::{Code, Diagnostic, Diagnostics, Reported, Span, Spanned, closest};

use crate::decode::scalar::bad_value;
use crate::decode::value::{Value, text};
use crate::{PackageForm, ParameterName, Template};

/// The parameters that the templates of an extension can name.
pub(crate) struct Scope {
    /// Their names, valid or not; an error when `parameters` itself is broken, so that nobody knows.
    pub(crate) declared: Result<BTreeSet<String>, Reported>,
}

/// Text with parameters in it, all of which are declared.
pub(crate) fn template(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    value: Value<'_>,
) -> Result<Spanned<Template>, Reported> {
    let written = text(diagnostics, value)?;
    let template = Template::parse(&written.value).map_err(|reason| {
        diagnostics.push(Diagnostic::new(Code::BadTemplate, written.span, reason));
        Reported
    })?;
    let mut outcome = Ok(());
    if let Ok(declared) = &scope.declared {
        for name in template.parameters().map(ParameterName::as_str) {
            if !declared.contains(name) {
                outcome = Err(undeclared(diagnostics, declared, name, written.span));
            }
        }
    }
    outcome.map(|()| Spanned::new(template, written.span))
}

/// The name of something to fetch, with parameters in it; `what` completes "`x` is not a valid …".
pub(crate) fn package(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    value: Value<'_>,
    form: PackageForm,
    what: &str,
) -> Result<Spanned<Template>, Reported> {
    let template = template(diagnostics, scope, value)?;
    match form.check_template(&template.value) {
        Ok(()) => Ok(template),
        Err(phrase) => {
            let message = format!("{} is not a valid {what}", value.shown());
            Err(bad_value(diagnostics, template.span, message, phrase))
        }
    }
}

fn undeclared(
    diagnostics: &mut Diagnostics,
    declared: &BTreeSet<String>,
    name: &str,
    span: Span,
) -> Reported {
    let help = match closest(name, declared.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `${{{meant}}}`?"),
        None => format!("declare `{name}` in `parameters`, or write `$${{` for the text `${{`"),
    };
    let message = format!("`{name}` is not a parameter of this extension");
    diagnostics.push(Diagnostic::new(Code::BadTemplate, span, message).help(help));
    Reported
}
