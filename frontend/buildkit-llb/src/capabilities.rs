//! The capabilities of an engine, and those that an operation needs.
//! The needs are derived from the operation, so none can be forgotten. A definition mentions those that the engine
//! offers. The names are from solver/pb/caps.go.

use std::collections::BTreeSet;

use crate::git::{AUTH_HEADER_SECRET, AUTH_TOKEN_SECRET};
use crate::pb;

/// The names of the capabilities that an engine offers: those enabled in `Pong.LLBCaps`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities(BTreeSet<String>);

impl Capabilities {
    /// Every capability that this crate can mention, for tests and for use without an engine.
    pub fn all() -> Self {
        ALL.iter().copied().collect()
    }

    /// Whether the engine offers this capability.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// The names, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl<Name: Into<String>> FromIterator<Name> for Capabilities {
    fn from_iter<Names: IntoIterator<Item = Name>>(names: Names) -> Self {
        Self(names.into_iter().map(Into::into).collect())
    }
}

/// What the terminal operation of every graph needs: client/llb/state.go.
pub(crate) const TERMINAL: [&str; 2] = ["constraints", "platform"];
pub(crate) const IGNORE_CACHE: &str = "meta.ignorecache";
pub(crate) const DESCRIPTION: &str = "meta.description";

// `file.copy.modestring` and `exec.meta.removemountstubs.recursive` must not be listed here. They are declared in
// solver/pb/caps.go but not initialized, so an engine refuses a definition that mentions them, although it knows the
// fields.
const ALL: [&str; 56] = [
    "constraints",
    "diffop",
    "exec.meta.base",
    "exec.meta.cdi",
    "exec.meta.cgroup.parent",
    "exec.meta.network",
    "exec.meta.proxyenv",
    "exec.meta.security",
    "exec.meta.setsdefaultpath",
    "exec.meta.ulimit",
    "exec.mount.bind",
    "exec.mount.cache",
    "exec.mount.cache.content",
    "exec.mount.cache.sharing",
    "exec.mount.secret",
    "exec.mount.selector",
    "exec.mount.ssh",
    "exec.mount.tmpfs",
    "exec.mount.tmpfs.size",
    "exec.secretenv",
    "exec.validexitcode",
    "file.base",
    "file.copy.alwaysreplaceexistingdestpaths",
    "file.copy.includeexcludepatterns",
    "file.copy.requiredpaths",
    "file.rm.wildcard",
    "file.symlink.create",
    "mergeop",
    "meta.description",
    "meta.ignorecache",
    "platform",
    // The misspelling is BuildKit's.
    "soruce.http.uidgid",
    "source.git",
    "source.git.checksum",
    "source.git.fetchbycommit",
    "source.git.fullurl",
    "source.git.httpauth",
    "source.git.keepgitdir",
    "source.git.knownsshhosts",
    "source.git.mountsshsock",
    "source.git.mtime",
    "source.git.skipsubmodules",
    "source.http",
    "source.http.auth",
    "source.http.checksum",
    "source.http.perm",
    "source.image",
    "source.image.checksum",
    "source.image.resolvemode",
    "source.local",
    "source.local.excludepatterns",
    "source.local.followpaths",
    "source.local.includepatterns",
    "source.local.sessionid",
    "source.local.sharedkeyhint",
    "source.ocilayout",
];

/// The capabilities that an operation needs.
pub(crate) fn collect_needs(op: &pb::Op) -> BTreeSet<&'static str> {
    let mut needs = BTreeSet::new();
    match &op.op {
        Some(pb::op::Op::Source(source)) => add_source_needs(source, &mut needs),
        Some(pb::op::Op::Exec(exec)) => add_exec_needs(exec, &mut needs),
        Some(pb::op::Op::File(file)) => add_file_needs(file, &mut needs),
        Some(pb::op::Op::Merge(_)) => drop(needs.insert("mergeop")),
        Some(pb::op::Op::Diff(_)) => drop(needs.insert("diffop")),
        Some(pb::op::Op::Build(_)) | None => {}
    }
    needs
}

