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
    E0104 10:20 [''] `` is not a valid cache id: it must not be empty and must not contain control characters
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
    E0104 6:68 [inlay-ca] `inlay-ca` is not a valid secret id: inlay and BuildKit ask for this secret themselves, and no step can

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

#[test]
fn nothing_is_mounted_where_the_system_or_the_engine_needs_the_place() {
    let refused = [
        "/etc",
        "/etc/passwd",
        "/etc/xml/catalog",
        "/usr",
        "/bin",
        "/bin/sh",
        "/sbin",
        "/lib64",
        "/var/lib",
        "/var/lib/apt",
        "/var/lib/dpkg/info",
        "/proc/self",
        "/sys",
        "/dev/shm",
        "/run",
        "/run/secrets",
        "/run/inlay/work",
        "/run/buildkit/ssh_agent.0",
        "/var/run/secrets/inlay-ca",
        "/opt",
    ];
    let at = |path: &str| {
        let cache = format!("cache: [{{ id: a, path: {path} }}]");
        let secret = format!("secrets: [{{ id: a, path: {path} }}]");
        [cache, secret].map(|given| {
            extension(&format!(
                "name: x\nbuild: {{ steps: [{{ run: x, {given} }}] }}\n"
            ))
        })
    };
    let said = refused.map(|path| {
        let [cache, secret] = at(path);
        let without_place = |said: &str| said.split_once(" [").unwrap().1.to_owned();
        assert_eq!(without_place(&cache), without_place(&secret));
        let lines: Vec<&str> = cache.trim().lines().collect();
        assert_eq!(lines.len(), 2, "{cache}");
        format!("{path}: {}", lines[1].trim())
    });
    insta::assert_snapshot!(said.join("\n"), @"
    /etc: help: choose another path: a mount here would hide `/etc/hostname`
    /etc/passwd: help: choose another path: the system needs what is at `/etc/passwd`
    /etc/xml/catalog: help: choose another path: the system needs what is at `/etc/xml`
    /usr: help: choose another path: a mount here would hide `/usr/bin`
    /bin: help: choose another path: the system needs what is at `/usr/bin`
    /bin/sh: help: choose another path: the system needs what is at `/usr/bin`
    /sbin: help: choose another path: the system needs what is at `/usr/sbin`
    /lib64: help: choose a folder below it: `/usr/lib64` is a folder of the system
    /var/lib: help: choose another path: a mount here would hide `/var/lib/apt/extended_states`
    /var/lib/apt: help: choose another path: a mount here would hide `/var/lib/apt/extended_states`
    /var/lib/dpkg/info: help: choose another path: the system needs what is at `/var/lib/dpkg`
    /proc/self: help: choose another path: the engine mounts something at `/proc`
    /sys: help: choose another path: the engine mounts something at `/sys`
    /dev/shm: help: choose another path: the engine mounts something at `/dev`
    /run: help: choose another path: a mount here would hide `/run/inlay`
    /run/secrets: help: choose another path: a mount here would hide `/run/secrets/inlay-ca`
    /run/inlay/work: help: choose another path: steps use `/run/inlay` for something else
    /run/buildkit/ssh_agent.0: help: choose another path: steps use `/run/buildkit` for something else
    /var/run/secrets/inlay-ca: help: choose another path: steps use `/run/secrets/inlay-ca` for something else
    /opt: help: choose a folder below it: `/opt` is a folder of the system
    ");

    for path in [
        "/build/target",
        "/etc/apt/auth.conf.d/mine.conf",
        "/etc/pip.conf",
        "/home/dev/.cache",
        "/opt/tool/cache",
        "/root",
        "/root/.cargo/registry",
        "/run/secrets/mine",
        "/tmp",
        "/usr/lib/node_modules",
        "/usr/local/cargo/registry",
        "/usr/src",
        "/var/cache/apt",
        "/var/lib/apt/lists",
        "/var/tmp/x",
    ] {
        assert_eq!(at(path), ["", ""], "{path}");
    }
}

#[test]
fn a_link_of_the_bases_is_no_second_place() {
    insta::assert_snapshot!(extension("name: x
install:
  steps:
    - run: x
      cache: [{ id: a, path: /run/a }, { id: b, path: /var/run/a }]
"), @"
    E0104 5:55 [/var/run/a] one step has two mounts at `/var/run/a`
      5:30 the other one
      help: give each a path of its own
    ");
}

#[test]
fn no_step_can_ask_for_what_is_inlay_s_own() {
    let said = [
        "cache: [{ id: inlay/downloads/debian:bookworm/linux/amd64, path: /k }]",
        "cache: [{ id: //./inlay//x, path: /k }]",
        "cache: [{ id: a/../inlay/x, path: /k }]",
        "cache: [{ id: inlay, path: /k }, { id: inlays/x, path: /l }, { id: a/inlay/x, path: /m }]",
        "secrets: [{ id: inlay-ca }, { id: inlay-pip, environment: A }, { id: inlay-later }]",
        "secrets: [{ id: GIT_AUTH_TOKEN }, { id: GIT_AUTH_HEADER.example.org }]",
        "secrets: [{ id: GIT_AUTH_TOKENS }, { id: inlay }]",
    ];
    let said = said.map(|given| {
        extension(&format!(
            "name: x\nbuild:\n  steps:\n    - run: x\n      {given}\n"
        ))
    });
    insta::assert_snapshot!(said.join("\n"), @"
    E0104 5:21 [inlay/downloads/debian:bookworm/linux/amd64] `inlay/downloads/debian:bookworm/linux/amd64` is not a valid cache id: ids that begin with `inlay/` are those of inlay's own caches

    E0104 5:21 [//./inlay//x] `//./inlay//x` is not a valid cache id: ids that begin with `inlay/` are those of inlay's own caches

    E0104 5:21 [a/../inlay/x] `a/../inlay/x` is not a valid cache id: ids that begin with `inlay/` are those of inlay's own caches


    E0104 5:23 [inlay-ca] `inlay-ca` is not a valid secret id: inlay and BuildKit ask for this secret themselves, and no step can
    E0104 5:41 [inlay-pip] `inlay-pip` is not a valid secret id: inlay and BuildKit ask for this secret themselves, and no step can
    E0104 5:76 [inlay-later] `inlay-later` is not a valid secret id: inlay and BuildKit ask for this secret themselves, and no step can

    E0104 5:23 [GIT_AUTH_TOKEN] `GIT_AUTH_TOKEN` is not a valid secret id: inlay and BuildKit ask for this secret themselves, and no step can
    E0104 5:47 [GIT_AUTH_HEADER.example.org] `GIT_AUTH_HEADER.example.org` is not a valid secret id: inlay and BuildKit ask for this secret themselves, and no step can
    ");
}
