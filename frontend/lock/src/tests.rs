//! Tests of the crate.

use apt::{Line, PackageList};
use proptest::prelude::{Strategy, prop_assert_eq, proptest};
use source::{Diagnostics, Reported, Sources, render};

use crate::{Entry, Installation, Lock, Platform, read_lock};

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
    for entry in lock.images.values_mut().chain(lock.extensions.values_mut()) {
        entry.span = None;
    }
    for platform in lock.platforms.values_mut() {
        for source in platform.sources.values_mut() {
            source.span = None;
        }
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
    let states = proptest::collection::btree_map("[a-z]{1,4}:[a-z0-9]{1,3}", "[0-9a-f]{64}", 0..2);
    let sources = proptest::collection::btree_map(
        ("(pypi|npm|crate|url)", "[a-z]{1,4}(==|@|://)[0-9.]{1,4}"),
        entries(),
        0..3,
    );
    let platform =
        (states, sources, installations).prop_map(|(states, sources, installations)| Platform {
            states,
            sources,
            installations,
        });
    let platforms = proptest::collection::btree_map("linux/(amd64|arm64|arm/v7)", platform, 0..3);
    let images = proptest::collection::btree_map("[a-z]{1,5}:[a-z0-9.]{1,5}", entries(), 0..3);
    let extensions = proptest::collection::btree_map("[a-z][a-z0-9.-]{0,4}", entries(), 0..3);
    (images, extensions, platforms).prop_map(|(images, extensions, platforms)| Lock {
        images,
        extensions,
        platforms,
    })
}

