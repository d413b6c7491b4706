//! `# check=` and the warnings that it hides.

use source::{Code, Diagnostics, Sources, render};

use crate::{WarningRules, warning_rules};

fn rules(text: &str) -> (WarningRules, String) {
    let mut sources = Sources::new();
    let id = sources.add("inlay.yaml", text);
    let mut diagnostics = Diagnostics::new();
    let rules = warning_rules(&mut diagnostics, &sources, id);
    let said = diagnostics
        .iter()
        .map(|one| render(&sources, one))
        .collect();
    (rules, said)
}

#[test]
fn a_warning_is_shown_unless_it_is_skipped() {
    let shows = |text: &str| WarningRules::parse(text).unwrap().shows(Code::Unverified);
    assert!(
        shows("")
            && shows("error=true")
            && shows("skip=W0002")
            && shows("skip=JSONArgsRecommended")
    );
    assert!(!shows("skip=W0001") && !shows("skip= W0002 , W0001 ;") && !shows("skip=all"));
    assert!(
        WarningRules::parse("skip=all,E0101")
            .unwrap()
            .shows(Code::UnknownKey)
    );
}

#[test]
fn warnings_fail_the_build_if_asked() {
    let fails = |text: &str| WarningRules::parse(text).unwrap().fails;
    assert!(fails("error=true") && fails("skip=X; error = 1"));
    assert!(!fails("") && !fails("error=false") && !fails("experimental=all"));
}

#[test]
fn unknown_rules_are_reported() {
    for (text, said) in [
        ("skip", "`skip` is not of the form `skip=…` or `error=true`"),
        (
            "error=yes",
            "`error=yes` must be `error=true` or `error=false`",
        ),
        ("skips=W0001", "`skips` must be `skip` or `error`"),
    ] {
        assert_eq!(WarningRules::parse(text).unwrap_err(), said);
    }
}

#[test]
fn the_comments_at_the_beginning_are_read() {
    let skipped = WarningRules::parse("skip=W0001").unwrap();
    for text in [
        "# check=skip=W0001\nbase: x\n",
        "\u{feff}#syntax=x\n\n# Check = skip=W0001 \r\nbase: x",
        "#!/usr/bin/x\n# syntax=x\n# yaml-language-server: $schema=y\n# check=skip=W0001",
    ] {
        assert_eq!(rules(text), (skipped.clone(), String::new()), "{text}");
    }
    for text in [
        "",
        "base: x\n# check=skip=W0001\n",
        "# checks=skip=W0001\n",
        "# check skip=W0001\n",
    ] {
        assert_eq!(
            rules(text),
            (WarningRules::default(), String::new()),
            "{text}"
        );
    }
}

#[test]
fn e0104_malformed_check() {
    let (rules, said) = rules("# syntax=x\n# check=skip=W0001;fail=true\nbase: x\n");
    assert_eq!(rules, WarningRules::default());
    insta::assert_snapshot!(said, @"
    error[E0104]: `fail` must be `skip` or `error`
     --> inlay.yaml:2:1
      |
    2 | # check=skip=W0001;fail=true
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write `# check=skip=W0001;error=true`, or a part of it
    ");
}
