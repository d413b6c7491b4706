//! The state that the program writes about two roots in temporary folders, which are on no overlayfs.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// Writes a file with the first second of 1970 as its time.
fn put(root: &Path, path: &str, content: &str) {
    let place = root.join(&path[1..]);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(&place, content).unwrap();
    age(root, path);
}

fn age(root: &Path, path: &str) {
    let file = fs::File::open(root.join(&path[1..])).unwrap();
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
}

/// Two roots with the same files, of which the second is still to be changed.
fn roots() -> (TempDir, TempDir) {
    let [before, after] = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    for root in [before.path(), after.path()] {
        fs::set_permissions(root, fs::Permissions::from_mode(0o755)).unwrap();
        put(root, "/etc/passwd", "root:x:0:0::/root:/bin/sh\n");
        put(root, "/etc/a", "a");
        put(root, "/srv/d/x", "x");
        put(root, "/srv/d/y", "y");
        put(root, "/usr/b", "b");
        put(root, "/var/lib/dpkg/status", "");
        symlink("b", root.join("usr/link")).unwrap();
        symlink("c", root.join("usr/other")).unwrap();
        let links = ["link", "other"].map(|name| root.join("usr").join(name));
        let touch = Command::new("touch")
            .args(["--no-dereference", "--date=@0"])
            .args(links)
            .status();
        assert!(touch.unwrap().success());
    }
    (before, after)
}

/// The files of the state, each as text with `;` for NUL and without ids.
fn capture(before: Option<&Path>, after: &Path) -> (TempDir, impl Fn(&str) -> String) {
    let state = TempDir::new().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_reconcile"));
    command.arg("--capture").args([after, state.path()]);
    let output = command.args(before).output().unwrap();
    let messages = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{messages}");
    let folder = state.path().to_owned();
    let read = move |name: &str| {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        let records = text.split('\0').filter(|record| !record.is_empty());
        let records = records.map(|record| match record.split_once("//") {
            Some((path, rest)) => {
                let fields: Vec<&str> = rest.split(' ').collect();
                let path = if path.is_empty() { "/" } else { path };
                format!(
                    "{path} {} {} {}{}",
                    fields[0], fields[1], fields[4], fields[5]
                )
            }
            None => record.to_owned(),
        });
        records.collect::<Vec<_>>().join("; ")
    };
    (state, read)
}

#[test]
fn nothing_changed_is_nothing_held() {
    let (before, after) = roots();
    let (state, read) = capture(Some(before.path()), after.path());
    for name in ["listing", "hashes", "attributes", "before", "removed"] {
        assert_eq!(read(name), "", "{name}");
    }
    assert!(state.path().join("accounts/etc/passwd").exists());
    assert!(!state.path().join("root/etc/passwd").exists());
}

#[test]
fn what_changed_is_held_with_its_parents() {
    let (before, after) = roots();
    let root = after.path();
    // Of the same size and time as before.
    put(root, "/etc/a", "z");
    put(root, "/srv/d/new\n;", "new");
    fs::remove_file(root.join("usr/other")).unwrap();
    symlink("d", root.join("usr/other")).unwrap();
    fs::set_permissions(root.join("var"), fs::Permissions::from_mode(0o700)).unwrap();
    let (_state, read) = capture(Some(before.path()), root);
    insta::assert_snapshot!(read("listing"), @"
    / /d 755 0; /etc d 755 0; /etc/a f 644 1; /srv d 755 0; /srv/d d 755 0; /srv/d/new
    ; f 644 3; /usr d 755 0; /usr/other l 777 0d; /var d 700 0
    ");
    insta::assert_snapshot!(read("before"), @"/ /d 755 0; /etc d 755 0; /etc/a f 644 1; /srv d 755 0; /srv/d d 755 0; /usr d 755 0; /usr/other l 777 0c; /var d 755 0");
    assert_eq!(read("removed"), "");
}

#[test]
fn what_was_written_with_the_same_bytes_is_held_but_equal() {
    let (before, after) = roots();
    fs::write(after.path().join("etc/a"), "a").unwrap();
    let (_state, read) = capture(Some(before.path()), after.path());
    assert_eq!(read("listing"), read("before"));
    assert_eq!(read("hashes"), read("hashes-before"));
    assert!(read("listing").contains("/etc/a f"), "{}", read("listing"));
}

#[test]
fn everything_in_a_removed_folder_is_removed() {
    let (before, after) = roots();
    fs::remove_dir_all(after.path().join("srv/d")).unwrap();
    put(after.path(), "/srv/d", "a file now");
    fs::remove_file(after.path().join("usr/b")).unwrap();
    let (_state, read) = capture(Some(before.path()), after.path());
    assert_eq!(read("removed"), "/srv/d/x; /srv/d/y; /usr/b");
    assert!(read("listing").contains("/srv/d f"), "{}", read("listing"));
    assert!(read("before").contains("/srv/d d"), "{}", read("before"));
}

#[test]
fn a_base_is_described_whole() {
    let (before, _after) = roots();
    let (state, read) = capture(None, before.path());
    insta::assert_snapshot!(read("listing"), @"/ /d 755 0; /etc d 755 0; /etc/a f 644 1; /etc/passwd f 644 26; /srv d 755 0; /srv/d d 755 0; /srv/d/x f 644 1; /srv/d/y f 644 1; /usr d 755 0; /usr/b f 644 1; /usr/link l 777 0b; /usr/other l 777 0c; /var d 755 0; /var/lib d 755 0; /var/lib/dpkg d 755 0; /var/lib/dpkg/status f 644 0");
    assert!(read("hashes").contains("/etc/a") && !read("hashes").contains("/usr/b"));
    assert!(state.path().join("root/var/lib/dpkg/status").exists());
    assert!(!state.path().join("removed").exists());
}

#[test]
fn a_state_has_the_same_bytes_whenever_it_is_made() {
    let (before, after) = roots();
    put(after.path(), "/etc/a", "z");
    let [one, two] = [0, 1].map(|_| capture(Some(before.path()), after.path()).0);
    for name in ["listing", "hashes", "before", "accounts/etc/passwd"] {
        let read = |state: &TempDir| fs::read(state.path().join(name)).unwrap();
        assert_eq!(read(&one), read(&two), "{name}");
        let times = one
            .path()
            .join(name)
            .metadata()
            .unwrap()
            .modified()
            .unwrap();
        assert_eq!(times, std::time::UNIX_EPOCH, "{name}");
    }
}
