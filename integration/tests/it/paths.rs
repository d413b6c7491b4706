//! Paths that several extensions hold, and what else a system has only one of: what the image has does not depend on the
//! names of extensions, and is what each image alone would have.

use crate::{Ground, assert_has};

/// Extensions that meet others at a path. `X` is a letter before or after those of the names they meet.
const MEETING: &str = r#"
  - name: Xwrap
    build:
      steps:
        - |
          mkdir -p $OUT/usr/bin
          printf '#!/bin/sh\necho wrapped\n' > $OUT/usr/bin/jq
          chmod 0755 $OUT/usr/bin/jq
  - { name: m-jq, install: { packages: [jq] } }

  - name: m-person
    install: { steps: [useradd --create-home --uid 1000 dev] }
  - name: Xrc
    requires: [m-person]
    install: { files: [{ to: /home/dev/.config/rc, text: "x" }] }

  - name: m-tool
    install:
      steps: ["mkdir /opt/tool-1.2 && echo program > /opt/tool-1.2/program && ln -s tool-1.2 /opt/tool"]
  - name: Xplugin
    requires: [m-tool]
    build: { steps: ["mkdir -p $OUT/opt/tool/plugins && echo plugin > $OUT/opt/tool/plugins/p"] }

  - name: Xlocale
    install: { packages: [locales], steps: ["sed -i 's/^# *de_DE.UTF-8/de_DE.UTF-8/' /etc/locale.gen"] }
  - { name: m-locales, install: { packages: [locales] } }

  - name: Xprompt
    install: { steps: ["echo MINE=1 >> /etc/bash.bashrc"] }
  - { name: m-fragment, shell: { bash: "FRAGMENT=1" } }

  - name: Xfrozen
    install: { steps: ["apt-get update && apt-get install --yes tree && apt-mark hold tree"] }
  - { name: m-tree, install: { packages: [tree] } }

  - name: Xlibrary
    build: { steps: ["mkdir -p $OUT/usr/local/lib && cp /usr/lib/*/libz.so.1 $OUT/usr/local/lib/libz.so.1"] }
    install: { steps: [ldconfig] }

  - name: Xschema
    install:
      packages: [libglib2.0-bin]
      files:
        - to: /usr/share/glib-2.0/schemas/org.inlay.test.gschema.xml
          text: '<schemalist><schema id="org.inlay.test" path="/org/inlay/test/"/></schemalist>'
      steps: [glib-compile-schemas /usr/share/glib-2.0/schemas]
  - { name: m-schemas, install: { packages: [gsettings-desktop-schemas] } }

  - name: Xeditor
    build: { steps: ["mkdir -p $OUT/opt/ed && cp /bin/true $OUT/opt/ed/ed"] }
    install: { steps: [update-alternatives --install /usr/bin/editor editor /opt/ed/ed 90] }
  - { name: m-editor, install: { packages: [ed] } }

  - name: Xservice
    install: { steps: ["useradd --system Xservice && install -d -o Xservice /srv/Xservice"] }
  - name: m-service
    install: { steps: ["useradd --system m-service && install -d -o m-service /srv/m-service"] }

  - name: Xslim
    install: { steps: ["rm -rf /usr/share/doc/*"] }
  - name: Xuntidy
    install: { steps: ["echo x | tee /tmp/x /var/tmp/x /run/x"] }
"#;

/// Commands in the image, each with what it prints.
const SHOWN: &[(&str, &str)] = &[
    ("jq", "wrapped"),
    ("stat -c '%U %a' /home/dev", "dev 755"),
    (
        "runuser -u dev -- touch /home/dev/x && echo writable",
        "writable",
    ),
    ("cat /home/dev/.config/rc", "x"),
    ("readlink /opt/tool", "tool-1.2"),
    (
        "cat /opt/tool/program /opt/tool-1.2/plugins/p",
        "program\nplugin",
    ),
    ("grep -c '^de_DE.UTF-8' /etc/locale.gen", "1"),
    ("bash -ic 'echo $MINE$FRAGMENT' 2> /dev/null", "11"),
    ("apt-mark showhold", "tree"),
    ("ldconfig -p | grep -c /usr/local/lib/libz.so.1", "1"),
    (
        "gsettings list-schemas | grep -c -e org.inlay.test -e org.gnome.desktop.interface$",
        "2",
    ),
    ("readlink /etc/alternatives/editor", "/opt/ed/ed"),
    ("stat -c %U /srv/*service | sort -u | wc -l", "2"),
    ("ls /usr/share/doc/ed | head -n 1 | wc -l", "1"),
    ("find /tmp /var/tmp /run -name x | wc -l", "0"),
    ("dpkg --audit", ""),
    ("apt-get check > /dev/null && echo sound", "sound"),
];

