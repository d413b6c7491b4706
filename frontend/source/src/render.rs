//! Turns diagnostics into text, for a terminal or a file.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::{Diagnostic, Severity, SourceId, Sources, Span, printable, shown};

/// Renders one diagnostic with the lines that it is about, without color.
///
/// The same diagnostic gives the same text everywhere, whatever the width of the terminal.
pub fn render(sources: &Sources, diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.code.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(&diagnostic.message)
        .id(diagnostic.code.id());
    let mut group = Group::with_title(title);
    // Each file has one snippet, so that its annotations share the lines.
    let mut files = vec![diagnostic.primary.source];
    for label in &diagnostic.labels {
        if !files.contains(&label.span.source) {
            files.push(label.span.source);
        }
    }
    let files = files.into_iter().map(|id| {
        let file = sources.get(id);
        (id, shown(&file.name), printable(&file.text))
    });
    let files: Vec<(SourceId, String, String)> = files.collect();
    for (id, name, text) in &files {
        let id = *id;
        let mut snippet = Snippet::source(text).path(name).line_start(1).fold(true);
        if diagnostic.primary.source == id {
            snippet = snippet
                .annotation(AnnotationKind::Primary.span(range(sources, diagnostic.primary)));
        }
        for label in diagnostic
            .labels
            .iter()
            .filter(|label| label.span.source == id)
        {
            snippet = snippet.annotation(
                AnnotationKind::Context
                    .span(range(sources, label.span))
                    .label(&label.message),
            );
        }
        group = group.element(snippet);
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    let mut text = Renderer::plain().render(&[group]);
    text.push('\n');
    text
}

/// The bytes of a span, within its text and without the line breaks at the end.
fn range(sources: &Sources, span: Span) -> std::ops::Range<usize> {
    let text = &sources.get(span.source).text;
    // In a broken text, a span can begin or end inside a character, and the renderer would panic.
    let start = text.floor_char_boundary(span.start as usize);
    let end = text.ceil_char_boundary(span.end as usize).max(start);
    start..start + text[start..end].trim_end().len()
}
