//! Diagnostics as what BuildKit shows: an error with the user's lines, and warnings.

use gateway::{Failure, Range, SourceSnippet, Warning};
use source::{Code, Diagnostic, Diagnostics, Sources, Span};

/// The failure of a build for what its texts say.
///
/// One problem is one sentence; several are a list. Each brings the lines it is about, which the
/// client prints.
pub(crate) fn failure(sources: &Sources, diagnostics: &Diagnostics) -> Failure {
    let errors: Vec<&Diagnostic> = diagnostics.errors().collect();
    let message = match errors.as_slice() {
        [one] => sentence(sources, one),
        many => {
            let lines: Vec<String> = many
                .iter()
                .map(|one| format!("\n  {}", sentence(sources, one)))
                .collect();
            format!("{} problems:{}", many.len(), lines.concat())
        }
    };
    errors.iter().fold(Failure::new(message), |failure, error| {
        snippets(sources, error)
            .into_iter()
            .fold(failure, Failure::with_snippet)
    })
}

/// A failure at one place that no diagnostic describes, such as an image that cannot be resolved.
pub(crate) fn located(mut failure: Failure, sources: &Sources, span: Span) -> Failure {
    failure.snippets.push(snippet(sources, span));
    failure
}

/// The same for several places of one file, which are shown together.
pub(crate) fn located_all(mut failure: Failure, sources: &Sources, spans: &[Span]) -> Failure {
    let mut spans: Vec<Span> = spans.to_vec();
    spans.sort_unstable();
    let mut snippets = spans.iter().map(|span| snippet(sources, *span));
    if let Some(mut first) = snippets.next() {
        first.ranges.extend(snippets.flat_map(|other| other.ranges));
        failure.snippets.push(first);
    }
    failure
}

/// A warning of a build; `digest` is the vertex that loaded the spec.
pub(crate) fn warning(sources: &Sources, diagnostic: &Diagnostic, digest: &str) -> Warning {
    let line = sources.start(diagnostic.primary).line;
    Warning {
        digest: digest.to_owned(),
        short: format!("{}: {} (line {line})", diagnostic.code, diagnostic.message),
        detail: diagnostic.help.iter().cloned().collect(),
        url: page(diagnostic.code),
        snippet: Some(snippet(sources, diagnostic.primary)),
    }
}

/// The failure of a build whose user wants no warnings.
pub(crate) fn unwanted(sources: &Sources, warnings: &[&Diagnostic]) -> Failure {
    let sentences: Vec<String> = warnings
        .iter()
        .map(|one| format!("\n  {}", sentence(sources, one)))
        .collect();
    let message = format!(
        "`error=true` of the check makes warnings errors:{}",
        sentences.concat()
    );
    warnings
        .iter()
        .fold(Failure::new(message), |failure, warning| {
            snippets(sources, warning)
                .into_iter()
                .fold(failure, Failure::with_snippet)
        })
}

/// Where a code is explained: a file of the repository, as no address of it is published yet.
pub(crate) fn page(code: Code) -> String {
    format!("docs/codes/{code}.md")
}

fn sentence(sources: &Sources, diagnostic: &Diagnostic) -> String {
    let name = &sources.get(diagnostic.primary.source).name;
    let place = sources.start(diagnostic.primary);
    let help = diagnostic
        .help
        .as_ref()
        .map_or_else(String::new, |help| format!("; help: {help}"));
    format!(
        "{name}:{}:{}: {} [{}]{help}",
        place.line, place.column, diagnostic.message, diagnostic.code
    )
}

pub(crate) fn snippets(sources: &Sources, diagnostic: &Diagnostic) -> Vec<SourceSnippet> {
    // One snippet a file, so that two places of one file are shown together.
    let mut snippets: Vec<SourceSnippet> = vec![snippet(sources, diagnostic.primary)];
    for label in &diagnostic.labels {
        let other = snippet(sources, label.span);
        match snippets
            .iter_mut()
            .find(|known| known.filename == other.filename)
        {
            Some(known) => known.ranges.extend(other.ranges),
            None => snippets.push(other),
        }
    }
    snippets
}

pub(crate) fn snippet(sources: &Sources, span: Span) -> SourceSnippet {
    let file = sources.get(span.source);
    let (start, end) = (sources.start(span), sources.end(span));
    SourceSnippet {
        filename: file.name.clone(),
        data: file.text.clone().into_bytes(),
        language: "YAML".to_owned(),
        ranges: vec![Range {
            start_line: start.line,
            start_character: start.column.saturating_sub(1),
            end_line: end.line,
            end_character: end.column.saturating_sub(1),
        }],
        definition: None,
    }
}
