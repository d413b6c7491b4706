//! What is reported about steps and what they are given.

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
