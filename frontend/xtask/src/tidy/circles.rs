//! Files of a crate must not import each other in a circle, or none of them can be read first.
//!
//! A module and the modules below it may know each other, because they are one thing in several files.
//! Tests may import anything.

mod imports;
mod modules;
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::tidy::circles::imports::{Imports, read_imports};
use crate::tidy::rust_files;

#[test]
fn no_files_import_each_other_in_a_circle() {
    let files: BTreeMap<String, String> = rust_files()
        .map(|(path, text)| (path.display().to_string(), text))
        .collect();
    let imports = roots(&files).map(|root| read_imports(root, &files).count());
    let (crates, imports) = imports.fold((0, 0), |(crates, sum), count| (crates + 1, sum + count));
    assert!(
        crates > 9 && imports > 300,
        "only {imports} imports were found in {crates} crates"
    );
    let circles = find_circles(&files);
    assert!(
        circles.is_empty(),
        "files import each other in circles:\n{}",
        circles.join("\n")
    );
}

/// The root files of crates.
fn roots(files: &BTreeMap<String, String>) -> impl Iterator<Item = &String> {
    let is_root = |path: &&String| path.ends_with("src/lib.rs") || path.ends_with("src/main.rs");
    files.keys().filter(is_root)
}

/// Finds the circles of all crates among these files. Each knot of files is written as its shortest circle,
/// with the names that each file imports.
fn find_circles(files: &BTreeMap<String, String>) -> Vec<String> {
    let circles = roots(files).flat_map(|root| {
        let imports = read_imports(root, files);
        let all = imports.modules.keys().map(String::as_str).collect();
        let knots = find_knots(&imports, &all);
        let written: Vec<String> = knots.iter().map(|knot| write(&imports, knot)).collect();
        written
    });
    circles.collect()
}

/// Finds the sets of files in which each file reaches every other one by imports. A file that has all others
/// of its set below itself is left out, since it may know them and they may know it.
fn find_knots<'a>(imports: &Imports, files: &BTreeSet<&'a str>) -> Vec<BTreeSet<&'a str>> {
    let mut knots = Vec::new();
    let mut left = files.clone();
    while let Some(file) = left.pop_first() {
        let reached = find_reached(imports, files, file);
        let is_tied = |other: &&&str| find_reached(imports, files, other).contains(file);
        let mut knot: BTreeSet<&str> = reached.iter().filter(is_tied).copied().collect();
        left.retain(|other| !knot.contains(other));
        if knot.len() > 1 {
            match find_head(imports, &knot) {
                None => knots.push(knot),
                Some(head) => {
                    knot.remove(head);
                    knots.extend(find_knots(imports, &knot));
                }
            }
        }
    }
    knots
}

/// Finds the files that a file reaches by imports among these files.
fn find_reached<'a>(imports: &Imports, among: &BTreeSet<&'a str>, from: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut next = imports.imported_by(from, among);
    while let Some(file) = next.pop() {
        if reached.insert(file) {
            next.extend(imports.imported_by(file, among));
        }
    }
    reached
}

/// The file that has all others below itself, if one has.
fn find_head<'a>(imports: &Imports, files: &BTreeSet<&'a str>) -> Option<&'a str> {
    let is_head = |head: &&str| {
        let mut others = files.iter().filter(|other| *other != head);
        others.all(|other| imports.is_below(other, head))
    };
    files.iter().copied().find(is_head)
}

/// Finds the shortest way from one file to another by imports among these files; not empty even where the
/// two are the same.
fn find_way<'a>(
    imports: &Imports,
    among: &BTreeSet<&'a str>,
    from: &str,
    to: &str,
) -> Option<Vec<&'a str>> {
    let first = imports.imported_by(from, among).into_iter();
    let mut ways: VecDeque<Vec<&str>> = first.map(|file| vec![file]).collect();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        let last = *way.last()?;
        if last == to {
            return Some(way);
        }
        if seen.insert(last) {
            let next = imports.imported_by(last, among).into_iter();
            ways.extend(next.map(|file| [&way[..], &[file]].concat()));
        }
    }
    None
}

/// The shortest forbidden circle of a knot, as text.
fn write(imports: &Imports, knot: &BTreeSet<&str>) -> String {
    let pairs = knot
        .iter()
        .flat_map(|from| knot.iter().map(move |to| (*from, *to)));
    let circles = pairs.filter_map(|(from, to)| {
        imports.names(from, to)?;
        let mut circle = vec![from, to];
        circle.extend(find_way(imports, knot, to, from)?);
        Some(circle)
    });
    let is_forbidden =
        |circle: &Vec<&str>| find_head(imports, &circle.iter().copied().collect()).is_none();
    let shortest = circles.filter(is_forbidden).min_by_key(Vec::len);
    let shortest = shortest.unwrap_or_else(|| knot.iter().copied().collect());
    let steps = shortest.windows(2).map(|step| {
        let names = imports.names(step[0], step[1]).into_iter().flatten();
        let names = names.map(String::as_str).collect::<Vec<_>>().join(", ");
        format!("{} imports {names} from\n    ", step[0])
    });
    let steps: String = steps.collect();
    let last = shortest.last().copied().unwrap_or_default();
    let others = match knot.len() - (shortest.len() - 1) {
        0 => String::new(),
        count => format!(" ({count} more files are in this knot)"),
    };
    format!("  {steps}{last}{others}")
}
