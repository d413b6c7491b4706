//! Tests of the search for circles, on small made-up crates.

use super::find_circles;

/// Files begin with `--- path`, below the crate's folder `src`.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let files = text.split("--- ").skip(1).map(|file| {
        let (name, text) = file.split_once('\n').expect("a file has a name");
        (format!("src/{name}"), text.to_owned())
    });
    let circles = find_circles(&files.collect());
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let circles: Vec<String> = circles.iter().map(|circle| words(circle)).collect();
    assert_eq!(circles, expected);
}

/// A circle of two files is found through this text of the first.
#[track_caller]
fn check_import(a: &str, names: &str) {
    let text = format!(
        "--- lib.rs\nmod a;\nmod b;\n--- a.rs\n{a}\n--- b.rs\nuse crate::a::A;\npub struct B;\n\
         pub mod inner {{ pub fn f() {{}} }}\n"
    );
    let circle = format!("src/a.rs imports {names} from src/b.rs imports A from src/a.rs");
    check(&text, &[&circle]);
}

#[test]
fn two_files() {
    check_import("use crate::b::B;", "B");
}

#[test]
fn three_files_and_one_that_is_not_in_the_circle() {
    check(
        "--- lib.rs
mod a; mod b; mod c; mod d;
--- a.rs
use crate::b::B;
--- b.rs
use crate::c::C;
use crate::d::D;
--- c.rs
use crate::a::A;
--- d.rs
pub struct D;
",
        &["src/a.rs imports B from src/b.rs imports C from src/c.rs imports A from src/a.rs"],
    );
}

#[test]
fn a_knot_is_written_as_its_shortest_circle() {
    check(
        "--- lib.rs
mod a; mod b; mod c;
--- a.rs
use crate::b::B;
--- b.rs
use crate::c::{C, d};
--- c.rs
use crate::{a::A, b::B};
",
        &[
            "src/b.rs imports C, d from src/c.rs imports B from src/b.rs \
          (1 more files are in this knot)",
        ],
    );
}

#[test]
fn every_form_of_use() {
    check_import(
        "use crate::{absent::{X, Y}, b::{inner::{self, f}, B}};",
        "B, f, inner",
    );
    check_import("use crate::b as other;", "b");
    check_import("use crate::b::*;", "b");
    check_import("use super::b::B;", "B");
    check_import("use crate::b::{self};", "b");
    check_import("use std::fmt;\npub(crate) use crate::b::B as Other;", "B");
    check_import("fn f() { use crate::b::B; }", "B");
}

#[test]
fn paths_in_code() {
    check_import("fn f() { crate::b::inner::f(); }", "f");
    check_import("fn f(b: super::b::B) {}", "B");
    check_import("impl From<crate::b::B> for A {}", "B");
    check_import("fn f() { println!(\"{}\", [crate::b::g(1)]) }", "g");
    check_import("macro_rules! m { () => { $crate::b::g() } }", "g");
}

#[test]
fn names_that_another_module_exports_again() {
    check(
        "--- lib.rs
mod a; mod b; mod c;
pub use crate::a::A;
pub use b::*;
--- a.rs
use crate::B;
pub struct A;
--- b.rs
use crate::c::Renamed;
pub struct B;
--- c.rs
pub use crate::A as Renamed;
",
        &[
            "src/a.rs imports B from src/b.rs imports Renamed from src/a.rs \
          (1 more files are in this knot)",
        ],
    );
    check(
        "--- lib.rs
mod a; mod b; mod c;
--- a.rs
pub struct A;
--- b.rs
use crate::c::A;
pub struct B;
--- c.rs
pub use crate::a::A;
use crate::b::B;
",
        &["src/b.rs imports A from src/c.rs imports B from src/b.rs"],
    );
    check(
        "--- lib.rs
mod a; mod b;
pub use crate::a::A;
--- a.rs
pub struct A;
--- b.rs
use crate::A;
",
        &[],
    );
}

#[test]
fn a_module_and_those_below_it_may_know_each_other() {
    check(
        "--- lib.rs
mod a; mod c;
pub const LIMIT: u32 = 1;
use crate::a::b::deep::f;
--- a.rs
pub mod b;
use self::b::B;
use crate::c::C;
pub struct A;
--- a/b.rs
pub mod deep;
use crate::a::A;
use crate::LIMIT;
--- a/b/deep.rs
use super::B;
use crate::a::A;
pub fn f() { crate::LIMIT; }
--- c.rs
use crate::LIMIT;
",
        &[],
    );
}

#[test]
fn modules_below_one_may_not_know_each_other_in_a_circle() {
    check(
        "--- lib.rs
mod a;
--- a.rs
mod b; mod c;
pub struct A;
--- a/b.rs
use super::{A, c::C};
--- a/c.rs
use crate::a::{A, b::B};
",
        &["src/a/b.rs imports C from src/a/c.rs imports B from src/a/b.rs"],
    );
}

#[test]
fn a_module_below_may_not_import_who_imports_the_one_above() {
    check(
        "--- lib.rs
mod a; mod c;
--- a.rs
mod b;
pub struct A;
--- a/b.rs
use crate::c::C;
--- c.rs
use crate::a::A;
",
        &["src/a.rs imports b from src/a/b.rs imports C from src/c.rs imports A from src/a.rs"],
    );
}

#[test]
fn tests_comments_and_strings_import_nothing() {
    check(
        "--- lib.rs
mod a; mod b;
--- a.rs
//! See [`crate::b::B`].
// use crate::b::B;
pub const TEXT: &str = \"use crate::b::B;\";
#[cfg(test)]
use crate::b::B;
#[cfg(test)]
mod tests { use crate::b::B; }
#[cfg(test)]
mod more;
#[test]
fn f() { crate::b::f(); }
--- a/more.rs
use crate::b::B;
--- b.rs
use crate::a::A;
",
        &[],
    );
}

#[test]
fn names_of_other_crates_are_not_modules() {
    check(
        "--- lib.rs
mod a; mod anyhow;
--- a.rs
use ::anyhow::Result;
use serde::b;
fn f() { b::g(); anyhow::bail!(1); }
--- anyhow.rs
use crate::a::A;
",
        &[],
    );
}
