//! Properties of everything that reads text, each with a mutant that it catches.

use std::collections::BTreeMap;

use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use proptest::test_runner::{TestCaseResult, TestRunner};
use source::{Diagnostics, Sources, render};

use crate::tests::fixtures::FIXTURES;
use crate::tests::{File, read};
use crate::yaml::parse;
use crate::yaml::tree::{Kind, Node};
use crate::{ImagePath, ParameterName, Part, Template};

/// Reading a text ends, and every span that is reported lies in the text.
fn reads(text: &str) -> TestCaseResult {
    for file in [File::Image, File::Extension] {
        let read = read(file, text);
        for diagnostic in read.diagnostics.iter() {
            let labels = diagnostic.labels.iter().map(|label| label.span);
            for span in labels.chain([diagnostic.primary]) {
                prop_assert!(text.get(span.start as usize..span.end as usize).is_some());
            }
            prop_assert!(!render(&read.sources, diagnostic).is_empty());
            prop_assert!(!diagnostic.message.ends_with('.'), "{}", diagnostic.message);
        }
    }
    let mut sources = Sources::new();
    let id = sources.add("x", text);
    match parse(&mut Diagnostics::new(), id, text).root {
        Some(root) => holds_its_parts(text, &root),
        None => Ok(()),
    }
}

/// Every value lies in the one around it, and plain text on one line is exactly what is written.
fn holds_its_parts(text: &str, node: &Node) -> TestCaseResult {
    let parts: Vec<&Node> = match &node.kind {
        Kind::Sequence(nodes) => nodes.iter().collect(),
        Kind::Mapping(entries) => {
            for entry in entries {
                prop_assert!(entry.key.span.end <= entry.value.span.end.max(entry.key.span.end));
            }
            entries.iter().map(|entry| &entry.value).collect()
        }
        Kind::Scalar {
            text: value, plain, ..
        } => {
            let written = &text[node.span.start as usize..node.span.end as usize];
            if *plain && !written.contains(['\n', '\r']) {
                prop_assert_eq!(written, value);
            }
            Vec::new()
        }
        Kind::Reported => Vec::new(),
    };
    for part in parts {
        // A value that is not written has an empty span, at the end of what precedes it or where the next
        // thing begins.
        if part.span.start < part.span.end {
            prop_assert!(node.span.start <= part.span.start && part.span.end <= node.span.end);
        }
        holds_its_parts(text, part)?;
    }
    Ok(())
}

/// A fixture in which pieces are removed, doubled or replaced.
fn mutated() -> impl Strategy<Value = String> {
    let texts: Vec<&str> = FIXTURES.iter().map(|(_, _, text)| *text).collect();
    let change = (
        any::<proptest::sample::Index>(),
        0usize..20,
        0u8..3,
        tokens(),
    );
    (
        proptest::sample::select(texts),
        proptest::collection::vec(change, 1..6),
    )
        .prop_map(|(text, changes)| {
            let mut letters: Vec<char> = text.chars().collect();
            for (at, length, kind, token) in changes {
                let start = at.index(letters.len() + 1);
                let end = (start + length).min(letters.len());
                let piece: Vec<char> = letters[start..end].to_vec();
                let put: Vec<char> = match kind {
                    0 => Vec::new(),
                    1 => [piece.clone(), piece].concat(),
                    _ => token.chars().collect(),
                };
                letters.splice(start..end, put);
            }
            letters.into_iter().collect()
        })
}

/// Text that has a meaning in YAML or in templates, or none at all.
fn tokens() -> impl Strategy<Value = String> {
    let known = proptest::sample::select(vec![
        ":",
        ": ",
        "- ",
        "\n",
        "\n  ",
        "[",
        "]",
        "{",
        "}",
        ",",
        "\"",
        "'",
        "|",
        ">",
        "&a ",
        "*a",
        "!t ",
        "? ",
        "---\n",
        "...\n",
        "%YAML 1.1\n",
        "#",
        " #",
        "\t",
        "\r\n",
        "${",
        "${version}",
        "$",
        "~",
        "name: x",
        "base: x",
        "\u{feff}",
        "é",
        "\u{85}",
        "\u{2028}",
        "\0",
    ]);
    prop_oneof![3 => known.prop_map(str::to_owned), 1 => any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        reads(&text)?;
    }

    #[test]
    fn any_text_of_tokens_is_read(tokens in proptest::collection::vec(tokens(), 0..24)) {
        reads(&tokens.concat())?;
    }

    #[test]
    fn any_mutated_fixture_is_read(text in mutated()) {
        reads(&text)?;
    }

    #[test]
    fn templates_expand_to_their_parts((text, expanded) in templates()) {
        template(&text, &expanded, Template::parse)?;
    }

    #[test]
    fn image_paths_are_canonical(text in paths()) {
        canonical(&text, |text| ImagePath::new(text).map(|path| path.as_str().to_owned()))?;
    }

    #[test]
    fn paths_are_within_their_parents_alone(left in paths(), right in paths()) {
        within(&left, &right, ImagePath::is_within)?;
    }
}

