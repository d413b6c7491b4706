//! One image for several platforms. An amd64 machine can also run 386, so both are run.

use integration::{Suite, make_base_list};

use crate::Ground;

const SPEC: &str = "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: bits
    build:
      packages: [file]
      steps: [{ run: 'getconf LONG_BIT > $OUT/bits; file -bL /bin/sh | cut -c 1-10 >> $OUT/bits # TOKEN', network: none }]
  - name: query
    install:
      packages: [jq]
  - name: store
    install:
      packages: [tree]
      steps: [{ run: 'dpkg --print-architecture > /srv/store; useradd --system store; echo TOKEN >> /srv/store', network: none }]
";

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_image_for_two_platforms_is_pushed_and_both_run() {
    let ground = Ground::get();
    let list = make_base_list(&ground.engine, Suite::Bookworm).unwrap();
    let address = ground.engine.registry_address().unwrap();
    let build = ground
        .build()
        .spec(SPEC)
        .image_in_place_of("debian:bookworm", &list);
    let image = format!("{address}/platforms:{}", build.token());
    let output = format!("type=image,name={image},push=true");
    let build = build.arguments([
        "--platform",
        "linux/amd64,linux/386",
        "--output",
        &output,
        "--label",
        "for=TOKEN",
    ]);
    build.succeed();
    assert_eq!(build.succeed().ran(), [""; 0]);

    let read = |reference: &str| -> serde_json::Value {
        let raw = ground.docker(["buildx", "imagetools", "inspect", "--raw", reference]);
        serde_json::from_str(&raw).unwrap()
    };
    let index = read(&image);
    let manifests = index["manifests"].as_array().unwrap();
    let platforms: Vec<String> = manifests
        .iter()
        .map(|manifest| manifest["platform"]["architecture"].to_string())
        .collect();
    for manifest in manifests {
        let digest = manifest["digest"].as_str().unwrap();
        let annotations = &read(&format!("{address}/platforms@{digest}"))["annotations"];
        assert_eq!(annotations["org.opencontainers.image.base.name"], list);
        let base = annotations["org.opencontainers.image.base.digest"].as_str();
        assert!(base.unwrap().starts_with("sha256:"));
    }
    assert_eq!(platforms, ["\"amd64\"", "\"386\""]);

    for (platform, architecture, bits) in [("amd64", "amd64", 64), ("386", "i386", 32)] {
        let platform = format!("linux/{platform}");
        let run = |command: &str| {
            ground.docker([
                "run",
                "--rm",
                "--pull=always",
                "--quiet",
                "--platform",
                &platform,
                &image,
                "sh",
                "-e",
                "-c",
                command,
            ])
        };
        let seen = format!("{bits}\nELF {bits}-bit\n{architecture}\n{}", build.token());
        assert_eq!(run("cat /bits /srv/store"), seen, "{platform}");
        // Each is one system of its own architecture.
        let works = "dpkg --audit; echo '[40, 2]' | jq add; getent passwd store | cut -d: -f1; \
                     dpkg-query -W -f '${Package} ${Architecture}\\n' jq tree";
        let seen = format!("42\nstore\njq {architecture}\ntree {architecture}");
        assert_eq!(run(works), seen, "{platform}");
    }
    ground.docker(["image", "rm", "--force", &image]);
}
