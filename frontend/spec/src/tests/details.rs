//! What is reported about paths, files and entries of `extensions`, and about several parts at once.

use crate::tests::{extension, image};

#[test]
fn outputs_are_paths_as_they_are_written() {
    insta::assert_snapshot!(extension("name: x
build: {steps: [make], outputs: [/bin/x, /, /proc/x, usr/bin, //sbin, /usr/bin/, /etc/hosts]}"), @"
    E0104 2:34 [/bin/x] `/bin` is a link to `/usr/bin` on every base
      help: write `/usr/bin/x`, and install it to `$OUT/usr/bin/x`
    E0104 2:42 [/] an entry of `outputs` cannot be `/`
      help: leave `outputs` out to take all of `$OUT`
    E0104 2:45 [/proc/x] nothing can be put at `/proc/x`: a container has its own `/proc`
      help: choose another path
    E0104 2:54 [usr/bin] `usr/bin` is not a valid path in the image: it must begin with `/`
    E0104 2:63 [//sbin] `/sbin` is a link to `/usr/sbin` on every base
      help: write `/usr/sbin`, and install it to `$OUT/usr/sbin`
    E0104 2:82 [/etc/hosts] nothing can be put at `/etc/hosts`: a container has its own `/etc/hosts`
      help: choose another path
    ");
}

#[test]
fn files_have_one_content_and_a_place() {
    insta::assert_snapshot!(extension("name: x
install:
  files:
    - {text: a, from: b, to: /a}
    - {to: /b}
    - {from: /c, to: /c}
    - {from: ./c/., to: /bin/c, mode: 0644, owner: 0}
    - {text: '', to: /run/x, mode: rwx, owner: root}
    - {text: x, to: /, mode: '0888', owner: '1:2:3'}
    - {txt: x, to: /d, mode: 17777}"), @r#"
    E0104 4:8 [text] `from` and `text` cannot be used together
      4:17 `from` is here
      help: keep one of them
    E0102 5:8 [to] an entry of `files` must have one of the keys `from` or `text`
      help: add the one that is meant
    E0104 6:14 [/c] `/c` is not a valid relative path: it must not begin with `/`
    E0104 8:22 [/run/x] nothing can be put at `/run/x`: a container has its own `/run`
      help: choose another path
    E0104 8:36 [rwx] `rwx` is not a valid mode: it must be three or four octal digits, such as "0644"
    E0104 8:48 [root] `root` is not a valid owner: it must be numbers, such as `1000:1000`; names are not supported
    E0104 9:21 [/] `to` cannot be `/`
      help: name a file or a folder below it
    E0104 9:30 ['0888'] `0888` is not a valid mode: it must be three or four octal digits, such as "0644"
    E0104 9:45 ['1:2:3'] `1:2:3` is not a valid owner: it must be one or two numbers, such as `1000` or `1000:1000`
    E0101 10:8 [txt] unknown key `txt`
      help: did you mean `text`?
    E0104 10:30 [17777] `17777` is not a valid mode: it must be three or four octal digits, such as "0644"
    "#);
}

#[test]
fn an_entry_of_extensions_is_one_extension() {
    insta::assert_snapshot!(image("base: x
extensions:
  - node:
    version: 24
  - uv: {}
    git: {}
  - name: uv
  - [uv]
  - uv: 1.0
  - uv: {Version: 1, version: [1]}
  - {}
  - install: {packages: [jq]}
    requires: [uv]"), @r#"
    E0103 3:5 [node] an entry of `extensions` can only name one extension
      help: indent `version` further than `node` if it is its parameter
    E0103 5:5 [uv] an entry of `extensions` can only name one extension
      help: begin each extension with `- `
    E0102 7:5 [name] an extension that is defined here has no content
      help: write `- uv` to use the extension of that name, or add what it needs, such as `install`
    E0103 8:5 [[uv]] an entry of `extensions` must be text, not a list
    E0103 9:9 [1.0] `uv` must be a mapping of parameters, not text
      help: name the parameter, such as `uv: { version: "1.0" }`
    E0104 10:10 [Version] `Version` is not a valid parameter name: it must consist of at most 64 lowercase letters, digits and `_`, and begin with a letter
    E0103 10:31 [[1]] `version` must be text, not a list
    E0103 11:5 [{}] an entry of `extensions` must be the name of an extension, not a mapping
    E0102 12:5 [install] `name` is missing
      help: add `name: …`, the name of the extension
    "#);
}

#[test]
fn an_extension_in_place_is_decoded_like_a_file() {
    insta::assert_snapshot!(image("base: x
extensions:
  - name: site
    instal: {}
    environment: {A: '${b}'}
    requires: [X]
    parameters: {c: , path: 1, d: [1]}"), @"
    E0101 4:5 [instal] unknown key `instal`
      help: did you mean `install`?
    E0107 5:22 ['${b}'] `b` is not a parameter of this extension
      help: did you mean `${c}`?
    E0104 6:16 [X] `X` is not a valid extension name: it must consist of at most 64 lowercase letters, digits, `-`, `_` and `.`, and begin with a letter or a digit
    E0103 7:18 [c] `c` has no value
      help: write a default or `{}`, or leave the key out
    E0104 7:23 [path] `path` is not a valid parameter name: in steps, its variable would replace one that already has a meaning
    E0103 7:35 [[1]] `d` must be a default or `{}`, not a list
    ");
}

#[test]
fn parameters_that_are_broken_hide_no_other_error() {
    insta::assert_snapshot!(extension("name: x
parameters: [version]
environment: {A: '${version}', PATH: /x}
shell: {fish: x, zsh: y}"), @"
    E0103 2:13 [[version]] `parameters` must be a mapping, not a list
    E0104 3:32 [PATH] `PATH` cannot be set as a variable
      help: use `path`, which puts folders at the beginning of the search path
    E0101 4:9 [fish] unknown key `fish`
      help: did you mean `bash`?
    E0101 4:18 [zsh] unknown key `zsh`
      help: the keys here are `bash` and `profile`
    ");
}

#[test]
fn all_problems_come_in_one_go() {
    insta::assert_snapshot!(extension("name: Tool
descripton: x
requires: uv
build:
  packages: [Gcc]
  sources:
    - url: example.org/tool
      sha256: abc
    - crate: tool@1.0.0
      to: tool
  outputs: [bin/tool]
install:
  files: [{from: x, to: x, mode: 9}]
  steps: []
environment: {A: '${b}'}
tests: [{expect: x}]"), @r#"
    E0104 1:7 [Tool] `Tool` is not a valid extension name: it must consist of at most 64 lowercase letters, digits, `-`, `_` and `.`, and begin with a letter or a digit
    E0101 2:1 [descripton] unknown key `descripton`
      help: did you mean `description`?
    E0103 3:11 [uv] `requires` must be a list, not text
    E0102 5:3 [packages] `steps` is missing
      help: add `steps: …`, commands that run in order and write to `$OUT`
    E0104 5:14 [Gcc] `Gcc` is not a valid package name: it must be the name of a Debian package, such as `libssl-dev` or `g++`
    E0102 7:7 [url] `to` is missing
      help: add `to: …`, its name below `$SOURCES`
    E0104 7:12 [example.org/tool] `example.org/tool` is not a valid `url` source
      help: write an address that begins with `https://` or `http://`, without blanks
    E0105 8:15 [abc] `abc` is not a valid SHA-256 checksum: it must be 64 lowercase hexadecimal digits
      help: it has 3 digits: copy all 64
    E0106 9:14 [tool@1.0.0] `tool@1.0.0` has no checksum
      help: add `sha256: …`, or `unverified: true` to fetch it without one
    E0104 11:13 [bin/tool] `bin/tool` is not a valid path in the image: it must begin with `/`
    E0104 13:25 [x] `x` is not a valid path in the image: it must begin with `/`
    E0104 13:34 [9] `9` is not a valid mode: it must be three or four octal digits, such as "0644"
    E0107 15:18 ['${b}'] `b` is not a parameter of this extension
      help: declare `b` in `parameters`, or write `$${` for the text `${`
    E0102 16:10 [expect] `run` is missing
      help: add `run: …`, shell text for `/bin/sh -e -c`
    "#);
}
