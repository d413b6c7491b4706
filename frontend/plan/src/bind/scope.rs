//! What is known while one extension is bound, and reports about its expanded data.

use std::collections::BTreeMap;

use source::{Code, Diagnostic, Diagnostics, Span, Spanned, has_credentials, redacted};
use spec::{Extension, ImageReference, ParameterName, Template};

use crate::{Checksums, Origin};

/// Everything that is known while one extension is bound.
pub(crate) struct Scope<'a> {
    pub(crate) extension: &'a Extension,
    pub(crate) origin: &'a Origin,
    /// What the use gives: values of parameters, and keys about checksums.
    pub(crate) with: &'a BTreeMap<ParameterName, Spanned<String>>,
    /// The value of every parameter.
    pub(crate) values: BTreeMap<ParameterName, String>,
    /// The image's base.
    pub(crate) base: &'a ImageReference,
    pub(crate) architecture: &'a str,
    /// Checksums that are known from elsewhere.
    pub(crate) checksums: &'a Checksums,
    /// The place that asks for the extension.
    pub(crate) cause: Span,
}

impl Scope<'_> {
    /// Reports a problem with an expanded template, at the user's value if it contains one.
    pub(crate) fn report(
        &self,
        diagnostics: &mut Diagnostics,
        what: &Spanned<Template>,
        message: String,
        help: &str,
    ) {
        let given = what.value.parameters().find_map(|name| {
            let value = self.with.get(name)?;
            Some((name, value.span))
        });
        let diagnostic = match given {
            None => Diagnostic::new(Code::BadValue, what.span, message),
            Some((name, span)) => Diagnostic::new(Code::BadValue, span, message)
                .label(what.span, format!("the value of `{name}` is inserted here")),
        };
        diagnostics.push(diagnostic.help(help));
    }
}

/// Warns of an address, an expanded template, that contains a password.
pub(crate) fn check_address(
    diagnostics: &mut Diagnostics,
    what: &Spanned<Template>,
    address: &str,
    help: &str,
) {
    if has_credentials(address) {
        let message = format!(
            "the address `{}` contains a password or a token",
            shorten(address)
        );
        diagnostics.push(Diagnostic::new(Code::PasswordInAddress, what.span, message).help(help));
    }
}

/// Shortens a text for a message, and puts it on one line. A password is left out before, since it could not be
/// recognized in half an address.
pub(crate) fn shorten(text: &str) -> String {
    let text = redacted(text);
    let mut short: String = text.escape_debug().take(60).collect();
    if text.chars().count() > 60 {
        short.push('…');
    }
    short
}
