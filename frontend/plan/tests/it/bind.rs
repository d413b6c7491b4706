//! How parameters, sources and files are bound.

use source::Code;

use crate::{check, codes};
use fixtures::random::SHA256;

/// An extension of the catalogue with a version and one source; `with` is what the use gives.
fn uv(with: &str) -> String {
    format!(
        "//- image.yaml\nbase: debian:bookworm\nextensions:\n  - uv: {{ {with} }}\n\
         //- extensions/uv/extension.yaml\nname: uv\nparameters: {{ version: \"1.0.0\" }}\n\
         build:\n  steps: [make]\n  sources:\n    \
         - {{ pypi: \"uv==${{version}}\", to: uv.whl, sha256: {SHA256} }}\n"
    )
}

const OTHER: &str = "1111111111111111111111111111111111111111111111111111111111111111";

#[test]
fn defaults_and_values() {
    insta::assert_snapshot!(check("\
//- image.yaml
base: debian:bookworm
extensions:
  - a: { color: red }
//- extensions/a/extension.yaml
name: a
parameters: { color: blue, size: { default: big } }
build:
  on: base
  packages: [make, gcc]
  steps:
    - { run: make, network: none, cache: [{ id: a, path: /var/cache/a }] }
  outputs: [/usr/local/bin/a]
install:
  files: [{ text: \"${color} ${size}\", to: /etc/a, mode: \"0600\", owner: \"1:2\" }]
tests: [{ run: a --version, expect: \"a ${size}\" }]
"), @r#"
    base debian:bookworm
    a
      parameter color=red
      parameter size=big
      build on debian:bookworm gcc make
      step "make" None
        cache a /var/cache/a
      output /usr/local/bin/a
      file /etc/a 600 1:2 "red big\n"
      test "a --version" expects Some("a big")
    "#);
}

#[test]
fn e0202_unknown_parameter() {
    insta::assert_snapshot!(check(&uv("versoin: \"1.0.0\"")), @r#"
error[E0202]: extension `uv` has no parameter `versoin`
 --> image.yaml:3:20
  |
3 |   - uv: { versoin: "1.0.0" }
  |                    ^^^^^^^
  |
  = help: did you mean `version`?
"#);
    insta::assert_snapshot!(check("\
//- image.yaml
base: debian:bookworm
extensions: [a: { level: x }]
//- extensions/a/extension.yaml
name: a
"), @"
error[E0202]: extension `a` has no parameter `level`
 --> image.yaml:2:26
  |
2 | extensions: [a: { level: x }]
  |                          ^
  |
  = help: it has no parameters
");
}

#[test]
fn e0203_missing_parameter() {
    insta::assert_snapshot!(check("\
//- image.yaml
base: debian:bookworm
extensions: [a]
//- extensions/a/extension.yaml
name: a
parameters: { level: {} }
"), @"
error[E0203]: extension `a` needs a value for `level`
 --> image.yaml:2:14
  |
2 | extensions: [a]
  |              ^
  |
 ::: extensions/a/extension.yaml:2:15
  |
2 | parameters: { level: {} }
  |               ----- it has no default
  |
  = help: write `- a: { level: … }`
");
}

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
      = help: add one: `- uv: { version: "2.0.0", sha256: … }`; with `unverified: true` instead, it is not checked at all
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

#[test]
fn sources_of_every_kind() {
    let commit = &SHA256[..40];
    let text = format!(
        "//- image.yaml\nbase: debian:bookworm\nextensions: [a]\n\
         //- extensions/a/extension.yaml\nname: a\nparameters: {{ v: \"1.2.3\" }}\nbuild:\n  \
         steps: [make]\n  sources:\n    \
         - {{ npm: \"@x/y@${{v}}\", to: a, sha256: {SHA256} }}\n    \
         - {{ crate: \"y@${{v}}\", to: b, unverified: true }}\n    \
         - {{ url: \"https://x.org/${{v}}\", to: c, sha256: {SHA256} }}\n    \
         - {{ git: \"https://x.org/y\", commit: {commit}, to: d }}\n    \
         - {{ image: \"busybox:${{v}}\", path: /bin, to: e }}\n    \
         - {{ context: folder, to: f }}\n\
         //- extensions/a/folder/one\n1\n//- extensions/a/folder/run +x\n2\n"
    );
    let shown = check(&text);
    let plan = shown.split_once("base ").unwrap().1;
    insta::assert_snapshot!(plan, @r#"
    debian:bookworm
    a
      parameter v=1.2.3
      build on debian:bookworm
      source a Npm @x/y@1.2.3 5891
      source b Crate y@1.2.3 unverified
      source c https://x.org/1.2.3 5891
      source d https://x.org/y 5891b5b522d5df086d0ff0b110fbd9d21bb4fc71
      source e busybox:1.2.3 /usr/bin
      source f [one "1\n", run "2\n" +x]
      step "make" Default
    "#);
}

#[test]
fn e0211_missing_file() {
    insta::assert_snapshot!(check("\
//- image.yaml
base: debian:bookworm
extensions: [a]
//- extensions/a/extension.yaml
name: a
install: { files: [{ from: confg, to: /etc/a }] }
//- extensions/a/config
x
"), @"
error[E0211]: extension `a` has no file `confg`
 --> extensions/a/extension.yaml:2:28
  |
2 | install: { files: [{ from: confg, to: /etc/a }] }
  |                            ^^^^^
  |
  = help: did you mean `config`?
");
}

#[test]
fn files_come_from_the_catalogue_or_the_build_context() {
    insta::assert_snapshot!(check("\
//- image.yaml
base: debian:bookworm
extensions: [a, ./tools/b, { name: c, install: { files: [{ from: d/rc, to: /etc/c }] } }]
//- extensions/a/extension.yaml
name: a
install:
  files: [{ from: rc, to: /etc/a }, { from: run, to: /etc/run }, { from: folder, to: /etc/all }]
//- extensions/a/rc
content
//- extensions/a/run +x
#!/bin/sh
//- extensions/a/folder/x/y
1
//- context/tools/b/extension.yaml
name: b
install: { files: [{ from: rc, to: /etc/b }] }
"), @r##"
base debian:bookworm
a
  file /etc/a - 0:0 "content\n"
  file /etc/all - 0:0 [x/y "1\n"]
  file /etc/run - 0:0 "#!/bin/sh\n" +x
b
  file /etc/b - 0:0 context tools/b/rc
c
  file /etc/c - 0:0 context d/rc
"##);
}

#[test]
fn each_fragment_is_a_file() {
    insta::assert_snapshot!(check("\
//- image.yaml
base: debian:bookworm
extensions: [a]
//- extensions/a/extension.yaml
name: a
shell: { bash: alias a=b, profile: umask 022 }
"), @r#"
base debian:bookworm
a
  file /etc/inlay/bash.d/a.sh - 0:0 "alias a=b\n"
  file /etc/profile.d/inlay-a.sh - 0:0 "umask 022\n"
  has a bash fragment
"#);
}

/// The spec's author decides about secrets, so extensions that are defined there give no warning.
#[test]
fn w0010_secret_of_an_extension_of_others() {
    insta::assert_snapshot!(check("\
//- image.yaml
base: debian:bookworm
extensions:
  - a
  - name: b
    build: { steps: [{ run: make, secrets: [{ id: own }], ssh: true }] }
//- extensions/a/extension.yaml
name: a
build: { steps: [{ run: make, secrets: [{ id: deploy }] }, { run: make, secrets: [{ id: deploy }] }] }
install: { steps: [{ run: make, ssh: [signing] }] }
"), @r#"
    warning[W0010]: extension `a` asks for the secret `deploy`
     --> image.yaml:3:5
      |
    3 |   - a
      |     ^
      |
     ::: extensions/a/extension.yaml:2:47
      |
    2 | build: { steps: [{ run: make, secrets: [{ id: deploy }] }, { run: make, secrets: [{ id: deploy }] }] }
      |                                               ------ it asks here
      |
      = help: its steps can do anything with it: build with `--secret id=deploy` only if `a` is meant to have it
    warning[W0010]: extension `a` asks for the ssh agent `signing`
     --> image.yaml:3:5
      |
    3 |   - a
      |     ^
      |
     ::: extensions/a/extension.yaml:3:39
      |
    3 | install: { steps: [{ run: make, ssh: [signing] }] }
      |                                       ------- it asks here
      |
      = help: its steps can do anything with it: build with `--ssh signing` only if `a` is meant to have it
    base debian:bookworm
    a
      installs "make" Default
      build on debian:bookworm
      step "make" Default
        secret deploy Optional /run/secrets/deploy
      step "make" Default
        secret deploy Optional /run/secrets/deploy
    b
      build on debian:bookworm
      step "make" Default
        secret own Optional /run/secrets/own
        ssh default
    "#);
}

#[test]
fn w0011_password_in_an_address() {
    insta::assert_snapshot!(check(&"\
//- image.yaml
base: debian:bookworm
extensions:
  - a
//- extensions/a/extension.yaml
name: a
parameters: { token: verysecretverysecretverysecretverysecretverysecretverysecret }
build:
  steps: [make]
  sources:
    - { url: \"https://x.org/a?token=${token}\", sha256: SHA256, to: a }
    - { git: \"https://${token}@x.org/b.git\", commit: 0123456789abcdef0123456789abcdef01234567, to: b }
install:
  repositories: [{ url: \"https://me:${token}@x.org\", suite: ./, key: a.asc }]
//- extensions/a/a.asc
x
".replace("SHA256", SHA256)), @r#"
    warning[W0011]: the address `https://x.org/a?token=***` contains a password or a token
     --> extensions/a/extension.yaml:6:14
      |
    6 |     - { url: "https://x.org/a?token=${token}", sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03, to: a }
      |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: download it in a step instead, with a secret: `secrets: [{ id: … }]`
    warning[W0011]: the address `https://***@x.org/b.git` contains a password or a token
     --> extensions/a/extension.yaml:7:14
      |
    7 |     - { git: "https://${token}@x.org/b.git", commit: 0123456789abcdef0123456789abcdef01234567, to: b }
      |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: give the token of the host when you build: `--secret id=GIT_AUTH_TOKEN.<host>,src=…`
    warning[W0011]: the address `https://***@x.org` contains a password or a token
     --> extensions/a/extension.yaml:9:25
      |
    9 |   repositories: [{ url: "https://me:${token}@x.org", suite: ./, key: a.asc }]
      |                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: it becomes part of the image: use a repository or a mirror that needs none
    base debian:bookworm
    a
      repository https://me:verysecretverysecretverysecretverysecretverysecretverysecret@x.org ./  asc "x\n"
      parameter token=verysecretverysecretverysecretverysecretverysecretverysecret
      build on debian:bookworm
      source a https://x.org/a?token=verysecretverysecretverysecretverysecretverysecretverysecret 5891
      source b https://verysecretverysecretverysecretverysecretverysecretverysecret@x.org/b.git 0123456789abcdef0123456789abcdef01234567
      step "make" Default
    "#);
}
