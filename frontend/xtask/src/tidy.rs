//! What keeps the repository itself in order, as tests.

mod circles;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

use source::Code;

use crate::process::cargo;
use crate::repository::{self, root};

fn files() -> Vec<PathBuf> {
    repository::files().expect("git runs")
}

fn text(path: &Path) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_default()
}

fn rust_files() -> impl Iterator<Item = (PathBuf, String)> {
    let rust = files()
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "rs"));
    rust.map(|path| (path.clone(), text(&path)))
}

fn is_test(path: &Path) -> bool {
    let name = path.to_string_lossy();
    name.contains("/tests") || name.ends_with("tidy.rs")
}

#[test]
fn every_code_has_a_page_and_a_test() {
    for code in Code::ALL {
        let page = text(&PathBuf::from(format!("docs/codes/{code}.md")));
        for part in [
            format!("# {code}: "),
            "## What is wrong".into(),
            "## Example".into(),
            "## How to fix".into(),
        ] {
            assert!(page.contains(&part), "docs/codes/{code}.md has no {part:?}");
        }
        let is_tested = rust_files()
            .filter(|(path, _)| is_test(path) && !path.ends_with("tidy.rs"))
            .any(|(_, text)| text.contains(code.id()));
        assert!(is_tested, "no test shows {code}");
    }
    let pages = files()
        .into_iter()
        .filter(|path| path.starts_with("docs/codes"))
        .count();
    assert_eq!(
        pages,
        Code::ALL.len(),
        "docs/codes has a page that belongs to no code"
    );
}

#[test]
fn rust_files_say_what_they_are_and_stay_short() {
    for (path, text) in rust_files() {
        let path = path.display().to_string();
        let lines = text.lines().count();
        assert!(
            lines <= 800 || is_test(Path::new(&path)),
            "{path} has {lines} lines"
        );
        let is_described = text.starts_with("//!") || is_test(Path::new(&path));
        assert!(is_described, "{path} does not begin with `//!`");
    }
}

/// Registries are named by their clients and never by a host, so that a company's mirror serves as well.
#[test]
fn addresses_are_of_known_hosts() {
    const KNOWN: &[&str] = &[
        "example.com",
        "example.org",
        "github.com",
        "json-schema.org",
        "localhost",
        "127.0.0.1",
        "[::]",
        // Reserved for examples: RFC 2606.
        "example",
        // Services with the archives of distributions at each moment, for `snapshot`.
        "snapshot.debian.org",
        "snapshot.ubuntu.com",
        "spdx.dev",
        "spdx.org",
    ];
    for path in files() {
        let name = path.display().to_string();
        let is_data = name.ends_with("Cargo.lock") || name.starts_with("LICENSE");
        let generic = [
            "frontend/buildkit-llb/",
            "frontend/gateway/",
            "integration/",
        ];
        let is_about_addresses =
            is_test(&path) && generic.iter().any(|folder| name.starts_with(folder));
        if is_data || is_about_addresses || name.contains("/tests") || name.contains("/fixtures/") {
            continue;
        }
        for (number, line) in text(&path).lines().enumerate() {
            for scheme in ["http://", "https://"] {
                let Some((_, after)) = line.split_once(scheme) else {
                    continue;
                };
                let host = after
                    .split(['/', '"', '`', ' ', ')', '\'', '>', ','])
                    .next()
                    .unwrap_or("");
                let is_known = host.is_empty()
                    || host.starts_with(['{', '$', '…', '<', '%', '.', '('])
                    || KNOWN.iter().any(|known| {
                        host == *known
                            || host.starts_with(&format!("{known}:"))
                            || host.ends_with(&format!(".{known}"))
                    });
                assert!(is_known, "{name}:{} names the host {host:?}", number + 1);
            }
        }
    }
}

