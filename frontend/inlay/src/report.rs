//! What is wrong, in the forms that BuildKit shows: an error with the user's lines, and warnings.

use gateway::{Failure, Range, SourceSnippet, Warning};
use source::{Code, Diagnostic, Diagnostics, Sources, Span, printable};

/// The failure of a build for everything that was found wrong: errors in texts, and failures outside
/// them, such as an image that does not exist.
///
/// One problem is one sentence; several are a list. Each brings the lines it is about, which the
/// client prints.
pub(crate) fn make_failure(
    sources: &Sources,
    diagnostics: &Diagnostics,
    failures: &[Failure],
) -> Failure {
    let errors: Vec<&Diagnostic> = diagnostics.errors().collect();
    if let ([], [failure]) = (errors.as_slice(), failures) {
        return failure.clone();
    }
    let of_errors = errors.iter().map(|error| write_sentence(sources, error));
    let sentences: Vec<String> = of_errors
        .chain(failures.iter().map(write_message))
        .collect();
    let message = match sentences.as_slice() {
        [one] => one.clone(),
        many => format!("{} problems:{}", many.len(), write_list(many)),
    };
    let of_errors = errors.iter().flat_map(|error| quote_all(sources, error));
    let of_failures = failures.iter().flat_map(|failure| failure.snippets.clone());
    let mut failure = Failure::new(message);
    failure.snippets = of_errors.chain(of_failures).collect();
    failure.details = failures
        .iter()
        .flat_map(|failure| failure.details.clone())
        .collect();
    failure
}

/// A failure with the place in the user's text that it is about.
pub(crate) fn add_place(mut failure: Failure, sources: &Sources, span: Span) -> Failure {
    failure.snippets.push(quote(sources, span));
    failure
}

/// A warning of a build; `digest` is the vertex that loaded the spec.
pub(crate) fn make_warning(sources: &Sources, diagnostic: &Diagnostic, digest: &str) -> Warning {
    let line = sources.start(diagnostic.primary).line;
    Warning {
        digest: digest.to_owned(),
        short: format!("{}: {} (line {line})", diagnostic.code, diagnostic.message),
        detail: diagnostic.help.iter().cloned().collect(),
        url: page_of(diagnostic.code),
        snippet: Some(quote(sources, diagnostic.primary)),
    }
}

/// The failure of a build whose user does not accept warnings.
pub(crate) fn refuse_warnings(sources: &Sources, warnings: &[&Diagnostic]) -> Failure {
    let sentences: Vec<String> = warnings
        .iter()
        .map(|one| write_sentence(sources, one))
        .collect();
    let mut failure = Failure::new(format!("{WARNINGS_ARE_ERRORS}:{}", write_list(&sentences)));
    failure.snippets = warnings
        .iter()
        .flat_map(|warning| quote_all(sources, warning))
        .collect();
    failure
}

/// The message if warnings fail a build or a check.
pub(crate) const WARNINGS_ARE_ERRORS: &str =
    "`error=true` in the check rules turns warnings into errors";

/// The address of the page that explains a code.
pub(crate) fn page_of(code: Code) -> String {
    format!("https://github.com/inlay/inlay/blob/main/docs/codes/{code}.md")
}

/// The lines that a diagnostic is about.
fn quote_all(sources: &Sources, diagnostic: &Diagnostic) -> Vec<SourceSnippet> {
    // One snippet for each file, so that two places in one file are shown together.
    let mut snippets: Vec<SourceSnippet> = vec![quote(sources, diagnostic.primary)];
    for label in &diagnostic.labels {
        let other = quote(sources, label.span);
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

/// The lines of a span.
pub(crate) fn quote(sources: &Sources, span: Span) -> SourceSnippet {
    let file = sources.get(span.source);
    let (start, end) = (sources.start(span), sources.end(span));
    SourceSnippet {
        filename: file.name.clone(),
        data: printable(&file.text).into_bytes(),
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

fn write_sentence(sources: &Sources, diagnostic: &Diagnostic) -> String {
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

/// The message of a failure, with its first place if it has one.
fn write_message(failure: &Failure) -> String {
    let place = failure.snippets.first().and_then(|snippet| {
        let range = snippet.ranges.first()?;
        let (line, column) = (range.start_line, range.start_character + 1);
        Some(format!("{}:{line}:{column}: ", snippet.filename))
    });
    format!("{}{}", place.unwrap_or_default(), failure.message)
}

fn write_list(sentences: &[String]) -> String {
    let lines = sentences.iter().map(|sentence| format!("\n  {sentence}"));
    lines.collect()
}