fn entries() -> impl Strategy<Value = Entry> {
    "[0-9a-f]{64}".prop_map(|sha256| Entry { sha256, span: None })
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
    let image = Entry {
        sha256: digest,
        span: None,
    };
    lock.images.insert("debian:bookworm".to_owned(), image);
    let entry = Entry {
        sha256: "c".repeat(64),
        span: None,
    };
    lock.extensions.insert("uv".to_owned(), entry.clone());
    let platform = lock.platforms.entry("linux/amd64".to_owned()).or_default();
    platform
        .states
        .insert("debian:bookworm".to_owned(), "d".repeat(64));
    let uv = ("pypi".to_owned(), "uv==0.9.0".to_owned());
    platform.sources.insert(uv, entry);
    platform
        .installations
        .insert("extension query".to_owned(), installation);
    insta::assert_snapshot!(lock.to_string(), @"
    # What the names in the spec stood for. `--call=lock` writes it.
    lock 1
    image debian:bookworm sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    extension uv cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc

    platform linux/amd64
    lists debian:bookworm dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd
    source pypi uv==0.9.0 cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc
    packages bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb extension query
      install jq amd64 1.6-2 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 10 manual http://archive.test/jq.deb
      manual bash amd64
    ");
}

#[test]
fn what_was_read_knows_its_place() {
    let digest = "a".repeat(64);
    let text = format!(
        "lock 1\nimage debian:bookworm sha256:{digest}\nextension uv {digest}\nplatform linux/amd64\nsource pypi uv==1.0 {digest}\n\
         packages {digest} extension query\n"
    );
    let lock = read(&text).unwrap();
    let written = |span: Option<source::Span>| {
        let span = span.unwrap();
        &text[span.start as usize..span.end as usize]
    };
    let platform = &lock.platforms["linux/amd64"];
    assert_eq!(
        written(platform.installations["extension query"].span),
        format!("{digest} extension query")
    );
    assert_eq!(written(lock.extensions["uv"].span), format!("uv {digest}"));
    assert_eq!(
        written(lock.images["debian:bookworm"].span),
        format!("debian:bookworm sha256:{digest}")
    );
    let uv = ("pypi".to_owned(), "uv==1.0".to_owned());
    assert_eq!(
        written(platform.sources[&uv].span),
        format!("pypi uv==1.0 {digest}")
    );
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
extension uv
extension uv {digest}
extension uv {digest}
lists debian:bookworm {digest}
source pypi uv==1.0 {digest}
packages {digest} extension early
{install}
platform linux
platform linux/amd64
{install}
lists debian:bookworm
lists debian:bookworm {digest}
lists debian:bookworm {digest}
source uv {digest}
source git uv==1.0 {digest}
source pypi uv==1.0 abc
source pypi uv==1.0 {digest}
source pypi uv==1.0 {digest}
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
    error[E0260]: `extension` is followed by a name and 64 hexadecimal digits
     --> inlay.lock:6:11
      |
    6 | extension uv
      |           ^^
      |
      = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: the extension is there twice
     --> inlay.lock:8:11
      |
    8 | extension uv DIGEST
      |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: package lists belong to a `platform`
     --> inlay.lock:9:7
      |
    9 | lists debian:bookworm DIGEST
      |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: a source belongs to a `platform`
      --> inlay.lock:10:8
       |
    10 | source pypi uv==1.0 DIGEST
       |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: packages belong to a `platform`
      --> inlay.lock:11:10
       |
    11 | packages DIGEST extension early
       |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: a package belongs to a line with `packages`
      --> inlay.lock:12:1
       |
    12 | install jq amd64 1.6 DIGEST 10 manual http://archive.test/jq.deb
       | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: a platform is written as `linux/amd64`
      --> inlay.lock:13:10
       |
    13 | platform linux
       |          ^^^^^
       |
       = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: a package belongs to a line with `packages`
      --> inlay.lock:15:1
       |
    15 | install jq amd64 1.6 DIGEST 10 manual http://archive.test/jq.deb
       | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: `lists` is followed by an image and 64 hexadecimal digits
      --> inlay.lock:16:7
       |
    16 | lists debian:bookworm
       |       ^^^^^^^^^^^^^^^
       |
       = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: the package lists are there twice
      --> inlay.lock:18:7
       |
    18 | lists debian:bookworm DIGEST
       |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: `source` is followed by `crate`, `npm`, `pypi` or `url`, what is fetched, and 64 hexadecimal digits
      --> inlay.lock:19:8
       |
    19 | source uv DIGEST
       |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: `source` is followed by `crate`, `npm`, `pypi` or `url`, what is fetched, and 64 hexadecimal digits
      --> inlay.lock:20:8
       |
    20 | source git uv==1.0 DIGEST
       |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: `source` is followed by `crate`, `npm`, `pypi` or `url`, what is fetched, and 64 hexadecimal digits
      --> inlay.lock:21:8
       |
    21 | source pypi uv==1.0 abc
       |        ^^^^^^^^^^^^^^^^
       |
       = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: the source is there twice
      --> inlay.lock:23:8
       |
    23 | source pypi uv==1.0 DIGEST
       |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: `packages` is followed by 64 hexadecimal digits and what installs them
      --> inlay.lock:24:10
       |
    24 | packages abc extension query
       |          ^^^^^^^^^^^^^^^^^^^
       |
       = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: the package is there twice
      --> inlay.lock:27:3
       |
    27 |   install jq amd64 1.6 DIGEST 10 manual http://archive.test/jq.deb
       |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: a line is `install` with name, architecture, version, SHA-256, size, mark and address, or `manual` or `remove` with name and architecture
      --> inlay.lock:28:3
       |
    28 |   install jq amd64
       |   ^^^^^^^^^^^^^^^^
       |
       = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: these packages are there twice
      --> inlay.lock:29:10
       |
    29 | packages DIGEST extension query
       |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: the platform is there twice
      --> inlay.lock:30:10
       |
    30 | platform linux/amd64
       |          ^^^^^^^^^^^
       |
       = help: write the lock again with `--call=lock`, or take it from the history of your project
    error[E0260]: a line of a lock begins with `image`, `extension`, `platform`, `lists`, `source`, `packages`, `install`, `manual` or `remove`
      --> inlay.lock:31:1
       |
    31 | paquets
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
