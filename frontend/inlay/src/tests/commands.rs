//! Flags about commands: which run again, and what holds for all of them.

use gateway::pb;
use prost::Message as _;

use crate::tests::build::TOOL;
use crate::tests::{answer_of, build, build_with, operations, script, with_packages};

#[tokio::test]
async fn vertices_that_run_again_are_marked() {
    let spec = "base: ubuntu:24.04\nextensions: [tool]\n";
    let again = async |values: &[(&str, &str)]| {
        let built = build_with(script(spec), values, &[TOOL]).await;
        let definition = built.definition();
        definition
            .metadata
            .values()
            .filter(|metadata| metadata.ignore_cache)
            .count()
    };
    assert_eq!(again(&[]).await, 0);
    // The step, its output, the files, and the vertex that gathers them.
    assert_eq!(again(&[("no-cache", "tool")]).await, 4);
    assert!(again(&[("no-cache", "")]).await > 4);
}

#[tokio::test]
async fn an_unknown_name_of_what_runs_again_is_refused() {
    let spec = "base: ubuntu:24.04\nextensions: [tool]\n";
    let built = build_with(script(spec), &[("no-cache", "tol")], &[TOOL]).await;
    insta::assert_snapshot!(built.failure().message, @"--no-cache-filter `tol`: the image has no such extension; did you mean `tool`?");
    let built = build_with(script(spec), &[("no-cache", "tool,python")], &[TOOL]).await;
    insta::assert_snapshot!(built.failure().message, @"--no-cache-filter `python`: the image has no such extension; it has `tool`");
}

/// Every command of a definition.
pub(super) fn commands(definition: &pb::Definition) -> Vec<pb::ExecOp> {
    let operations = operations(definition).into_iter();
    operations
        .filter_map(|operation| match operation {
            pb::op::Op::Exec(exec) => Some(exec),
            _ => None,
        })
        .collect()
}

const PACKAGED: &str = "\
base: ubuntu:24.04
extensions:
  - name: a
    build:
      steps:
        - { run: one, network: none }
        - { run: two, cache: [{ id: mine, path: /root/.cache }] }
    install: { packages: [jq] }
    shell: { bash: x }
";

#[tokio::test]
async fn flags_for_all_commands_reach_every_command() {
    let values = [
        ("force-network-mode", "host"),
        ("add-hosts", "one=192.0.2.1"),
        ("shm-size", "1048576"),
        ("ulimit", "nofile=1024:2048"),
        ("cgroup-parent", "below"),
        ("hostname", "builder"),
        ("build-arg:BUILDKIT_CACHE_MOUNT_NS", "ns"),
    ];
    let jq = answer_of("jq", "");
    let built = build(with_packages(script(PACKAGED), &[("jq", &jq)]), &values).await;
    built.reply();
    let commands = commands(&built.definition());
    let mut networks = Vec::new();
    let mut caches = Vec::new();
    for command in &commands {
        let meta = command.meta.as_ref().unwrap();
        assert_eq!(meta.hostname, "builder");
        assert_eq!(meta.cgroup_parent, "below");
        assert_eq!(
            (&*meta.extra_hosts[0].host, &*meta.extra_hosts[0].ip),
            ("one", "192.0.2.1")
        );
        let limit = &meta.ulimit[0];
        assert_eq!(
            (&*limit.name, limit.soft, limit.hard),
            ("nofile", 1024, 2048)
        );
        let memory = command.mounts.iter().find(|mount| mount.dest == "/dev/shm");
        assert_eq!(memory.unwrap().tmpfs_opt.unwrap().size, 1_048_576);
        networks.push(command.network());
        let ids = command
            .mounts
            .iter()
            .filter_map(|mount| mount.cache_opt.as_ref());
        caches.extend(ids.map(|cache| cache.id.clone()));
    }
    let (host, none) = (pb::NetMode::Host, pb::NetMode::None);
    // A step that needs no network has none, whatever the flag says.
    networks.sort_unstable();
    let expected = [host, host, host, none, none, none, none, none, none];
    assert_eq!(networks, expected);
    caches.sort_unstable();
    assert_eq!(
        caches,
        ["ns/inlay/downloads/ubuntu:24.04/linux/amd64", "ns/mine"]
    );
}

#[tokio::test]
async fn without_flags_commands_have_no_settings() {
    let built = build(script(PACKAGED), &[]).await;
    for command in commands(&built.definition()) {
        let meta = command.meta.unwrap();
        assert_eq!((&*meta.hostname, &*meta.cgroup_parent), ("", ""));
        assert!(meta.extra_hosts.is_empty() && meta.ulimit.is_empty());
        assert!(command.mounts.iter().all(|mount| mount.dest != "/dev/shm"));
    }
}

/// BuildKit empties the caches of a command that runs again. Those that other extensions use must not be
/// among them.
#[tokio::test]
async fn an_extension_that_runs_again_leaves_shared_caches_alone() {
    let spec = "\
base: ubuntu:24.04
packages: isolated
extensions:
  - name: a
    build: { steps: [{ run: x, cache: [{ id: own, path: /own }, { id: shared, path: /shared }] }] }
    install: { packages: [jq] }
  - name: b
    build: { steps: [{ run: y, cache: [{ id: shared, path: /shared }] }] }
";
    let caches = async |values: &[(&str, &str)]| {
        let jq = answer_of("jq", "");
        let built = build(with_packages(script(spec), &[("jq", &jq)]), values).await;
        built.reply();
        let definition = built.definition();
        let mut ids = Vec::new();
        for bytes in &definition.def {
            let digest = buildkit_llb::Digest::of(bytes).to_string();
            let Some(pb::op::Op::Exec(exec)) = pb::Op::decode(&bytes[..]).unwrap().op else {
                continue;
            };
            let is_again = definition.metadata[&digest].ignore_cache;
            let caches = exec
                .mounts
                .iter()
                .filter_map(|mount| mount.cache_opt.as_ref());
            ids.extend(caches.map(|cache| format!("{is_again} {}", cache.id)));
        }
        ids.sort();
        ids.join("\n")
    };
    insta::assert_snapshot!(caches(&[("no-cache", "a")]).await, @"
    false /shared
    true /inlay/again/inlay/downloads/ubuntu:24.04/linux/amd64
    true /inlay/again/shared
    true /own
    ");
    insta::assert_snapshot!(caches(&[("no-cache", "a,b")]).await, @"
    true /inlay/again/inlay/downloads/ubuntu:24.04/linux/amd64
    true /own
    true /shared
    true /shared
    ");
    insta::assert_snapshot!(caches(&[("no-cache", "")]).await, @"
    true /inlay/downloads/ubuntu:24.04/linux/amd64
    true /own
    true /shared
    true /shared
    ");
}
