//! How parameters, sources and files are bound.

use crate::check;
use crate::checksums::uv;
use fixtures::random::SHA256;

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
