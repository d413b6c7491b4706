//! The documentation's example and the catalogue, built and used as a user would.

use std::path::{Path, PathBuf};

use inlay::offline::plan_of;
use integration::{Build, Outcome};

use crate::{Ground, assert_has};

/// The root of the repository.
fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn example() -> PathBuf {
    repository().join("docs/examples/tools")
}

fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// Runs every test that the extensions of the spec declare, and returns how many each extension has.
fn run_declared_tests(outcome: &Outcome<'_>, folder: &Path) -> Vec<(String, usize)> {
    let plan = plan_of(
        &folder.join("inlay.yaml"),
        folder,
        &repository().join("extensions"),
        architecture(),
    );
    let mut counts = Vec::new();
    for extension in &plan.unwrap().extensions {
        for test in &extension.tests {
            let said = outcome.run(["/bin/sh", "-e", "-c", &test.run]);
            if let Some(expected) = &test.expect {
                assert!(
                    said.contains(expected.as_str()),
                    "{}: `{}` printed, without {expected:?}:\n{said}",
                    extension.name,
                    test.run
                );
            }
        }
        counts.push((extension.name.to_string(), extension.tests.len()));
    }
    counts
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn the_example_builds_unchanged_and_passes_its_declared_tests() {
    let ground = Ground::get();
    let text = std::fs::read_to_string(example().join("inlay.yaml")).unwrap();
    assert!(text.starts_with("# syntax=ghcr.io/inlay/inlay:1\n"));
    let outcome = ground.build().folder(&example()).image().succeed();

    let counts = run_declared_tests(&outcome, &example());
    let names: Vec<&str> = counts.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "curl", "git", "greet", "jq", "motd", "node", "ripgrep", "ruff", "uv",
    ];
    assert_eq!(names, expected);
    for (name, count) in &counts {
        assert!(*count > 0, "{name} declares no test");
    }

    let stat = |path: &str| outcome.run(["stat", "-c", "%F %a %u:%g %Y", path]);
    // 315532800 is the first day of 1980, which is the time of every file that inlay puts into a layer.
    for (path, expected) in [
        ("/etc/motd", "regular file 644 0:0 315532800"),
        ("/etc/greet/whom", "regular file 640 0:100 315532800"),
        ("/etc/greet", "directory 755 0:0 315532800"),
        ("/usr/local/bin/greet", "regular file 755 0:0 315532800"),
        ("/usr/local/bin/uv", "regular file 755 0:0 315532800"),
        ("/usr/local/bin/rg", "regular file 755 0:0 315532800"),
        (
            "/usr/local/share/greet/english",
            "regular file 644 0:0 315532800",
        ),
        (
            "/etc/profile.d/inlay-greet.sh",
            "regular file 644 0:0 315532800",
        ),
    ] {
        assert_eq!(stat(path), expected, "{path}");
    }
    // Folders that layers only pass through are as the base has them.
    let folders = [
        "/",
        "/etc",
        "/usr",
        "/usr/local",
        "/usr/local/bin",
        "/tmp",
        "/root",
        "/var",
    ];
    let base = ["1777", "700"].concat();
    let modes = folders.map(|folder| outcome.run(["stat", "-c", "%a", folder]));
    assert_eq!(
        modes,
        [
            "755",
            "755",
            "755",
            "755",
            "755",
            &base[..4],
            &base[4..],
            "755"
        ]
    );
    assert_eq!(outcome.run(["readlink", "/bin"]), "usr/bin");

    let config = &outcome.inspect()["Config"];
    assert_eq!(config["WorkingDir"], "/workspace");
    assert_eq!(config["Labels"]["org.opencontainers.image.title"], "tools");
    let variables: Vec<&str> = config["Env"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|variable| variable.as_str())
        .collect();
    assert_eq!(
        variables,
        [
            "PATH=/opt/site/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "EDITOR=vi",
            "GREETINGS=/usr/local/share/greet",
            "UV_LINK_MODE=copy",
        ]
    );
    assert_eq!(outcome.run(["sh", "-c", "pwd; id -un"]), "/workspace\nroot");
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn the_example_runs_nothing_again_in_any_order() {
    let ground = Ground::get();
    let text = std::fs::read_to_string(example().join("inlay.yaml")).unwrap();
    let (head, rest) = text.split_once("extensions:\n").unwrap();
    let (list, tail) = rest.split_once("environment:\n").unwrap();
    let entries: Vec<&str> = list.split_inclusive("\n  - ").collect();
    let entries: Vec<&str> = entries
        .iter()
        .map(|entry| entry.trim_start_matches("  - ").trim_end_matches("  - "))
        .collect();
    assert_eq!(entries.len(), 9);
    let in_order = |order: &[&str]| {
        let list = order.join("  - ");
        format!("{head}extensions:\n  - {list}environment:\n{tail}")
    };
    assert_eq!(in_order(&entries), text);

    let mut build: Build<'_> = ground.build().spec(&text).digest_only();
    for file in ["extension.yaml", "greet.sh", "greetings/english"] {
        let path = format!("tools/greet/{file}");
        build = build.file(
            &path,
            &std::fs::read_to_string(example().join(&path)).unwrap(),
        );
    }
    let first = build.succeed();
    let turned: Vec<&str> = entries.iter().rev().copied().collect();
    let mut moved = entries.clone();
    moved.rotate_left(4);
    moved.swap(0, 6);
    for order in [entries, turned, moved] {
        build = build.spec(&in_order(&order));
        let again = build.succeed();
        assert_eq!(again.ran(), [""; 0]);
        assert_eq!(again.progress.scripts_that_ran(), [].into());
        assert_eq!(again.digest(), first.digest());
    }
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn fragments_reach_the_right_shells() {
    let ground = Ground::get();
    let outcome = ground
        .build()
        .spec(
            r"# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: first
    shell: { bash: 'alias one=true; FIRST=$((20 + 3))', profile: 'export PROFILE=from-first' }
  - name: second
    shell: { bash: 'SECOND=also' }
",
        )
        .image()
        .in_company()
        .succeed();
    let interactive = outcome.run([
        "bash",
        "-ic",
        "alias one; echo $FIRST $SECOND ${PROFILE-none}",
    ]);
    assert_has(&interactive, &["alias one='true'", "23 also none"]);
    assert_eq!(
        outcome.run(["sh", "-lc", "echo $PROFILE ${FIRST-none}"]),
        "from-first none"
    );
    assert_eq!(
        outcome.run(["bash", "-lc", "echo $PROFILE ${FIRST-none}"]),
        "from-first none"
    );
    assert_has(
        &outcome.run(["bash", "-lic", "echo $PROFILE $FIRST"]),
        &["from-first"],
    );
    // A script does not run in an interactive shell.
    assert_eq!(
        outcome.run(["bash", "-c", "echo ${FIRST-none}${PROFILE-none}"]),
        "nonenone"
    );
}
