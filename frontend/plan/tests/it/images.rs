//! The images that a plan needs, and what each is for.

use fixtures::random::SHA256;
use spec::ExtensionName;

use crate::resolved;

#[test]
fn images_are_those_that_commands_run_on_and_those_that_files_come_from() {
    let text = format!(
        "//- image.yaml\nbase: ubuntu:24.04\nextensions:\n  - name: a\n    build:\n      \
         on: alpine:3.20\n      steps: [make]\n      sources:\n        \
         - {{ image: \"busybox:1.36\", to: a }}\n        \
         - {{ image: \"golang:1.23\", to: b }}\n        \
         - {{ pypi: uv==1.0, sha256: {SHA256}, to: c }}\n  \
         - name: b\n    build: {{ on: \"busybox:1.36\", steps: [make] }}\n"
    );
    let resolved = resolved(&text);
    let plan = resolved.plan.as_ref().unwrap();
    let images = plan.images().into_iter().map(|(image, used)| {
        let line = resolved.sources.start(used.span).line;
        format!("{image} runs {} line {line}", used.runs_commands)
    });
    // An image that commands run on is blamed where they do, even if files are copied from it too.
    insta::assert_snapshot!(images.collect::<Vec<_>>().join("\n"), @"
    alpine:3.20 runs true line 4
    busybox:1.36 runs true line 12
    debian:bookworm runs true line 10
    golang:1.23 runs false line 9
    ubuntu:24.04 runs true line 1
    ");
}

#[test]
fn requirements_are_the_extensions_an_extension_builds_on() {
    let text = "//- image.yaml\nbase: ubuntu:24.04\nextensions: [c, d]\n\
                //- extensions/a/extension.yaml\nname: a\n\
                //- extensions/b/extension.yaml\nname: b\nrequires: [a]\n\
                //- extensions/c/extension.yaml\nname: c\nrequires: [b]\n\
                //- extensions/d/extension.yaml\nname: d\n";
    let resolved = resolved(text);
    let plan = resolved.plan.as_ref().unwrap();
    let requirements = plan.extensions.iter().map(|extension| {
        let found = plan.extension(&extension.name).unwrap();
        let names = plan.requirements(found).into_iter();
        let names: Vec<&str> = names.map(|one| one.name.as_str()).collect();
        format!("{}: {names:?}", found.name)
    });
    insta::assert_snapshot!(requirements.collect::<Vec<_>>().join("\n"), @r#"
    a: []
    b: ["a"]
    c: ["a", "b"]
    d: []
    "#);
    assert!(plan.extension(&ExtensionName::new("e").unwrap()).is_none());
}
