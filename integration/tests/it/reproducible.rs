//! The same spec, built twice without a cache, gives the same layers.

use std::collections::BTreeMap;

use integration::{Archive, Entry};

use crate::Ground;

/// The differences between two layers, by path.
fn differences(left: &[Entry], right: &[Entry]) -> BTreeMap<String, String> {
    let by_path = |entries: &[Entry]| -> BTreeMap<String, Entry> {
        let with_path = entries
            .iter()
            .map(|entry| (entry.path.clone(), entry.clone()));
        with_path.collect()
    };
    let (left, right) = (by_path(left), by_path(right));
    let told = |entry: Option<&Entry>| {
        entry.map_or("absent".to_owned(), |entry| {
            format!("{} ({} bytes)", entry.metadata, entry.content.len())
        })
    };
    left.keys()
        .chain(right.keys())
        .filter(|path| left.get(*path) != right.get(*path))
        .map(|path| {
            let difference = format!("{} | {}", told(left.get(path)), told(right.get(path)));
            (path.clone(), difference)
        })
        .collect()
}

fn assert_equal_layers(first: &Archive, second: &Archive) {
    let (one, two) = (first.layers_by_origin(), second.layers_by_origin());
    for (at, (left, right)) in one.iter().zip(&two).enumerate() {
        let (one, two) = (&first.layers[at], &second.layers[at]);
        assert_eq!(left, right, "{:#?}", differences(one, two));
    }
    assert_eq!(one.len(), two.len());
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn layers_and_manifest_are_the_same_without_a_cache() {
    let ground = Ground::get();
    let build = ground
        .build()
        .spec(
            r#"# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: made
    build:
      steps:
        - { run: 'mkdir -p $OUT/opt/made/deep; date +%N > /tmp/noise; echo same > $OUT/opt/made/deep/file', network: none }
        - { run: 'ln -s deep/file $OUT/opt/made/link; ln $OUT/opt/made/deep/file $OUT/opt/made/hard', network: none }
      outputs: [/opt/made]
  - name: written
    install:
      files:
        - { to: /etc/written/one, text: one, mode: "0600", owner: "1:2" }
        - { to: /root/two, text: two }
        - { from: files, to: /opt/files }
    shell: { bash: "true", profile: "true" }
"#,
        )
        .file("files/a", "a")
        .file("files/below/b", "b")
        .arguments(["--no-cache"])
        .archive();
    let (first, second) = (build.succeed(), build.succeed());
    assert!(
        second.ran().contains(&"[made] output".to_owned()),
        "nothing was cached"
    );
    assert_equal_layers(first.archive(), second.archive());
    assert_eq!(first.digest(), second.digest());
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn layers_of_packages_are_the_same_without_a_cache() {
    let ground = Ground::get();
    let build = ground
        .build()
        .spec(
            "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: installed
    build:
      packages: [hello]
      steps: [{ run: 'install -D /usr/bin/hello $OUT/opt/hello', network: none }]
    install: { packages: [hello, libcap2-bin, netcat-openbsd, ca-certificates] }
",
        )
        .arguments(["--no-cache"])
        .archive();
    let (first, second) = (build.succeed(), build.succeed());
    assert_equal_layers(first.archive(), second.archive());
    assert_eq!(first.digest(), second.digest());
    // The layer contains only the packages, and nothing that apt and dpkg leave behind.
    let layer = &first.archive().layers[first.archive().layers.len() - 2];
    for left in [
        "var/lib/apt/lists/",
        "var/cache/apt/archives/",
        "var/log/apt/",
        "run/",
        "tmp/",
    ] {
        let found = layer.iter().find(|entry| entry.path.starts_with(left));
        assert_eq!(found.map(|entry| &entry.path), None);
    }
}
