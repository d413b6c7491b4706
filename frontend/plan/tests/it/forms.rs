//! The form of sources once parameters have their values.

use source::Code;

use crate::{check, codes};
use fixtures::random::SHA256;

/// An extension whose one source is `source`; the use gives `with`.
fn fetched(source: &str, with: &str) -> String {
    format!(
        "//- image.yaml\nbase: debian:bookworm\nextensions:\n  - a: {{ {with} }}\n\
         //- extensions/a/extension.yaml\nname: a\nparameters: {{ v: \"1.2.3\" }}\nbuild:\n  \
         steps: [make]\n  sources:\n    - {{ {source}, to: x }}\n"
    )
}

#[test]
fn e0104_not_an_exact_version() {
    let source = format!("pypi: \"uv==${{v}}\", sha256: {SHA256}");
    let with = format!("v: \"^1\", sha256: {SHA256}");
    insta::assert_snapshot!(check(&fetched(&source, &with)), @r#"
    error[E0104]: `uv==^1` is not a valid `pypi` source
     --> image.yaml:3:13
      |
    3 |   - a: { v: "^1", sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03 }
      |             ^^^^
      |
     ::: extensions/a/extension.yaml:6:15
      |
    6 |     - { pypi: "uv==${v}", sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03, to: x }
      |               ---------- the value of `v` is inserted here
      |
      = help: write `name==version`, with one exact version
    "#);
}

#[test]
fn ranges_words_blanks_and_empty_texts_are_not_versions() {
    for source in [
        "pypi: \"uv==${v}\"",
        "npm: \"uv@${v}\"",
        "crate: \"uv@${v}\"",
    ] {
        let source = format!("{source}, sha256: {SHA256}");
        for value in [
            "^1",
            "1.0 --index-url x",
            "latest",
            "",
            "1.*",
            "1.0\\n-r x",
            "\\u0001",
        ] {
            let with = format!("v: \"{value}\", sha256: {SHA256}");
            let found = codes(&fetched(&source, &with));
            assert_eq!(found, [Code::BadValue], "{source} {value}");
            // The form matters even for a download that is not checked.
            let with = format!("v: \"{value}\", unverified: true");
            let found = codes(&fetched(&source, &with));
            assert_eq!(found, [Code::BadValue], "{source} {value}");
        }
        let with = format!("v: \"2.0.0\", sha256: {SHA256}");
        assert_eq!(codes(&fetched(&source, &with)), [], "{source}");
    }
}

#[test]
fn e0104_not_an_address() {
    let source = format!("url: \"${{v}}/tool\", sha256: {SHA256}");
    let with = format!("v: \"ftp://example.org\", sha256: {SHA256}");
    insta::assert_snapshot!(check(&fetched(&source, &with)), @r#"
    error[E0104]: `ftp://example.org/tool` is not a valid `url` source
     --> image.yaml:3:13
      |
    3 |   - a: { v: "ftp://example.org", sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03 }
      |             ^^^^^^^^^^^^^^^^^^^
      |
     ::: extensions/a/extension.yaml:6:14
      |
    6 |     - { url: "${v}/tool", sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03, to: x }
      |              ----------- the value of `v` is inserted here
      |
      = help: write an address that begins with `https://` or `http://`, without blanks
    "#);
    for value in ["file:///etc", "https://a b", "", "https://a\\tb"] {
        let with = format!("v: \"{value}\", sha256: {SHA256}");
        assert_eq!(codes(&fetched(&source, &with)), [Code::BadValue], "{value}");
    }
    let with = format!("v: \"https://example.org\", sha256: {SHA256}");
    assert_eq!(codes(&fetched(&source, &with)), []);
}

#[test]
fn a_bad_default_is_reported_in_the_extension() {
    let source = format!("npm: \"uv@${{v}}.x\", sha256: {SHA256}");
    insta::assert_snapshot!(check(&fetched(&source, "")), @r#"
    error[E0104]: `uv@1.2.3.x` is not a valid `npm` source
     --> extensions/a/extension.yaml:6:14
      |
    6 |     - { npm: "uv@${v}.x", sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03, to: x }
      |              ^^^^^^^^^^^
      |
      = help: write `name@1.2.3` or `@scope/name@1.2.3`, with one exact version
    "#);
}

#[test]
fn e0104_not_a_whole_commit_id() {
    insta::assert_snapshot!(check(&fetched("git: https://x.org/y, commit: \"${v}\"", "v: main")), @r#"
    error[E0104]: `main` is not a whole commit id
     --> image.yaml:3:13
      |
    3 |   - a: { v: main }
      |             ^^^^
      |
     ::: extensions/a/extension.yaml:6:39
      |
    6 |     - { git: https://x.org/y, commit: "${v}", to: x }
      |                                       ------ the value of `v` is inserted here
      |
      = help: write all 40 hexadecimal digits of a commit: a branch or a tag can move
    "#);
}

#[test]
fn e0104_not_an_image_reference() {
    insta::assert_snapshot!(check(&fetched("image: \"busybox:${v}\"", "v: \"1 2\"")), @r#"
    error[E0104]: `busybox:1 2` is not a valid image reference
     --> image.yaml:3:13
      |
    3 |   - a: { v: "1 2" }
      |             ^^^^^
      |
     ::: extensions/a/extension.yaml:6:16
      |
    6 |     - { image: "busybox:${v}", to: x }
      |                -------------- the value of `v` is inserted here
      |
      = help: it must be `name`, `name:tag` or `name@sha256:…`, with a lowercase name
    "#);
}

#[test]
fn e0104_not_a_repository_address() {
    for value in ["", "a b"] {
        let commit = &SHA256[..40];
        let source = format!("git: \"${{v}}\", commit: {commit}");
        let with = format!("v: \"{value}\"");
        assert_eq!(codes(&fetched(&source, &with)), [Code::BadValue], "{value}");
    }
}

#[test]
fn e0104_a_version_must_begin_with_a_digit() {
    let source = format!("pypi: \"uv==latest\", sha256: {SHA256}");
    assert_eq!(codes(&fetched(&source, "")), [Code::BadValue]);
}
