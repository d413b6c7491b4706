//! The texts of a conversion, and everything that was found wrong with them or outside them.

use gateway::Failure;
use source::{Diagnostic, Diagnostics, Reported, SourceId, Sources};
use spec::{WarningRules, warning_rules};

use crate::report;

/// The texts of a conversion, and everything that was found wrong.
///
/// An error of type [`Reported`] means that the reason was added here.
#[derive(Debug)]
pub(crate) struct Findings {
    pub(crate) sources: Sources,
    pub(crate) diagnostics: Diagnostics,
    /// Which warnings the user wants to see.
    rules: WarningRules,
    /// What went wrong outside the texts, such as an image that does not exist.
    failures: Vec<Failure>,
}

impl Findings {
    /// The findings about a spec of which only the text is known. The warning rules in the text hold
    /// unless `rules` are given.
    pub(crate) fn new(
        name: String,
        text: String,
        rules: Option<&WarningRules>,
    ) -> (Self, SourceId) {
        let mut sources = Sources::new();
        let mut diagnostics = Diagnostics::new();
        let spec = sources.add(name, text);
        let own = warning_rules(&mut diagnostics, &sources, spec);
        let findings = Self {
            sources,
            diagnostics,
            rules: rules.cloned().unwrap_or(own),
            failures: Vec::new(),
        };
        (findings, spec)
    }

    /// Adds what went wrong outside the texts.
    pub(crate) fn fail(&mut self, failure: Failure) -> Reported {
        // The same image may be missing for several platforms.
        if !self.failures.contains(&failure) {
            self.failures.push(failure);
        }
        Reported
    }

    /// `Err` if anything is wrong.
    pub(crate) fn check(&self) -> Result<(), Reported> {
        if self.diagnostics.has_errors() || !self.failures.is_empty() {
            Err(Reported)
        } else {
            Ok(())
        }
    }

    /// What went wrong outside the texts.
    pub(crate) fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// The failure of the build, for everything that is wrong.
    pub(crate) fn failure(&self) -> Failure {
        report::make_failure(&self.sources, &self.diagnostics, &self.failures)
    }

    /// The diagnostics that the user wants to see, in the order in which they were found.
    pub(crate) fn shown_diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        let all = self.diagnostics.iter();
        all.filter(|diagnostic| self.rules.shows(diagnostic.code))
    }

    /// The warnings that the user wants to see.
    pub(crate) fn shown_warnings(&self) -> Vec<&Diagnostic> {
        let warnings = self.diagnostics.warnings();
        warnings
            .filter(|warning| self.rules.shows(warning.code))
            .collect()
    }

    /// Whether there are warnings and the user accepts none.
    pub(crate) fn refuses_warnings(&self) -> bool {
        self.rules.fails && !self.shown_warnings().is_empty()
    }
}
