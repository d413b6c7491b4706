//! What is said about the parts of a file, as a table of texts.

use crate::tests::{extension, image, one_source};

#[test]
fn each_kind_of_source_has_its_keys() {
    insta::assert_snapshot!(one_source("to: x"), @"
E0102 6:5 [to] an entry of `sources` has none of the keys that it needs one of
  help: write one of `pypi`, `npm`, `crate`, `url`, `git`, `image`, `context`
");
    insta::assert_snapshot!(one_source("pypi: a==1
npm: b@1.0.0
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: x"), @"
E0104 7:5 [npm] `pypi` and `npm` exclude each other
  6:5 `pypi` is here
  help: keep one of them
");
    insta::assert_snapshot!(one_source("git: https://x.y/z
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: z"), @"
    E0102 6:5 [git] `commit` is missing
      help: add `commit: …`, the whole commit id, 40 hexadecimal digits
    E0104 7:5 [sha256] `sha256` can only be used with `pypi`, `npm`, `crate` or `url`
      help: leave it out
    ");
    insta::assert_snapshot!(one_source("git: https://x.y/z
commit: main
to: z"), @"
E0104 7:13 [main] `main` is no commit id
  help: write the whole id, 40 lowercase hexadecimal digits; branches and tags can move
");
    assert_eq!(
        one_source(
            "git: https://x.y/z
commit: ${version}
to: z"
        ),
        ""
    );
    insta::assert_snapshot!(one_source("url: http://x.y/z
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
unverified: true
to: z"), @"
E0104 8:5 [unverified] `sha256` and `unverified` exclude each other
  7:5 `sha256` is here
  help: keep one of them
");
    insta::assert_snapshot!(one_source("url: http://x.y/z
unverified: false
to: z"), @"
E0104 7:17 [false] `unverified` can only be `true`
  help: leave it out, and add `sha256: …`
");
    insta::assert_snapshot!(one_source("context: ../x
path: /y
to: z"), @"
    E0104 6:14 [../x] `../x` is no path in the folder: `..` would lead out of the folder it is in
    E0104 7:5 [path] `path` can only be used with `image`
      help: leave it out
    ");
    insta::assert_snapshot!(one_source("image: Alpine
path: y
to: z"), @"
    E0104 6:12 [Alpine] `Alpine` is no image: `name`, `name:tag` or `name@sha256:…`, in lowercase but for the tag
    E0104 7:11 [y] `y` is no path of the image: a path of the image begins with `/`
    ");
    insta::assert_snapshot!(one_source("pipy: a==1
to: a"), @"
E0101 6:5 [pipy] unknown key `pipy`
  help: did you mean `pypi`?
");
    insta::assert_snapshot!(one_source("image: alpine:3
to: a/b"), @"
E0104 7:9 [a/b] `a/b` is no name below `$SOURCES`: one file name, without `/`, blanks and control characters
");
    insta::assert_snapshot!(one_source("context: files/"), @"
E0102 6:5 [context] `to` is missing
  help: add `to: …`, its name below `$SOURCES`
");
}

#[test]
fn a_package_has_one_exact_version() {
    insta::assert_snapshot!(one_source("pypi: uv>=1
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: x"), @"
E0104 6:11 [uv>=1] `uv>=1` is no `pypi` source
  help: write `name==version`, with one exact version
");
    insta::assert_snapshot!(one_source("pypi: uv==1.*
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: x"), @"
E0104 6:11 [uv==1.*] `uv==1.*` is no `pypi` source
  help: write `name==version`, with one exact version
");
    insta::assert_snapshot!(one_source("npm: pnpm@^10
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: x"), @"
E0104 6:10 [pnpm@^10] `pnpm@^10` is no `npm` source
  help: write `name@1.2.3` or `@scope/name@1.2.3`, with one exact version
");
    insta::assert_snapshot!(one_source("npm: pnpm@latest
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: x"), @"
E0104 6:10 [pnpm@latest] `pnpm@latest` is no `npm` source
  help: write `name@1.2.3` or `@scope/name@1.2.3`, with one exact version
");
    insta::assert_snapshot!(one_source("npm: '@a/b@1.2'
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: x"), @"
E0104 6:10 ['@a/b@1.2'] `@a/b@1.2` is no `npm` source
  help: write `name@1.2.3` or `@scope/name@1.2.3`, with one exact version
");
    insta::assert_snapshot!(one_source("crate: ripgrep
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: x"), @"
E0104 6:12 [ripgrep] `ripgrep` is no `crate` source
  help: write `name@1.2.3`, with one exact version
");
    insta::assert_snapshot!(one_source("url: ftp://x.y/z
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: x"), @"
E0104 6:10 [ftp://x.y/z] `ftp://x.y/z` is no `url` source
  help: write an address that begins with `https://` or `http://`, without blanks
");
    assert_eq!(
        one_source(
            "npm: '@a/b@${version}'
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: x"
        ),
        ""
    );
    assert_eq!(
        one_source(
            "url: ${version}/z
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: x"
        ),
        ""
    );
}

#[test]
fn sources_of_one_builder_have_names_of_their_own() {
    insta::assert_snapshot!(extension("name: x
build:
  steps: [make]
  sources:
    - {context: a, to: one}
    - {context: b, to: one}"), @"
E0104 6:24 [one] two sources are put at `$SOURCES/one`
  5:24 the other one
  help: give each source a name of its own
");
}

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
E0104 2:54 [usr/bin] `usr/bin` is no path of the image: a path of the image begins with `/`
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
E0104 4:8 [text] `from` and `text` exclude each other
  4:17 `from` is here
  help: keep one of them
E0102 5:8 [to] an entry of `files` has none of the keys that it needs one of
  help: write one of `from`, `text`
E0104 6:14 [/c] `/c` is no path in the folder: it begins with `/`, and is relative to the folder it is in
E0104 8:22 [/run/x] nothing can be put at `/run/x`: a container has its own `/run`
  help: choose another path
E0104 8:36 [rwx] `rwx` is no mode: three or four octal digits, such as "0644"
E0104 8:48 [root] `root` is no owner: names are not supported, write numbers such as `1000:1000`
E0104 9:21 [/] `to` cannot be `/`
  help: name a file or a folder below it
E0104 9:30 ['0888'] `0888` is no mode: three or four octal digits, such as "0644"
E0104 9:45 ['1:2:3'] `1:2:3` is no owner: one or two numbers such as `1000` or `1000:1000`
E0101 10:8 [txt] unknown key `txt`
  help: did you mean `text`?
E0104 10:30 [17777] `17777` is no mode: three or four octal digits, such as "0644"
"#);
}

#[test]
fn steps_are_commands() {
    insta::assert_snapshot!(extension("name: x
build:
  on: Debian
  packages: [gcc, GCC, gcc-]
  steps:
    - ' '
    - [make]
    - run: make
      network: nnoe
      cache: [{id: '', path: cache}, {path: /c}]"), @"
E0104 3:7 [Debian] `Debian` is no builder base: `default`, `base`, or an image as `name`, `name:tag` or `name@sha256:…`, in lowercase but for the tag
E0104 4:19 [GCC] `GCC` is no package: a Debian package's name, such as `libssl-dev` or `g++`
E0104 4:24 [gcc-] `gcc-` is no package: a Debian package's name, such as `libssl-dev` or `g++`
E0104 6:7 [' '] an entry of `steps` is empty
E0103 7:7 [[make]] an entry of `steps` is a list, where text belongs
E0104 9:16 [nnoe] `network` cannot be `nnoe`
  help: did you mean `none`?
E0104 10:20 [''] `id` is empty
E0104 10:30 [cache] `cache` is no path of the image: a path of the image begins with `/`
E0102 10:39 [path] `id` is missing
  help: add `id: …`, its name; caches of one name are one
");
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
E0103 3:5 [node] an entry of `extensions` names one extension
  help: indent `version` further than `node` if it is its parameter
E0103 5:5 [uv] an entry of `extensions` names one extension
  help: begin each extension with `- `
E0102 7:5 [name] an extension that is defined here brings nothing
  help: write `- uv` to use the extension of that name, or add what it brings
E0103 8:5 [[uv]] an entry of `extensions` is a list, where text belongs
E0103 9:9 [1.0] `uv` is text, where a mapping of parameters belongs
  help: name the parameter, such as `uv: { version: "1.0" }`
E0104 10:10 [Version] `Version` is no parameter's name: lowercase letters, digits and `_`, the first a letter
E0103 10:31 [[1]] `version` is a list, where text belongs
E0103 11:5 [{}] an entry of `extensions` is a mapping, where an extension's name belongs
E0102 12:5 [install] `name` is missing
  help: add `name: …`, its name
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
E0107 5:22 ['${b}'] `${b}` names no parameter of this extension
  help: did you mean `${c}`?
E0104 6:16 [X] `X` is no extension's name: lowercase letters, digits, `-`, `_` and `.`, at most 64, the first a letter or a digit
E0103 7:18 [c] `c` has no value
  help: write a default or `{}`, or leave the key out
E0104 7:23 [path] `path` is no parameter's name: steps would see it as a variable that already has a meaning
E0103 7:35 [[1]] `d` is a list, where a default or `{}` belongs
");
}

#[test]
fn parameters_that_are_broken_hide_no_other_error() {
    insta::assert_snapshot!(extension("name: x
parameters: [version]
environment: {A: '${version}', PATH: /x}
shell: {fish: x, zsh: y}"), @"
E0103 2:13 [[version]] `parameters` is a list, where a mapping belongs
E0104 3:32 [PATH] `PATH` cannot be set as a variable
  help: use `path`, whose folders are put before the others
E0101 4:9 [fish] unknown key `fish`
  help: did you mean `bash`?
E0101 4:18 [zsh] unknown key `zsh`
  help: the keys here are `bash`, `profile`
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
E0104 1:7 [Tool] `Tool` is no extension's name: lowercase letters, digits, `-`, `_` and `.`, at most 64, the first a letter or a digit
E0101 2:1 [descripton] unknown key `descripton`
  help: did you mean `description`?
E0103 3:11 [uv] `requires` is text, where a list belongs
E0102 5:3 [packages] `steps` is missing
  help: add `steps: …`, commands, one after another, that write below `$OUT`
E0104 5:14 [Gcc] `Gcc` is no package: a Debian package's name, such as `libssl-dev` or `g++`
E0102 7:7 [url] `to` is missing
  help: add `to: …`, its name below `$SOURCES`
E0104 7:12 [example.org/tool] `example.org/tool` is no `url` source
  help: write an address that begins with `https://` or `http://`, without blanks
E0105 8:15 [abc] `abc` is no SHA-256 checksum: 64 lowercase hexadecimal digits
  help: this has 3 digits
E0106 9:14 [tool@1.0.0] `tool@1.0.0` has no checksum
  help: add `sha256: …`, or `unverified: true` to fetch it without one
E0104 11:13 [bin/tool] `bin/tool` is no path of the image: a path of the image begins with `/`
E0104 13:25 [x] `x` is no path of the image: a path of the image begins with `/`
E0104 13:34 [9] `9` is no mode: three or four octal digits, such as "0644"
E0107 15:18 ['${b}'] `${b}` names no parameter of this extension
  help: declare `b` in `parameters`, or write `$${` for the text `${`
E0102 16:10 [expect] `run` is missing
  help: add `run: …`, text for `/bin/sh -e -c`
"#);
}

#[test]
fn what_a_step_is_given_has_places_of_its_own() {
    let step = |given: &str| {
        let head = "name: x\nparameters: { token: { default: y } }\nbuild:\n  steps:\n    - run: make\n      ";
        extension(&format!("{head}{given}\n"))
    };
    let said = [
        "secrets: [{ id: a, path: / }, { id: b, path: /out/x }, { id: inlay-ca }]",
        "secrets: [{ id: a }, { id: b, path: /run/secrets/a }]",
        "cache: [{ id: c, path: /k }]\n      secrets: [{ id: a, path: /k }]",
        "cache: [{ id: a, path: /sources }]",
        "cache: [{ id: a, path: /outside }]",
        "secrets: [{ id: a, environment: A }, { id: b, environment: A }]",
        "secrets: [{ id: a, environment: TOKEN }, { id: a, environment: token }]",
        "secrets: [{ id: a, environment: PATH }, { id: .., required: maybe }]",
        "ssh: [../a]",
        "ssh: false",
    ];
    let said: Vec<String> = said.iter().map(|given| step(given)).collect();
    insta::assert_snapshot!(said.join("\n"), @"
    E0104 6:32 [/] nothing can be mounted at `/`
      help: it is the whole file system
    E0104 6:52 [/out/x] nothing can be mounted at `/out/x`
      help: steps have `/out` for something else
    E0104 6:68 [inlay-ca] nothing can be mounted at `/run/secrets/inlay-ca`
      help: steps have `/run/secrets/inlay-ca` for something else

    E0104 6:43 [/run/secrets/a] two things of one step are mounted at `/run/secrets/a`
      6:23 the other one
      help: give each a path of its own

    E0104 7:32 [/k] two things of one step are mounted at `/k`
      6:30 the other one
      help: give each a path of its own

    E0104 6:30 [/sources] nothing can be mounted at `/sources`
      help: steps have `/sources` for something else


    E0104 6:66 [A] two secrets of one step set `A`
      6:39 the other one
      help: give each a variable of its own

    E0104 6:39 [TOKEN] `TOKEN` is the variable of the parameter `token`
      help: give the secret a variable of its own

    E0104 6:39 [PATH] `PATH` is no variable: it already has a meaning in steps
    E0104 6:53 [..] `..` is no secret's id: one file name, without `/`, blanks and control characters
    E0104 6:67 [maybe] `required` cannot be `maybe`
      help: write one of `true`, `false`

    E0104 6:13 [../a] `../a` is no ssh agent's id: one file name, without `/`, blanks and control characters

    E0104 6:12 [false] `ssh` cannot be `false`
      help: write one of `true`
    ");
}

#[test]
fn what_steps_of_an_installation_are_given_fits_together() {
    let said = [
        "{ run: a, secrets: [{ id: a }], ssh: true }, { run: b, secrets: [{ id: a, required: true }], ssh: [default] }",
        "{ run: a, secrets: [{ id: a, path: /k }] }, { run: b, secrets: [{ id: b, path: /k }] }",
        "{ run: a, secrets: [{ id: a, environment: K }] }, { run: b, secrets: [{ id: b, environment: K }] }",
        "{ run: a, cache: [{ id: a, path: /k }] }, { run: b, secrets: [{ id: a, path: /k }] }",
        "{ run: a, cache: [{ id: a, path: /k }] }, { run: b, cache: [{ id: b, path: /k }] }",
        "{ run: a, secrets: [{ id: a, path: /k }, { id: b, path: /k }] }",
    ];
    let said: Vec<String> = said
        .iter()
        .map(|steps| extension(&format!("name: x\ninstall:\n  steps: [{steps}]\n")))
        .collect();
    insta::assert_snapshot!(said.join("\n"), @"

    E0104 3:90 [/k] two steps of `install` have different things at `/k`
      3:46 the other one
      help: they run as one command: give each a place of its own

    E0104 3:103 [K] two steps of `install` have different things at the variable `K`
      3:53 the other one
      help: they run as one command: give each a place of its own

    E0104 3:88 [/k] two steps of `install` have different things at `/k`
      3:44 the other one
      help: they run as one command: give each a place of its own

    E0104 3:86 [/k] two steps of `install` have different things at `/k`
      3:44 the other one
      help: they run as one command: give each a place of its own

    E0104 3:67 [/k] two things of one step are mounted at `/k`
      3:46 the other one
      help: give each a path of its own
    ");
}
