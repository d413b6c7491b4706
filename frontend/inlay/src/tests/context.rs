//! The build context: definitions of extensions, files, and what is excluded.

use crate::tests::{build, locals, script};

const SPEC: &str = "base: ubuntu:24.04\nextensions: [./tools/mine]\n";
const MINE: &str = "name: mine\ninstall: { files: [{ from: rc, to: /etc/mine }] }\n";

#[tokio::test]
async fn folders_of_extensions_are_read_from_the_context() {
    let script = script(SPEC).with_file("local://context", "tools/mine/extension.yaml", MINE);
    let built = build(script, &[]).await;
    built.reply();
    let solves = built.fake.record().solves;
    let asked: Vec<String> = solves
        .iter()
        .flat_map(|solve| locals(solve.definition.as_ref().unwrap()))
        .map(|local| format!("{} {}", local.identifier, local.attrs["local.followpaths"]))
        .collect();
    insta::assert_snapshot!(asked.join("\n"), @r#"
    local://dockerfile ["inlay.yaml","inlay.yaml.dockerignore","inlay.yaml.lock","inlay.lock"]
    local://context [".dockerignore"]
    local://context ["tools/mine/extension.yaml"]
    local://context ["tools/mine/rc"]
    "#);
}

#[tokio::test]
async fn a_context_that_nothing_needs_is_not_read() {
    let built = build(script("base: ubuntu:24.04\n"), &[]).await;
    built.reply();
    for solve in built.fake.record().solves {
        for local in locals(&solve.definition.unwrap()) {
            assert_eq!(local.identifier, "local://dockerfile");
        }
    }
}

/// The patterns that the engine is given for the definition and for the file, in this order.
async fn excluded(spec_ignore: Option<&str>) -> Vec<String> {
    let mut script = script(SPEC)
        .with_file("local://context", "tools/mine/extension.yaml", MINE)
        .with_file(
            "local://context",
            ".dockerignore",
            "*.log\n# comment\n!keep.log\n",
        );
    if let Some(patterns) = spec_ignore {
        script = script.with_file("local://dockerfile", "inlay.yaml.dockerignore", patterns);
    }
    let built = build(script, &[]).await;
    built.reply();
    let solves = built.fake.record().solves;
    let of_context = solves
        .iter()
        .flat_map(|solve| locals(solve.definition.as_ref().unwrap()))
        .filter(|local| local.identifier == "local://context");
    of_context
        .filter_map(|local| local.attrs.get("local.excludepatterns").cloned())
        .collect()
}

#[tokio::test]
async fn ignored_files_are_left_out_by_the_engine() {
    let patterns = r#"["*.log","!keep.log"]"#;
    assert_eq!(excluded(None).await, [patterns, patterns]);
}

#[tokio::test]
async fn the_ignore_file_of_the_spec_wins() {
    let patterns = r#"["of-the-spec"]"#;
    assert_eq!(excluded(Some("of-the-spec\n")).await, [patterns, patterns]);
}

#[tokio::test]
async fn sessions_of_sources_are_used() {
    let script = script(SPEC).with_file("local://context", "tools/mine/extension.yaml", MINE);
    let built = build(script, &[("local-sessionid:context", "other")]).await;
    built.reply();
    for solve in built.fake.record().solves {
        for local in locals(&solve.definition.unwrap()) {
            let expected = if local.identifier == "local://context" {
                "other"
            } else {
                "session"
            };
            assert_eq!(local.attrs["local.session"], expected);
        }
    }
}

/// A build would find out only when it copies the file.
#[tokio::test]
async fn a_check_looks_for_files_where_the_ignore_file_lets_it() {
    let script = script(SPEC)
        .with_file("local://context", "tools/mine/extension.yaml", MINE)
        .with_file("local://context", ".dockerignore", "*.log\n");
    let check = [("requestid", "frontend.lint")];
    let built = build(script.clone(), &check).await;
    let json = String::from_utf8_lossy(&built.reply().metadata["result.json"]).into_owned();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    insta::assert_snapshot!(json["buildError"]["message"].as_str().unwrap(), @"tools/mine/extension.yaml:2:28: there is no `tools/mine/rc` in the build context [E0211]; help: the path is relative to the extension's folder, `tools/mine`");
    let last = built.fake.record().solves.pop().unwrap();
    let [local] = locals(&last.definition.unwrap()).try_into().unwrap();
    insta::assert_snapshot!(local.attrs["local.followpaths"], @r#"["tools/mine/rc"]"#);
    insta::assert_snapshot!(local.attrs["local.excludepatterns"], @r#"["*.log"]"#);
    let with_file = script
        .clone()
        .with_file("local://context", "tools/mine/rc", "x");
    let built = build(with_file, &check).await;
    assert_eq!(built.reply().metadata["result.statuscode"], b"0");
    // A build itself does not look.
    build(script, &[]).await.reply();
}
