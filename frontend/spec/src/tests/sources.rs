//! What is reported about the sources of a builder.

use crate::tests::{extension, one_source};

#[test]
fn each_kind_of_source_has_its_keys() {
    insta::assert_snapshot!(one_source("to: x"), @"
    E0102 6:5 [to] an entry of `sources` must have one of the keys `pypi`, `npm`, `crate`, `url`, `git`, `image` or `context`
      help: add the one that is meant
    ");
    insta::assert_snapshot!(one_source("pypi: a==1
npm: b@1.0.0
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: x"), @"
    E0104 7:5 [npm] `pypi` and `npm` cannot be used together
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
    E0104 7:13 [main] `main` is not a whole commit id
      help: write all 40 lowercase hexadecimal digits; branches and tags can move
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
    E0104 8:5 [unverified] `sha256` and `unverified` cannot be used together
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
    E0104 6:14 [../x] `../x` is not a valid relative path: it must not contain `..`
    E0104 7:5 [path] `path` can only be used with `image`
      help: leave it out
    ");
    insta::assert_snapshot!(one_source("image: Alpine
path: y
to: z"), @"
    E0104 6:12 [Alpine] `Alpine` is not a valid image reference: it must be `name`, `name:tag` or `name@sha256:…`, with a lowercase name
    E0104 7:11 [y] `y` is not a valid path in the image: it must begin with `/`
    ");
    insta::assert_snapshot!(one_source("pipy: a==1
to: a"), @"
E0101 6:5 [pipy] unknown key `pipy`
  help: did you mean `pypi`?
");
    insta::assert_snapshot!(one_source("image: alpine:3
to: a/b"), @"E0104 7:9 [a/b] `a/b` is not a valid name below `$SOURCES`: it must be a file name, without `/`, blanks or control characters");
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
    E0104 6:11 [uv>=1] `uv>=1` is not a valid `pypi` source
      help: write `name==version`, with one exact version
    ");
    insta::assert_snapshot!(one_source("pypi: uv==1.*
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: x"), @"
    E0104 6:11 [uv==1.*] `uv==1.*` is not a valid `pypi` source
      help: write `name==version`, with one exact version
    ");
    insta::assert_snapshot!(one_source("npm: pnpm@^10
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: x"), @"
    E0104 6:10 [pnpm@^10] `pnpm@^10` is not a valid `npm` source
      help: write `name@1.2.3` or `@scope/name@1.2.3`, with one exact version
    ");
    insta::assert_snapshot!(one_source("npm: pnpm@latest
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: x"), @"
    E0104 6:10 [pnpm@latest] `pnpm@latest` is not a valid `npm` source
      help: write `name@1.2.3` or `@scope/name@1.2.3`, with one exact version
    ");
    insta::assert_snapshot!(one_source("npm: '@a/b@1.2'
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: x"), @"
    E0104 6:10 ['@a/b@1.2'] `@a/b@1.2` is not a valid `npm` source
      help: write `name@1.2.3` or `@scope/name@1.2.3`, with one exact version
    ");
    insta::assert_snapshot!(one_source("crate: ripgrep
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: x"), @"
    E0104 6:12 [ripgrep] `ripgrep` is not a valid `crate` source
      help: write `name@1.2.3`, with one exact version
    ");
    insta::assert_snapshot!(one_source("url: ftp://x.y/z
sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
to: x"), @"
    E0104 6:10 [ftp://x.y/z] `ftp://x.y/z` is not a valid `url` source
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