fn spec(uses: &str) -> String {
    format!("# syntax=ghcr.io/inlay/inlay:1\nbase: debian:bookworm\nextensions:\n{uses}")
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn no_name_decides_who_wins() {
    let ground = Ground::get();
    for letter in ["a", "z"] {
        let uses = MEETING.replace('X', letter);
        let build = ground.build().spec(&spec(&uses)).image().in_company();
        let outcome = build.succeed();
        for (command, expected) in SHOWN {
            let said = outcome.run(["sh", "-c", &command.replace('X', letter)]);
            assert_eq!(said.trim_end(), *expected, "{letter}: {command}");
        }
        let logs = outcome.progress.logs();
        let warning = format!(
            "the output of `{letter}wrap` replaces `/usr/bin/jq` of package `jq`, which `m-jq` installs"
        );
        assert_has(&logs, &[&warning]);
    }
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn what_nobody_can_know_is_refused() {
    let ground = Ground::get();
    let uses = r#"
  - name: one
    build: { steps: ["mkdir -p $OUT/opt/x && echo 1 > $OUT/opt/x/y && echo same > $OUT/opt/x/z"] }
  - name: two
    build: { steps: ["mkdir -p $OUT/opt/x && echo 2 > $OUT/opt/x/y && echo same > $OUT/opt/x/z"] }
  - name: web
    install: { steps: [useradd --system --uid 990 web] }
  - name: vault
    install:
      files: [{ to: /etc/vault.key, text: secret, mode: "0400", owner: "990:990" }]
      steps: [useradd --system --uid 990 vault]
  - name: accounts
    install: { files: [{ to: /etc/passwd, text: "root:x:0:0::/:/bin/sh" }] }
  - name: folder
    install: { steps: [mkdir -p /srv/thing/inside] }
  - name: thing
    install: { files: [{ to: /srv/thing, text: "x" }] }
"#;
    let outcome = ground.build().spec(&spec(uses)).fail();
    let logs = outcome.progress.logs();
    assert_has(
        &logs,
        &[
            "extensions `one` and `two` cannot be combined: `/opt/x/y` has different contents",
            "users `vault` of `vault` and `web` of `web` both ask for the id 990",
            "extension `accounts` cannot be used: it has `/etc/passwd`, which the whole system has only one of",
            "`/srv/thing` is a directory in `folder` and a file in `thing`",
        ],
    );
    assert!(!logs.contains("`/opt/x/z` has"), "{logs}");
}

/// What two refusals say, and an extension of the catalogue that cannot require one that it does not know.
const PUT_ON: &str = r#"
  - name: company-ca
    install: { files: [{ to: /usr/local/share/ca-certificates/company.crt, text: "company\n" }] }
  - curl: { after: company-ca }

  - name: first
    build: { steps: ["mkdir -p $OUT/opt/x && echo 1 > $OUT/opt/x/y"] }
    install: { steps: ["echo 1 >> /etc/issue"] }
  - ./secondAFTER
"#;

const SECOND: &str = r#"name: second
build: { steps: ["mkdir -p $OUT/opt/x && echo 2 > $OUT/opt/x/y"] }
install: { steps: ["echo 2 >> /etc/issue"] }
"#;

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_spec_puts_an_extension_on_one_that_it_contradicts() {
    let ground = Ground::get();
    let build = |after: &str| {
        let build = ground.build().spec(&spec(&PUT_ON.replace("AFTER", after)));
        build.file("second/extension.yaml", SECOND)
    };
    let logs = build("").fail().progress.logs();
    assert_has(
        &logs,
        &[
            "`/etc/issue` has different contents",
            "`/opt/x/y` has different contents",
            "put `second` on `first` (`- second: { after: first }`, or `requires` in its definition)",
        ],
    );
    let outcome = build(": { after: first }").image().in_company().succeed();
    let shown =
        "cat /opt/x/y; tail -n 2 /etc/issue; grep company /etc/ssl/certs/ca-certificates.crt";
    assert_eq!(outcome.run(["sh", "-c", shown]), "2\n1\n2\ncompany");
}
