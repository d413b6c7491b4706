//! What YAML makes of text that people write for shells and files: the message names the trap, and the way out
//! works.

use crate::tests::image;

/// A spec with these lines in the `install` of its one extension.
fn install(lines: &str) -> String {
    let lines: Vec<String> = lines.lines().map(|line| format!("      {line}")).collect();
    let lines = lines.join("\n");
    image(&format!(
        "base: x\nextensions:\n  - name: a\n    install:\n{lines}\n"
    ))
}

#[test]
fn a_hash_after_a_blank() {
    insta::assert_snapshot!(install("files:
- { to: /x, text: a #b }
- to: /y"), @"
    E0001 6:27 [#b }] this is not YAML: a `#` after a blank begins a comment, which hides the closing bracket
      6:9 this bracket is not closed
      help: put quotes around text that contains ` #`
    ");
    insta::assert_snapshot!(install("files:
- { to: /x, text: it's a #b }
- to: /y
  text: x
- to: /z
  text: x"), @"
    E0001 6:32 [#b }] this is not YAML: a `#` after a blank begins a comment, which hides the closing bracket
      6:9 this bracket is not closed
      help: put quotes around text that contains ` #`
    ");
    // The parser has not come to the bracket when it finds the error.
    insta::assert_snapshot!(install("steps: [a]
files:
  - { to: /x, text: a #b }
  - to: /y
    text: x"), @"
    E0001 7:29 [#b }] this is not YAML: a `#` after a blank begins a comment, which hides the closing bracket
      help: put quotes around text that contains ` #`
    ");
    insta::assert_snapshot!(image("base: x
path: [/a #b]
- x"), @"
    E0001 2:11 [#b]] this is not YAML: a `#` after a blank begins a comment, which hides the closing bracket
      2:7 this bracket is not closed
      help: put quotes around text that contains ` #`
    ");
    insta::assert_snapshot!(install("files:
- to: /y
  text: a #b
- to: /z
  text: #b"), @"
    E0104 7:15 [a] `text` ends at a `#` after a blank, which begins a comment
      help: put quotes around text that contains ` #`, or write it as a block after `|`; write a comment on a line of its own
    E0103 9:9 [text] `text` has no value
      help: write text, or leave the key out; a `#` after a blank begins a comment: put quotes around text that begins with `#`
    ");
    insta::assert_snapshot!(install("steps:
- echo \"a #b\"
- run: echo 'a #b'
- echo \"a\\\" #b\""), @r#"
    E0104 6:9 [echo "a] an entry of `steps` ends at a `#` after a blank, which begins a comment
      help: put quotes around text that contains ` #`, or write it as a block after `|`; write a comment on a line of its own
    E0104 7:14 [echo 'a] `run` ends at a `#` after a blank, which begins a comment
      help: put quotes around text that contains ` #`, or write it as a block after `|`; write a comment on a line of its own
    E0104 8:9 [echo "a\"] an entry of `steps` ends at a `#` after a blank, which begins a comment
      help: put quotes around text that contains ` #`, or write it as a block after `|`; write a comment on a line of its own
    "#);
    let right = "files:
- { to: /x, text: 'a #b' } # fine }
- to: /y # fine
  text: |
    a #b
- { to: '/z #}', # fine }
    text: x }
steps:
- echo a # fine
- echo \"it's\" # fine
- 'echo \"a #b\"'
- echo it\\'s # fine";
    assert_eq!(install(right), "");
    let others = "base: x # fine\nenvironment: { A: b } # fine\nlabels:\n  a: b # fine\n";
    assert_eq!(image(others), "");
}

#[test]
fn a_comma_in_brackets() {
    insta::assert_snapshot!(install("files: [{ to: /x, text: hello, world }]
steps: [{ echo x; }]"), @"
    E0001 5:38 [world] `world` is a key without a value
      help: a `,` between `{` and `}` ends a value: put quotes around text that contains a comma, and write every entry as `key: value`
    E0102 6:15 [{ echo x; }] `run` is missing
      help: add `run: …`, shell text for `/bin/sh -e -c`; parameters are variables in capitals
    E0001 6:17 [echo x;] `echo x;` is a key without a value
      help: a `,` between `{` and `}` ends a value: put quotes around text that contains a comma, and write every entry as `key: value`
    ");
    assert_eq!(
        install("files: [{ to: /x, text: 'hello, world' }, { to: /y, text: , }]"),
        "E0103 5:59 [text] `text` has no value\n  help: write text, or leave the key out\n"
    );
}

#[test]
fn a_colon_before_a_blank() {
    insta::assert_snapshot!(install("steps:
- echo \"a: b\""), @r#"
    E0101 6:9 [echo "a] unknown key `echo "a`
      help: in YAML, a `:` before a blank makes text a key: put quotes around the whole text, or write it as a block after `|`; the keys here are `run`, `network`, `cache`, `secrets` and `ssh`
    "#);
    assert_eq!(
        install("steps:\n- 'echo \"a: b\"'\n- |\n  echo \"a: b\""),
        ""
    );
}

#[test]
fn text_that_begins_with_a_mark() {
    insta::assert_snapshot!(install("steps:
- ! true
- *x
- &y"), @"
    E0103 5:7 [steps] an entry of `steps` has no value
      help: write text, or remove the entry
    E0001 6:9 [!] `!` is a tag, which this format does not allow
      help: put quotes around text that begins with `!`; a tag is not needed, since text is taken as it is written
    E0001 7:9 [*x] `*x` is an alias, which this format does not allow
      help: put quotes around text that begins with `*`, or write the value itself here
    E0001 8:9 [&y] `&y` is an anchor, which this format does not allow
      help: put quotes around text that begins with `&`; the format has no references to values
    ");
    insta::assert_snapshot!(install("steps:
- [ -f /x ] && y"), @"
    E0001 6:19 [&& y] this is not YAML: something follows a closing bracket
      help: put quotes around text that begins with `[` or `{`
    ");
    assert_eq!(
        install("steps:\n- '! true'\n- '*x'\n- '&y'\n- '[ -f /x ] && y'"),
        ""
    );
}

#[test]
fn words_without_quotes() {
    insta::assert_snapshot!(image("base: x
environment: { A: ~, B: null, C: }
labels:
  D: ~ # nothing
"), @"
    E0103 2:16 [A] `A` has no value
      help: write text, or leave the key out; put quotes around `~` if the word is meant
    E0103 2:22 [B] `B` has no value
      help: write text, or leave the key out; put quotes around `null` if the word is meant
    E0103 2:31 [C] `C` has no value
      help: write text, or leave the key out
    E0103 4:3 [D] `D` has no value
      help: write text, or leave the key out; put quotes around `~` if the word is meant
    ");
    assert_eq!(
        image("base: x\nenvironment: { on: yes, off: No, A: '~', B: 1.10, C: '', D: 0x10 }\n"),
        ""
    );
}

#[test]
fn a_mode_in_decimal() {
    insta::assert_snapshot!(install("files:
- { to: /a, text: x, mode: 420 }
- { to: /b, text: x, mode: 493 }
- { to: /c, text: x, mode: '511' }
- { to: /d, text: x, mode: 1023 }
- { to: /e, text: x, mode: 0o644 }
- { to: /f, text: x, mode: 288 }"), @r#"
    E0104 6:34 [420] `420` is not a valid mode: it is 0644 in decimal, and modes are octal: write "0644", or "0420" if that is meant
    E0104 7:34 [493] `493` is not a valid mode: it is 0755 in decimal, and modes are octal: write "0755"
    E0104 8:34 ['511'] `511` is not a valid mode: it is 0777 in decimal, and modes are octal: write "0777", or "0511" if that is meant
    E0104 9:34 [1023] `1023` is not a valid mode: it is 1777 in decimal, and modes are octal: write "1777", or "01023" if that is meant
    E0104 10:34 [0o644] `0o644` is not a valid mode: it must be three or four octal digits, such as "0644"
    E0104 11:34 [288] `288` is not a valid mode: it is 0440 in decimal, and modes are octal: write "0440"
    "#);
    let modes = [
        "644", "755", "600", "0420", "'0420'", "0644", "00644", "1777", "0511",
    ];
    for mode in modes {
        let file = format!("files: [{{ to: /a, text: x, mode: {mode} }}]");
        assert_eq!(install(&file), "", "{mode}");
    }
}