fn add_source_needs(source: &pb::SourceOp, needs: &mut BTreeSet<&'static str>) {
    let scheme = source.identifier.split("://").next().unwrap_or_default();
    needs.insert(match scheme {
        "docker-image" => "source.image",
        "local" => "source.local",
        "git" => "source.git",
        "oci-layout" => "source.ocilayout",
        _ => "source.http",
    });
    for (key, value) in &source.attrs {
        let need = match (key.as_str(), value.as_str()) {
            // Go requires it only for the mode that is enforced for security: client/llb/source.go.
            ("image.resolvemode", "pull") => "source.image.resolvemode",
            ("image.checksum", _) => "source.image.checksum",
            ("local.session", _) => "source.local.sessionid",
            ("local.includepattern", _) => "source.local.includepatterns",
            ("local.excludepatterns", _) => "source.local.excludepatterns",
            ("local.followpaths", _) => "source.local.followpaths",
            ("local.sharedkeyhint", _) => "source.local.sharedkeyhint",
            ("git.fullurl", _) => "source.git.fullurl",
            ("git.keepgitdir", _) => "source.git.keepgitdir",
            // The default secrets are optional, so they need no capability.
            ("git.authtokensecret", secret) if secret != AUTH_TOKEN_SECRET => "source.git.httpauth",
            ("git.authheadersecret", secret) if secret != AUTH_HEADER_SECRET => {
                "source.git.httpauth"
            }
            ("git.knownsshhosts", _) => "source.git.knownsshhosts",
            ("git.mountsshsock", _) => "source.git.mountsshsock",
            ("git.checksum", _) => "source.git.checksum",
            ("git.skipsubmodules", _) => "source.git.skipsubmodules",
            ("git.mtime", _) => "source.git.mtime",
            ("git.fetchbycommit", _) => "source.git.fetchbycommit",
            ("http.checksum", _) => "source.http.checksum",
            ("http.perm", _) => "source.http.perm",
            ("http.uid" | "http.gid", _) => "soruce.http.uidgid",
            ("http.authheadersecret", _) => "source.http.auth",
            _ => continue,
        };
        needs.insert(need);
    }
}

fn add_exec_needs(exec: &pb::ExecOp, needs: &mut BTreeSet<&'static str>) {
    let mut need = |name, is_needed| {
        if is_needed {
            needs.insert(name);
        }
    };
    let meta = exec.meta.as_ref();
    let has = |has: fn(&pb::Meta) -> bool| meta.is_some_and(has);
    need("exec.meta.base", true);
    need("exec.meta.setsdefaultpath", true);
    need("exec.meta.network", exec.network() != pb::NetMode::Unset);
    need(
        "exec.meta.security",
        exec.security() != pb::SecurityMode::Sandbox,
    );
    need("exec.meta.proxyenv", has(|meta| meta.proxy_env.is_some()));
    need("exec.meta.ulimit", has(|meta| !meta.ulimit.is_empty()));
    need(
        "exec.meta.cgroup.parent",
        has(|meta| !meta.cgroup_parent.is_empty()),
    );
    need(
        "exec.validexitcode",
        has(|meta| !meta.valid_exit_codes.is_empty()),
    );
    need("exec.meta.cdi", !exec.cdi_devices.is_empty());
    // Go requires both for a secret in the environment: client/llb/exec.go.
    need("exec.mount.secret", !exec.secretenv.is_empty());
    need("exec.secretenv", !exec.secretenv.is_empty());
    for mount in &exec.mounts {
        let kind = mount.mount_type();
        need("exec.mount.selector", !mount.selector.is_empty());
        need(
            "exec.mount.bind",
            kind == pb::MountType::Bind && mount.input >= 0,
        );
        need(
            "exec.mount.cache.content",
            mount.content_cache() != pb::MountContentCache::Default,
        );
        need("exec.mount.cache", kind == pb::MountType::Cache);
        need("exec.mount.cache.sharing", kind == pb::MountType::Cache);
        need("exec.mount.tmpfs", kind == pb::MountType::Tmpfs);
        need(
            "exec.mount.tmpfs.size",
            mount.tmpfs_opt.is_some_and(|tmpfs| tmpfs.size > 0),
        );
        need("exec.mount.secret", kind == pb::MountType::Secret);
        need("exec.mount.ssh", kind == pb::MountType::Ssh);
    }
}

fn add_file_needs(file: &pb::FileOp, needs: &mut BTreeSet<&'static str>) {
    use pb::file_action::Action;
    needs.insert("file.base");
    for action in &file.actions {
        match &action.action {
            Some(Action::Copy(copy)) => {
                if !copy.include_patterns.is_empty() || !copy.exclude_patterns.is_empty() {
                    needs.insert("file.copy.includeexcludepatterns");
                }
                if copy.always_replace_existing_dest_paths {
                    needs.insert("file.copy.alwaysreplaceexistingdestpaths");
                }
                if !copy.required_paths.is_empty() {
                    needs.insert("file.copy.requiredpaths");
                }
            }
            Some(Action::Rm(remove)) if remove.allow_wildcard => {
                needs.insert("file.rm.wildcard");
            }
            Some(Action::Symlink(_)) => {
                needs.insert("file.symlink.create");
            }
            _ => {}
        }
    }
}
