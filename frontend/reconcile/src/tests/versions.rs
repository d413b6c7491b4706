//! The order of versions, and the meaning of relations.

use std::cmp::Ordering;

use proptest::prelude::*;

use crate::formats::relations::{Operator, Relation, parse_groups, parse_relations};
use crate::formats::version::compare;

/// Examples from Debian's policy, 5.6.12, and from dpkg's own tests (`t/Dpkg_Version.t`). In the first list the
/// left version is earlier, in the second both are equal.
const EARLIER: &[(&str, &str)] = &[
    ("1~~", "1~~a"),
    ("1~~a", "1~"),
    ("1~", "1"),
    ("1", "1a"),
    ("1.0~beta1~svn1245", "1.0~beta1"),
    ("1.0~beta1", "1.0"),
    ("1.0", "1.0-1"),
    ("1.0-1~bpo12+1", "1.0-1"),
    ("1.0-1", "1.0-1+b1"),
    ("1.0-1+deb12u9", "1.0-1+deb12u10"),
    ("1.0-2", "1.0-10"),
    ("1.0-1", "2.0-1"),
    ("2.2~rc-4", "2.2-1"),
    ("1.0", "1:0.1"),
    ("9:0", "10:0"),
    ("1.0a", "1.0+"),
    ("1.0a", "1.0b"),
    ("1.0Z", "1.0a"),
    ("1.0", "1.0.0a"),
    ("1.2-0", "1.2-0.1"),
    ("1-2", "1-1-1"),
    ("0-pre", "0-pree"),
    ("1.1.6r-1.1r", "1.1.6r2-1"),
    ("2.6b-2", "2.6b2-1"),
    ("98.1p5-1", "98.1-pre2-b6-2"),
    ("0.4-1", "0.4a6-2"),
    ("1.18446744073709551616", "1.18446744073709551617"),
];
const EQUAL: &[(&str, &str)] = &[
    ("1.0", "1.0-0"),
    ("1.0", "0:1.0"),
    ("1.0", "1.00"),
    ("1.0-1", "1.0-01"),
    ("0", "0-0"),
];

#[test]
fn versions_are_in_dpkgs_order() {
    for (one, two) in EARLIER {
        let [one, two] = [one.as_bytes(), two.as_bytes()];
        let orders = (compare(one, two), compare(two, one));
        assert_eq!(
            orders,
            (Ordering::Less, Ordering::Greater),
            "{one:?} {two:?}"
        );
    }
    for (one, two) in EQUAL {
        assert_eq!(
            compare(one.as_bytes(), two.as_bytes()),
            Ordering::Equal,
            "{one} {two}"
        );
    }
}

type Comparison = fn(&[u8], &[u8]) -> Ordering;

/// Versions with many of the characters that have a meaning.
fn versions() -> impl Strategy<Value = String> {
    "([0-2]:)?[012a~+.-]{0,6}"
}

fn is_antisymmetric(compare: Comparison, one: &str, two: &str) -> bool {
    let [one, two] = [one.as_bytes(), two.as_bytes()];
    compare(one, two) == compare(two, one).reverse() && compare(one, one).is_eq()
}

fn is_transitive(compare: Comparison, [one, two, three]: [&str; 3]) -> bool {
    let order = |one: &str, two: &str| compare(one.as_bytes(), two.as_bytes());
    let is_chain = order(one, two).is_le() && order(two, three).is_le();
    let is_strict = order(one, two).is_lt() || order(two, three).is_lt();
    let ends = order(one, three);
    !is_chain
        || if is_strict {
            ends.is_lt()
        } else {
            ends.is_eq()
        }
}

