#[test]
fn dump() {
    println!(
        "@@@e0001_is_no_yaml/0\n{}@@end",
        super::image(
            r#"base: debian
extensions: [curl, git
workdir: /work
"#
        )
    );
    println!(
        "@@@e0001_is_yaml_that_is_not_used/0\n{}@@end",
        super::image(
            r#"base: &b debian
workdir: *b
labels: !!map {}
? [x]
: y
---
base: x
"#
        )
    );
    println!(
        "@@@e0001_is_said_in_plain_words/0\n{}@@end",
        super::image(
            r#"base: "x
workdir: /y
"#
        )
    );
    println!(
        "@@@e0001_is_said_in_plain_words/1\n{}@@end",
        super::image(
            r#"base: x: y
"#
        )
    );
    println!(
        "@@@e0001_is_said_in_plain_words/2\n{}@@end",
        super::image(
            r#"base: @x
"#
        )
    );
    println!(
        "@@@e0001_is_said_in_plain_words/3\n{}@@end",
        super::image(
            r#"base: x
	path: []
"#
        )
    );
    println!(
        "@@@e0001_is_said_in_plain_words/4\n{}@@end",
        super::image(
            r#"base: x
 workdir: y
"#
        )
    );
    println!(
        "@@@e0001_is_said_in_plain_words/5\n{}@@end",
        super::image(
            r#"base: x
extensions:
  - uv
 git: {}
"#
        )
    );
    println!(
        "@@@e0001_is_said_in_plain_words/6\n{}@@end",
        super::image(
            r#"base: 'x' y
"#
        )
    );
    println!(
        "@@@e0001_is_said_in_plain_words/7\n{}@@end",
        super::image(
            r#"base: x
path: [/a}
"#
        )
    );
    println!(
        "@@@e0001_keeps_what_was_read_before/0\n{}@@end",
        super::image(
            r#"base: debian
extentions: []
home: {}
labels: {a: "x
"#
        )
    );
    println!(
        "@@@e0002_duplicate_key/0\n{}@@end",
        super::image(
            r#"base: debian
environment:
  EDITOR: vim
  EDITOR: nvim
base: x
"#
        )
    );
    println!(
        "@@@e0101_unknown_key/0\n{}@@end",
        super::image(
            r#"base: debian
extentions:
  - uv
kernel: linux
"#
        )
    );
    println!(
        "@@@e0102_missing_key/0\n{}@@end",
        super::image(
            r#"extensions: []
"#
        )
    );
    println!("@@@e0102_missing_key/1\n{}@@end", super::image(r#""#));
    println!(
        "@@@e0102_missing_key/2\n{}@@end",
        super::image(
            r#"# nothing
"#
        )
    );
    println!("@@@e0102_missing_key/3\n{}@@end", super::image(r#"{}"#));
    println!(
        "@@@e0102_missing_key_of_an_extension/0\n{}@@end",
        super::extension(
            r#"build:
  packages: [gcc]
tests:
  - expect: x
install:
  files: [{text: a}]
"#
        )
    );
    println!(
        "@@@e0103_wrong_kind/0\n{}@@end",
        super::image(
            r#"base: [debian]
extensions: uv
environment: [a]
path: {a: b}
labels: text
"#
        )
    );
    println!(
        "@@@e0103_wrong_kind/1\n{}@@end",
        super::image(r#"just text"#)
    );
    println!(
        "@@@e0103_wrong_kind/2\n{}@@end",
        super::image(
            r#"- a
- b
"#
        )
    );
    println!(
        "@@@e0103_no_value/0\n{}@@end",
        super::image(
            r#"base:
extensions:
  -
  - ~
workdir: null
environment: {A: , B: ''}
path:
  # - /opt
"#
        )
    );
    println!(
        "@@@e0104_bad_value/0\n{}@@end",
        super::image(
            r#"base: Debian 13
workdir: work
path: [/a/../b]
extensions: [UV, ./, ../x, /x, a/../b]
environment: {1A: x, PATH: /x}
packages: onion
"#
        )
    );
    println!(
        "@@@e0105_bad_checksum/0\n{}@@end",
        super::one_source(
            r#"url: http://x.y/z
sha256: sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: z"#
        )
    );
    println!(
        "@@@e0105_bad_checksum/1\n{}@@end",
        super::one_source(
            r#"url: http://x.y/z
sha256: 5891B5B522D5DF086D0FF0B110FBD9D21BB4FC7163AF34D08286A2E846F6BE03
to: z"#
        )
    );
    println!(
        "@@@e0105_bad_checksum/2\n{}@@end",
        super::one_source(
            r#"url: http://x.y/z
sha256: abc123
to: z"#
        )
    );
    println!(
        "@@@e0105_bad_checksum/3\n{}@@end",
        super::one_source(
            r#"url: http://x.y/z
sha256: {x86_64: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03, amd46: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03, vax: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03, arm: zz}
to: z"#
        )
    );
    println!(
        "@@@e0105_bad_checksum/4\n{}@@end",
        super::one_source(
            r#"url: http://x.y/z
sha256: {}
to: z"#
        )
    );
    println!(
        "@@@e0106_missing_checksum/0\n{}@@end",
        super::one_source(
            r#"pypi: uv==${version}
to: uv.whl"#
        )
    );
    println!(
        "@@@e0106_missing_checksum/1\n{}@@end",
        super::one_source(
            r#"npm: pnpm@10.0.0
to: p"#
        )
    );
    println!(
        "@@@e0106_missing_checksum/2\n{}@@end",
        super::one_source(
            r#"crate: ripgrep@15.0.0
to: r"#
        )
    );
    println!(
        "@@@e0106_missing_checksum/3\n{}@@end",
        super::one_source(
            r#"url: https://example.org/x
to: x"#
        )
    );
    println!(
        "@@@e0107_bad_template/0\n{}@@end",
        super::extension(
            r#"name: x
parameters: {version: 1.10}
environment:
  A: ${versoin}
  B: ${zone}
  C: ${version
  D: cost $5
  E: $$5 ${version}
  F: ${Version}
"#
        )
    );
    println!(
        "@@@e0108_planned_key/0\n{}@@end",
        super::extension(
            r#"name: x
home: {}
runtime: {}
detect: {}
install: {steps: [], repositories: []}
build: {steps: [make], outputs: {as: mount}}
"#
        )
    );
    println!(
        "@@@e0108_planned_key_of_a_spec/0\n{}@@end",
        super::image(
            r#"base: debian
user: dev
image: x
args: []
arguments: {}
builder: x
packages: isolated
"#
        )
    );
    println!(
        "@@@w0001_unverified/0\n{}@@end",
        super::one_source(
            r#"url: https://example.org/x
unverified: true
to: x"#
        )
    );
    println!(
        "@@@each_kind_of_source_has_its_keys/0\n{}@@end",
        super::one_source(r#"to: x"#)
    );
    println!(
        "@@@each_kind_of_source_has_its_keys/1\n{}@@end",
        super::one_source(
            r#"pypi: a==1
npm: b@1.0.0
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: x"#
        )
    );
    println!(
        "@@@each_kind_of_source_has_its_keys/2\n{}@@end",
        super::one_source(
            r#"git: https://x.y/z
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: z"#
        )
    );
    println!(
        "@@@each_kind_of_source_has_its_keys/3\n{}@@end",
        super::one_source(
            r#"git: https://x.y/z
commit: main
to: z"#
        )
    );
    println!(
        "@@@each_kind_of_source_has_its_keys/4\n{}@@end",
        super::one_source(
            r#"git: https://x.y/z
commit: ${version}
to: z"#
        )
    );
    println!(
        "@@@each_kind_of_source_has_its_keys/5\n{}@@end",
        super::one_source(
            r#"url: http://x.y/z
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
unverified: true
to: z"#
        )
    );
    println!(
        "@@@each_kind_of_source_has_its_keys/6\n{}@@end",
        super::one_source(
            r#"url: http://x.y/z
unverified: false
to: z"#
        )
    );
    println!(
        "@@@each_kind_of_source_has_its_keys/7\n{}@@end",
        super::one_source(
            r#"context: ../x
path: /y
to: z"#
        )
    );
    println!(
        "@@@each_kind_of_source_has_its_keys/8\n{}@@end",
        super::one_source(
            r#"image: Alpine
path: y
to: z"#
        )
    );
    println!(
        "@@@each_kind_of_source_has_its_keys/9\n{}@@end",
        super::one_source(
            r#"pipy: a==1
to: a"#
        )
    );
    println!(
        "@@@each_kind_of_source_has_its_keys/10\n{}@@end",
        super::one_source(
            r#"image: alpine:3
to: a/b"#
        )
    );
    println!(
        "@@@each_kind_of_source_has_its_keys/11\n{}@@end",
        super::one_source(r#"context: files/"#)
    );
    println!(
        "@@@a_package_has_one_exact_version/0\n{}@@end",
        super::one_source(
            r#"pypi: uv>=1
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: x"#
        )
    );
    println!(
        "@@@a_package_has_one_exact_version/1\n{}@@end",
        super::one_source(
            r#"pypi: uv==1.*
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: x"#
        )
    );
    println!(
        "@@@a_package_has_one_exact_version/2\n{}@@end",
        super::one_source(
            r#"npm: pnpm@^10
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: x"#
        )
    );
    println!(
        "@@@a_package_has_one_exact_version/3\n{}@@end",
        super::one_source(
            r#"npm: pnpm@latest
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: x"#
        )
    );
    println!(
        "@@@a_package_has_one_exact_version/4\n{}@@end",
        super::one_source(
            r#"npm: '@a/b@1.2'
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: x"#
        )
    );
    println!(
        "@@@a_package_has_one_exact_version/5\n{}@@end",
        super::one_source(
            r#"crate: ripgrep
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: x"#
        )
    );
    println!(
        "@@@a_package_has_one_exact_version/6\n{}@@end",
        super::one_source(
            r#"url: ftp://x.y/z
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: x"#
        )
    );
    println!(
        "@@@a_package_has_one_exact_version/7\n{}@@end",
        super::one_source(
            r#"npm: '@a/b@${version}'
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: x"#
        )
    );
    println!(
        "@@@a_package_has_one_exact_version/8\n{}@@end",
        super::one_source(
            r#"url: ${version}/z
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: x"#
        )
    );
    println!(
        "@@@sources_of_one_builder_have_names_of_their_own/0\n{}@@end",
        super::extension(
            r#"name: x
build:
  steps: [make]
  sources:
    - {context: a, to: one}
    - {context: b, to: one}
"#
        )
    );
    println!(
        "@@@outputs_are_paths_as_they_are_written/0\n{}@@end",
        super::extension(
            r#"name: x
build: {steps: [make], outputs: [/bin/x, /, /proc/x, usr/bin, //sbin, /usr/bin/, /etc/hosts]}
"#
        )
    );
    println!(
        "@@@files_have_one_content_and_a_place/0\n{}@@end",
        super::extension(
            r#"name: x
install:
  files:
    - {text: a, from: b, to: /a}
    - {to: /b}
    - {from: /c, to: /c}
    - {from: ./c/., to: /bin/c, mode: 0644, owner: 0}
    - {text: '', to: /run/x, mode: rwx, owner: root}
    - {text: x, to: /, mode: '0888', owner: '1:2:3'}
    - {txt: x, to: /d, mode: 17777}
"#
        )
    );
    println!(
        "@@@steps_are_commands/0\n{}@@end",
        super::extension(
            r#"name: x
build:
  on: Debian
  packages: [gcc, GCC, gcc-]
  steps:
    - ' '
    - [make]
    - run: make
      network: nnoe
      cache: [{id: '', path: cache}, {path: /c}]
"#
        )
    );
    println!(
        "@@@an_entry_of_extensions_is_one_extension/0\n{}@@end",
        super::image(
            r#"base: x
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
    requires: [uv]
"#
        )
    );
    println!(
        "@@@an_extension_in_place_is_decoded_like_a_file/0\n{}@@end",
        super::image(
            r#"base: x
extensions:
  - name: site
    instal: {}
    environment: {A: '${b}'}
    requires: [X]
    parameters: {c: , path: 1, d: [1]}
"#
        )
    );
    println!(
        "@@@parameters_that_are_broken_hide_no_other_error/0\n{}@@end",
        super::extension(
            r#"name: x
parameters: [version]
environment: {A: '${version}', PATH: /x}
shell: {fish: x, zsh: y}
"#
        )
    );
    println!(
        "@@@all_problems_come_in_one_go/0\n{}@@end",
        super::extension(
            r#"name: Tool
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
tests: [{expect: x}]
"#
        )
    );
}
