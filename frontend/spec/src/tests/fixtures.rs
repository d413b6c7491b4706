//! The files below `fixtures/`: those that begin with `bad_` have errors, the others have none.

use crate::tests::{File, read};

macro_rules! fixtures {
    ($($file:ident $folder:literal: $($name:literal)*;)*) => {
        &[$($((
            File::$file,
            $name,
            include_str!(concat!("../../fixtures/", $folder, "/", $name, ".yaml")),
        ),)*)*]
    };
}

/// What each file is, its name, and its text.
pub(super) const FIXTURES: &[(File, &str, &str)] = fixtures! {
    Image "image":
        "bad_base"
        "bad_entry"
        "bad_folder"
        "bad_inline"
        "bad_lone_name"
        "bad_no_base"
        "bad_no_value"
        "bad_packages"
        "bad_parameter"
        "bad_path"
        "bad_planned"
        "bad_unknown_key"
        "bad_variable"
        "bad_wrong_kinds"
        "design"
        "minimal"
        "written_text";
    Extension "extension":
        "bad_architecture"
        "bad_checksum"
        "bad_commit"
        "bad_duplicate_key"
        "bad_empty_step"
        "bad_file_content"
        "bad_hosts"
        "bad_mode"
        "bad_name"
        "bad_network"
        "bad_no_checksum"
        "bad_no_commit"
        "bad_no_steps"
        "bad_output"
        "bad_outputs_mapping"
        "bad_owner"
        "bad_parameter"
        "bad_planned"
        "bad_range"
        "bad_root_output"
        "bad_same_name"
        "bad_shell"
        "bad_source_kind"
        "bad_stray_path"
        "bad_test"
        "bad_two_kinds"
        "bad_undeclared"
        "bundle"
        "design"
        "files"
        "sources";
};

#[test]
fn every_file_is_listed() {
    for folder in ["image", "extension"] {
        let path = format!("{}/fixtures/{folder}", env!("CARGO_MANIFEST_DIR"));
        #[expect(clippy::disallowed_methods, reason = "a test may look at its fixtures")]
        let files = std::fs::read_dir(path).unwrap();
        for file in files {
            let name = file.unwrap().file_name().into_string().unwrap();
            let name = name.strip_suffix(".yaml").unwrap();
            assert!(
                FIXTURES.iter().any(|(_, listed, _)| *listed == name),
                "{name}"
            );
        }
    }
}

#[test]
fn bad_files_have_errors_and_others_have_none() {
    for (file, name, text) in FIXTURES {
        let read = read(*file, text);
        let is_bad = name.starts_with("bad_");
        assert_eq!(
            is_bad,
            read.diagnostics.has_errors(),
            "{name}:\n{}",
            read.shown()
        );
    }
}

/// What a file says, without places and the names of types, a value of the top level a line.
fn tree(name: &str) -> String {
    let (kind, name) = name.split_once('/').unwrap();
    let file = if kind == "image" {
        File::Image
    } else {
        File::Extension
    };
    let is_meant = |(of, listed, _): &&(File, &str, &str)| *of == file && *listed == name;
    let (_, _, text) = FIXTURES.iter().find(is_meant).unwrap();
    let read = read(file, text);
    let shown = match (&read.image, &read.extension) {
        (Some(image), _) => format!("{image:?}"),
        (_, Some(extension)) => format!("{extension:?}"),
        _ => panic!("{name} is well:\n{}", read.shown()),
    };
    let mut plain = without_places(&shown);
    for key in KEYS {
        plain = plain.replace(&format!(", {key}: "), &format!("\n{key}: "));
    }
    plain
}

/// The fields that begin a line.
const KEYS: &[&str] = &[
    "extensions",
    "packages",
    "environment",
    "workdir",
    "labels",
    "parameters",
    "requires",
    "build",
    "install",
    "shell",
    "tests",
    "sources",
    "steps",
    "outputs",
    "files",
    "used",
    "kind",
    "path",
];

fn without_places(shown: &str) -> String {
    let mut plain = String::new();
    let mut rest = shown;
    while let Some(at) = rest.find("span: Span { ") {
        plain.push_str(rest[..at].trim_end_matches([',', ' ']));
        // `} }` ends a span that is the last field of its value.
        let end = rest[at..].find('}').unwrap() + at + 1;
        rest = &rest[end..];
    }
    plain.push_str(rest);
    for word in [
        "Spanned { value: ",
        "ExtensionName(",
        "ParameterName(",
        "VariableName(",
        "PackageName(",
        "ImagePath(",
        "SourceName(",
        "Sha256(",
        "ImageReference(",
        "Some(",
    ] {
        plain = unwrapped(&plain, word);
    }
    plain
}

/// Removes `word` and the bracket that closes what it opens.
fn unwrapped(shown: &str, word: &str) -> String {
    let mut plain = String::new();
    let mut rest = shown;
    while let Some(at) = rest.find(word) {
        plain.push_str(&rest[..at]);
        rest = &rest[at + word.len()..];
        let mut depth = 0;
        let mut in_text = false;
        let mut last = ' ';
        let end = rest
            .find(|letter| {
                if letter == '"' && last != '\\' {
                    in_text = !in_text;
                }
                last = letter;
                match letter {
                    _ if in_text => {}
                    '(' | '{' | '[' => depth += 1,
                    ')' | '}' | ']' => depth -= 1,
                    _ => {}
                }
                depth < 0
            })
            .unwrap();
        let inner = unwrapped(rest[..end].trim_end(), word);
        plain.push_str(&inner);
        rest = &rest[end + 1..];
    }
    plain.push_str(rest);
    plain
}

#[test]
fn image_design() {
    insta::assert_snapshot!(tree("image/design"), @"");
}

#[test]
fn image_written_text() {
    insta::assert_snapshot!(tree("image/written_text"), @"");
}

#[test]
fn extension_design() {
    insta::assert_snapshot!(tree("extension/design"), @"");
}

#[test]
fn extension_sources() {
    insta::assert_snapshot!(tree("extension/sources"), @"");
}

#[test]
fn extension_files() {
    insta::assert_snapshot!(tree("extension/files"), @"");
}