proptest! {
    #[test]
    fn the_order_is_total(one in versions(), two in versions(), three in versions()) {
        prop_assert!(is_antisymmetric(compare, &one, &two));
        prop_assert!(is_transitive(compare, [&one, &two, &three]));
    }

    #[test]
    fn a_tilde_sorts_earlier_and_a_letter_later(version in "[0-9][0-9a-z.+~]{0,5}") {
        let with = |end: &str| compare(format!("{version}{end}").as_bytes(), version.as_bytes());
        prop_assert_eq!(with("~x"), Ordering::Less);
        prop_assert_eq!(with("x"), Ordering::Greater);
    }

    #[test]
    fn relations_are_parsed_as_they_are_written(
        name in "[a-z][a-z0-9.+-]{1,6}",
        architecture in prop::option::of("(any|amd64|i386)"),
        version in prop::option::of("(<<|<=|=|>=|>>) [0-9][0-9a-z:~.-]{0,4}"),
    ) {
        let architecture = architecture.map(|word| format!(":{word}")).unwrap_or_default();
        let version = version.map(|words| format!(" ({words})")).unwrap_or_default();
        let text = format!("{name}{architecture}{version}");
        let list = format!("first, {text} | other,\n second (= 1)");
        let groups = parse_groups(list.as_bytes());
        prop_assert_eq!(groups.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2, 1]);
        let read = groups[1][0];
        prop_assert_eq!(read.written, text.as_bytes());
        prop_assert_eq!(read.name, name.as_bytes());
        prop_assert_eq!(read.architecture.is_some(), !architecture.is_empty());
        prop_assert_eq!(read.version.is_some(), !version.is_empty());
    }
}

// The mutants: the properties above must not hold for code that is wrong.

#[test]
fn mutant_that_only_knows_less_is_not_antisymmetric() {
    let mutant: Comparison = |one, two| match compare(one, two) {
        Ordering::Less => Ordering::Less,
        _ => Ordering::Greater,
    };
    assert!(!is_antisymmetric(mutant, "1", "1.0-0"));
}

#[test]
fn mutant_that_compares_numbers_only_if_both_are_plain_is_not_transitive() {
    let mutant: Comparison = |one, two| {
        let is_plain = |version: &[u8]| version.iter().all(u8::is_ascii_digit);
        if is_plain(one) && is_plain(two) {
            one.len().cmp(&two.len()).then(one.cmp(two))
        } else {
            one.cmp(two)
        }
    };
    assert!(is_antisymmetric(mutant, "10", "9"));
    assert!(!is_transitive(mutant, ["9", "10", "10a"]));
}

#[test]
fn mutant_that_compares_bytes_gets_tildes_and_numbers_wrong() {
    let mutant: Comparison = |one, two| one.cmp(two);
    let is_wrong = |pair: &&(&str, &str)| mutant(pair.0.as_bytes(), pair.1.as_bytes()).is_ge();
    assert!(EARLIER.iter().filter(is_wrong).count() > 5);
    assert_eq!(mutant(b"1~x", b"1"), Ordering::Greater);
}

fn relation(text: &str) -> Relation<'_> {
    parse_relations(text.as_bytes())[0]
}

#[test]
fn operators_follow_the_policy() {
    let cases = [
        ("<<", [true, false, false]),
        ("<=", [true, true, false]),
        ("<", [true, true, false]),
        ("=", [false, true, false]),
        (">=", [false, true, true]),
        (">", [false, true, true]),
        (">>", [false, false, true]),
    ];
    for (operator, expected) in cases {
        let text = format!("x ({operator} 2)");
        let admitted = ["1", "2", "3"].map(|version| relation(&text).admits(version.as_bytes()));
        assert_eq!(admitted, expected, "{operator}");
    }
    assert!(Operator::Earlier.holds(b"1~rc1", b"1"));
}

#[test]
fn provided_names_have_the_version_that_they_give() {
    let provided = ["x", "x (= 2)"].map(relation);
    let admitted = |text: &str| provided.map(|one| relation(text).admits_provided(&one));
    assert_eq!(admitted("x"), [true, true]);
    assert_eq!(admitted("x (>= 2)"), [false, true]);
    assert_eq!(admitted("x (>> 2)"), [false, false]);
}

#[test]
fn relations_apply_to_one_architecture_or_all() {
    let is_of = |text: &str, architecture: &str| {
        relation(text).is_for_architecture(architecture.as_bytes(), b"amd64")
    };
    assert!(is_of("x", "i386") && is_of("x:any", "i386") && is_of("x:i386", "i386"));
    assert!(is_of("x:amd64", "all") && is_of("x:native (<< 2)", "amd64"));
    assert!(!is_of("x:i386", "all") && !is_of("x:amd64", "i386"));
}
