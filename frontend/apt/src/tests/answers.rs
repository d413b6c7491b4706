//! What is read of apt's words.

use crate::tests::sha256;
use crate::{Mark, Problem, Unknown, find_providers, read_answer};

/// What apt 2.6 says when it is asked for a virtual package, one of another architecture, one that is there and one
/// that upgrades a library of the base.
fn answer() -> String {
    let (a, b, c) = (sha256("a"), sha256("b"), sha256("c"));
    format!(
        "== said
Reading package lists...
Note, selecting 'gawk' instead of 'awk'
bash is already the newest version (5.2.15-2+b7).
The following additional packages will be installed:
  libsigsegv2:i386 other
Suggested packages:
  gawk-doc
The following NEW packages will be installed:
  gawk libsigsegv2:i386 tzdata
The following packages will be upgraded:
  libc6
1 upgraded, 3 newly installed, 0 to remove and 7 not upgraded.
Need to get 7465 kB of archives.
'http://archive.test/pool/libc6.deb' libc6_2.36-10_amd64.deb 100 SHA256:{a}
'http://archive.test/pool/gawk_5.2.1-2_amd64.deb' gawk_1%3a5.2.1-2_amd64.deb 200 SHA256:{b}
'http://archive.test/pool/libs%2bx.deb' libsigsegv2_2.14-1_i386.deb 300 SHA256:{c}
'http://archive.test/pool/tzdata.deb' tzdata_2024a-0_all.deb 400 SHA256:{c}
== records
Package: gawk
Version: 1:5.2.1-2
"
    )
}

#[test]
fn an_answer_is_an_exact_list() {
    let asked = ["awk", "bash", "libsigsegv2:i386=2.14-1", "tzdata/stable"];
    let answer = read_answer(&answer(), asked, "amd64").unwrap().unwrap();
    let marks: Vec<(String, Mark)> = (answer.list.install.iter())
        .map(|package| (package.file(), package.mark))
        .collect();
    assert_eq!(
        marks,
        [
            ("gawk_1%3a5.2.1-2_amd64.deb".to_owned(), Mark::Manual),
            ("libc6_2.36-10_amd64.deb".to_owned(), Mark::Kept),
            ("libsigsegv2_2.14-1_i386.deb".to_owned(), Mark::Manual),
            ("tzdata_2024a-0_all.deb".to_owned(), Mark::Manual),
        ]
    );
    let gawk = answer.list.install.first().unwrap();
    assert_eq!(gawk.size_bytes, 200);
    assert_eq!(gawk.sha256, sha256("b"));
    assert_eq!(gawk.uri, "http://archive.test/pool/gawk_5.2.1-2_amd64.deb");
    // It is there already, and from now on somebody asks for it.
    let manual: Vec<_> = answer.list.manual.iter().collect();
    assert_eq!(manual, [&("bash".to_owned(), "amd64".to_owned())]);
    assert_eq!(answer.records, "Package: gawk\nVersion: 1:5.2.1-2\n");
    assert!(answer.list.remove.is_empty());
}

#[test]
fn only_what_is_asked_for_is_marked_so() {
    let asked = ["libsigsegv2", "gawk:arm64"];
    let answer = read_answer(&answer(), asked, "amd64").unwrap().unwrap();
    let marks: Vec<Mark> = answer.list.install.iter().map(|one| one.mark).collect();
    // Both are asked for in other architectures than those that are installed.
    assert_eq!(
        marks,
        [
            Mark::Automatic,
            Mark::Kept,
            Mark::Automatic,
            Mark::Automatic
        ]
    );
    assert_eq!(answer.list.manual.len(), 2);
}

#[test]
fn what_the_command_asks_for_by_itself_is_marked_too() {
    let text = format!("{}== asked\ntzdata\n", answer());
    let answer = read_answer(&text, ["gawk"], "amd64").unwrap().unwrap();
    let last = answer.list.install.last().unwrap();
    assert_eq!((last.name.as_str(), last.mark), ("tzdata", Mark::Manual));
    assert!(answer.list.manual.is_empty());
}

