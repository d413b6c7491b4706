//! Flags of `docker buildx build` that every command of a build follows.

use crate::options::SPEC;
use crate::{Ground, assert_has};

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_proxy_reaches_steps_but_neither_cache_keys_nor_the_image() {
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
fn every_command_follows_the_flags() {
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
    // A host's name is part of cache keys, but its address is not.
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
    assert_eq!(free, machine, "a step uses the engine's network");
    assert_ne!(alone, machine, "unless it says `network: none`");
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
