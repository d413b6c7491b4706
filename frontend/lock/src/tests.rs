//! Tests of the crate.

use apt::{Line, PackageList};
use proptest::prelude::{Strategy, prop_assert_eq, proptest};
use source::{Diagnostics, Reported, Sources, render};

use crate::{Installation, Lock, Platform, read_lock};

/// Reads a text, and returns the lock or what was reported.
fn read(text: &str) -> Result<Lock, String> {
    let mut sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let source = sources.add("inlay.lock", text);
    let lock = read_lock(&mut diagnostics, &sources, source);
    lock.map_err(|Reported| {
        let all = diagnostics.iter().map(|one| render(&sources, one));
        all.collect()
    })
}

/// A lock as it is before it is written: without places in a file.
fn unplaced(mut lock: Lock) -> Lock {
    for platform in lock.platforms.values_mut() {
        for installation in platform.installations.values_mut() {
            installation.span = None;
        }
    }
    lock
}

fn locks() -> impl Strategy<Value = Lock> {
    let package = (
        "[a-z][a-z0-9.+-]{1,6}",
        "[0-9]:?[0-9][0-9a-z.+~-]{0,6}",
        "[0-9a-f]{64}",
    );
    let line = package.prop_map(|(name, version, sha256)| {
        let line = format!(
            "install {name} amd64 {version} {sha256} 10 auto http://archive.test/{name}.deb"
        );
        (name, Line::parse(&line).unwrap())
    });
    let lines = proptest::collection::btree_map("[a-z]{1,3}", line, 0..4);
    let installation = ("[0-9a-f]{64}", lines).prop_map(|(asked, lines)| {
        let mut list = PackageList::default();
        let mut names = std::collections::BTreeSet::new();
        for (name, line) in lines.into_values() {
            if names.insert(name) {
                list.add(line);
            }
        }
        Installation {
            asked,
            list,
            span: None,
        }
    });
    let installations = proptest::collection::btree_map(
        "(extension [a-z]{1,4}|union|builder x:1 gcc make)",
        installation,
        0..3,
    );
    let platform = installations.prop_map(|installations| Platform { installations });
    let platforms = proptest::collection::btree_map("linux/(amd64|arm64|arm/v7)", platform, 0..3);
    let images =
        proptest::collection::btree_map("[a-z]{1,5}:[a-z0-9.]{1,5}", "sha256:[0-9a-f]{64}", 0..3);
    (images, platforms).prop_map(|(images, platforms)| Lock { images, platforms })
}

proptest! {
    #[test]
    fn a_lock_is_read_as_it_was_written(lock in locks()) {
        let read = read(&lock.to_string());
        prop_assert_eq!(read.map(unplaced), Ok(lock));
    }
}

