//! The catalogue of the repository: every extension in it is complete, and the binary contains it.

use std::path::Path;

use source::{Diagnostics, Sources, render};
use spec::{Extension, ExtensionName, parse_extension};

use crate::CatalogueFiles;
use crate::catalogue::ExtensionFiles;
use crate::tests::catalogue;

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../extensions")
}

fn names() -> Vec<ExtensionName> {
    let names = CatalogueFiles::in_folder(folder()).names();
    let entries = std::fs::read_dir(folder()).unwrap();
    let folders = entries.filter(|entry| entry.as_ref().unwrap().path().is_dir());
    assert_eq!(names.len(), folders.count(), "each folder is an extension");
    assert!(!names.is_empty());
    names
}

/// Reads an extension of the catalogue, which must have neither errors nor warnings.
fn read(name: &ExtensionName) -> Extension {
    let mut diagnostics = Diagnostics::new();
    let mut sources = Sources::new();
    let files = CatalogueFiles::in_folder(folder()).read(name).unwrap();
    let id = sources.add(name.as_str(), files.unwrap().definition);
    let extension = parse_extension(&mut diagnostics, &sources, id);
    let said: String = diagnostics
        .iter()
        .map(|one| render(&sources, one))
        .collect();
    assert_eq!(said, "");
    extension.unwrap()
}

#[test]
fn every_extension_is_sound_and_described_and_tested() {
    for name in names() {
        let extension = read(&name);
        assert_eq!(extension.name.value, name);
        let description = extension.description.map(|text| text.value);
        assert!(
            description.is_some_and(|text| text.len() > 10),
            "{name} has no description"
        );
        assert!(!extension.tests.is_empty(), "{name} has no tests");
        for test in extension.tests {
            assert!(
                test.expect.is_some(),
                "{name} has a test that expects nothing"
            );
        }
    }
}

/// Registries are reached through their own clients, so that mirrors and proxies are used.
#[test]
fn no_extension_names_the_host_of_a_registry() {
    const ENDINGS: &[&str] = &[".org", ".com", ".net", ".io", ".dev"];
    for name in names() {
        let definition = folder().join(name.as_str()).join("extension.yaml");
        let text = std::fs::read_to_string(definition).unwrap();
        let is_of_a_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '.';
        for word in text.split(|letter| !is_of_a_word(letter)) {
            let is_host = ENDINGS.iter().any(|ending| word.ends_with(ending));
            assert!(!is_host, "{name} names the host {word}");
        }
    }
}

#[test]
fn every_requirement_is_in_the_catalogue() {
    let names = names();
    for name in &names {
        for requirement in read(name).requires {
            assert!(
                names.contains(&requirement.value),
                "{name} requires {}",
                requirement.value
            );
        }
    }
}

fn read_files(catalogue: &CatalogueFiles, name: &ExtensionName) -> ExtensionFiles {
    let files = catalogue.read(name).unwrap();
    files.unwrap_or_else(|| panic!("there is no {name}"))
}

#[test]
fn the_catalogue_is_in_the_binary() {
    let (binary, disk) = (
        CatalogueFiles::with_folder("/nowhere"),
        CatalogueFiles::in_folder(folder()),
    );
    assert_eq!(binary.names(), names());
    for name in names() {
        let (embedded, written) = (read_files(&binary, &name), read_files(&disk, &name));
        assert_eq!(embedded.definition, written.definition, "{name}");
        assert_eq!(embedded.others, written.others, "{name}");
    }
    let unknown = ExtensionName::new("unknown").unwrap();
    assert!(binary.read(&unknown).unwrap().is_none());
}

#[test]
fn the_folder_of_an_organization_is_in_front_of_the_binary() {
    let own = catalogue(&[
        ("mine/extension.yaml", "name: mine\n"),
        ("uv/extension.yaml", "name: uv\nenvironment: { OWN: x }\n"),
        ("uv/own", "x"),
    ]);
    let catalogue = CatalogueFiles::with_folder(own.path());
    let [mine, uv, git] = ["mine", "uv", "git"].map(|name| ExtensionName::new(name).unwrap());
    let mut expected = names();
    expected.push(mine.clone());
    expected.sort();
    assert_eq!(catalogue.names(), expected);
    assert_eq!(read_files(&catalogue, &mine).definition, "name: mine\n");
    let uv = read_files(&catalogue, &uv);
    assert!(uv.definition.contains("OWN"));
    assert_eq!(uv.others.keys().collect::<Vec<_>>(), ["own"]);
    assert!(read_files(&catalogue, &git).definition.contains("git"));
}
