//! Reads text with parameters in it, and knows which parameters it can name.

use std::collections::BTreeSet;

use source::{Code, Diagnostic, Diagnostics, Reported, Span, Spanned, closest};

use crate::decode::scalar::report_bad_value;
use crate::decode::value::{Value, read_text};
use crate::{PackageForm, ParameterName, Template};

/// The parameters that the templates of an extension can name.
pub(crate) struct Scope {
    /// Their names, valid or not. An error means that `parameters` itself was reported, so that it is not
    /// known what is declared.
    pub(crate) declared: Result<BTreeSet<String>, Reported>,
}

/// Reads text with parameters in it, and reports parameters that are not declared.
pub(crate) fn read_template(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    value: Value<'_>,
) -> Result<Spanned<Template>, Reported> {
    let written = read_text(diagnostics, value)?;
    parse_template(diagnostics, scope, &written)
}

/// Parses text with parameters in it that was already read.
pub(crate) fn parse_template(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    written: &Spanned<String>,
) -> Result<Spanned<Template>, Reported> {
    let template = Template::parse(&written.value).map_err(|reason| {
        diagnostics.push(Diagnostic::new(Code::BadTemplate, written.span, reason));
        Reported
    })?;
    let mut outcome = Ok(());
    if let Ok(declared) = &scope.declared {
        for name in template.parameters().map(ParameterName::as_str) {
            if !declared.contains(name) {
                outcome = Err(report_undeclared(diagnostics, declared, name, written.span));
            }
        }
    }
    outcome.map(|()| Spanned::new(template, written.span))
}

/// Reads the name of something to fetch, with parameters in it. `what` completes the message "`x` is not a
/// valid …".
pub(crate) fn read_package(
    diagnostics: &mut Diagnostics,
    scope: &Scope,
    value: Value<'_>,
    form: PackageForm,
    what: &str,
) -> Result<Spanned<Template>, Reported> {
    let template = read_template(diagnostics, scope, value)?;
    match form.check_template(&template.value) {
        Ok(()) => Ok(template),
        Err(phrase) => {
            let message = format!("{} is not a valid {what}", value.show());
            Err(report_bad_value(
                diagnostics,
                template.span,
                message,
                phrase,
            ))
        }
    }
}

fn report_undeclared(
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
