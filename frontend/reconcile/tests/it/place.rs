//! Content that is put into a root.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::put;

/// Puts content into a root, both of which a function makes.
fn place(make: impl Fn(&Path, &Path)) -> (TempDir, Output) {
    let temporary = TempDir::new().unwrap();
    let (root, content) = (
        temporary.path().join("root"),
        temporary.path().join("content"),
    );
    fs::create_dir(&root).unwrap();
    fs::create_dir(&content).unwrap();
    make(&root, &content);
    let output = Command::new(env!("CARGO_BIN_EXE_reconcile"))
        .args(["--place", "one"])
        .args([&content, &root])
        .output()
        .unwrap();
    (temporary, output)
}

fn set_mode(place: &Path, mode: u32) {
    fs::set_permissions(place, fs::Permissions::from_mode(mode)).unwrap();
}

fn mode(place: &Path) -> u32 {
    place.symlink_metadata().unwrap().mode() & 0o7777
}

#[test]
fn folders_keep_their_modes_and_links_lead_on() {
    let (temporary, output) = place(|root, content| {
        put(&root.join("home/dev/own"), "own");
        set_mode(&root.join("home/dev"), 0o700);
        put(&root.join("usr/lib/own"), "own");
        symlink("usr/lib", root.join("lib")).unwrap();
        symlink("/lib", root.join("far")).unwrap();
        put(&root.join("opt/own"), "own");
        put(&content.join("home/dev/file"), "1");
        set_mode(&content.join("home/dev"), 0o755);
        put(&content.join("lib/file"), "1");
        put(&content.join("far/deep/other"), "1");
        put(&content.join("opt/file"), "1");
        set_mode(&content.join("opt"), 0o2770);
        fs::hard_link(content.join("opt/file"), content.join("opt/same")).unwrap();
        symlink("file", content.join("opt/link")).unwrap();
    });
    assert!(output.status.success(), "{output:?}");
    let root = temporary.path().join("root");
    assert_eq!(mode(&root.join("home/dev")), 0o700);
    assert_eq!(fs::read(root.join("home/dev/file")).unwrap(), b"1");
    assert!(root.join("lib").is_symlink());
    assert_eq!(fs::read(root.join("usr/lib/file")).unwrap(), b"1");
    assert_eq!(fs::read(root.join("usr/lib/deep/other")).unwrap(), b"1");
    assert_eq!(mode(&root.join("opt")), 0o2770);
    assert_eq!(fs::read(root.join("opt/own")).unwrap(), b"own");
    assert_eq!(
        fs::read_link(root.join("opt/link")).unwrap(),
        Path::new("file")
    );
    let inode = |name: &str| root.join(name).metadata().unwrap().ino();
    assert_eq!(inode("opt/file"), inode("opt/same"));
    let content = temporary.path().join("content");
    for path in ["opt/file", "opt", "home/dev"] {
        let time = |root: &Path| {
            let metadata = root.join(path).metadata().unwrap();
            (metadata.mtime(), metadata.mtime_nsec())
        };
        assert_eq!(time(&root), time(&content), "{path}");
    }
}

#[test]
fn a_refusal_changes_nothing() {
    let (temporary, output) = place(|root, content| {
        symlink("/absent", root.join("away")).unwrap();
        put(&root.join("folder/own"), "own");
        put(&root.join("file"), "own");
        put(&content.join("away/file"), "1");
        put(&content.join("a"), "1");
        put(&content.join("folder"), "1");
        put(&content.join("file/below"), "1");
    });
    assert_eq!(output.status.code(), Some(1));
    let messages = String::from_utf8(output.stderr).unwrap();
    insta::assert_snapshot!(messages, @"
    inlay: extension `one` cannot be used: `/file` is a file in the image and a directory in `one`
      help: put it elsewhere, or change what the image has there
    inlay: extension `one` cannot be used: `/folder` is a directory in the image and a file in `one`
      help: put it elsewhere, or change what the image has there
    inlay: extension `one` cannot be used: it has `/away/file`, and `/away` is a link to `/absent` in the image, where no folder is
      help: put it elsewhere, or make the folder that the link leads to in the extension that makes the link
    ");
    let root = temporary.path().join("root");
    assert!(!root.join("a").exists());
    assert_eq!(fs::read(root.join("file")).unwrap(), b"own");
}
