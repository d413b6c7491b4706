//! Named contexts in the place of images.

use integration::{Suite, make_base};

use crate::named::build_layout;
use crate::served::{GitDaemon, Repository};
use crate::{DerivedBase, Ground, assert_has};

/// The base is a layout, the builder base a folder with a root file system, and a source a repository.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn images_are_replaced_by_contexts_of_every_kind() {
    let ground = Ground::get();
    let word = integration::make_token();
    let base = make_base(&ground.engine, Suite::Bookworm).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let dockerfile = format!("FROM {base}\nRUN echo {word} > /etc/own\nENV OWN={word}\n");
    std::fs::write(folder.path().join("Dockerfile"), dockerfile).unwrap();
    let to = tempfile::tempdir().unwrap();
    build_layout(ground, folder.path(), to.path());

    let served = tempfile::tempdir().unwrap();
    let repository = Repository::new(&served.path().join("it"));
    repository.commit(&[("in/it", &word)]);
    let daemon = GitDaemon::serve(served.path());

    let root = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("Dockerfile"),
        format!("FROM {base} AS base\nFROM scratch\nCOPY --from=base /usr /usr\nCOPY --from=base /bin /bin\nCOPY --from=base /lib /lib\nCOPY --from=base /lib64 /lib64\nCOPY own /own\n"),
    )
    .unwrap();
    std::fs::write(folder.path().join("own"), &word).unwrap();
    let output = format!("--output=type=local,dest={}", root.path().display());
    let path = folder.path().to_str().unwrap();
    ground.docker(["buildx", "build", "--provenance=false", &output, path]);

    let spec = "# syntax=ghcr.io/inlay/inlay:1
base: root.example/base:1
extensions:
  - name: x
    build:
      on: builder:1
      sources: [{ image: 'files:1', path: /in/it, to: it }]
      steps: [{ run: 'mkdir $OUT/opt; cat /own $SOURCES/it > $OUT/opt/x', network: none }]
";
    let contexts = [
        format!("root.example/base:1=oci-layout://{}", to.path().display()),
        format!("builder:1={}", root.path().display()),
        format!(
            "docker.io/library/files:1=git://127.0.0.1:{}/it",
            daemon.port
        ),
    ];
    let mut build = ground.build().spec(spec).image();
    for context in &contexts {
        build = build.arguments(["--build-context", context]);
    }
    let outcome = build.succeed();
    assert_eq!(outcome.run(["cat", "/etc/own"]), word);
    assert_eq!(outcome.run(["cat", "/opt/x"]), format!("{word}{word}"));
    let environment = outcome.inspect()["Config"]["Env"].to_string();
    assert_has(&environment, &[&format!("OWN={word}")]);
    assert_eq!(build.succeed().ran(), [""; 0]);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn names_of_images_are_read_as_docker_reads_them() {
    let ground = Ground::get();
    let base = DerivedBase::new(ground, "by its short name");
    let spec = "# syntax=ghcr.io/inlay/inlay:1\nbase: docker.io/library/own:latest\n";
    let build = ground.build().spec(spec).image();
    let build = build.image_in_place_of("own", base.reference());
    let outcome = build.succeed();
    assert_eq!(outcome.run(["cat", "/etc/derived"]), "by its short name");
}
