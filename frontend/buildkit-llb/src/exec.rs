//! `ExecOp`: a command in a file system.
//! These are the values; `wire` encodes them.

use std::collections::BTreeMap;

use crate::{Mount, Output, Platform};

mod wire;

/// A command. An empty text means "not set".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exec {
    /// The root file system.
    pub root: Output,
    /// Whether the root file system cannot be written to. [`ExecOutputs::root`] is then the root itself.
    pub root_readonly: bool,
    /// The program and its arguments; at least one.
    pub args: Vec<String>,
    /// The environment. Its order is part of the cache key.
    pub environment: Vec<(String, String)>,
    /// The working directory; `/` if empty.
    pub cwd: String,
    /// The user: a name or a number, optionally followed by `:` and a group; root if empty.
    pub user: String,
    /// The network that the command can use.
    pub network: Network,
    /// What the kernel allows the command to do.
    pub security: Security,
    /// What is mounted besides the root, in any order.
    pub mounts: Vec<Mount>,
    /// Secrets as environment variables, in any order.
    pub secret_environment: Vec<SecretEnvironment>,
    /// The platform that the command runs on.
    pub platform: Platform,
    /// The host name that the command sees.
    pub hostname: String,
    /// Lines of `/etc/hosts`, in order.
    pub extra_hosts: Vec<ExtraHost>,
    /// The proxies. They are not part of the cache key.
    pub proxy_environment: Option<ProxyEnvironment>,
    /// The exit codes that mean success; only 0 if empty.
    pub valid_exit_codes: Vec<i32>,
    /// Resource limits, in order.
    pub ulimits: Vec<Ulimit>,
    /// The control group that the command runs in.
    pub cgroup_parent: String,
    /// Devices of the Container Device Interface, in order.
    pub devices: Vec<Device>,
}

impl Exec {
    /// A command in this file system. It runs in `/`, with an empty environment and without mounts.
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
    /// A network of its own, with access to the outside.
    #[default]
    Sandbox,
    /// No network.
    None,
    /// The engine's network, which needs an entitlement.
    Host,
}

/// What the kernel allows a command to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Security {
    /// The usual restrictions.
    #[default]
    Sandbox,
    /// Everything, which needs an entitlement.
    Insecure,
}

/// A secret of the client as an environment variable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretEnvironment {
    /// The name of the variable.
    pub name: String,
    /// The id by which the client knows the secret.
    pub id: String,
    /// Whether the command also runs if the client does not have the secret.
    pub optional: bool,
}

/// A line of `/etc/hosts`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtraHost {
    /// The name.
    pub host: String,
    /// The address. It is not part of the cache key.
    pub address: String,
}

/// Proxies. An empty text means that there is none.
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
    /// The limit that the command starts with.
    pub soft: i64,
    /// The highest limit that the command may set for itself.
    pub hard: i64,
}

/// A device, such as `vendor.com/class=name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its name.
    pub name: String,
    /// Whether the command also runs if the engine does not have the device.
    pub optional: bool,
}

/// The file systems that result from a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecOutputs {
    /// The root file system after the command, or before it if the root is read-only.
    pub root: Output,
    at: BTreeMap<String, Output>,
}

impl ExecOutputs {
    /// The output of the mount at this destination; `None` if there is no such mount or it has no output.
    pub fn at(&self, destination: &str) -> Option<Output> {
        self.at.get(destination).copied()
    }
}
