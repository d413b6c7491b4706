//! Exact lists as text.

use proptest::prelude::{Strategy, any, prop_assert_eq, proptest};

use crate::tests::{package, sha256};
use crate::{Line, Mark, Package, PackageList};

fn packages() -> impl Strategy<Value = Package> {
    let marks = proptest::sample::select(vec![Mark::Manual, Mark::Automatic, Mark::Kept]);
    let strings = (
        "[a-z0-9][a-z0-9+.-]{0,8}",
        "(amd64|all|i386|musl-linux-armhf)",
        "([0-9]:)?[0-9][A-Za-z0-9.+~-]{0,8}",
        "[0-9a-f]{64}",
        "https?://[a-z.]{1,8}/[a-zA-Z0-9%+~_./-]{1,16}",
    );
    (strings, any::<u64>(), marks).prop_map(
        |((name, architecture, version, sha256, uri), size_bytes, mark)| Package {
            name,
            architecture,
            version,
            sha256,
            size_bytes,
            mark,
            uri,
        },
    )
}

proptest! {
    #[test]
    fn a_line_is_read_as_it_was_written(package in packages()) {
        let (name, architecture) = (package.name.clone(), package.architecture.clone());
        for line in [
            Line::Install(package),
            Line::Manual(name.clone(), architecture.clone()),
            Line::Remove(name, architecture),
        ] {
            prop_assert_eq!(Line::parse(&line.to_string()), Ok(line));
        }
    }

    #[test]
    fn the_order_in_which_lines_are_added_does_not_matter(
        packages in proptest::collection::vec(packages(), 0..6)
    ) {
        let mut list = PackageList::default();
        let mut turned = PackageList::default();
        for package in &packages {
            list.add(Line::Install(package.clone()));
        }
        for package in packages.iter().rev() {
            turned.add(Line::Install(package.clone()));
        }
        prop_assert_eq!(list.to_install(), turned.to_install());
        prop_assert_eq!(list.to_fetch(), turned.to_fetch());
    }
}

#[test]
fn what_commands_read() {
    let mut list = PackageList::default();
    list.add(Line::Install(package("jq", "1:1.6-2")));
    list.add(Line::Manual("bash".to_owned(), "amd64".to_owned()));
    list.add(Line::Remove("chrony".to_owned(), "amd64".to_owned()));
    let digest = sha256("a");
    assert_eq!(
        list.to_fetch(),
        format!("{digest} 10 jq_1%3a1.6-2_amd64.deb http://archive.test/pool/jq.deb\n")
    );
    assert_eq!(
        list.to_install(),
        format!(
            "install jq amd64 1:1.6-2 {digest} manual jq_1%3a1.6-2_amd64.deb\n\
             manual bash amd64\nremove chrony amd64\n"
        )
    );
    let lines: Vec<String> = list.lines().map(|line| line.to_string()).collect();
    assert_eq!(
        lines[0],
        format!("install jq amd64 1:1.6-2 {digest} 10 manual http://archive.test/pool/jq.deb")
    );
    assert_eq!(lines.len(), 3);
}

#[test]
fn a_line_of_another_form_is_refused_with_what_it_lacks() {
    let digest = sha256("a");
    let install = |words: &str| format!("install {words}");
    for (line, expected) in [
        (String::new(), "a line is"),
        ("install jq".to_owned(), "a line is"),
        (
            install("jq amd64 1.6 abc 10 manual http://a"),
            "64 hexadecimal",
        ),
        (
            install(&format!(
                "jq amd64 1.6 {} 10 manual http://a",
                digest.to_uppercase()
            )),
            "64 hexadecimal",
        ),
        (
            install(&format!("jq amd64 1.6 {digest} ten manual http://a")),
            "number of bytes",
        ),
        (
            install(&format!("jq amd64 1.6 {digest} 10 mine http://a")),
            "a mark is",
        ),
        (
            install(&format!("jq amd64 1.6 {digest} 10 manual ")),
            "address",
        ),
        (
            install(&format!("jq amd64 1.6 {digest} 10 manual http://'a")),
            "address",
        ),
        (
            install(&format!("jq amd64 -1 {digest} 10 manual http://a")),
            "version",
        ),
        (
            install(&format!("jq amd64 1$ {digest} 10 manual http://a")),
            "version",
        ),
        (
            install(&format!("Jq amd64 1.6 {digest} 10 manual http://a")),
            "no name",
        ),
        (
            install(&format!("-jq amd64 1.6 {digest} 10 manual http://a")),
            "no name",
        ),
        ("manual jq AMD".to_owned(), "architecture"),
        ("manual jq -a".to_owned(), "architecture"),
        ("remove j/q amd64".to_owned(), "no name"),
        ("manual  amd64".to_owned(), "no name"),
    ] {
        let error = Line::parse(&line).unwrap_err().to_string();
        assert!(error.contains(expected), "{line}: {error}");
    }
}

#[test]
fn changes_are_told_package_by_package() {
    let list = |packages: &[(&str, &str)]| {
        let mut list = PackageList::default();
        for (name, version) in packages {
            list.add(Line::Install(package(name, version)));
        }
        list
    };
    let before = list(&[("curl", "7.88"), ("libcurl4", "7.88-10"), ("old", "1")]);
    let now = list(&[("curl", "7.88"), ("libcurl4", "7.88-11"), ("new", "2")]);
    assert_eq!(
        now.changes_since(&before),
        [
            "libcurl4 7.88-10 → 7.88-11",
            "new 2 is new",
            "old 1 is gone"
        ]
    );
    assert!(now.changes_since(&now).is_empty());
}
