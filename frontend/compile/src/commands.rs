//! What a request says of every command: its network, names, memory and limits.
//!
//! All of it but proxies, addresses of hosts and names of caches is in the cache key of a command
//! (BuildKit, `solver/llbsolver/ops/exec.go`), so a build without these flags runs nothing of one with
//! them.

use std::collections::BTreeSet;

use buildkit_llb::{Exec, ExtraHost, Mount, MountKind, Network, Ulimit};
use plan::Plan;
use spec::ExtensionName;

/// Where Linux programs share memory.
const SHARED_MEMORY: &str = "/dev/shm";

/// What a request says of every command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Commands {
    /// The network of commands that choose none themselves.
    pub network: Network,
    /// The host name they see; the engine's choice if empty.
    pub hostname: String,
    /// Lines of `/etc/hosts`, sorted.
    pub extra_hosts: Vec<ExtraHost>,
    /// The limit of `/dev/shm` in bytes; the engine's choice if 0.
    pub shared_memory_bytes: u64,
    /// Resource limits, sorted by name.
    pub ulimits: Vec<Ulimit>,
    /// The control group they run below; the engine's choice if empty.
    pub cgroup_parent: String,
    /// What the ids of caches begin with; nothing if empty.
    pub cache_namespace: String,
}

impl Commands {
    /// Adds what the request says to a command.
    pub(crate) fn apply(&self, exec: &mut Exec) {
        if exec.network == Network::Sandbox {
            exec.network = self.network;
        }
        exec.hostname.clone_from(&self.hostname);
        exec.extra_hosts.clone_from(&self.extra_hosts);
        exec.ulimits.clone_from(&self.ulimits);
        exec.cgroup_parent.clone_from(&self.cgroup_parent);
        let has_own = |mount: &Mount| mount.destination == SHARED_MEMORY;
        if self.shared_memory_bytes > 0 && !exec.mounts.iter().any(has_own) {
            exec.mounts.push(Mount {
                destination: SHARED_MEMORY.to_owned(),
                kind: MountKind::Tmpfs {
                    size_bytes: self.shared_memory_bytes,
                },
            });
        }
        // An id begins with `/`, as docker/dockerfile puts one behind the namespace.
        for id in cache_ids(exec) {
            id.insert_str(0, &self.cache_namespace);
        }
    }
}

/// Gives a command that runs though it is cached other caches in the place of those that it shares
/// with extensions which do not.
///
/// The engine empties every cache of such a command (BuildKit, `solver/llbsolver/vertex.go`). The id
/// of a cache is not in the cache key: without the flag, the next build takes the result.
pub(crate) fn spare_caches(exec: &mut Exec, plan: &Plan, again: &BTreeSet<ExtensionName>) {
    let others = plan
        .extensions
        .iter()
        .filter(|extension| !again.contains(&extension.name));
    let steps = others.flat_map(|extension| {
        let build = extension.build.iter().flat_map(|build| &build.steps);
        build.chain(&extension.steps)
    });
    let shared: BTreeSet<String> = steps
        .flat_map(|step| &step.cache)
        .map(|cache| cache_id(&cache.id))
        .collect();
    for id in cache_ids(exec) {
        // Inlay's own caches are everybody's.
        if id.starts_with("/inlay/") || shared.contains(id) {
            id.insert_str(0, "/inlay/again");
        }
    }
}

/// The engine's id of a cache that a step names: Dockerfile's form without a namespace.
pub(crate) fn cache_id(id: &str) -> String {
    format!("/{id}")
}

fn cache_ids(exec: &mut Exec) -> impl Iterator<Item = &mut String> {
    exec.mounts
        .iter_mut()
        .filter_map(|mount| match &mut mount.kind {
            MountKind::Cache { id, .. } => Some(id),
            _ => None,
        })
}
