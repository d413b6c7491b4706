//! Names, references and modes: tables of valid and invalid texts.

use crate::decode::scalar::{parse_mode, parse_owner, parse_relative_path};
use crate::{
    ArgumentName, ExtensionName, ImagePath, ImageReference, PackageName, ParameterName, Sha256,
    SnapshotTime, SourceName, VariableName,
};

fn check<T, E>(
    constructor: impl Fn(&'static str) -> Result<T, E>,
    good: &[&'static str],
    bad: &[&'static str],
) {
    for text in good {
        assert!(constructor(text).is_ok(), "{text:?} is valid");
    }
    for text in bad {
        assert!(constructor(text).is_err(), "{text:?} is not valid");
    }
}

const DIGITS: &str = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";

#[test]
fn names() {
    let long = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    check(
        ExtensionName::new,
        &["uv", "7zip", "a.b-c_d"],
        &["", "UV", "-a", ".", "a b", "a/b", "é", long],
    );
    check(
        ParameterName::new,
        &["version", "a1_b"],
        &["", "Version", "1a", "_a", "a-b", "path", "out"],
    );
    check(
        VariableName::new,
        &["PATH", "_a1", "lower"],
        &["", "1A", "A-B", "A B", "É"],
    );
    check(
        ArgumentName::new,
        &["VERSION", "_a1", "lower", "PROXY", "BUILDKIT"],
        &[
            "",
            "1A",
            "A-B",
            "BUILDKIT_X",
            "SOURCE_DATE_EPOCH",
            "HTTP_PROXY",
            "no_proxy",
        ],
    );
    check(
        PackageName::new,
        &[
            "g++",
            "libc6:amd64",
            "git=1:2.39-1",
            "jq/trixie",
            "python3.13",
        ],
        &[
            "", "a", "Git", "gcc-", "a b", "-x", "a;b", "jq=", "jq=1.6*", "jq*", "jq/*",
        ],
    );
    let pattern = PackageName::new("jq=1.*").unwrap_err();
    assert!(pattern.contains("in full"), "{pattern}");
    let pattern = PackageName::new("jq/*").unwrap_err();
    assert!(!pattern.contains("in full"), "{pattern}");
    check(
        SnapshotTime::new,
        &["2026-11-01", "20261101T000000Z", "20261231T235959Z"],
        &[
            "",
            "2026",
            "2026-13-01",
            "2026-00-01",
            "2026-11-00",
            "2026-11-32",
            "2026-11-1",
            "20261101",
            "20261101T240000Z",
            "20261101T006000Z",
            "20261101T000060Z",
            "20261101T000000",
            "yesterday",
        ],
    );
    let moment = |text| SnapshotTime::new(text).unwrap().moment();
    assert_eq!(moment("2026-11-01"), "20261101T000000Z");
    assert_eq!(moment("20261101T123456Z"), "20261101T123456Z");
    check(
        SourceName::new,
        &["uv.whl", "..x", "a@1"],
        &["", ".", "..", "a/b", "a b", "a\\b", "é"],
    );
    check(
        Sha256::new,
        &[DIGITS],
        &[
            "",
            "abc",
            "5891B5B522D5DF086D0FF0B110FBD9D21BB4FC7163AF34D08286A2E846F6BE03",
        ],
    );
}

#[test]
fn image_references() {
    check(
        ImageReference::new,
        &[
            "debian",
            "ubuntu:24.04",
            "ghcr.io/a/b:V1_2",
            "localhost:5000/a",
            "a@sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
        ],
        &[
            "",
            "Debian",
            "debian:",
            "debian:a b",
            "a//b",
            "/a",
            "a@sha256:abc",
            "a@md5:abc",
            "https://a/b",
            "-a",
        ],
    );
}

#[test]
fn paths() {
    check(
        ImagePath::new,
        &["/", "/a", "/a/./b//", "/...", "/a b"],
        &["", "a", "./a", "/..", "/a/../b", "/a\n"],
    );
    check(
        parse_relative_path,
        &["a", "./a/", "a//b", "...", "a b"],
        &["", ".", "./", "/a", "..", "a/..", "a\tb"],
    );
    for (written, canonical) in [
        ("/bin/x", "/usr/bin/x"),
        ("//lib64/", "/usr/lib64"),
        ("/./sbin/.", "/usr/sbin"),
        ("/binary", "/binary"),
        ("/opt/bin", "/opt/bin"),
        ("/usr/bin", "/usr/bin"),
    ] {
        assert_eq!(ImagePath::new(written).unwrap().as_str(), canonical);
    }
    let path = ImagePath::new("/usr/local/bin").unwrap();
    assert_eq!(path.parents().collect::<Vec<_>>(), ["/usr", "/usr/local"]);
}

#[test]
fn modes_and_owners() {
    for (text, bits) in [
        ("644", 0o644),
        ("0644", 0o644),
        ("4755", 0o4755),
        ("07777", 0o7777),
        ("0000", 0),
    ] {
        assert_eq!(parse_mode(text), Ok(bits));
    }
    check(
        parse_mode,
        &[],
        &[
            "", "0", "64", "0888", "17777", "007777", "rwx", "+644", "0o644",
        ],
    );
    assert_eq!(parse_owner("1000"), Ok((1000, 1000)));
    assert_eq!(parse_owner("0:4294967295"), Ok((0, u32::MAX)));
    check(
        parse_owner,
        &[],
        &[
            "",
            ":",
            "1:",
            ":1",
            "root",
            "1:staff",
            "1:2:3",
            "-1",
            "+1",
            "4294967296",
        ],
    );
}
