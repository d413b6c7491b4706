use std::fmt::Write as _;

use source::{Diagnostics, Sources, render};

use crate::yaml::{Kind, Node, parse};

/// The tree, one node a line with what is written in its place, and then the diagnostics.
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
        Kind::Scalar { text, plain } => {
            let quoted = if *plain { "plain" } else { "quoted" };
            writeln!(shown, "{indent}{quoted} {text:?} at {written:?}").unwrap();
        }
        Kind::Sequence(nodes) => {
            writeln!(shown, "{indent}list at {written:?}").unwrap();
            nodes
                .iter()
                .for_each(|node| show(shown, text, node, depth + 1));
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
fn try_out() {
    for text in [
        "base: debian   # c\nlist:\n  - a\n  - \"b c\"  # d\n  - {x: 1, y: [2, 3]}  # e\n\n# f\nblock: |\n  one\n  two\n\n# tail\nempty:\nlast: >-\n  x\n  # no comment\n",
        "a: &x 1\nb: *x\nc: !!str 2\nd: *zz\n? [k]\n: v\n? {a: b}\n: v\na: 3\n: 4\n---\nx: 1\n",
        "\u{feff}é: ü\r\nlist:\r\n- ö\r\n- |\r\n  tä\r\n",
        "a: [1, 2\nb: 3\n",
        "a: \"x\nb: 3\n",
        "a:\n\tb: 1\n",
        "a: b: c\n",
        "a: 1\n b: 2\n",
        "a: @x\n",
        "a\nb\n",
        "a: {x: 1]\n",
        "",
        "# x\n",
        "- - - x",
        "a: 'x' y\n",
        "a: %x\nb: `c`",
        "key\nother: x\n",
        "a:\n  - x\n y: 1\n",
        "a: 1\nb\nc: 2\n",
        "a: !<foo 1",
        "a: [b: c, ]\nd: }\n",
        "a: x #y\nb: x#y\nc: [x]#z",
    ] {
        eprintln!("=== {text:?}\n{}", check(text));
    }
}