#[test]
fn a_lock_has_one_thing_on_each_line() {
    let digest = "a".repeat(64);
    let mut list = PackageList::default();
    let line = format!("install jq amd64 1.6-2 {digest} 10 manual http://archive.test/jq.deb");
    list.add(Line::parse(&line).unwrap());
    list.add(Line::Manual("bash".to_owned(), "amd64".to_owned()));
    let installation = Installation {
        asked: "b".repeat(64),
        list,
        span: None,
    };
    let mut lock = Lock::default();
    lock.images
        .insert("debian:bookworm".to_owned(), format!("sha256:{digest}"));
    let platform = lock.platforms.entry("linux/amd64".to_owned()).or_default();
    platform
        .installations
        .insert("extension query".to_owned(), installation);
    insta::assert_snapshot!(lock.to_string(), @"
    # What the names in the spec stood for. `--call=lock` writes it.
    lock 1
    image debian:bookworm sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

    platform linux/amd64
    packages bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb extension query
      install jq amd64 1.6-2 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 10 manual http://archive.test/jq.deb
      manual bash amd64
    ");
}

#[test]
fn what_was_read_knows_its_place() {
    let digest = "a".repeat(64);
    let text = format!("lock 1\nplatform linux/amd64\npackages {digest} extension query\n");
    let lock = read(&text).unwrap();
    let span = lock.platforms["linux/amd64"].installations["extension query"].span;
    let span = span.unwrap();
    let written = &text[span.start as usize..span.end as usize];
    assert_eq!(written, format!("{digest} extension query"));
}

#[test]
fn each_line_that_is_wrong_is_reported_at_its_place() {
    let digest = "a".repeat(64);
    let install = format!("install jq amd64 1.6 {digest} 10 manual http://archive.test/jq.deb");
    let text = format!(
        "lock 1
image debian:bookworm sha256:abc
image debian
image debian:bookworm sha256:{digest}
image debian:bookworm sha256:{digest}
packages {digest} extension early
{install}
platform linux
platform linux/amd64
{install}
packages abc extension query
packages {digest} extension query
  {install}
  {install}
  install jq amd64
packages {digest} extension query
platform linux/amd64
paquets
"
    );
    let said = read(&text).unwrap_err();
    insta::assert_snapshot!(said.replace(&digest, "DIGEST"), @"
    error[E0260]: a digest is `sha256:` and 64 hexadecimal digits
     --> inlay.lock:2:23
      |
    2 | image debian:bookworm sha256:abc
      |                       ^^^^^^^^^^
      |
      = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: an image has a name and a digest
     --> inlay.lock:3:7
      |
    3 | image debian
      |       ^^^^^^
      |
      = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: the image is there twice
     --> inlay.lock:5:7
      |
    5 | image debian:bookworm sha256:DIGEST
      |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: packages belong to a `platform`
     --> inlay.lock:6:10
      |
    6 | packages DIGEST extension early
      |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: a package belongs to a line with `packages`
     --> inlay.lock:7:1
      |
    7 | install jq amd64 1.6 DIGEST 10 manual http://archive.test/jq.deb
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: a platform is written as `linux/amd64`
     --> inlay.lock:8:10
      |
    8 | platform linux
      |          ^^^^^
      |
      = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: a package belongs to a line with `packages`
      --> inlay.lock:10:1
       |
    10 | install jq amd64 1.6 DIGEST 10 manual http://archive.test/jq.deb
       | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: `packages` is followed by 64 hexadecimal digits and what installs them
      --> inlay.lock:11:10
       |
    11 | packages abc extension query
       |          ^^^^^^^^^^^^^^^^^^^
       |
       = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: the package is there twice
      --> inlay.lock:14:3
       |
    14 |   install jq amd64 1.6 DIGEST 10 manual http://archive.test/jq.deb
       |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: a line is `install` with name, architecture, version, SHA-256, size, mark and address, or `manual` or `remove` with name and architecture
      --> inlay.lock:15:3
       |
    15 |   install jq amd64
       |   ^^^^^^^^^^^^^^^^
       |
       = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: these packages are there twice
      --> inlay.lock:16:10
       |
    16 | packages DIGEST extension query
       |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: the platform is there twice
      --> inlay.lock:17:10
       |
    17 | platform linux/amd64
       |          ^^^^^^^^^^^
       |
       = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: a line of a lock begins with `image`, `platform`, `packages`, `install`, `manual` or `remove`
      --> inlay.lock:18:1
       |
    18 | paquets
       | ^^^^^^^
       |
       = help: write the lock again with `--call=lock`, or take it from the history of your project
    ");
}

#[test]
fn a_text_that_is_no_lock_is_refused_at_its_first_line() {
    insta::assert_snapshot!(read("# nothing\n").unwrap_err(), @"
    error[E0260]: the lock is empty
     --> inlay.lock:1:1
      |
    1 | # nothing
      | ^
      |
      = help: write the lock again with `--call=lock`, or take it from the history of your project
    ");
    insta::assert_snapshot!(read("\nlock 2\nmore\n").unwrap_err(), @"
    error[E0260]: a lock of this version begins with `lock 1`
     --> inlay.lock:2:1
      |
    2 | lock 2
      | ^^^^^^
      |
      = help: write the lock again with `--call=lock`, or take it from the history of your project
    ");
}
