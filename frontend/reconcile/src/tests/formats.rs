//! Formats that are read or written: access lists, listings and jobs.

use insta::assert_snapshot;

use crate::tests::*;
use crate::{IdMap, Job, JobLayer, Part, map_access_list};

#[test]
fn ids_in_access_lists_are_mapped() {
    let map = IdMap {
        groups: [(101, 102)].into(),
        ..IdMap::default()
    };
    let list = |id: u8| {
        [
            &[2, 0, 0, 0, 8, 0, 5, 0, id, 0, 0, 0][..],
            &[0x20, 0, 5, 0, 255, 255, 255, 255],
        ]
        .concat()
    };
    assert_eq!(map_access_list(&list(101), &map), Some(list(102)));
    assert_eq!(map_access_list(&list(7), &map), None);
    assert_eq!(map_access_list(b"\x01\0\0\0", &map), None);
}

#[test]
fn a_listing_is_parsed_whatever_its_paths_contain() {
    let bytes = b"///d 755 0 0 0 \0/a b\n//f 4755 0 42 7 \0/l//l 777 0 0 0 //x y\0";
    let hash = [b"0".repeat(64), b"  /a b\n\0".to_vec()].concat();
    let listing = crate::Listing::parse(bytes, &hash, b"").unwrap();
    assert_eq!(listing.get(b"/").unwrap().kind, crate::Kind::Directory);
    let file = listing.get(b"/a b\n").unwrap();
    assert_eq!((file.mode, file.gid, file.size), (0o4755, 42, 7));
    assert!(file.hash.is_some());
    assert_eq!(to_text(&listing.get(b"/l").unwrap().target), "//x y");
    assert!(crate::Listing::parse(b"/a//f 1\0", b"", b"").is_err());
}

/// The bytes of a job are part of the joint's cache key.
#[test]
fn a_job_keeps_its_bytes() {
    let layer = |extension: &str, state: &str, below: &[usize]| JobLayer {
        extension: extension.to_owned(),
        state: Some(state.to_owned()),
        tree: state.replace("state", "tree"),
        part: Part::Packages,
        asked_ids: Vec::new(),
        below: below.to_vec(),
    };
    let job = Job {
        base: "/state/base".to_owned(),
        layers: vec![
            layer("git", "/state/0", &[]),
            layer("tig", "/state/1", &[0]),
        ],
        architecture: "amd64".to_owned(),
        above: None,
        needs_hook: false,
        is_one_root: false,
    };
    let text = serde_json::to_string(&job).unwrap();
    assert_snapshot!(text, @r#"{"base":"/state/base","layers":[{"extension":"git","part":"packages","state":"/state/0","tree":"/tree/0"},{"extension":"tig","part":"packages","state":"/state/1","tree":"/tree/1","below":[0]}],"architecture":"amd64"}"#);
    assert_eq!(serde_json::from_str::<Job>(&text).unwrap(), job);
}

#[test]
fn text_for_people_commands_no_terminal() {
    let text = crate::to_text("/etc/\u{1b}[31m\u{202e}a\n\tü".as_bytes());
    assert_eq!(text, "/etc/\\u{1b}[31m\\u{202e}a\n\tü");
    assert_eq!(crate::to_text(b"\xff"), "\u{fffd}");
}
