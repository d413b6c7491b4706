//! What is reported about steps, their caches and their secrets.

use crate::tests::extension;

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
    E0104 3:7 [Debian] `Debian` is not a valid builder base: unless it is `default` or `base`, it must be `name`, `name:tag` or `name@sha256:…`, with a lowercase name
    E0104 4:19 [GCC] `GCC` is not a valid package name: it must be the name of a Debian package, such as `libssl-dev` or `g++`
    E0104 4:24 [gcc-] `gcc-` is not a valid package name: it must be the name of a Debian package, such as `libssl-dev` or `g++`
    E0104 6:7 [' '] an entry of `steps` is empty
    E0103 7:7 [[make]] an entry of `steps` must be text, not a list
    E0104 9:16 [nnoe] `network` cannot be `nnoe`
      help: did you mean `none`?
    E0104 10:20 [''] `id` is empty
    E0104 10:30 [cache] `cache` is not a valid path in the image: it must begin with `/`
    E0102 10:39 [path] `id` is missing
      help: add `id: …`, its id; caches with the same id are shared
    ");
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
      help: choose another path: this one is the whole file system
    E0104 6:52 [/out/x] nothing can be mounted at `/out/x`
      help: choose another path: steps use `/out` for something else
    E0104 6:68 [inlay-ca] nothing can be mounted at `/run/secrets/inlay-ca`
      help: choose another path: steps use `/run/secrets/inlay-ca` for something else

    E0104 6:43 [/run/secrets/a] one step has two mounts at `/run/secrets/a`
      6:23 the other one
      help: give each a path of its own

    E0104 7:32 [/k] one step has two mounts at `/k`
      6:30 the other one
      help: give each a path of its own

    E0104 6:30 [/sources] nothing can be mounted at `/sources`
      help: choose another path: steps use `/sources` for something else


    E0104 6:66 [A] two secrets of one step set the variable `A`
      6:39 the other one
      help: give each a variable of its own

    E0104 6:39 [TOKEN] `TOKEN` is the variable of the parameter `token`
      help: give the secret a variable of its own

    E0104 6:39 [PATH] `PATH` is not a valid variable name: it already has a meaning in steps
    E0104 6:53 [..] `..` is not a valid secret id: it must be a file name, without `/`, blanks or control characters
    E0104 6:67 [maybe] `required` cannot be `maybe`
      help: write `true` or `false`

    E0104 6:13 [../a] `../a` is not a valid ssh agent id: it must be a file name, without `/`, blanks or control characters

    E0104 6:12 [false] `ssh` cannot be `false`
      help: write `true`
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

    E0104 3:90 [/k] two steps of `install` mount different things at `/k`
      3:46 the other one
      help: they run as one command: give each a place of its own

    E0104 3:103 [K] two steps of `install` set the variable `K` to different secrets
      3:53 the other one
      help: they run as one command: give each a place of its own

    E0104 3:88 [/k] two steps of `install` mount different things at `/k`
      3:44 the other one
      help: they run as one command: give each a place of its own

    E0104 3:86 [/k] two steps of `install` mount different things at `/k`
      3:44 the other one
      help: they run as one command: give each a place of its own

    E0104 3:67 [/k] one step has two mounts at `/k`
      3:46 the other one
      help: give each a path of its own
    ");
}
