//! The files in `fixtures/`. Those whose names begin with `bad_` have errors, the others have none.

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

/// The kind, the name and the text of every file.
pub(super) const FIXTURES: &[(File, &str, &str)] = fixtures! {
    Image "image":
        "arguments"
        "bad_argument"
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
        "bad_undeclared"
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
        "bad_key_file"
        "bad_mixed_network"
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
        "bad_secret"
        "bad_secret_places"
        "bad_secret_variable"
        "bad_shell"
        "bad_source_kind"
        "bad_ssh"
        "bad_stray_path"
        "bad_suite"
        "bad_test"
        "bad_two_kinds"
        "bad_undeclared"
        "bad_union"
        "bundle"
        "design"
        "files"
        "install"
        "secrets"
        "sources";
};

#[test]
fn every_file_is_listed() {
    for folder in ["image", "extension"] {
        let path = format!("{}/fixtures/{folder}", env!("CARGO_MANIFEST_DIR"));
        #[expect(clippy::disallowed_methods, reason = "a test can list its fixtures")]
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
