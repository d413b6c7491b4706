//! The request's settings for all commands: network, host names, shared memory and limits.
//!
//! Except for proxies, addresses of hosts and names of caches, these settings are part of a command's cache key
//! (BuildKit, `solver/llbsolver/ops/exec.go`), so a build with such a flag does not reuse the results of a
//! build without it.

use std::collections::BTreeSet;

use buildkit_llb::{Exec, ExtraHost, Mount, MountKind, Network, Ulimit};
use plan::Plan;
use spec::{CacheId, ExtensionName};

/// The mount through which Linux programs share memory.
const SHARED_MEMORY: &str = "/dev/shm";

/// The request's settings for all commands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Commands {
    /// The network of commands that do not choose one themselves.
    pub network: Network,
    /// The host name that commands see; empty = the engine's choice.
    pub hostname: String,
    /// Additional lines of `/etc/hosts`, sorted.
    pub extra_hosts: Vec<ExtraHost>,
    /// The size limit of `/dev/shm` in bytes; 0 = the engine's choice.
    pub shared_memory_bytes: u64,
    /// Resource limits, sorted by name.
    pub ulimits: Vec<Ulimit>,
    /// The parent control group of commands; empty = the engine's choice.
    pub cgroup_parent: String,
    /// A prefix for the ids of caches; may be empty.
    pub cache_namespace: String,
}

impl Commands {
    /// Applies the settings to a command.
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
        // Every id begins with the `/` that docker/dockerfile puts between the namespace and the id.
        for id in cache_ids(exec) {
            id.insert_str(0, &self.cache_namespace);
        }
    }
}

/// Replaces caches of a command that is to run again, if it shares them with extensions that are not.
///
/// The engine empties every cache of such a command (BuildKit, `solver/llbsolver/vertex.go`), which must not
/// happen to the caches of others. The id of a cache is not part of the cache key, so the next build without
/// the flag still reuses the result.
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
        // All extensions share the caches that inlay itself uses.
        if id.starts_with("/inlay/") || shared.contains(id) {
            id.insert_str(0, "/inlay/again");
        }
    }
}

/// The engine's id for a cache that a step names. It has the form that docker/dockerfile uses without a
/// namespace.
pub(crate) fn cache_id(id: &CacheId) -> String {
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
