//! What is read of apt's words.

use crate::tests::sha256;
use crate::{Mark, Problem, Unknown, read_answer};

/// What apt 2.6 says when it is asked for a virtual package, one of another architecture, one that is there and one
/// that upgrades a library of the base.
fn answer() -> String {
    let (a, b, c) = (sha256("a"), sha256("b"), sha256("c"));
    format!(
        "== simulation
Note, selecting 'gawk' instead of 'awk'
Inst libc6 [2.36-9] (2.36-10 Debian:12.5/stable, Debian-Security:12/stable-security [amd64]) [libc-bin:amd64 ]
Inst gawk (1:5.2.1-2 Debian:12.5/stable [amd64])
Inst libsigsegv2:i386 (2.14-1 Debian:12.5/stable [i386])
Inst tzdata (2024a-0 Debian:12.5/stable [all])
== uris
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
    let text = "== simulation\nRemv chrony [4.3-2]\nRemv libc6:i386 [2.36-9]\n";
    let answer = read_answer(text, ["openntpd"], "amd64").unwrap().unwrap();
    let removed: Vec<String> = (answer.list.remove.iter())
        .map(|(name, architecture)| format!("{name}:{architecture}"))
        .collect();
    assert_eq!(removed, ["chrony:amd64", "libc6:i386"]);
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
fn words_in_another_form_are_errors() {
    let digest = sha256("a");
    for (text, expected) in [
        ("Inst jq\n".to_owned(), "a section has the title ``"),
        ("== odd\nx\n".to_owned(), "a section has the title `odd`"),
        ("== simulation\nInst jq\n".to_owned(), "apt says `Inst jq`"),
        ("== simulation\nInst jq (1.6 [amd64\n".to_owned(), "apt says"),
        ("== simulation\nInst jq (1.6)\n".to_owned(), "apt says"),
        ("== simulation\nConf jq (1.6 [amd64])\n".to_owned(), "apt says"),
        (
            "== simulation\nNote, selecting 'a' instead of 'b\n".to_owned(),
            "apt says",
        ),
        (
            "== simulation\nInst jq (1.6 [amd64])\n".to_owned(),
            "apt prints no address of `jq_1.6_amd64.deb`",
        ),
        ("== uris\nhttp://a b c\n".to_owned(), "apt prints the address"),
        (
            "== uris\n'http://a' jq_1.6_amd64.deb 10 MD5Sum:abc\n".to_owned(),
            "the repository gives no SHA-256 of `jq_1.6_amd64.deb`, only `MD5Sum:abc`",
        ),
        (
            format!("== uris\n'http://a' jq.deb ten SHA256:{digest}\n"),
            "apt prints the address",
        ),
        (
            format!(
                "== simulation\nInst jq (1.6 [amd64])\n== uris\n'http://a b' jq_1.6_amd64.deb 1 SHA256:{digest}\n"
            ),
            "apt names a package",
        ),
        (
            "== simulation\nInst jq (1.6 [amd64])\n== uris\n'http://a' jq_1.6_amd64.deb 1 SHA256:abc\n"
                .to_owned(),
            "a SHA-256 has 64 hexadecimal digits",
        ),
    ] {
        let error = read_answer(&text, ["jq"], "amd64").unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}
