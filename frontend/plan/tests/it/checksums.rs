//! Which checksum a download has, for each version and architecture.

use source::Code;

use crate::{check, codes};
use fixtures::random::SHA256;

/// An extension of the catalogue with a version and one source; `with` is what the use gives.
pub(crate) fn uv(with: &str) -> String {
    format!(
        "//- image.yaml\nbase: debian:bookworm\nextensions:\n  - uv: {{ {with} }}\n\
         //- extensions/uv/extension.yaml\nname: uv\nparameters: {{ version: \"1.0.0\" }}\n\
         build:\n  steps: [make]\n  sources:\n    \
         - {{ pypi: \"uv==${{version}}\", to: uv.whl, sha256: {SHA256} }}\n"
    )
}

const OTHER: &str = "1111111111111111111111111111111111111111111111111111111111111111";

#[test]
fn e0208_a_version_without_a_checksum() {
    insta::assert_snapshot!(check(&uv("version: \"2.0.0\"")), @r#"
    error[E0208]: extension `uv` lists no checksum for `uv==2.0.0`
     --> image.yaml:3:20
      |
    3 |   - uv: { version: "2.0.0" }
      |                    ^^^^^^^
      |
     ::: extensions/uv/extension.yaml:6:15
      |
    6 |     - { pypi: "uv==${version}", to: uv.whl, sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03 }
      |               ---------------- its checksums belong to the default version
      |
      = help: write a lock, which looks it up (`--call=lock`), or add it: `- uv: { version: "2.0.0", sha256: … }`
    "#);
}

#[test]
fn a_checksum_comes_with_its_version() {
    let text = uv(&format!("version: \"2.0.0\", sha256: {OTHER}"));
    insta::assert_snapshot!(check(&text), @r#"
    base debian:bookworm
    uv
      parameter version=2.0.0
      build on debian:bookworm
      source uv.whl Pypi uv==2.0.0 1111 given in the spec
      step "make" Default
    "#);
}

#[test]
fn the_default_written_out_keeps_its_checksum() {
    insta::assert_snapshot!(check(&uv("version: \"1.0.0\"")), @r#"
    base debian:bookworm
    uv
      parameter version=1.0.0
      build on debian:bookworm
      source uv.whl Pypi uv==1.0.0 5891
      step "make" Default
    "#);
}

#[test]
fn w0001_unverified_version() {
    insta::assert_snapshot!(check(&uv("version: \"2.0.0\", unverified: true")), @r#"
    warning[W0001]: `uv==2.0.0` is downloaded without a checksum
     --> image.yaml:3:41
      |
    3 |   - uv: { version: "2.0.0", unverified: true }
      |                                         ^^^^
      |
      = help: whoever can change the download can change the image; give `sha256:` instead
    base debian:bookworm
    uv
      parameter version=2.0.0
      build on debian:bookworm
      source uv.whl Pypi uv==2.0.0 unverified
      step "make" Default
    "#);
}

#[test]
fn e0104_unverified_must_be_true() {
    insta::assert_snapshot!(check(&uv("version: \"2.0.0\", unverified: yes")), @r#"
    error[E0104]: `unverified` can only be `true`
     --> image.yaml:3:41
      |
    3 |   - uv: { version: "2.0.0", unverified: yes }
      |                                         ^^^
      |
      = help: leave it out and give `sha256: …` instead
    "#);
}

#[test]
fn e0105_bad_checksum() {
    insta::assert_snapshot!(check(&uv("version: \"2.0.0\", sha256: abc")), @r#"
    error[E0105]: `abc` is not a SHA-256 checksum: it must be 64 lowercase hexadecimal digits
     --> image.yaml:3:37
      |
    3 |   - uv: { version: "2.0.0", sha256: abc }
      |                                     ^^^
      |
      = help: copy it from the place that publishes the file, or from `sha256sum`
    "#);
}

#[test]
fn e0104_sha256_and_unverified() {
    let with = format!("version: \"2.0.0\", sha256: {OTHER}, unverified: true");
    insta::assert_snapshot!(check(&uv(&with)), @r#"
    error[E0104]: `sha256` and `unverified` cannot be given together
     --> image.yaml:3:115
      |
    3 |   - uv: { version: "2.0.0", sha256: 1111111111111111111111111111111111111111111111111111111111111111, unverified: true }
      |                                     ---------------------------------------------------------------- the checksum ^^^^
      |
      = help: leave `unverified` out
    "#);
}

#[test]
fn e0202_a_checksum_that_nothing_needs() {
    insta::assert_snapshot!(check(&uv(&format!("sha256: {OTHER}"))), @"
    error[E0202]: `sha256` has no effect here: extension `uv` has its own checksums
     --> image.yaml:3:19
      |
    3 |   - uv: { sha256: 1111111111111111111111111111111111111111111111111111111111111111 }
      |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: leave it out, or also give another `version`
    ");
    insta::assert_snapshot!(check(&uv("version: \"1.0.0\", unverified: true")), @r#"
    error[E0202]: `unverified` has no effect here: extension `uv` has its own checksums
     --> image.yaml:3:41
      |
    3 |   - uv: { version: "1.0.0", unverified: true }
      |                                         ^^^^
      |
      = help: leave it out, or also give another `version`
    "#);
}

#[test]
fn e0105_one_checksum_for_two_sources() {
    let second = format!("    - {{ npm: \"uv@${{version}}\", to: uv.tgz, sha256: {SHA256} }}\n");
    let text = uv(&format!("version: \"2.0.0\", sha256: {OTHER}")) + &second;
    insta::assert_snapshot!(check(&text), @r#"
error[E0105]: one checksum is given for several downloads of `uv`
 --> image.yaml:3:37
  |
3 |   - uv: { version: "2.0.0", sha256: 1111111111111111111111111111111111111111111111111111111111111111 }
  |                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
 ::: extensions/uv/extension.yaml:6:15
  |
6 |     - { pypi: "uv==${version}", to: uv.whl, sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03 }
  |               ---------------- one of them
7 |     - { npm: "uv@${version}", to: uv.tgz, sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03 }
  |              --------------- another
  |
  = help: copy the extension into a folder of the build context and list the checksums there; `unverified: true` builds without any check
"#);
}

#[test]
fn an_unverified_download_is_unverified_in_every_version() {
    let text = |with: &str| uv(with).replace(&format!("sha256: {SHA256}"), "unverified: true");
    let resolved = codes(&text("version: \"2.0.0\""));
    assert_eq!(resolved, [Code::Unverified]);
    let with = format!("version: \"2.0.0\", sha256: {OTHER}");
    assert!(check(&text(&with)).contains("uv==2.0.0 1111"));
}

#[test]
fn a_parameter_may_be_named_like_a_checksum() {
    let text = "\
//- image.yaml
base: debian:bookworm
extensions: [a: { sha256: anything }]
//- extensions/a/extension.yaml
name: a
parameters: { sha256: x }
";
    assert_eq!(codes(text), []);
    // It is then an ordinary parameter, so the download still has no checksum.
    let text = uv(&format!("version: \"2.0.0\", sha256: {OTHER}")).replace(
        "{ version: \"1.0.0\" }",
        "{ version: \"1.0.0\", sha256: x }",
    );
    assert_eq!(codes(&text), [Code::UnlistedVersion]);
}

#[test]
fn e0209_missing_platform() {
    let checksum = format!("sha256: {{ arm64: {SHA256}, s390x: {SHA256} }}");
    let text = uv("").replace(&format!("sha256: {SHA256}"), &checksum);
    insta::assert_snapshot!(check(&text), @r#"
    error[E0209]: extension `uv` has no checksum for `amd64`, only for `arm64`, `s390x`
     --> extensions/uv/extension.yaml:6:7
      |
    6 |     - { pypi: "uv==${version}", to: uv.whl, sha256: { arm64: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03, s390x: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03 } }
      |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
     ::: image.yaml:3:5
      |
    3 |   - uv: {  }
      |     -------- used here
      |
      = help: build for another platform, or add a checksum for this one
    "#);
}

#[test]
fn checksums_are_chosen_by_architecture() {
    let checksum = format!("sha256: {{ arm64: {SHA256}, amd64: {OTHER} }}");
    let text = uv("").replace(&format!("sha256: {SHA256}"), &checksum);
    assert!(check(&text).contains("uv==1.0.0 1111"));
}
