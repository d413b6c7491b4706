//! What every extension of a run brings beside its packages: the output of a builder, files, and steps.
//!
//! In the reference, the same commands run one extension after another, once all packages are there.

use crate::soundness::sets::{SETS, Set};

/// Makes the output. `NAME` is the set's.
const OUTPUT: &str = r#"
install -d "$OUT/opt/inlay-NAME/bin" "$OUT/usr/local/bin" "$OUT/usr/local/lib/inlay-NAME"
printf '#!/bin/sh\necho NAME\n' > "$OUT/opt/inlay-NAME/bin/tool"
chmod 0755 "$OUT/opt/inlay-NAME/bin/tool"
ln -s /opt/inlay-NAME/bin/tool "$OUT/usr/local/bin/inlay-NAME"
cp "$(find /lib /usr/lib -name 'libpam.so.0' | head -n 1)" "$OUT/usr/local/lib/inlay-NAME/libpam.so.0"
"#;

/// The files: path, mode and text.
const FILES: [(&str, &str, &str); 2] = [
    (
        "/etc/ld.so.conf.d/zz-inlay-NAME.conf",
        "0644",
        "/usr/local/lib/inlay-NAME",
    ),
    ("/etc/inlay/NAME.key", "0600", "the key of NAME"),
];

/// The steps: an account of its own that is also in a group of the base, its folder, an alternative that every
/// extension has, and the linker's cache.
const STEPS: &str = r"
useradd --system --home-dir /var/lib/inlay-NAME --shell /usr/sbin/nologin --groups users inlay-NAME
install -d -o inlay-NAME -g inlay-NAME -m 0750 /var/lib/inlay-NAME
install -o inlay-NAME -g users -m 0640 /etc/inlay/NAME.key /var/lib/inlay-NAME/key
update-alternatives --quiet --install /usr/bin/inlay-any inlay-any /opt/inlay-NAME/bin/tool PRIORITY
ldconfig
";

/// The lines of an extension in a spec, below its name.
pub(crate) fn lines(set: &Set) -> String {
    let files = FILES.map(|(path, mode, text)| {
        format!("        - {{ to: {path}, mode: \"{mode}\", text: \"{text}\\n\" }}\n")
    });
    let text = format!(
        "    build:\n      on: base\n      steps:\n        - |\n{}    install:\n      files:\n{}      steps:\n        - |\n{}",
        indent(OUTPUT),
        files.concat(),
        indent(STEPS)
    );
    of(set, &text)
}

/// Commands that bring the same into a system.
pub(crate) fn commands(set: &Set) -> String {
    let files = FILES.map(|(path, mode, text)| {
        format!("install -D -m {mode} /dev/null {path}\necho '{text}' > {path}\n")
    });
    of(set, &format!("OUT=\n{OUTPUT}{}{STEPS}", files.concat()))
}

/// A command that succeeds if all of it is there.
pub(crate) fn check(set: &Set) -> String {
    let check = r#"
test "$(inlay-NAME)" = NAME
test "$(stat -c '%U:%G %a' /var/lib/inlay-NAME/key)" = 'inlay-NAME:users 640'
id -nG inlay-NAME | grep -w users
ldconfig -p | grep /usr/local/lib/inlay-NAME/libpam.so.0
update-alternatives --query inlay-any | grep 'Alternative: /opt/inlay-NAME/bin/tool'
"#;
    of(set, check)
}

fn indent(text: &str) -> String {
    let lines: Vec<&str> = text.trim().lines().collect();
    format!("          {}\n", lines.join("\n          "))
}

/// Replaces the words that stand for what belongs to a set.
fn of(set: &Set, text: &str) -> String {
    let place = SETS.iter().position(|other| other.name == set.name);
    let priority = 10 + place.expect("the set is one of the table");
    text.replace("NAME", set.name)
        .replace("PRIORITY", &priority.to_string())
}
