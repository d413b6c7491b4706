//! Diagnostics: what is wrong with what a user wrote.
//!
//! A diagnostic is data. [`crate::render()`] and the gateway turn it into text for a terminal, for the
//! error of a build, or for a warning.

use crate::{Code, Severity, Span, shown};

/// One thing to tell users about their text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of problem it is; `docs/codes/<code>.md` explains it.
    pub code: Code,
    /// What is wrong: a lowercase phrase without a final period, the user's words in backticks.
    pub message: String,
    /// Where the problem is.
    pub primary: Span,
    /// Other places that matter, at most two.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
}

/// Another place that matters for a diagnostic, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
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
    /// Makes a diagnostic without labels or help. Its texts are as [`shown`] makes them.
    pub fn new(code: Code, primary: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            message: shown(&message.into()),
            primary,
            labels: Vec::new(),
            help: None,
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(shown(&help.into()));
        self
    }

    /// Adds another place that matters.
    #[must_use]
    pub fn label(mut self, span: Span, message: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            message: shown(&message.into()),
        });
        self
    }
}

impl Diagnostics {
    /// Makes an empty collection.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a diagnostic, unless it already has an equal one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if !self.found.contains(&diagnostic) {
            self.found.push(diagnostic);
        }
    }

    /// Whether any diagnostic is an error.
    pub fn has_errors(&self) -> bool {
        self.errors().next().is_some()
    }

    /// Whether the primary span of any error lies within `span`.
    pub fn is_reported_within(&self, span: Span) -> bool {
        self.errors().any(|error| span.contains(error.primary))
    }

    /// All diagnostics.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.found.iter()
    }

    /// The diagnostics that stop a build.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.of_severity(Severity::Error)
    }

    /// The diagnostics that do not stop a build.
    pub fn warnings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.of_severity(Severity::Warning)
    }

    fn of_severity(&self, severity: Severity) -> impl Iterator<Item = &Diagnostic> {
        self.found
            .iter()
            .filter(move |diagnostic| diagnostic.code.severity() == severity)
    }
}
