//! The pages in `docs/codes`: every code has one, and its example has the mistake that it explains.

use source::Code;

use crate::tests::{File, read};

fn page(code: Code) -> String {
    let path = format!("{}/../../docs/codes/{code}.md", env!("CARGO_MANIFEST_DIR"));
    #[expect(
        clippy::disallowed_methods,
        reason = "a test can read the documentation"
    )]
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn each_code_has_a_page_of_three_sections() {
    for code in Code::ALL {
        let page = page(*code);
        assert!(page.starts_with(&format!("# {code}: ")), "{code}");
        let sections: Vec<&str> = page
            .lines()
            .filter(|line| line.starts_with("## "))
            .collect();
        assert_eq!(
            sections,
            ["## What is wrong", "## Example", "## How to fix"],
            "{code}"
        );
    }
}

/// Mistakes that other crates report are not reported here.
#[test]
fn each_example_has_its_mistake_and_no_other() {
    for code in Code::ALL {
        let page = page(*code);
        let (_, example) = page.split_once("```yaml\n").unwrap();
        let (example, _) = example.split_once("```").unwrap();
        let is_extension = example.lines().any(|line| line.starts_with("name:"));
        let file = if is_extension {
            File::Extension
        } else {
            File::Image
        };
        let read = read(file, example);
        let is_found_later = code.id().starts_with("E02")
            || matches!(
                code,
                Code::UnknownArgument
                    | Code::OtherKey
                    | Code::SameAlternative
                    | Code::UnseenPackage
                    | Code::UnsetVariable
                    | Code::DuplicateUse
                    | Code::ForeignSecret
                    | Code::PasswordInAddress
                    | Code::ManyLayers
                    | Code::StaleLock
            );
        let mut codes = read.codes();
        codes.dedup();
        let expected = if is_found_later { vec![] } else { vec![*code] };
        assert_eq!(codes, expected, "{code}:\n{}", read.shown());
    }
}
