//! E00xx: texts that are not YAML, or that use YAML which this format does not allow.

use crate::tests::image;

#[test]
fn e0001_not_yaml() {
    insta::assert_snapshot!(image("base: debian
extensions: [curl, git
workdir: /work"), @"
    E0001 3:8 [: /work] this is not YAML: a `:` where a key is not allowed
      2:13 this bracket was opened here
      help: put quotes around text that contains `: `, and write each key on its own line
    ");
}

#[test]
fn e0001_yaml_that_is_not_allowed() {
    insta::assert_snapshot!(image("base: &b debian
workdir: *b
labels: !!map {}
? [x]
: y
---
base: x"), @"
    E0001 1:7 [&b] `&b` is an anchor, which this format does not allow
      help: put quotes around text that begins with `&`; the format has no references to values
    E0001 2:10 [*b] `*b` is an alias, which this format does not allow
      help: put quotes around text that begins with `*`, or write the value itself here
    E0001 3:9 [!!map] `!!map` is a tag, which this format does not allow
      help: put quotes around text that begins with `!`; a tag is not needed, since text is taken as it is written
    E0001 4:3 [[x]] a key that is not text
      help: put quotes around it if it is meant as text
    E0001 6:1 [---] `---` is the beginning of a second document, which this format does not allow
      help: write one document in a file
    ");
}

#[test]
fn e0001_in_plain_words() {
    insta::assert_snapshot!(image(r#"base: "x
workdir: /y"#), @"
    E0001 2:1 [workdir: /y] this is not YAML: a quote that was opened above this line is not closed
      help: write the closing quote, or indent the lines inside the quotes
    ");
    insta::assert_snapshot!(image("base: x: y
"), @"
    E0001 1:8 [: y] this is not YAML: a `:` where a key is not allowed
      help: put quotes around text that contains `: `, and write each key on its own line
    ");
    insta::assert_snapshot!(image("base: @x
"), @"
E0001 1:7 [@x] this is not YAML: text cannot begin with `@`
  help: put quotes around the text
");
    insta::assert_snapshot!(image("base: x
	path: []"), @"
    E0001 1:7 [x] this is not YAML: a tab where only spaces are allowed
      help: indent with spaces
    ");
    insta::assert_snapshot!(image("base: x
 workdir: y"), @"
    E0001 2:9 [: y] this is not YAML: a `:` where a key is not allowed
      help: put quotes around text that contains `: `, and write each key on its own line
    ");
    insta::assert_snapshot!(image("base: x
extensions:
  - uv
 git: {}"), @"
    E0001 4:2 [git: {}] this is not YAML: this line does not fit the indentation of the lines above it
      help: begin the keys of one mapping, and the `-` of one list, in the same column
    ");
    insta::assert_snapshot!(image("base: 'x' y
"), @"
    E0001 1:11 [y] this is not YAML: something follows a closing quote
      help: put all of the text into quotes, or none of it
    ");
    insta::assert_snapshot!(image("base: x
path: [/a}"), @"
E0001 2:7 [[/a}] this is not YAML: `[` is closed by `}`
  help: close each bracket with its own kind
");
}

#[test]
fn e0001_keeps_what_was_read_before() {
    insta::assert_snapshot!(image(r#"base: debian
extentions: []
home: {}
labels: {a: "x"#), @r#"
    E0101 2:1 [extentions] unknown key `extentions`
      help: did you mean `extensions`?
    E0101 3:1 [home] unknown key `home`
      help: the keys here are `base`, `arguments`, `extensions`, `packages`, `snapshot`, `environment`, `path`, `workdir` and `labels`
    E0001 4:13 ["x] this is not YAML: this quote is never closed
      4:9 this bracket was opened here
      help: write the closing quote
    "#);
}

#[test]
fn e0002_duplicate_key() {
    insta::assert_snapshot!(image("base: debian
environment:
  EDITOR: vim
  EDITOR: nvim
base: x"), @"
    E0002 4:3 [EDITOR] the key `EDITOR` is written a second time
      3:3 first written here
      help: keep one of the two
    E0002 5:1 [base] the key `base` is written a second time
      1:1 first written here
      help: keep one of the two
    ");
}
