//! Positions, spans, diagnostics and suggestions.

use crate::{Code, Diagnostic, Diagnostics, Position, Severity, Sources, Span, closest, render};

fn sources(text: &str) -> (Sources, impl Fn(&str) -> Span + use<'_>) {
    let mut sources = Sources::new();
    let id = sources.add("inlay.yaml", text);
    (sources, move |needle: &str| {
        let start = text.find(needle).expect("the needle is in the text");
        Span::new(id, start, start + needle.len())
    })
}

#[test]
fn positions_count_characters_from_one() {
    let (sources, span) = sources("base: é\nlist:\n  - ü: {}\n");
    assert_eq!(sources.start(span("base")), Position { line: 1, column: 1 });
    assert_eq!(sources.start(span(": {}")), Position { line: 3, column: 6 });
    assert_eq!(sources.end(span("- ü")), Position { line: 3, column: 5 });
    assert_eq!(
        sources.end(span("list:\n")),
        Position { line: 2, column: 5 }
    );
}

#[test]
fn positions_of_any_offset_exist() {
    let (sources, span) = sources("é");
    let id = span("é").source;
    for (start, end) in [(0, 0), (1, 1), (1, 2), (2, 2), (7, 9)] {
        let span = Span::new(id, start, end);
        assert!(sources.start(span).line >= 1 && sources.end(span).line >= 1);
        assert!(!render(&sources, &Diagnostic::new(Code::Yaml, span, "x")).is_empty());
    }
}

#[test]
fn a_diagnostic_shows_its_lines_and_its_help() {
    let (sources, span) = sources("base: debian\nextentions:\n  - uv\n");
    let diagnostic = Diagnostic::new(
        Code::UnknownKey,
        span("extentions"),
        "unknown key `extentions`",
    )
    .label(span("base"), "in this file")
    .help("did you mean `extensions`?");
    let text = render(&sources, &diagnostic);
    for part in [
        "error[E0101]: unknown key `extentions`",
        "inlay.yaml:2:1",
        "^^^^^^^^^^",
        "in this file",
        "did you mean",
    ] {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
}

#[test]
fn equal_diagnostics_are_one() {
    let (_, span) = sources("a: 1");
    let mut diagnostics = Diagnostics::new();
    diagnostics.push(Diagnostic::new(Code::Unverified, span("a"), "x"));
    diagnostics.push(Diagnostic::new(Code::Unverified, span("a"), "x"));
    assert_eq!(diagnostics.iter().count(), 1);
    assert!(!diagnostics.has_errors());
    assert_eq!(diagnostics.warnings().count(), 1);
}

#[test]
fn a_span_contains_itself_and_its_parts() {
    let mut sources = Sources::new();
    let id = sources.add("inlay.yaml", "a: [b]");
    let other = sources.add("other.yaml", "a: [b]");
    let list = Span::new(id, 3, 6);
    for (start, end, is_within) in [
        (3, 6, true),
        (4, 5, true),
        (6, 6, true),
        (2, 4, false),
        (5, 7, false),
        (0, 7, false),
        (0, 1, false),
    ] {
        assert_eq!(list.contains(Span::new(id, start, end)), is_within);
        assert!(!list.contains(Span::new(other, start, end)));
    }
}

#[test]
fn errors_are_found_by_their_place() {
    let (_, span) = sources("a: [b, c]");
    let mut diagnostics = Diagnostics::new();
    diagnostics.push(Diagnostic::new(Code::Unverified, span("b"), "a warning"));
    assert!(!diagnostics.is_reported_within(span("[b, c]")));
    diagnostics.push(Diagnostic::new(Code::BadValue, span("c"), "x").label(span("a"), "see here"));
    assert!(diagnostics.is_reported_within(span("[b, c]")));
    assert!(diagnostics.is_reported_within(span("c")));
    assert!(!diagnostics.is_reported_within(span("b")));
    assert!(!diagnostics.is_reported_within(span("a")));
}

#[test]
fn ids_are_unique_and_sorted() {
    let ids: Vec<_> = Code::ALL.iter().map(|code| code.id()).collect();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(ids, sorted);
    assert_eq!(Code::Unverified.severity(), Severity::Warning);
    assert_eq!(Code::Yaml.severity(), Severity::Error);
}

#[test]
fn the_closest_word_is_suggested() {
    let known = ["uv", "git", "extensions", "node"];
    assert_eq!(closest("extentions", known), Some("extensions"));
    assert_eq!(closest("gti", known), Some("git"));
    assert_eq!(closest("ux", known), Some("uv"));
    assert_eq!(closest("Node", known), Some("node"));
    assert_eq!(closest("kubernetes", known), None);
    assert_eq!(closest("abc", known), None);
}

#[test]
fn passwords_in_addresses_are_not_shown() {
    for (written, expected) in [
        ("https://me:pass@x.org/a", "https://***@x.org/a"),
        ("fetch https://token@x.org", "fetch https://***@x.org"),
        ("git+HTTPS://a@b@x.org:80/@c", "git+HTTPS://***@x.org:80/@c"),
        (
            "ssh://git@x.org/a ssh://me:pass@x.org",
            "ssh://git@x.org/a ssh://me:***@x.org",
        ),
        ("git@x.org:a/b.git", "git@x.org:a/b.git"),
        ("oci-layout://a@sha256:0", "oci-layout://a@sha256:0"),
        (
            "https://x.org/?a=1&access_token=b&c=2#d",
            "https://x.org/?a=1&access_token=***&c=2#d",
        ),
        (
            "'https://x.org?X-Amz-Signature=a' b=c",
            "'https://x.org?X-Amz-Signature=***' b=c",
        ),
        (
            "https://x.org/@scope/token=a?page=2",
            "https://x.org/@scope/token=a?page=2",
        ),
        (
            "http://a@x.org,http://b@y.org",
            "http://***@x.org,http://***@y.org",
        ),
        ("://", "://"),
    ] {
        let shown = crate::shown(written);
        assert_eq!(shown, expected);
        assert_eq!(crate::shown(&shown), shown);
        assert_eq!(crate::has_credentials(written), shown != written);
    }
}

#[test]
fn nothing_that_is_shown_commands_a_terminal() {
    let written = "a\u{1b}[31mb\r\u{7f}\u{9b}c\u{202e}d\u{2066}e\0\n\tz\u{fc}";
    assert_eq!(
        crate::shown(written),
        "a\\u{1b}[31mb\\u{d}\\u{7f}\\u{9b}c\\u{202e}d\\u{2066}e\\u{0}\n\tz\u{fc}"
    );
    let printable = crate::printable(written);
    assert_eq!(printable, "a?[31mb??\u{bf}c\u{fffd}d\u{fffd}e?\n\tz\u{fc}");
    assert_eq!(printable.len(), written.len());

    let mut sources = Sources::new();
    let id = sources.add("x\u{1b}.yaml".to_owned(), "\u{202e}a\u{1b}b".to_owned());
    let span = Span::new(id, 0, 1);
    let diagnostic = Diagnostic::new(Code::BadValue, span, "\u{1b}a")
        .help("\u{1b}b")
        .label(span, "\u{1b}c");
    let rendered = crate::render(&sources, &diagnostic);
    assert!(!rendered.contains(['\u{1b}', '\u{202e}']), "{rendered:?}");
    for text in [&diagnostic.message, &diagnostic.labels[0].message] {
        assert!(text.starts_with("\\u{1b}"), "{text}");
    }
    assert!(diagnostic.help.unwrap().starts_with("\\u{1b}"));
}