#[test]
fn what_would_be_removed_is_told() {
    let text = "== said\nThe following packages will be REMOVED:\n  chrony* libc6:i386\n  other\n\
                The following NEW packages will be installed:\n  none\n\
                0 upgraded, 0 newly installed, 3 to remove and 0 not upgraded.\n";
    let answer = read_answer(text, ["openntpd"], "amd64").unwrap().unwrap();
    let removed: Vec<String> = (answer.list.remove.iter())
        .map(|(name, architecture)| format!("{name}:{architecture}"))
        .collect();
    assert_eq!(removed, ["chrony:amd64", "libc6:i386", "other:amd64"]);
}

#[test]
fn what_goes_back_to_an_older_version_keeps_its_mark() {
    let digest = sha256("a");
    let text = format!(
        "== said\nThe following packages will be DOWNGRADED:\n  jq\n\
         0 upgraded, 0 newly installed, 1 downgraded, 0 to remove and 0 not upgraded.\n\
         'http://a' jq_1.6_amd64.deb 1 SHA256:{digest}\n"
    );
    let answer = read_answer(&text, ["pv"], "amd64").unwrap().unwrap();
    assert_eq!(answer.list.install.first().unwrap().mark, Mark::Kept);
}

#[test]
fn names_that_no_package_has_come_with_similar_ones() {
    let text = "== unknown\nripgrepp\tripgrep ripgrep-doc\nzzz\t\n";
    let problem = read_answer(text, ["ripgrepp", "zzz"], "amd64").unwrap();
    let unknown = |name: &str, similar: &[&str]| Unknown {
        name: name.to_owned(),
        similar: similar.iter().map(|name| (*name).to_owned()).collect(),
    };
    let expected = vec![
        unknown("ripgrepp", &["ripgrep", "ripgrep-doc"]),
        unknown("zzz", &[]),
    ];
    assert_eq!(problem, Err(Problem::Unknown(expected)));
}

#[test]
fn apt_s_own_words_are_kept() {
    let text = "== failure\nReading package lists...\nE: Version '0.1' for 'jq' was not found\n";
    let problem = read_answer(text, ["jq=0.1"], "amd64").unwrap();
    let Err(Problem::Impossible(words)) = problem else {
        panic!("{problem:?}");
    };
    assert!(words.ends_with("\nE: Version '0.1' for 'jq' was not found"));
}

#[test]
fn packages_that_apt_offers_for_a_name_are_found() {
    let words = "Building dependency tree...
Package mail-transport-agent is a virtual package provided by:
  postfix 3.7.11-0+deb12u1
  dma 0.13-1+b1

E: Package 'mail-transport-agent' has no installation candidate";
    assert_eq!(find_providers(words), ["postfix", "dma"]);
    assert_eq!(
        find_providers("E: Unable to locate package jq:arm64"),
        [""; 0]
    );
}

#[test]
fn words_in_another_form_are_errors() {
    let digest = sha256("a");
    let said =
        |line: &str| format!("== said\n0 upgraded, 1 newly installed, 0 to remove\n{line}\n");
    for (text, expected) in [
        ("Inst jq\n".to_owned(), "a section has the title ``"),
        ("== odd\nx\n".to_owned(), "a section has the title `odd`"),
        (
            said(""),
            "apt would install 1 packages, but gives 0 addresses",
        ),
        (said("'http://a b c"), "apt prints the address"),
        (
            said("'http://a' jq_1.6_amd64.deb 10"),
            "apt prints the address",
        ),
        (
            said("'http://a' jq_1.6_amd64.deb 10 MD5Sum:abc"),
            "the repository gives no SHA-256 of `jq_1.6_amd64.deb`, only `MD5Sum:abc`",
        ),
        (
            said(&format!("'http://a' jq_1.6_amd64.deb ten SHA256:{digest}")),
            "apt prints",
        ),
        (
            said(&format!("'http://a' jq_1.6_amd64 1 SHA256:{digest}")),
            "apt prints",
        ),
        (
            said(&format!("'http://a' jq_1.6.deb 1 SHA256:{digest}")),
            "apt prints",
        ),
        (
            said(&format!("'http://a b' jq_1.6_amd64.deb 1 SHA256:{digest}")),
            "apt prints",
        ),
        (
            said("'http://a' jq_1.6_amd64.deb 1 SHA256:abc"),
            "64 hexadecimal digits",
        ),
    ] {
        let error = read_answer(&text, ["jq"], "amd64").unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}
