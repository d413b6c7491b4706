//! `ExecOp`: a command in a file system.
//! What can be said; `wire` says it.

use std::collections::BTreeMap;

use crate::{Mount, Output, Platform};

mod wire;

/// A command. Empty texts mean "not set".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exec {
    /// The root file system.
    pub root: Output,
    /// Refuses writes to the root file system; [`ExecOutputs::root`] is then the root itself.
    pub root_readonly: bool,
    /// The program and its arguments; at least one.
    pub args: Vec<String>,
    /// The environment, in order: the order is in the cache key.
    pub environment: Vec<(String, String)>,
    /// The working directory; `/` if empty.
    pub cwd: String,
    /// The user, as `name`, `uid` or either with `:group`; root if empty.
    pub user: String,
    /// The network it sees.
    pub network: Network,
    /// What the kernel lets it do.
    pub security: Security,
    /// What is mounted besides the root, in any order.
    pub mounts: Vec<Mount>,
    /// Secrets as environment variables, in any order.
    pub secret_environment: Vec<SecretEnvironment>,
    /// The platform it runs on.
    pub platform: Platform,
    /// The host name it sees.
    pub hostname: String,
    /// Lines of `/etc/hosts`, in order.
    pub extra_hosts: Vec<ExtraHost>,
    /// Proxies. Not part of the cache key.
    pub proxy_environment: Option<ProxyEnvironment>,
    /// The exit codes that are a success; 0 if empty.
    pub valid_exit_codes: Vec<i32>,
    /// Resource limits, in order.
    pub ulimits: Vec<Ulimit>,
    /// The control group it runs below.
    pub cgroup_parent: String,
    /// Devices of the container device interface, in order.
    pub devices: Vec<Device>,
}

impl Exec {
    /// A command in this file system, in `/`, with an empty environment and nothing mounted.
    pub fn new<Argument: Into<String>>(
        root: Output,
        platform: Platform,
        args: impl IntoIterator<Item = Argument>,
    ) -> Self {
        Self {
            root,
            root_readonly: false,
            args: args.into_iter().map(Into::into).collect(),
            environment: Vec::new(),
            cwd: "/".to_owned(),
            user: String::new(),
            network: Network::Sandbox,
            security: Security::Sandbox,
            mounts: Vec::new(),
            secret_environment: Vec::new(),
            platform,
            hostname: String::new(),
            extra_hosts: Vec::new(),
            proxy_environment: None,
            valid_exit_codes: Vec::new(),
            ulimits: Vec::new(),
            cgroup_parent: String::new(),
            devices: Vec::new(),
        }
    }
}

/// The network of a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// One of its own, with access to the outside.
    #[default]
    Sandbox,
    /// None.
    None,
    /// The engine's; needs an entitlement.
    Host,
}

/// What the kernel lets a command do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Security {
    /// The usual restrictions.
    #[default]
    Sandbox,
    /// Everything; needs an entitlement.
    Insecure,
}

/// A secret of the client as an environment variable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretEnvironment {
    /// The variable.
    pub name: String,
    /// The name the client knows the secret by.
    pub id: String,
    /// Runs without it if the client has none.
    pub optional: bool,
}

/// A line of `/etc/hosts`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtraHost {
    /// The name.
    pub host: String,
    /// The address. Not part of the cache key.
    pub address: String,
}

/// Proxies, empty where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProxyEnvironment {
    /// `HTTP_PROXY`
    pub http: String,
    /// `HTTPS_PROXY`
    pub https: String,
    /// `FTP_PROXY`
    pub ftp: String,
    /// `NO_PROXY`
    pub none: String,
    /// `ALL_PROXY`
    pub all: String,
}

/// A resource limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ulimit {
    /// For example `nofile`.
    pub name: String,
    /// The limit it starts with.
    pub soft: i64,
    /// The limit it may raise it to.
    pub hard: i64,
}

/// A device, as `vendor.com/class=name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its name.
    pub name: String,
    /// Runs without it if the engine has none.
    pub optional: bool,
}

/// The file systems that a command leaves behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecOutputs {
    /// The root file system after the command; if it was read-only, the one before.
    pub root: Output,
    at: BTreeMap<String, Output>,
}

impl ExecOutputs {
    /// What was left at the destination of a mount; `None` if the mount has no output or does not exist.
    pub fn at(&self, destination: &str) -> Option<Output> {
        self.at.get(destination).copied()
    }
}
