//! E00xx: texts that are not YAML, or use more of YAML than this format does.

use crate::tests::image;

#[test]
fn e0001_is_no_yaml() {
    insta::assert_snapshot!(image("base: debian
extensions: [curl, git
workdir: /work"), @"
E0001 3:8 [: /work] this is not YAML: a `:` where no key can stand
  2:13 this bracket is open here
  help: put quotes around text that has `: ` in it, and each key on a line of its own
");
}

#[test]
fn e0001_is_yaml_that_is_not_used() {
    insta::assert_snapshot!(image("base: &b debian
workdir: *b
labels: !!map {}
? [x]
: y
---
base: x"), @"
E0001 1:7 [&b] `&b` is an anchor, which this format does not use
  help: remove it: values are written out
E0001 2:10 [*b] `*b` is an alias, which this format does not use
  help: write the value out where it is used
E0001 3:9 [!!map] `!!map` is a tag, which this format does not use
  help: remove it: text is taken as it is written
E0001 4:3 [[x]] a key that is not text
  help: put quotes around it if it is meant as text
E0001 6:1 [---] `---` is a second document, which this format does not use
  help: keep one document in a file
");
}

#[test]
fn e0001_is_said_in_plain_words() {
    insta::assert_snapshot!(image(r#"base: "x
workdir: /y"#), @"
E0001 2:1 [workdir: /y] this is not YAML: a quote is opened above this line and not closed before it
  help: write the closing quote, or indent the lines inside the quotes
");
    insta::assert_snapshot!(image("base: x: y
"), @"
E0001 1:8 [: y] this is not YAML: a `:` where no key can stand
  help: put quotes around text that has `: ` in it, and each key on a line of its own
");
    insta::assert_snapshot!(image("base: @x
"), @"
E0001 1:7 [@x] this is not YAML: text cannot begin with `@`
  help: put quotes around the text
");
    insta::assert_snapshot!(image("base: x
	path: []"), @"
E0001 1:7 [x] this is not YAML: a tab where only spaces may stand
  help: indent with spaces
");
    insta::assert_snapshot!(image("base: x
 workdir: y"), @"
E0001 2:9 [: y] this is not YAML: a `:` where no key can stand
  help: put quotes around text that has `: ` in it, and each key on a line of its own
");
    insta::assert_snapshot!(image("base: x
extensions:
  - uv
 git: {}"), @"
E0001 4:2 [git: {}] this is not YAML: this line does not fit the indentation of the lines above it
  help: keys of one mapping, and the `-` of one list, begin in the same column
");
    insta::assert_snapshot!(image("base: 'x' y
"), @"
E0001 1:11 [y] this is not YAML: something follows a closing quote
  help: put all of the text in quotes, or none of it
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
  help: the keys here are `base`, `arguments`, `extensions`, `packages`, `environment`, `path`, `workdir`, `labels`
E0001 4:13 ["x] this is not YAML: a quote is opened here and never closed
  4:9 this bracket is open here
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
E0002 4:3 [EDITOR] the key `EDITOR` stands here a second time
  3:3 first written here
  help: keep one of the two
E0002 5:1 [base] the key `base` stands here a second time
  1:1 first written here
  help: keep one of the two
");
}
