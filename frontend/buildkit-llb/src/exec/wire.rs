//! Commands on the wire.
//! The encoding follows `ExecOp.Marshal` in client/llb/exec.go. `PATH` is never added, because the engine sets its
//! default (capability `exec.meta.setsdefaultpath`).

use std::collections::{BTreeMap, BTreeSet};

use crate::encode::Inputs;
use crate::{
    About, Device, Exec, ExecOutputs, ExtraHost, Graph, Mount, MountKey, MountKind, Network,
    Output, ProxyEnvironment, SecretEnvironment, Security, Ulimit, pb,
};

impl Graph {
    /// Adds a command.
    ///
    /// # Panics
    /// If the command has no arguments, a mount at `/`, or two mounts at one destination. The engine would refuse the
    /// whole definition or run something else.
    pub fn exec(&mut self, mut exec: Exec, about: About) -> ExecOutputs {
        assert!(!exec.args.is_empty(), "an exec has arguments");
        let root = MountKind::Bind {
            input: exec.root,
            selector: String::new(),
            key: MountKey::Default,
            readonly: exec.root_readonly,
            output: !exec.root_readonly,
        };
        let mut mounts = std::mem::take(&mut exec.mounts);
        mounts.push(Mount {
            destination: "/".to_owned(),
            kind: root,
        });
        // `/` is a prefix of every destination, so the root comes first.
        mounts.sort_by(|left, right| left.rank().cmp(&right.rank()));
        let destinations: BTreeSet<&str> = mounts
            .iter()
            .map(|mount| mount.destination.as_str())
            .collect();
        assert_eq!(
            destinations.len(),
            mounts.len(),
            "an exec has at most one mount at a destination"
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
        // As in Go, so that mount points which the engine made do not stay in layers: client/llb/exec.go.
        remove_mount_stubs_recursive: true,
        valid_exit_codes: exec.valid_exit_codes,
    }
}
