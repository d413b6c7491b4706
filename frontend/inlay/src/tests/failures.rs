//! Builds that fail and what users see of it, and the warnings of builds that do not.

use gateway::fake::Script;

use crate::tests::{Built, build, build_with, script, shown};

#[tokio::test]
async fn all_problems_of_a_spec_are_reported_with_their_lines() {
    let spec = "base: ubuntu:24.04\nextension: [a]\nworkdir: relative\n";
    insta::assert_snapshot!(shown(build(script(spec), &[]).await.failure()), @"
    2 problems:
      inlay.yaml:2:1: unknown key `extension` [E0101]; help: did you mean `extensions`?
      inlay.yaml:3:10: `relative` is not a valid path in the image: it must begin with `/` [E0104]
    inlay.yaml 2-2: extension: [a]
    inlay.yaml 3-3: workdir: relative
    ");
}

#[tokio::test]
async fn one_problem_is_one_sentence() {
    let spec = "base: ubuntu:24.04\nextensions:\n  - uvv\n";
    let files = [("uv/extension.yaml", "name: uv\n")];
    let built = build_with(script(spec), &[], &files).await;
    insta::assert_snapshot!(shown(built.failure()), @"
inlay.yaml:3:5: there is no extension `uvv` [E0201]; help: did you mean `uv`?
inlay.yaml 3-3:   - uvv
");
}

#[tokio::test]
async fn all_broken_extensions_are_reported_at_once() {
    let spec = "base: ubuntu:24.04\nextensions: [a, ./b]\n";
    let files = [("a/extension.yaml", "name: a\ninstal: {}\n")];
    let script = script(spec).with_file("local://context", "b/extension.yaml", "nam: b\n");
    let built = build_with(script, &[], &files).await;
    insta::assert_snapshot!(shown(built.failure()), @"
2 problems:
  extensions/a/extension.yaml:2:1: unknown key `instal` [E0101]; help: did you mean `install`?
  b/extension.yaml:1:1: unknown key `nam` [E0101]; help: did you mean `name`?
extensions/a/extension.yaml 2-2: instal: {}
b/extension.yaml 1-1: nam: b
");
}

#[tokio::test]
async fn two_places_of_two_files_are_two_snippets() {
    let spec = "base: ubuntu:24.04\nextensions: [a]\n";
    let files = [("a/extension.yaml", "name: a\nparameters: { level: {} }\n")];
    let built = build_with(script(spec), &[], &files).await;
    insta::assert_snapshot!(shown(built.failure()), @"
inlay.yaml:2:14: extension `a` needs a value for `level` [E0203]; help: write `- a: { level: … }`
inlay.yaml 2-2: extensions: [a]
extensions/a/extension.yaml 2-2: parameters: { level: {} }
");
}

#[tokio::test]
async fn a_base_that_does_not_resolve_is_shown_at_its_line() {
    let built = build(script("# syntax=x\nbase: ubuntu:nowhere\n"), &[]).await;
    insta::assert_snapshot!(shown(built.failure()), @"
docker.io/library/ubuntu:nowhere: not found
inlay.yaml 2-2: base: ubuntu:nowhere
");
}

#[tokio::test]
async fn all_images_that_do_not_resolve_are_reported_at_once() {
    let spec = "base: ubuntu:nowhere
extensions:
  - { name: a, build: { on: \"rust:nowhere\", steps: [x] } }
";
    let values = [("platform", "linux/amd64,linux/arm64")];
    insta::assert_snapshot!(shown(build(script(spec), &values).await.failure()), @r#"
    2 problems:
      inlay.yaml:1:7: docker.io/library/ubuntu:nowhere: not found
      inlay.yaml:3:16: docker.io/library/rust:nowhere: not found
    inlay.yaml 1-1: base: ubuntu:nowhere
    inlay.yaml 3-3:   - { name: a, build: { on: "rust:nowhere", steps: [x] } }
    "#);
}

/// What is wrong with the base is known without a plan.
#[tokio::test]
async fn a_base_is_looked_for_beside_the_errors_of_a_spec() {
    let config = r#"{ "os": "linux", "architecture": "arm64" }"#;
    for (base, id) in [("nowhere:1", "frontend.lint"), ("other:1", "")] {
        let spec = format!("base: {base}\nworkdir: relative\n");
        let script = script(&spec).with_image("docker.io/library/other:1", "sha256:1", config);
        let built = build(script, &[("requestid", id)]).await;
        let message = match &built.answer {
            Err(failure) => failure.message.clone(),
            Ok(reply) => String::from_utf8_lossy(&reply.metadata["result.txt"]).into_owned(),
        };
        if base == "other:1" {
            insta::assert_snapshot!(message, @"
            2 problems:
              inlay.yaml:2:10: `relative` is not a valid path in the image: it must begin with `/` [E0104]
              inlay.yaml:1:7: the image `other:1` is for linux/arm64, but the build is for linux/amd64 [E0230]; help: build with `--platform linux/arm64`, or choose another image
            ");
        } else {
            insta::assert_snapshot!(message, @"
            2 problems:
              inlay.yaml:2:10: `relative` is not a valid path in the image: it must begin with `/` [E0104]
              inlay.yaml:1:7: docker.io/library/nowhere:1: not found
            ");
        }
    }
    // Questions about a build do not look for images.
    let built = build(
        script("base: nowhere:1\nworkdir: x\n"),
        &[("requestid", "frontend.outline")],
    )
    .await;
    assert!(!built.fake.record().calls.contains(&"ResolveSourceMeta"));
}

#[tokio::test]
async fn a_base_without_a_configuration_in_json_is_shown_at_its_line() {
    let script = script("base: odd:1\n").with_image("docker.io/library/odd:1", "sha256:1", "<");
    insta::assert_snapshot!(shown(build(script, &[]).await.failure()), @"
the image `odd:1` has a configuration that is not JSON: expected value at line 1 column 1
inlay.yaml 1-1: base: odd:1
");
}

/// E0230: the engine itself accepts an image that is not a list for every platform.
#[tokio::test]
async fn images_of_another_platform_are_refused() {
    let config = r#"{ "os": "linux", "architecture": "amd64" }"#;
    let spec = "\
base: one:1
extensions:
  - { name: a, build: { on: \"one:2\", steps: [x] } }
  - { name: b, build: { on: base, steps: [x], sources: [{ image: \"one:3\", to: x }] } }
";
    let script = ["one:1", "one:2", "one:3"]
        .iter()
        .fold(script(spec), |script, image| {
            script.with_image(&format!("docker.io/library/{image}"), "sha256:1", config)
        });
    let values = [("platform", "linux/amd64/v3,linux/arm64")];
    let built = build(script.clone(), &values).await;
    insta::assert_snapshot!(shown(built.failure()), @r#"
    2 problems:
      inlay.yaml:1:7: the image `one:1` is for linux/amd64, but the build is for linux/arm64 [E0230]; help: build with `--platform linux/amd64`, or choose another image
      inlay.yaml:3:16: the image `one:2` is for linux/amd64, but the build is for linux/arm64 [E0230]; help: build with `--platform linux/amd64`, or choose another image
    inlay.yaml 1-1: base: one:1
    inlay.yaml 3-3:   - { name: a, build: { on: "one:2", steps: [x] } }
    "#);
    build(script, &[("platform", "linux/amd64/v3")])
        .await
        .reply();
}

/// E0231: the commands would be skipped.
#[tokio::test]
async fn a_base_with_commands_for_dockerfiles_is_refused() {
    let with = |triggers: &str| {
        let config = format!(r#"{{ "config": {{ "OnBuild": {triggers} }} }}"#);
        script("base: one:1\n").with_image("docker.io/library/one:1", "sha256:1", &config)
    };
    for none in ["null", "[]"] {
        build(with(none), &[]).await.reply();
    }
    let built = build(with(r#"["COPY . /app", "RUN make"]"#), &[]).await;
    insta::assert_snapshot!(shown(built.failure()), @"
    inlay.yaml:1:7: the base `one:1` has ONBUILD commands, which run only when a Dockerfile builds on it: `COPY . /app` [E0231]; help: build an image with a Dockerfile that says `FROM one:1`, and use that image as the base
    inlay.yaml 1-1: base: one:1
    ");
}

#[tokio::test]
async fn named_contexts_are_images() {
    let values = [("context:ubuntu:24.04", "oci-layout://x")];
    let built = build(script("base: ubuntu:24.04\n"), &values).await;
    insta::assert_snapshot!(shown(built.failure()), @"
    the named context `ubuntu:24.04` is an OCI layout without a digest: `x`; write `oci-layout://…@sha256:…`
    inlay.yaml 1-1: base: ubuntu:24.04
    ");
}

#[tokio::test]
async fn a_missing_spec() {
    let built = build(Script::default(), &[("filename", "other.yaml")]).await;
    insta::assert_snapshot!(shown(built.failure()), @"
there is no `other.yaml`; give the spec's path with `-f`
");
}

#[tokio::test]
async fn a_spec_that_is_not_text() {
    let script =
        Script::default().with_file("local://dockerfile", "inlay.yaml", b"base: \xff".to_vec());
    insta::assert_snapshot!(shown(build(script, &[]).await.failure()), @"`inlay.yaml` is not UTF-8 text: byte 6 is invalid");
}

#[tokio::test]
async fn definitions_that_are_not_text() {
    let script = script("base: ubuntu:24.04\nextensions: [./a]\n").with_file(
        "local://context",
        "a/extension.yaml",
        b"\xff".to_vec(),
    );
    insta::assert_snapshot!(shown(build(script, &[]).await.failure()), @"
`a/extension.yaml` is not UTF-8 text
");
}

#[tokio::test]
async fn warnings_belong_to_the_vertex_that_loaded_the_spec() {
    let spec = "base: ubuntu:24.04\nextensions:\n  - a: { v: \"2\", unverified: true }\n";
    let digits = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
    let definition = format!(
        "name: a\nparameters: {{ v: \"1\" }}\nbuild:\n  steps: [make]\n  \
         sources: [{{ pypi: \"a==${{v}}\", to: a, sha256: {digits} }}]\n"
    );
    let built = build_with(script(spec), &[], &[("a/extension.yaml", &definition)]).await;
    built.reply();
    let record = built.fake.record();
    let [warning] = record.warnings.as_slice() else {
        panic!("{} warnings", record.warnings.len())
    };
    let loaded = record.solves[0].definition.as_ref().unwrap();
    assert!(loaded.metadata.contains_key(&warning.digest));
    assert_eq!(warning.ranges[0].start.as_ref().unwrap().line, 3);
    assert_eq!(
        warning.url,
        "https://github.com/inlay/inlay/blob/main/docs/codes/W0001.md"
    );
    insta::assert_snapshot!(String::from_utf8_lossy(&warning.short), @"
W0001: `a==2` is downloaded without a checksum (line 3)
");
    insta::assert_snapshot!(String::from_utf8_lossy(&warning.detail[0]), @"whoever can change the download can change the image; give `sha256:` instead");
}

#[tokio::test]
async fn a_broken_spec_brings_no_warning() {
    let spec = "base: ubuntu:24.04\nextensions: [{ name: a, build: { steps: [x], sources: [{ pypi: a==1, unverified: true, to: x }] } }, b]\n";
    let built = build(script(spec), &[]).await;
    assert_eq!(built.failure().snippets.len(), 1);
    assert!(built.fake.record().warnings.is_empty());
}

const UNCHECKED: &str = "\
base: ubuntu:24.04
extensions:
  - { name: a, build: { steps: [x], sources: [{ pypi: a==1, unverified: true, to: x }] } }
";

#[tokio::test]
async fn skipped_warnings_are_not_shown() {
    let count = async |head: &str, values: &[(&str, &str)]| {
        let built = build(script(&format!("{head}{UNCHECKED}")), values).await;
        built.reply();
        built.fake.record().warnings.len()
    };
    assert_eq!(count("", &[]).await, 1);
    let skip = "# syntax=x\n# check=skip=W0001\n";
    assert_eq!(count(skip, &[]).await, 0);
    // The build argument wins.
    let argument = [("build-arg:BUILDKIT_DOCKERFILE_CHECK", "skip=X")];
    assert_eq!(count(skip, &argument).await, 1);
    let argument = [("build-arg:BUILDKIT_DOCKERFILE_CHECK", "skip=all")];
    assert_eq!(count("", &argument).await, 0);
}

#[tokio::test]
async fn warnings_are_errors_if_asked_for() {
    let spec = format!("# syntax=x\n# check=error=true\n{UNCHECKED}");
    let built = build(script(&spec), &[]).await;
    insta::assert_snapshot!(shown(built.failure()), @"
    `error=true` in the check rules turns warnings into errors:
      inlay.yaml:5:61: `a==1` is fetched without a checksum [W0001]; help: add `sha256: …` in place of `unverified: true`
    inlay.yaml 5-5:   - { name: a, build: { steps: [x], sources: [{ pypi: a==1, unverified: true, to: x }] } }
    ");
    assert_eq!(built.fake.record().warnings.len(), 1);
    let spec = format!("# check=error=true;skip=W0001\n{UNCHECKED}");
    build(script(&spec), &[]).await.reply();
}

#[tokio::test]
async fn malformed_check_rules_are_an_error() {
    let built = build(script("# check=skips=W0001\nbase: ubuntu:24.04\n"), &[]).await;
    insta::assert_snapshot!(shown(built.failure()), @"
    inlay.yaml:1:1: `skips` must be `skip` or `error` [E0104]; help: write `# check=skip=W0001;error=true`, or a part of it
    inlay.yaml 1-1: # check=skips=W0001
    ");
    let values = [("build-arg:BUILDKIT_DOCKERFILE_CHECK", "error")];
    let built = build(script("base: ubuntu:24.04\n"), &values).await;
    insta::assert_snapshot!(built.failure().message, @"--build-arg BUILDKIT_DOCKERFILE_CHECK `error`: `error` is not of the form `skip=…` or `error=true`");
}

/// Whatever quotes an address: names of vertices, warnings, errors, the bill of materials.
#[tokio::test]
async fn passwords_in_addresses_are_shown_nowhere() {
    let spec = "\
base: ubuntu:24.04
extensions:
  - name: a
    description: \"\\e[31mred\"
    build:
      sources:
        - { git: 'https://me:hidden1@x.org/a.git', commit: 0123456789abcdef0123456789abcdef01234567, to: a }
        - { url: 'https://x.org/hidden/b?token=hidden2', unverified: true, to: b }
      steps: [\"printf '\\e]0;title' https://hidden3@x.org\"]
";
    let built = build(script(spec), &[("attest:sbom", "")]).await;
    built.reply();
    let mut shown = 0;
    let record = built.fake.record();
    let solves = record.solves.iter();
    for definition in solves.filter_map(|solve| solve.definition.as_ref()) {
        for metadata in definition.metadata.values() {
            let texts = metadata.description.values();
            let groups = metadata.progress_group.iter().map(|group| &group.name);
            for text in texts.chain(groups) {
                assert!(
                    !text.contains("hidden") || text.contains("x.org/hidden/b"),
                    "{text}"
                );
                assert!(!text.contains("hidden2"), "{text}");
                assert!(!text.contains('\u{1b}'), "{text}");
                shown += usize::from(text.contains("***"));
            }
        }
    }
    assert!(shown >= 3, "{shown}");
    // Its lines are the user's own.
    let mut warnings = record.warnings.iter();
    let passwords: Vec<String> = warnings
        .by_ref()
        .map(|warning| String::from_utf8_lossy(&warning.short).into_owned())
        .filter(|warning| warning.contains("W0011"))
        .collect();
    assert_eq!(passwords.len(), 2, "{passwords:?}");
    for warning in passwords {
        assert!(warning.contains("***"), "{warning}");
        assert!(!warning.contains("hidden1") && !warning.contains("hidden2"));
    }
}

/// E0240 and W0007: engines can use only so many layers.
#[tokio::test]
async fn layers_are_counted() {
    let with = |of_base: usize| {
        let layers = vec!["sha256:1"; of_base];
        let config = serde_json::json!({ "rootfs": { "diff_ids": layers } }).to_string();
        let spec = "base: one:1\nextensions:\n  - { name: a, install: { files: [{ to: /a, text: x }] } }\n";
        let script = script(spec).with_image("docker.io/library/one:1", "sha256:1", &config);
        async move { build(script, &[]).await }
    };
    let warnings = |built: &Built| {
        let warnings = built.fake.record().warnings.into_iter();
        let texts = warnings.map(|warning| String::from_utf8(warning.short).unwrap());
        texts.collect::<String>()
    };
    // The files are a layer, and what the joint changes is another one.
    for (of_base, whole) in [(107, ""), (108, "110"), (123, "125")] {
        let built = with(of_base).await;
        let shown = warnings(&built);
        let expected = format!("W0007: the image has {whole} layers");
        let is_right = if whole.is_empty() {
            shown.is_empty()
        } else {
            shown.starts_with(&expected)
        };
        assert!(is_right, "{of_base}: {shown}");
        built.reply();
    }
    let built = with(124).await;
    insta::assert_snapshot!(shown(built.failure()), @"
    inlay.yaml:1:7: the image has 126 layers, 124 of its base and 2 of its extensions; engines can use 125 [E0240]; help: install all packages as one layer (`packages: union`), put what several extensions bring into one, or use a base with fewer layers
    inlay.yaml 1-1: base: one:1
    ");
}