/// I5: pure crates depend on nothing that could do I/O.
#[test]
fn pure_crates_depend_on_a_closed_list() {
    let allowed = [
        ("source", ["annotate-snippets"].as_slice()),
        ("spec", &["source", "granit-parser", "serde_json"]),
        (
            "buildkit-llb",
            &["buildkit-proto", "prost", "sha2", "serde_json"],
        ),
        ("apt", &["thiserror"]),
        ("plan", &["source", "spec"]),
        (
            "compile",
            &[
                "apt",
                "buildkit-llb",
                "humantime",
                "plan",
                "reconcile",
                "source",
                "spec",
                "serde_json",
            ],
        ),
    ];
    for (name, allowed) in allowed {
        let manifest = text(&PathBuf::from(format!("frontend/{name}/Cargo.toml")));
        let section = manifest.split("[dependencies]").nth(1).unwrap_or_default();
        let section = section.split("\n[").next().unwrap_or_default();
        for line in section.lines().filter(|line| line.contains('=')) {
            let dependency = line.split(['.', ' ', '=']).next().unwrap_or_default();
            assert!(
                allowed.contains(&dependency),
                "{name} depends on {dependency}"
            );
        }
        let tree = cargo(&[
            "tree",
            "--offline",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--package",
            name,
        ])
        .output()
        .expect("cargo runs");
        let tree = String::from_utf8_lossy(&tree.stdout).into_owned();
        assert!(
            tree.starts_with(name),
            "cargo tree of {name} printed {tree:?}"
        );
        for forbidden in ["tokio ", "tonic ", "hyper "] {
            assert!(
                !tree.lines().any(|line| line.starts_with(forbidden)),
                "{name} brings {forbidden}"
            );
        }
    }
}

/// Configurations are compared by bytes, and `serde_json` sorts objects only without this feature.
#[test]
fn json_objects_are_sorted() {
    let tree = cargo(&[
        "tree",
        "--offline",
        "--edges",
        "features",
        "--invert",
        "serde_json",
    ])
    .output()
    .expect("cargo runs");
    let tree = String::from_utf8_lossy(&tree.stdout).into_owned();
    assert!(tree.contains("serde_json"), "cargo tree printed {tree:?}");
    assert!(
        !tree.contains("preserve_order"),
        "something turns on serde_json/preserve_order"
    );
}

#[test]
fn tests_are_neither_ignored_nor_expected_to_panic() {
    // Put together here, so that this file is not among its own findings.
    let words = [["#[ign", "ore"].concat(), ["should_", "panic"].concat()];
    for (path, text) in rust_files() {
        for word in &words {
            assert!(!text.contains(word), "{} has {word}", path.display());
        }
    }
}

/// Without its attribute, a test would start an engine where it should be reported as skipped.
#[test]
fn engine_tests_are_ignored_without_an_engine() {
    const NEED_NO_ENGINE: [&str; 3] = [
        "a_private_repository_answers_clients_with_the_token",
        "only_what_has_its_sha256_is_taken_from_the_cache",
        "two_files_may_have_one_content_and_each_must_be_there",
    ];
    let attribute = "#[cfg_attr(not(engine), ignore = ";
    let mut count = 0;
    for (path, text) in rust_files().filter(|(path, _)| path.starts_with("integration/tests/it")) {
        for test in text.split("#[test]\n").skip(1) {
            let (attributes, rest) = test.split_once("fn ").expect("a test is a function");
            let name = rest.split('(').next().unwrap_or_default();
            let is_ignored = attributes.contains(attribute);
            assert_eq!(
                is_ignored,
                !NEED_NO_ENGINE.contains(&name),
                "{}: `{name}` lacks `{attribute}…`, or needs no engine",
                path.display()
            );
            count += 1;
        }
    }
    assert!(count > 100, "only {count} tests were found");
}

#[test]
fn the_readme_names_commands_that_exist() {
    let readme = text(Path::new("README.md"));
    for command in ["cargo xtask demo", "cargo xtask test"] {
        assert!(
            readme.contains(command),
            "the README does not name `{command}`"
        );
    }
    let gate = text(Path::new(".ci/run"));
    assert!(
        gate.contains("cargo xtask test"),
        ".ci/run does not run the README's test command"
    );
}
