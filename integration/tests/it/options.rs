//! Flags of `docker buildx build`: what is honored, and what is refused with a reason.

use integration::{Suite, make_base};

use crate::{Ground, assert_has};

const SPEC: &str = "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: x
    build:
      steps:
        - { run: 'printenv > $OUT/variables; echo TOKEN > $OUT/own' }
labels: { one: of the spec, two: of the spec }
";

/// A build that is refused before anything runs.
#[track_caller]
fn refused<const N: usize>(arguments: [&str; N], parts: &[&str]) {
    let ground = Ground::get();
    let outcome = ground.build().spec(SPEC).arguments(arguments).fail();
    assert_has(outcome.text(), parts);
    assert_eq!(outcome.ran(), [""; 0]);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn labels_win_over_those_of_the_spec() {
    let ground = Ground::get();
    let build = ground.build().spec(SPEC).image();
    let before = build.succeed();
    let build = build.arguments(["--label", "two=of the build", "--label", "three="]);
    let outcome = build.succeed();
    assert_eq!(outcome.ran(), [""; 0], "a label is configuration only");
    let labels = &outcome.inspect()["Config"]["Labels"];
    assert_eq!(labels["one"], "of the spec");
    assert_eq!(labels["two"], "of the build");
    assert_eq!(labels["three"], "");
    assert_ne!(outcome.digest(), before.digest());
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_proxy_reaches_steps_and_neither_the_cache_key_nor_the_image() {
    let ground = Ground::get();
    let proxied = [
        "--build-arg",
        "HTTP_PROXY=http://127.0.0.1:9",
        "--build-arg",
        "no_proxy=*",
    ];
    let build = ground.build().spec(SPEC).image().arguments(proxied);
    let outcome = build.succeed();
    let variables = outcome.run(["cat", "/variables"]);
    assert_has(&variables, &["HTTP_PROXY=http://127.0.0.1:9", "no_proxy=*"]);
    let config = outcome.inspect()["Config"].to_string().to_lowercase();
    assert!(!config.contains("proxy"), "{config}");
    let build = build.arguments(["--build-arg", "HTTP_PROXY=http://127.0.0.1:10"]);
    assert_eq!(build.succeed().ran(), [""; 0]);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_build_argument_that_nobody_reads() {
    refused(
        ["--build-arg", "VERSION=1"],
        &[
            "--build-arg `VERSION`: the spec has no such argument",
            "declare it in the spec: `arguments: { VERSION: … }`",
        ],
    );
    refused(
        ["--build-arg", "SOURCE_DATE_EPOC=1"],
        &[
            "--build-arg `SOURCE_DATE_EPOC`",
            "did you mean `SOURCE_DATE_EPOCH`?",
        ],
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn arguments_of_a_spec() {
    let ground = Ground::get();
    let spec = "# syntax=ghcr.io/inlay/inlay:1
arguments:
  SUITE: nowhere
  WHOM: { default: world, description: who is greeted }
base: debian:${SUITE}
extensions:
  - name: x
    parameters: { whom: \"${WHOM}\" }
    build: { steps: [{ run: 'echo \"hello $WHOM TOKEN\" > $OUT/greeting', network: none }] }
labels: { whom: \"${WHOM}\" }
";
    let build = ground.build().spec(spec).image();
    let build = build.arguments(["--build-arg", "SUITE=bookworm"]);
    let outcome = build.succeed();
    assert_has(&outcome.run(["cat", "/greeting"]), &["hello world "]);
    let build = build.arguments(["--build-arg", "WHOM=you"]);
    let outcome = build.succeed();
    assert_has(&outcome.run(["cat", "/greeting"]), &["hello you "]);
    assert_eq!(outcome.inspect()["Config"]["Labels"]["whom"], "you");
    let outcome = build.arguments(["--build-arg", "WHO=you"]).fail();
    assert_has(
        outcome.text(),
        &[
            "the spec has no such argument; did you mean `WHOM`?",
            ">>>   WHOM: { default: world",
        ],
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_spec_that_is_not_there() {
    let ground = Ground::get();
    let outcome = ground.build().fail();
    assert_has(outcome.text(), &["inlay.yaml"]);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn every_command_sees_what_flags_say_of_it() {
    let ground = Ground::get();
    let spec = "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: x
    build:
      steps:
        - run: |
            mkdir $OUT/opt
            { hostname; grep named /etc/hosts; ulimit -Sn; ulimit -Hn; df -k /dev/shm | tail -n 1; echo TOKEN; } > $OUT/opt/seen
            cat /proc/self/cgroup > $OUT/opt/groups
          network: none
";
    let flags = |host| {
        [
            "--add-host",
            host,
            "--shm-size",
            "12m",
            "--ulimit",
            "nofile=123:456",
            "--cgroup-parent",
            "inlay-test",
            "--build-arg",
            "BUILDKIT_SANDBOX_HOSTNAME=seen-by-steps",
        ]
    };
    let build = ground.build().spec(spec).image();
    let build = build.arguments(flags("named:192.0.2.7"));
    let outcome = build.succeed();
    let seen = outcome.run(["cat", "/opt/seen"]);
    let lines: Vec<&str> = seen.lines().collect();
    assert_eq!(lines[0], "seen-by-steps");
    assert_has(lines[1], &["192.0.2.7", "named"]);
    assert_eq!((lines[2], lines[3]), ("123", "456"));
    assert_has(lines[4], &["12288"]);
    assert_has(&outcome.run(["cat", "/opt/groups"]), &["inlay-test"]);
    // The address of a host is in no cache key, its name is.
    let build = build.without_arguments();
    let moved = build.arguments(flags("named:192.0.2.8")).succeed();
    assert_eq!(moved.ran(), [""; 0]);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn the_network_of_commands() {
    let ground = Ground::get();
    let spec = "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: x
    build:
      steps:
        - { run: 'mkdir $OUT/opt; readlink /proc/self/ns/net > $OUT/opt/free; ls /sys/class/net > $OUT/opt/devices; echo TOKEN' }
        - { run: 'readlink /proc/self/ns/net > $OUT/opt/alone', network: none }
";
    let of = |network: &str| {
        let build = ground.build().spec(spec).image();
        let outcome = build.arguments(["--network", network]).succeed();
        ["free", "alone", "devices"].map(|file| outcome.run(["cat", &format!("/opt/{file}")]))
    };
    let machine = std::fs::read_link("/proc/self/ns/net").unwrap();
    let machine = machine.display().to_string();
    let [free, alone, _] = of("host");
    assert_eq!(free, machine, "a step is in the engine's network");
    assert_ne!(alone, machine, "but for one that says `network: none`");
    let [free, _, devices] = of("none");
    assert_ne!(free, machine);
    assert_eq!(devices, "lo");
    let [free, _, devices] = of("default");
    assert_ne!(free, machine);
    assert_has(&devices, &["eth0"]);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn caches_have_a_namespace() {
    let ground = Ground::get();
    let spec = |number: u32| {
        format!(
            "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: x
    build:
      steps:
        - run: mkdir $OUT/opt; ls /kept > $OUT/opt/kept; touch /kept/{number}
          network: none
          cache: [{{ id: TOKEN, path: /kept }}]
"
        )
    };
    let mut build = ground.build().image();
    let namespace = |name: &str| format!("BUILDKIT_CACHE_MOUNT_NS={name}-TOKEN");
    let mut kept = Vec::new();
    for (number, name) in [(1, "a"), (2, "b"), (3, "a")] {
        build = build.spec(&spec(number)).without_arguments();
        build = build.arguments(["--build-arg", &namespace(name)]);
        kept.push(build.succeed().run(["cat", "/opt/kept"]));
    }
    assert_eq!(kept, ["", "", "1"]);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_epoch_is_in_files_and_configuration_and_runs_no_command() {
    let ground = Ground::get();
    let spec = "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: x
    build: { steps: [{ run: 'mkdir $OUT/opt; echo TOKEN > $OUT/opt/made', network: none }] }
  - name: y
    install: { packages: [hello], files: [{ to: /opt/written, text: TOKEN }] }
";
    let build = ground.build().spec(spec).archive();
    build.succeed();
    let build = build.arguments(["--build-arg", "SOURCE_DATE_EPOCH=1700000000"]);
    let outcome = build.succeed();
    assert_eq!(
        outcome.ran(),
        ["[image] merge 3 layers", "[x] output", "[y] files"]
    );
    let archive = outcome.archive();
    assert_eq!(archive.config["created"], "2023-11-14T22:13:20Z");
    let history = archive.config["history"].as_array().unwrap();
    assert_eq!(history.last().unwrap()["created"], "2023-11-14T22:13:20Z");
    for path in ["opt/made", "opt/written", "opt"] {
        let entries = archive.entries().filter(|entry| entry.path == path);
        let entry = entries.last().unwrap();
        assert_has(&entry.metadata, &[" 1700000000 "]);
    }
    // The same time, the same image.
    let again = build.arguments(["--no-cache-filter", "x"]).succeed();
    assert_eq!(again.digest(), outcome.digest());
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn no_cache_of_one_extension_leaves_the_caches_that_it_shares() {
    let ground = Ground::get();
    let spec = |number: u32| {
        format!(
            "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: x
    build:
      steps:
        - run: mkdir -p $OUT/opt/x; ls /shared /own > $OUT/opt/x/kept; touch /shared/x /own/x
          network: none
          cache: [{{ id: TOKEN, path: /shared }}, {{ id: TOKEN-own, path: /own }}]
  - name: y
    build:
      steps:
        - run: mkdir -p $OUT/opt/y; ls /shared > $OUT/opt/y/{number}; touch /shared/y
          network: none
          cache: [{{ id: TOKEN, path: /shared }}]
"
        )
    };
    let build = ground.build().spec(&spec(1)).image();
    build.succeed();
    let build = build.arguments(["--no-cache-filter", "x"]);
    let outcome = build.succeed();
    assert_has(&outcome.ran().join("\n"), &["[x] mkdir"]);
    // It began with nothing, its own cache included.
    assert_eq!(outcome.run(["cat", "/opt/x/kept"]), "/own:\n\n/shared:");
    let build = build.spec(&spec(2));
    let kept = build.succeed().run(["cat", "/opt/y/2"]);
    assert_eq!(
        kept, "x\ny",
        "what both share is as the first build left it"
    );
    // Another cache is no other cache key.
    assert_eq!(build.without_arguments().succeed().ran(), [""; 0]);
}

/// Whether an image is a list of images, one for each platform.
fn is_list(outcome: &integration::Outcome<'_>) -> bool {
    let kind = outcome.inspect()["Descriptor"]["mediaType"].to_string();
    kind.contains("manifest.list") || kind.contains("image.index")
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn one_platform_as_a_list_and_a_platform_with_its_variant() {
    let ground = Ground::get();
    let lists = |arguments: [&str; 2]| {
        let build = ground.build().spec(SPEC).image().arguments(arguments);
        let outcome = build.succeed();
        assert_has(&outcome.run(["cat", "/own"]), &[build.token()]);
        is_list(&outcome)
    };
    assert!(!lists(["--platform", "linux/amd64"]));
    assert!(lists(["--build-arg", "BUILDKIT_MULTI_PLATFORM=1"]));
    assert!(lists(["--platform", "linux/amd64,linux/amd64/v2"]));
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_platform_that_the_base_does_not_have() {
    refused(
        ["--platform", "linux/amd64,linux/s390x"],
        &[
            ">>> base: debian:bookworm\n",
            "the image `debian:bookworm` is for linux/amd64, and linux/s390x is built",
        ],
    );
}

/// Rules of the client's about sources: BuildKit applies them to what the frontend asks for.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_source_policy_replaces_and_denies() {
    let ground = Ground::get();
    let base = make_base(&ground.engine, Suite::Bookworm).unwrap();
    let image = |name: &str| format!("docker-image://docker.io/library/{name}");
    let policy = serde_json::json!({ "rules": [
        {
            "action": "CONVERT",
            "selector": { "identifier": image("replaced:1") },
            "updates": { "identifier": format!("docker-image://{base}") },
        },
        { "action": "DENY", "selector": { "identifier": image("denied:1") } },
    ] });
    let spec = |base: &str| SPEC.replace("debian:bookworm", base);
    let build = ground
        .build()
        .spec(&spec("replaced:1"))
        .file("policy.json", &policy.to_string())
        .variable("EXPERIMENTAL_BUILDKIT_SOURCE_POLICY", "policy.json")
        .image();
    let outcome = build.succeed();
    assert_has(&outcome.run(["cat", "/own"]), &[build.token()]);
    let refused = build.spec(&spec("denied:1")).fail();
    assert_has(
        refused.text(),
        &["denied by policy", "inlay.yaml:2\n", ">>> base: denied:1"],
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn malformed_values_are_refused_by_name() {
    refused(
        ["--build-arg", "SOURCE_DATE_EPOCH=yesterday"],
        &["SOURCE_DATE_EPOCH", "yesterday"],
    );
    refused(
        ["--build-arg", "BUILDKIT_SANDBOX_HOSTNAME=my host"],
        &["BUILDKIT_SANDBOX_HOSTNAME `my host` is no host name"],
    );
    refused(
        ["--no-cache-filter", "xx"],
        &["--no-cache-filter `xx`: the image has no such extension; did you mean `x`?"],
    );
}

/// bake hands over the same options; its `target` is that of its file, and ours is a key in it.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_bake_file() {
    let ground = Ground::get();
    let spec = "# syntax=ghcr.io/inlay/inlay:1
arguments: { WHOM: world }
base: debian:bookworm
extensions:
  - name: x
    parameters: { whom: \"${WHOM}\" }
    build: { steps: [{ run: 'echo \"$WHOM\" TOKEN \"$(hostname)\" > $OUT/seen', network: none }] }
  - name: y
    install: { files: [{ to: /opt/y, text: TOKEN }] }
";
    let build = ground.build().spec(spec);
    let tag = format!("inlay-test-{}", build.token());
    let target = serde_json::json!({
        "context": build.path(),
        "dockerfile": "inlay.yaml",
        "contexts": ground.contexts(),
        "args": { "WHOM": "bake", "BUILDKIT_SANDBOX_HOSTNAME": "baked" },
        "labels": { "by": "bake" },
        "target": "x",
        "no-cache-filter": ["x"],
        "tags": [tag],
        "output": ["type=docker"],
    });
    let file = serde_json::json!({ "target": { "default": target } });
    let build = build.file("docker-bake.json", &file.to_string());
    let path = build.path().join("docker-bake.json");
    let path = path.to_str().unwrap();
    ground.docker([
        "buildx",
        "bake",
        "--allow=fs=*",
        "--provenance=false",
        "--file",
        path,
    ]);
    let said = ground.docker(["run", "--rm", &tag, "sh", "-c", "cat /seen; ls /opt"]);
    let label = "{{ index .Config.Labels \"by\" }}";
    let label = ground.docker(["image", "inspect", "--format", label, &tag]);
    ground.docker(["image", "rm", "--force", &tag]);
    assert_eq!(said, format!("bake {} baked", build.token()));
    assert_eq!(label, "bake");
    // What is asked about a build can be asked of bake too.
    let called = ground.docker([
        "buildx",
        "bake",
        "--allow=fs=*",
        "--call=check",
        "--file",
        path,
    ]);
    assert_has(&called, &["no warnings found"]);
}
