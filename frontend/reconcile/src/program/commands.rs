//! Runs the commands of a plan, for what only the merged root can make: the links of alternatives, the cache
//! of libraries, and the outputs of triggers.

use std::ffi::{OsStr, OsString};
use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::Instant;

use reconcile::{Choice, Plan, to_text};

use crate::failure::Failure;
use crate::root::{Root, read_metadata};

const PENDING: &[u8] = b"/var/lib/dpkg/triggers/Unincorp";
const POLICY: &[u8] = b"/usr/sbin/policy-rc.d";

/// Runs the commands of a plan in the root.
pub(crate) fn run(root: &Root, plan: &Plan) -> Result<(), Failure> {
    for choice in &plan.alternatives {
        let mut arguments: Vec<&[u8]> = vec![b"--quiet", b"--log", b"/dev/null"];
        match choice {
            Choice::Auto(name) => arguments.extend([b"--auto".as_slice(), name]),
            Choice::Manual(name, path) => arguments.extend([b"--set".as_slice(), name, path]),
        }
        run_command(root, "update-alternatives", &arguments)?;
    }
    if plan.needs_ldconfig {
        run_command(root, "ldconfig", &[])?;
    }
    if plan.triggers.is_empty() {
        return Ok(());
    }
    for trigger in &plan.triggers {
        eprintln!("inlay: joint: trigger {}", to_text(trigger));
    }
    // dpkg runs the triggers that this file names, as `dpkg-trigger` writes it. `-` means that no package is
    // waiting for the trigger.
    let pending: Vec<u8> = plan
        .triggers
        .iter()
        .flat_map(|trigger| [trigger.as_slice(), b" -\n"].concat())
        .collect();
    let place = root.locate(PENDING);
    fs::write(&place, pending).map_err(|error| Failure::at(&place, error))?;
    // Maintainer scripts ask this program before they start services, which must not start in a build.
    // `install.sh` does the same.
    let policy = root.locate(POLICY);
    let at = |error| Failure::at(&policy, error);
    let is_own = read_metadata(&policy)?.is_none();
    if is_own {
        fs::write(&policy, "#!/bin/sh\nexit 101\n").map_err(at)?;
        fs::set_permissions(&policy, Permissions::from_mode(0o755)).map_err(at)?;
    }
    let result = run_command(root, "dpkg", &[b"--triggers-only", b"--pending"]);
    if is_own {
        fs::remove_file(&policy).map_err(at)?;
    }
    result
}

fn run_command(root: &Root, program: &str, arguments: &[&[u8]]) -> Result<(), Failure> {
    let words = arguments
        .iter()
        .map(|word| OsStr::from_bytes(word).to_owned());
    let mut words: Vec<OsString> = words.collect();
    let shown = arguments.iter().fold(program.to_owned(), |shown, word| {
        shown + " " + &to_text(word)
    });
    let mut process = if root.folder().as_os_str() == "/" {
        Command::new(program)
    } else {
        words.splice(0..0, [root.folder().as_os_str().to_owned(), program.into()]);
        Command::new("chroot")
    };
    let begin = Instant::now();
    let output = process
        .args(words)
        .env_clear()
        .env(
            "PATH",
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        )
        .env("LC_ALL", "C.UTF-8")
        .env("HOME", "/root")
        .env("DEBIAN_FRONTEND", "noninteractive")
        .env("DEBCONF_NONINTERACTIVE_SEEN", "true")
        .output()
        .map_err(|error| Failure::Path(program.to_owned(), error.to_string()))?;
    let took_ms = begin.elapsed().as_millis();
    eprintln!("inlay: joint: ran {shown} in {took_ms} ms");
    if output.status.success() {
        return Ok(());
    }
    Err(Failure::Command {
        command: shown,
        status: output.status.to_string(),
        output: to_text(&[output.stdout, output.stderr].concat()),
    })
}
