//! Runs the program on states and a root in temporary folders, and looks at what it leaves there.

#![expect(
    clippy::disallowed_methods,
    reason = "it makes folders and starts the program"
)]
#![expect(clippy::unwrap_used, reason = "all of it is a test")]

mod capture;
mod place;

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Output};

use reconcile::{Job, JobLayer};
use tempfile::TempDir;

const EPOCH: i64 = 1_700_000_000;

/// Writes a file and the folders above it.
fn put(path: &Path, content: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// Writes a state as `reconcile --capture` does, with files of mode 0640.
fn state(folder: &Path, owner: (u32, u32), files: &[(&str, &str)]) {
    let mut listing = String::new();
    for (path, content) in files {
        put(&folder.join("root").join(&path[1..]), content);
        let size = content.len();
        write!(listing, "{path}//f 640 {} {} {size} \0", owner.0, owner.1).unwrap();
    }
    put(&folder.join("listing"), &listing);
    put(&folder.join("hashes"), "");
    put(&folder.join("removed"), "");
    fs::create_dir_all(folder.join("root")).unwrap();
}

/// Runs a joint of a base with shells and two layers that add to them. The root is their stack.
fn joint(second: &[(&str, &str)]) -> (TempDir, Output) {
    let temporary = TempDir::new().unwrap();
    let folder = temporary.path();
    let metadata = folder.metadata().unwrap();
    let owner = (metadata.uid(), metadata.gid());
    let base = [("/etc/shells", "/bin/sh\n"), ("/etc/other", "other\n")];
    let first = [
        ("/etc/shells", "/bin/sh\n/bin/zsh\n"),
        ("/var/log/dpkg.log", "log\n"),
    ];
    state(&folder.join("base"), owner, &base);
    state(&folder.join("0"), owner, &first);
    state(&folder.join("1"), owner, second);
    for (path, content) in base.iter().chain(&first).chain(second) {
        let place = folder.join("root").join(&path[1..]);
        put(&place, content);
        fs::set_permissions(&place, fs::Permissions::from_mode(0o640)).unwrap();
    }
    let name = |name: &str| folder.join(name).display().to_string();
    let layer = |extension: &str, state: &str| JobLayer {
        extension: extension.to_owned(),
        state: Some(name(state)),
        tree: name(state),
        ..JobLayer::default()
    };
    let job = Job {
        base: name("base"),
        layers: vec![layer("zsh", "0"), layer("fish", "1")],
        architecture: "amd64".to_owned(),
        ..Job::default()
    };
    fs::write(folder.join("job"), serde_json::to_vec(&job).unwrap()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_reconcile"))
        .args(["--root", &name("root"), &name("job")])
        .env("EPOCH", EPOCH.to_string())
        .output()
        .unwrap();
    (temporary, output)
}

#[test]
fn it_writes_only_what_differs() {
    let (temporary, output) = joint(&[("/etc/shells", "/bin/sh\n/bin/fish\n")]);
    let messages = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{messages}");
    let root = temporary.path().join("root");
    let shells = root.join("etc/shells");
    assert_eq!(
        fs::read_to_string(&shells).unwrap(),
        "/bin/sh\n/bin/zsh\n/bin/fish\n"
    );
    let metadata = shells.metadata().unwrap();
    assert_eq!((metadata.mtime(), metadata.mode() & 0o7777), (EPOCH, 0o640));
    assert!(!root.join("var/log/dpkg.log").exists());
    assert_eq!(root.join("var/log").metadata().unwrap().mtime(), EPOCH);
    for untouched in ["etc/other", "etc"] {
        assert_ne!(
            root.join(untouched).metadata().unwrap().mtime(),
            EPOCH,
            "{untouched}"
        );
    }
    assert!(
        messages.contains("inlay: joint: wrote /etc/shells\n"),
        "{messages}"
    );
    assert!(
        messages
            .lines()
            .last()
            .unwrap()
            .starts_with("inlay: joint: read "),
        "{messages}"
    );
}

#[test]
fn it_refuses_before_it_changes_anything() {
    let files = [
        ("/etc/shells", "/bin/sh\n/bin/fish\n"),
        ("/var/log/dpkg.log", ""),
        ("/srv/x", "1"),
    ];
    let (temporary, output) = joint(&files);
    assert!(output.status.success(), "logs need no agreement");
    drop(temporary);
    let status = "Package: x\nStatus: install ok half-installed\nVersion: 1\n";
    let (temporary, output) = joint(&[
        ("/etc/shells", "/bin/sh\n"),
        ("/var/lib/dpkg/status", status),
    ]);
    let messages = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        messages.starts_with("inlay: extension `fish` cannot be used: package `x`"),
        "{messages}"
    );
    assert!(temporary.path().join("root/var/log/dpkg.log").exists());
}

#[test]
fn layers_below_must_come_before_those_above() {
    let temporary = TempDir::new().unwrap();
    let folder = temporary.path();
    for name in ["base", "0", "1"] {
        state(&folder.join(name), (0, 0), &[]);
    }
    let layer = |name: &str, below: &[usize]| JobLayer {
        extension: name.to_owned(),
        state: Some(folder.join(name).display().to_string()),
        below: below.to_vec(),
        ..JobLayer::default()
    };
    let job = Job {
        base: folder.join("base").display().to_string(),
        layers: vec![layer("0", &[1]), layer("1", &[])],
        architecture: "amd64".to_owned(),
        ..Job::default()
    };
    fs::write(folder.join("job"), serde_json::to_vec(&job).unwrap()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_reconcile"))
        .args(["--root", ".", "job"])
        .current_dir(folder)
        .env("EPOCH", "0")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let messages = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        messages,
        "inlay: joint: the job is invalid: layer 0 of `0` is on layer 1, which does not come before it\n"
    );
}

#[test]
fn it_shows_its_usage() {
    let output = Command::new(env!("CARGO_BIN_EXE_reconcile"))
        .env_remove("EPOCH")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("usage: EPOCH=SECONDS reconcile")
    );
}