#[test]
fn deep_nesting_is_refused() {
    for text in [
        "[".repeat(100_000),
        "{a: ".repeat(10_000),
        "- ".repeat(10_000),
        "a:\n ".repeat(500),
    ] {
        assert!(read(File::Image, &text).diagnostics.has_errors());
    }
}

/// A template, and what it expands to when `a` is `1` and `b_2` is `${a}`.
fn templates() -> impl Strategy<Value = (String, String)> {
    let part = prop_oneof![
        "[a-z{}:/ é]{1,4}".prop_map(|text| (text.clone(), text)),
        Just(("$$".to_owned(), "$".to_owned())),
        Just(("${a}".to_owned(), "1".to_owned())),
        Just(("${b_2}".to_owned(), "${a}".to_owned())),
    ];
    proptest::collection::vec(part, 0..6).prop_map(|parts| parts.into_iter().unzip())
}

fn template(
    text: &str,
    expanded: &str,
    parse: impl Fn(&str) -> Result<Template, String>,
) -> TestCaseResult {
    let template = parse(text).map_err(proptest::test_runner::TestCaseError::fail)?;
    let name = |name: &str| ParameterName::new(name).unwrap();
    let values = [
        (name("a"), "1".to_owned()),
        (name("b_2"), "${a}".to_owned()),
    ];
    prop_assert_eq!(template.expand(&BTreeMap::from(values)), expanded);
    let mut last_is_text = false;
    for part in template.parts() {
        let is_text = matches!(part, Part::Text(_));
        prop_assert!(!(is_text && last_is_text), "neighboring texts are one part");
        last_is_text = is_text;
    }
    Ok(())
}

fn paths() -> impl Strategy<Value = String> {
    let part = proptest::sample::select(vec!["", "/", ".", "..", "bin", "lib64", "usr", "a", "ab"]);
    proptest::collection::vec(part, 0..5).prop_map(|parts| format!("/{}", parts.join("/")))
}

/// The canonical form is a fixed point, has no empty part, and does not go through a link.
fn canonical(text: &str, make: impl Fn(&str) -> Result<String, String>) -> TestCaseResult {
    let Ok(once) = make(text) else {
        prop_assert!(text.contains(".."));
        return Ok(());
    };
    prop_assert_eq!(make(&once), Ok(once.clone()));
    prop_assert!(!once.contains("//") && (once == "/" || !once.ends_with('/')));
    prop_assert!(!once.starts_with("/bin/") && once != "/bin" && !once.starts_with("/lib64"));
    Ok(())
}

/// A path is within another one exactly if they are equal, or if the other is `/` or one of its parents.
fn within(
    left: &str,
    right: &str,
    is_within: impl Fn(&ImagePath, &ImagePath) -> bool,
) -> TestCaseResult {
    if let (Ok(left), Ok(right)) = (ImagePath::new(left), ImagePath::new(right)) {
        let is_above =
            right.as_str() == "/" || left.parents().any(|parent| parent == right.as_str());
        prop_assert_eq!(is_within(&left, &right), left == right || is_above);
        for parent in left.parents() {
            prop_assert!(left.as_str().starts_with(parent) && parent != left.as_str());
        }
    }
    Ok(())
}

/// Whether a property fails, as it must for a mutant.
fn catches<S: Strategy>(inputs: &S, property: impl Fn(S::Value) -> TestCaseResult) -> bool {
    TestRunner::deterministic().run(inputs, property).is_err()
}

#[test]
fn a_template_that_forgets_dollar_signs_is_caught() {
    let wrong = |text: &str| Template::parse(&text.replace("$$", ""));
    assert!(catches(&templates(), |(text, expanded)| template(
        &text, &expanded, wrong
    )));
}

#[test]
fn a_path_that_keeps_links_is_caught() {
    let wrong = |text: &str| {
        let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty()).collect();
        let is_taken = !parts.contains(&"..");
        is_taken
            .then(|| format!("/{}", parts.join("/")))
            .ok_or_else(String::new)
    };
    assert!(catches(&paths(), |text| canonical(&text, wrong)));
}

#[test]
fn a_prefix_of_letters_is_caught() {
    let wrong = |left: &ImagePath, right: &ImagePath| left.as_str().starts_with(right.as_str());
    assert!(catches(&(paths(), paths()), |(left, right)| within(
        &left, &right, wrong
    )));
}

#[test]
fn a_span_beyond_its_value_is_caught() {
    let wrong = |text: String| {
        let mut sources = Sources::new();
        let id = sources.add("x", text.as_str());
        let Some(mut root) = parse(&mut Diagnostics::new(), id, &text).root else {
            return Ok(());
        };
        root.span.end = root.span.end.saturating_sub(1);
        if text.is_char_boundary(root.span.end as usize) {
            holds_its_parts(&text, &root)
        } else {
            Ok(())
        }
    };
    assert!(catches(&mutated(), wrong));
}
