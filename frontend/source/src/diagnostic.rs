//! What is wrong with what a user wrote.
//!
//! A diagnostic is data; [`crate::render()`] and the gateway make words of it for a terminal, a
//! build's error, or a warning.

use crate::{Code, Severity, Span};

/// One thing to tell the user about their text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of thing; its page is `docs/codes/<code>.md`.
    pub code: Code,
    /// What is wrong: a lowercase phrase without a final period, the user's words in backticks.
    pub message: String,
    /// Where.
    pub primary: Span,
    /// At most two other places that matter.
    pub labels: Vec<Label>,
    /// What to do.
    pub help: Option<String>,
}

/// Another place that matters to a diagnostic, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// Why it matters.
    pub message: String,
}

/// Something is wrong, and it was reported into the [`Diagnostics`].
///
/// The error type of functions that report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reported;

/// The diagnostics of one request, in the order they were found.
#[derive(Debug, Default, Clone)]
pub struct Diagnostics {
    found: Vec<Diagnostic>,
}

impl Diagnostic {
    /// Makes a diagnostic without labels and help.
    pub fn new(code: Code, primary: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            primary,
            labels: Vec::new(),
            help: None,
        }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds another place that matters.
    #[must_use]
    pub fn label(mut self, span: Span, message: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            message: message.into(),
        });
        self
    }
}

impl Diagnostics {
    /// Makes an empty collection.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one, unless an equal one is there.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if !self.found.contains(&diagnostic) {
            self.found.push(diagnostic);
        }
    }

    /// Whether any of them is an error.
    pub fn has_errors(&self) -> bool {
        self.errors().next().is_some()
    }

    /// Whether the primary span of any error lies within `span`.
    pub fn is_reported_within(&self, span: Span) -> bool {
        self.errors().any(|error| span.contains(error.primary))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.found.iter()
    }

    /// Those that stop a build.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.with(Severity::Error)
    }

    /// Those that do not.
    pub fn warnings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.with(Severity::Warning)
    }

    fn with(&self, severity: Severity) -> impl Iterator<Item = &Diagnostic> {
        self.found
            .iter()
            .filter(move |diagnostic| diagnostic.code.severity() == severity)
    }
}
