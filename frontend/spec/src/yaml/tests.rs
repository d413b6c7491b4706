//! The tree of a YAML text and the spans in it.

use std::fmt::Write as _;

use source::{Diagnostics, Sources, render};

use crate::yaml::parse;
use crate::yaml::tree::{Kind, Node};

/// The tree, with a line for each node and the text of its span, followed by the diagnostics.
fn check(text: &str) -> String {
    let mut sources = Sources::new();
    let id = sources.add("inlay.yaml", text);
    let mut diagnostics = Diagnostics::new();
    let tree = parse(&mut diagnostics, id, text);
    let mut shown = String::new();
    if let Some(root) = &tree.root {
        show(&mut shown, text, root, 0);
    }
    for diagnostic in diagnostics.iter() {
        shown.push_str(&render(&sources, diagnostic));
    }
    shown
}

fn show(shown: &mut String, text: &str, node: &Node, depth: usize) {
    let written = &text[node.span.start as usize..node.span.end as usize];
    let indent = "  ".repeat(depth);
    match &node.kind {
        Kind::Scalar { text, plain, .. } => {
            let quoted = if *plain { "plain" } else { "quoted" };
            writeln!(shown, "{indent}{quoted} {text:?} at {written:?}").unwrap();
        }
        Kind::Sequence(nodes) => {
            writeln!(shown, "{indent}list at {written:?}").unwrap();
            for node in nodes {
                show(shown, text, node, depth + 1);
            }
        }
        Kind::Mapping(entries) => {
            writeln!(shown, "{indent}mapping at {written:?}").unwrap();
            for entry in entries {
                let key = &text[entry.key.span.start as usize..entry.key.span.end as usize];
                writeln!(shown, "{indent}  {:?} at {key:?}", entry.key.value).unwrap();
                show(shown, text, &entry.value, depth + 2);
            }
        }
        Kind::Reported => writeln!(shown, "{indent}reported at {written:?}").unwrap(),
    }
}

#[test]
fn spans_have_no_blanks_or_comments() {
    insta::assert_snapshot!(check("base: debian   # c\nlist:\n  - \"b c\"  # d\n  - {x: 1, y: [2, 3]}  # e\n\n# f\nempty:\n# tail\n"), @r#"
mapping at "base: debian   # c\nlist:\n  - \"b c\"  # d\n  - {x: 1, y: [2, 3]}  # e\n\n# f\nempty"
  "base" at "base"
    plain "debian" at "debian"
  "list" at "list"
    list at "- \"b c\"  # d\n  - {x: 1, y: [2, 3]}"
      quoted "b c" at "\"b c\""
      mapping at "{x: 1, y: [2, 3]}"
        "x" at "x"
          plain "1" at "1"
        "y" at "y"
          list at "[2, 3]"
            plain "2" at "2"
            plain "3" at "3"
  "empty" at "empty"
    plain "" at ""
"#);
}

#[test]
fn blocks_are_text() {
    insta::assert_snapshot!(check("a: |\n  one\n  two\n\n# tail\nb: >-\n  x\n  # no comment\n"), @r#"
mapping at "a: |\n  one\n  two\n\n# tail\nb: >-\n  x\n  # no comment"
  "a" at "a"
    quoted "one\ntwo\n" at "one\n  two"
  "b" at "b"
    quoted "x # no comment" at "x\n  # no comment"
"#);
}

#[test]
fn text_is_what_is_written() {
    insta::assert_snapshot!(check("- NO\n- 0644\n- 1.10\n- ~\n- 'a ''b'\n- \"\\u00e9\"\n-\n- 2026-11-22\n"), @r#"
list at "- NO\n- 0644\n- 1.10\n- ~\n- 'a ''b'\n- \"\\u00e9\"\n-\n- 2026-11-22"
  plain "NO" at "NO"
  plain "0644" at "0644"
  plain "1.10" at "1.10"
  plain "~" at "~"
  quoted "a 'b" at "'a ''b'"
  quoted "é" at "\"\\u00e9\""
  plain "" at ""
  plain "2026-11-22" at "2026-11-22"
"#);
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_are_not_text() {
    insta::assert_snapshot!(check("\u{feff}\u{e9}: \u{fc}\r\nlist:\r\n- \u{f6}\r\n"), @r#"
mapping at "é: ü\r\nlist:\r\n- ö"
  "é" at "é"
    plain "ü" at "ü"
  "list" at "list"
    list at "ö"
      plain "ö" at "ö"
"#);
}

#[test]
fn a_broken_text_keeps_what_was_read() {
    insta::assert_snapshot!(check("a: [1, {b: 2\nc: 3\n"), @r#"
    mapping at "a: [1"
      "a" at "a"
        list at "[1"
          plain "1" at "1"
    error[E0001]: this is not YAML: this `{` is never closed
     --> inlay.yaml:1:8
      |
    1 | a: [1, {b: 2
      |    -   ^^^^^
      |    |
      |    this bracket was opened here
      |
      = help: write the `}`
    "#);
}
