//! E01xx and W0001: for each code that the decoders report, a text with that mistake.

use crate::tests::{extension, image, one_source};

#[test]
fn e0101_unknown_key() {
    insta::assert_snapshot!(image("base: debian
extentions:
  - uv
kernel: linux"), @"
    E0101 2:1 [extentions] unknown key `extentions`
      help: did you mean `extensions`?
    E0101 4:1 [kernel] unknown key `kernel`
      help: the keys here are `base`, `arguments`, `extensions`, `packages`, `snapshot`, `environment`, `path`, `workdir` and `labels`
    ");
}

#[test]
fn e0102_missing_key() {
    insta::assert_snapshot!(image("extensions: []
"), @"
E0102 1:1 [extensions] `base` is missing
  help: add `base: …`, the image that extensions are put on, such as `ubuntu:24.04`
");
    insta::assert_snapshot!(image(""), @"
E0102 1:1 [] the file is empty
  help: a spec has at least `base: …`
");
    insta::assert_snapshot!(image("# nothing
"), @"
E0102 1:1 [] the file is empty
  help: a spec has at least `base: …`
");
    insta::assert_snapshot!(image("{}"), @"
E0102 1:1 [{}] `base` is missing
  help: add `base: …`, the image that extensions are put on, such as `ubuntu:24.04`
");
}

#[test]
fn e0102_missing_key_of_an_extension() {
    insta::assert_snapshot!(extension("build:
  packages: [gcc]
tests:
  - expect: x
install:
  files: [{text: a}]"), @"
    E0102 1:1 [build] `name` is missing
      help: add `name: …`, the name of the extension
    E0102 2:3 [packages] `steps` is missing
      help: add `steps: …`, commands that run in order and write to `$OUT`
    E0102 4:5 [expect] `run` is missing
      help: add `run: …`, shell text for `/bin/sh -e -c`
    E0102 6:12 [text] `to` is missing
      help: add `to: …`, where to put it in the image
    ");
}

#[test]
fn e0103_wrong_kind() {
    insta::assert_snapshot!(image("base: [debian]
extensions: uv
environment: [a]
path: {a: b}
labels: text"), @"
    E0103 1:7 [[debian]] `base` must be text, not a list
    E0103 2:13 [uv] `extensions` must be a list, not text
    E0103 3:14 [[a]] `environment` must be a mapping, not a list
    E0103 4:8 [a] `path` must be a list, not a mapping
    E0103 5:9 [text] `labels` must be a mapping, not text
    ");
    insta::assert_snapshot!(image("just text"), @"E0103 1:1 [just text] a spec must be a mapping, not text");
    insta::assert_snapshot!(image("- a
- b"), @"E0103 1:1 [- a] a spec must be a mapping, not a list");
}

#[test]
fn e0103_no_value() {
    insta::assert_snapshot!(image("base:
extensions:
  -
  - ~
workdir: null
environment: {A: , B: ''}
path:
  # - /opt"), @"
    E0103 1:1 [base] `base` has no value
      help: write text, or leave the key out
    E0103 2:1 [extensions] an entry of `extensions` has no value
      help: write text, or remove the entry
    E0103 4:5 [~] an entry of `extensions` has no value
      help: write text, or remove the entry; put quotes around `~` if the word is meant
    E0103 5:1 [workdir] `workdir` has no value
      help: write text, or leave the key out; put quotes around `null` if the word is meant
    E0103 6:15 [A] `A` has no value
      help: write text, or leave the key out
    E0103 7:1 [path] `path` has no value
      help: write a list, or leave the key out
    ");
}

#[test]
fn e0104_bad_value() {
    insta::assert_snapshot!(image("base: Debian 13
workdir: work
path: [/a/../b]
extensions: [UV, ./, ../x, /x, a/../b]
environment: {1A: x, PATH: /x}
packages: onion"), @"
    E0104 1:7 [Debian 13] `Debian 13` is not a valid image reference: it must be `name`, `name:tag` or `name@sha256:…`, with a lowercase name
    E0104 2:10 [work] `work` is not a valid path in the image: it must begin with `/`
    E0104 3:8 [/a/../b] `/a/../b` is not a valid path in the image: it must not contain `..`
    E0104 4:14 [UV] `UV` is not a valid extension name: it must consist of at most 64 lowercase letters, digits, `-`, `_` and `.`, and begin with a letter or a digit
    E0104 4:18 [./] `./` is not a valid path of a folder in the build context: it must name a file or a folder
    E0104 4:22 [../x] `../x` is not a valid path of a folder in the build context: it must not contain `..`
    E0104 4:28 [/x] `/x` is not a valid path of a folder in the build context: it must not begin with `/`
    E0104 4:32 [a/../b] `a/../b` is not a valid path of a folder in the build context: it must not contain `..`
    E0104 5:15 [1A] `1A` is not a valid variable name: it must consist of letters, digits and `_`, and not begin with a digit
    E0104 5:22 [PATH] `PATH` cannot be set as a variable
      help: use `path`, which puts folders at the beginning of the search path
    E0104 6:11 [onion] `packages` cannot be `onion`
      help: did you mean `union`?
    ");
}

#[test]
fn e0105_bad_checksum() {
    insta::assert_snapshot!(one_source("url: http://x.y/z
sha256: sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: z"), @"
    E0105 7:13 [sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03] `sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a…` is not a valid SHA-256 checksum: it must be 64 lowercase hexadecimal digits
      help: write it without the `sha256:` prefix
    ");
    insta::assert_snapshot!(one_source("url: http://x.y/z
sha256: 5891B5B522D5DF086D0FF0B110FBD9D21BB4FC7163AF34D08286A2E846F6BE03
to: z"), @"
    E0105 7:13 [5891B5B522D5DF086D0FF0B110FBD9D21BB4FC7163AF34D08286A2E846F6BE03] `5891B5B522D5DF086D0FF0B110FBD9D21BB4FC7163AF34D08286A2E846F6…` is not a valid SHA-256 checksum: it must be 64 lowercase hexadecimal digits
      help: write it in lowercase
    ");
    insta::assert_snapshot!(one_source("url: http://x.y/z
sha256: abc123
to: z"), @"
    E0105 7:13 [abc123] `abc123` is not a valid SHA-256 checksum: it must be 64 lowercase hexadecimal digits
      help: it has 6 digits: copy all 64
    ");
    insta::assert_snapshot!(one_source("url: http://x.y/z
sha256: {x86_64: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03, amd46: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03, vax: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03, arm: zz}
to: z"), @"
    E0105 7:14 [x86_64] unknown architecture `x86_64`
      help: did you mean `amd64`?
    E0105 7:88 [amd46] unknown architecture `amd46`
      help: did you mean `amd64`?
    E0105 7:161 [vax] unknown architecture `vax`
      help: write `386`, `amd64`, `arm`, `arm64`, `ppc64le`, `riscv64` or `s390x`
    E0105 7:237 [zz] `zz` is not a valid SHA-256 checksum: it must be 64 lowercase hexadecimal digits
      help: copy it from where the file is published, or from `sha256sum`
    ");
    insta::assert_snapshot!(one_source("url: http://x.y/z
sha256: {}
to: z"), @"
    E0105 7:13 [{}] `sha256` does not list any architecture
      help: write one checksum, or one for each architecture: `386`, `amd64`, `arm`, `arm64`, `ppc64le`, `riscv64` and `s390x`
    ");
}

#[test]
fn e0106_missing_checksum() {
    insta::assert_snapshot!(one_source("pypi: uv==${version}
to: uv.whl"), @"
E0106 6:11 [uv==${version}] `uv==${version}` has no checksum
  help: add `sha256: …`, or `unverified: true` to fetch it without one
");
    insta::assert_snapshot!(one_source("npm: pnpm@10.0.0
to: p"), @"
E0106 6:10 [pnpm@10.0.0] `pnpm@10.0.0` has no checksum
  help: add `sha256: …`, or `unverified: true` to fetch it without one
");
    insta::assert_snapshot!(one_source("crate: ripgrep@15.0.0
to: r"), @"
E0106 6:12 [ripgrep@15.0.0] `ripgrep@15.0.0` has no checksum
  help: add `sha256: …`, or `unverified: true` to fetch it without one
");
    insta::assert_snapshot!(one_source("url: https://example.org/x
to: x"), @"
E0106 6:10 [https://example.org/x] `https://example.org/x` has no checksum
  help: add `sha256: …`, or `unverified: true` to fetch it without one
");
}

#[test]
fn e0107_bad_template() {
    insta::assert_snapshot!(extension("name: x
parameters: {version: 1.10}
environment:
  A: ${versoin}
  B: ${zone}
  C: ${version
  D: cost $5
  E: $$5 ${version}
  F: ${Version}"), @"
    E0107 4:6 [${versoin}] `versoin` is not a parameter of this extension
      help: did you mean `${version}`?
    E0107 5:6 [${zone}] `zone` is not a parameter of this extension
      help: declare `zone` in `parameters`, or write `$${` for the text `${`
    E0107 6:6 [${version] `${` without a closing `}`
    E0107 7:6 [cost $5] a single `$`: write `${name}` for a parameter, or `$$` for a dollar sign
    E0107 9:6 [${Version}] `Version` is not a valid parameter name: it must consist of at most 64 lowercase letters, digits and `_`, and begin with a letter
    ");
}

#[test]
fn e0108_planned_key() {
    insta::assert_snapshot!(extension("name: x
home: {}
runtime: {}
detect: {}
build: {steps: [make], outputs: {as: mount}}"), @"
    E0108 2:1 [home] `home` is planned, but not available in this version
      help: leave it out
    E0108 3:1 [runtime] `runtime` is planned, but not available in this version
      help: leave it out
    E0108 4:1 [detect] `detect` is planned, but not available in this version
      help: leave it out
    E0108 5:24 [outputs] `outputs` as a mapping is planned, but not available in this version
      help: write a list, or leave the key out
    ");
}

#[test]
fn e0108_planned_key_of_a_spec() {
    insta::assert_snapshot!(image("base: debian
user: dev
image: x
args: []
arguments: {}
builder: x"), @"
    E0108 2:1 [user] `user` is planned, but not available in this version
      help: leave it out
    E0108 3:1 [image] `image` is planned, but not available in this version
      help: leave it out
    E0108 4:1 [args] `args` is planned, but not available in this version
      help: leave it out
    E0108 6:1 [builder] `builder` is planned, but not available in this version
      help: leave it out
    ");
}

#[test]
fn w0001_unverified() {
    insta::assert_snapshot!(one_source("url: https://example.org/x
unverified: true
to: x"), @"
W0001 7:5 [unverified: true] `https://example.org/x` is fetched without a checksum
  help: add `sha256: …` in place of `unverified: true`
");
}

/// Only the text of a file can contain it.
#[test]
fn nul_is_refused_where_it_is_written() {
    insta::assert_snapshot!(extension(r#"name: x
description: "a\0"
parameters: { level: "\0" }
environment: { A: "a\0b" }
shell: { bash: "\0" }
build:
  steps: ["make\0", { run: "\0" }]
install:
  files: [{ text: "a\0b", to: /etc/x }, { from: "a\0", to: /etc/y }]
tests: [{ run: "\0", expect: "\0" }]
"#), @r#"
    E0104 2:14 ["a\0"] `description` contains the character NUL
      help: leave `\0` out: only the `text` of a file can contain it
    E0104 3:22 ["\0"] `level` contains the character NUL
      help: leave `\0` out: only the `text` of a file can contain it
    E0104 4:19 ["a\0b"] `A` contains the character NUL
      help: leave `\0` out: only the `text` of a file can contain it
    E0104 5:16 ["\0"] `bash` contains the character NUL
      help: leave `\0` out: only the `text` of a file can contain it
    E0104 7:11 ["make\0"] an entry of `steps` contains the character NUL
      help: leave `\0` out: only the `text` of a file can contain it
    E0104 7:28 ["\0"] `run` contains the character NUL
      help: leave `\0` out: only the `text` of a file can contain it
    E0104 9:49 ["a\0"] `from` contains the character NUL
      help: leave `\0` out: only the `text` of a file can contain it
    E0104 10:16 ["\0"] `run` contains the character NUL
      help: leave `\0` out: only the `text` of a file can contain it
    E0104 10:30 ["\0"] `expect` contains the character NUL
      help: leave `\0` out: only the `text` of a file can contain it
    "#);
}

#[test]
fn a_message_shows_no_password_even_if_it_is_cut() {
    let token = "secret".repeat(20);
    let said = extension(&format!(
        "name: x\ninstall:\n  files: [{{ text: a, to: 'https://me:{token}@x.org' }}]\n"
    ));
    assert!(
        said.contains("`https://***@x.org` is not a valid path"),
        "{said}"
    );
}
