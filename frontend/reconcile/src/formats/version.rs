//! The order of Debian versions, as deb-version(7) defines it.
//!
//! A version has an epoch, an upstream version and a revision. The last two alternate between runs without
//! digits and runs of digits. `~` sorts before the end, the end before letters, and letters before all other
//! signs; digits form numbers of any length. The order is total, so texts that are not versions have a
//! place in it too.

use std::cmp::Ordering;

/// Compares two versions as `dpkg --compare-versions` does.
pub(crate) fn compare(one: &[u8], two: &[u8]) -> Ordering {
    let [one, two] = [split_version(one), split_version(two)];
    let each = one.into_iter().zip(two);
    each.map(|(one, two)| compare_part(one, two))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// Splits a version into epoch, upstream version and revision. A missing part is empty, which equals `0`.
fn split_version(version: &[u8]) -> [&[u8]; 3] {
    let version = version.trim_ascii();
    let (epoch, rest) = match version.iter().position(|byte| *byte == b':') {
        Some(colon) => (&version[..colon], &version[colon + 1..]),
        None => (&version[..0], version),
    };
    match rest.iter().rposition(|byte| *byte == b'-') {
        Some(hyphen) => [epoch, &rest[..hyphen], &rest[hyphen + 1..]],
        None => [epoch, rest, &rest[..0]],
    }
}

fn compare_part(mut one: &[u8], mut two: &[u8]) -> Ordering {
    while !(one.is_empty() && two.is_empty()) {
        let [first, second] = [take_run(&mut one, false), take_run(&mut two, false)];
        let length = first.len().max(second.len());
        let weights = |run: &[u8]| -> Vec<i32> {
            (0..length).map(|at| weigh(run.get(at).copied())).collect()
        };
        let order = weights(first).cmp(&weights(second)).then_with(|| {
            let [first, second] = [take_run(&mut one, true), take_run(&mut two, true)];
            let number = |digits: &'_ [u8]| {
                let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
                digits[zeros..].to_vec()
            };
            let [first, second] = [number(first), number(second)];
            (first.len(), first).cmp(&(second.len(), second))
        });
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

/// Takes the leading bytes that are all digits, or all something else.
fn take_run<'a>(bytes: &mut &'a [u8], is_of_digits: bool) -> &'a [u8] {
    let end = bytes
        .iter()
        .position(|byte| byte.is_ascii_digit() != is_of_digits);
    let (run, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
    *bytes = rest;
    run
}

fn weigh(byte: Option<u8>) -> i32 {
    match byte {
        Some(b'~') => -1,
        None => 0,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(byte),
        Some(byte) => i32::from(byte) + 256,
    }
}
