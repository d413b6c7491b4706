//! `ExecOp`: a command in a file system.
//! The encoding follows `ExecOp.Marshal` in client/llb/exec.go. `PATH` is never added: the engine sets its default
//! (capability `exec.meta.setsdefaultpath`).

use std::collections::{BTreeMap, BTreeSet};

use crate::encode::Inputs;
use crate::{About, Graph, Mount, MountKind, Output, Platform, pb};

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

impl Graph {
    /// A command.
    ///
    /// # Panics
    /// Without arguments, with a mount at `/`, or with two mounts at one destination: the engine would refuse the whole
    /// definition, or run something else.
    pub fn exec(&mut self, mut exec: Exec, about: About) -> ExecOutputs {
        assert!(!exec.args.is_empty(), "an exec has arguments");
        let root = MountKind::Bind {
            input: exec.root,
            selector: String::new(),
            readonly: exec.root_readonly,
            output: !exec.root_readonly,
        };
        let mut mounts = std::mem::take(&mut exec.mounts);
        mounts.push(Mount {
            destination: "/".to_owned(),
            kind: root,
        });
        // `/` is a prefix of all destinations, so the root comes first.
        mounts.sort_by(|left, right| left.rank().cmp(&right.rank()));
        let destinations: BTreeSet<&str> = mounts
            .iter()
            .map(|mount| mount.destination.as_str())
            .collect();
        assert_eq!(
            destinations.len(),
            mounts.len(),
            "an exec has one mount at a destination"
        );

        let mut inputs = Inputs::default();
        let mut count = 0;
        let wire = mounts
            .iter()
            .map(|mount| mount.to_pb(&mut inputs, &mut count))
            .collect();
        let platform = exec.platform.to_pb();
        let body = pb::op::Op::Exec(body(exec, wire));
        let vertex = self.add(inputs.into_vec(), Some(platform), body, about);

        let kept = mounts.iter().filter(|mount| mount.has_output());
        let at: BTreeMap<String, Output> = (0..)
            .zip(kept)
            .map(|(index, mount)| (mount.destination.clone(), Output::new(vertex, index)))
            .collect();
        let before = match &mounts[0].kind {
            MountKind::Bind { input, .. } => *input,
            _ => unreachable!("the first mount is the root, a bind"),
        };
        ExecOutputs {
            root: at.get("/").copied().unwrap_or(before),
            at,
        }
    }
}

fn body(mut exec: Exec, mounts: Vec<pb::Mount>) -> pb::ExecOp {
    let agent = mounts
        .iter()
        .find(|mount| mount.mount_type() == pb::MountType::Ssh);
    let names_agent = exec
        .environment
        .iter()
        .any(|(name, _)| name == "SSH_AUTH_SOCK");
    if let Some(agent) = agent.filter(|_| !names_agent) {
        exec.environment
            .push(("SSH_AUTH_SOCK".to_owned(), agent.dest.clone()));
    }
    exec.secret_environment.sort();
    let network = match exec.network {
        Network::Sandbox => pb::NetMode::Unset,
        Network::None => pb::NetMode::None,
        Network::Host => pb::NetMode::Host,
    };
    let security = match exec.security {
        Security::Sandbox => pb::SecurityMode::Sandbox,
        Security::Insecure => pb::SecurityMode::Insecure,
    };
    let secret = |secret: SecretEnvironment| pb::SecretEnv {
        id: secret.id,
        name: secret.name,
        optional: secret.optional,
    };
    let device = |device: Device| pb::CdiDevice {
        name: device.name,
        optional: device.optional,
    };
    let cdi_devices = std::mem::take(&mut exec.devices)
        .into_iter()
        .map(device)
        .collect();
    let secretenv = std::mem::take(&mut exec.secret_environment)
        .into_iter()
        .map(secret)
        .collect();
    pb::ExecOp {
        meta: Some(meta(exec)),
        mounts,
        network: network.into(),
        security: security.into(),
        secretenv,
        cdi_devices,
    }
}

fn meta(exec: Exec) -> pb::Meta {
    let variable = |(name, value): (String, String)| format!("{name}={value}");
    let host = |host: ExtraHost| pb::HostIp {
        host: host.host,
        ip: host.address,
    };
    let ulimit = |limit: Ulimit| pb::Ulimit {
        name: limit.name,
        soft: limit.soft,
        hard: limit.hard,
    };
    let proxy = |proxy: ProxyEnvironment| pb::ProxyEnv {
        http_proxy: proxy.http,
        https_proxy: proxy.https,
        ftp_proxy: proxy.ftp,
        no_proxy: proxy.none,
        all_proxy: proxy.all,
    };
    pb::Meta {
        args: exec.args,
        env: exec.environment.into_iter().map(variable).collect(),
        cwd: if exec.cwd.is_empty() {
            "/".to_owned()
        } else {
            exec.cwd
        },
        user: exec.user,
        proxy_env: exec.proxy_environment.map(proxy),
        extra_hosts: exec.extra_hosts.into_iter().map(host).collect(),
        hostname: exec.hostname,
        ulimit: exec.ulimits.into_iter().map(ulimit).collect(),
        cgroup_parent: exec.cgroup_parent,
        // Go always sets it; mount points that the engine made do not stay in layers: client/llb/exec.go.
        remove_mount_stubs_recursive: true,
        valid_exit_codes: exec.valid_exit_codes,
    }
}
