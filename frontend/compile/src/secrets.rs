//! What a step is given of the client's: secrets as files or variables, and ssh agents.
//!
//! An operation names them and has no value: a command is cached whatever the values are, and no layer has
//! them, as the engine mounts files in memory (BuildKit, `ops/exec.go` and `executor`).

use std::collections::BTreeMap;

use buildkit_llb::{Exec, Mount, MountKind, SecretEnvironment};
use plan::PlannedStep;
use spec::{AgentId, ImagePath, Need, SecretId, VariableName};

/// Where the sockets of agents are, one a number, as docker/dockerfile has it.
const SOCKETS: &str = "/run/buildkit/ssh_agent";

/// Gives a command what its steps ask for; what several ask for is given once.
pub(crate) fn give(exec: &mut Exec, steps: &[PlannedStep]) {
    let mut files: BTreeMap<&ImagePath, (&SecretId, Need)> = BTreeMap::new();
    let mut variables: BTreeMap<&VariableName, (&SecretId, Need)> = BTreeMap::new();
    for secret in steps.iter().flat_map(|step| &step.secrets) {
        if let Some(file) = &secret.file {
            let (_, need) = files.entry(file).or_insert((&secret.id, secret.need));
            *need = (*need).max(secret.need);
        }
        if let Some(variable) = &secret.environment {
            let (_, need) = variables
                .entry(variable)
                .or_insert((&secret.id, secret.need));
            *need = (*need).max(secret.need);
        }
    }
    let variables = variables.into_iter();
    exec.secret_environment
        .extend(variables.map(|(name, (id, need))| SecretEnvironment {
            name: name.to_string(),
            id: id.to_string(),
            optional: need == Need::Optional,
        }));
    exec.mounts
        .extend(files.into_iter().map(|(file, (id, need))| Mount {
            destination: file.to_string(),
            kind: MountKind::Secret {
                id: id.to_string(),
                uid: 0,
                gid: 0,
                mode: 0o400,
                optional: need == Need::Optional,
            },
        }));
    let mut agents: Vec<&AgentId> = Vec::new();
    for agent in steps.iter().flat_map(|step| &step.agents) {
        if !agents.contains(&agent) {
            agents.push(agent);
        }
    }
    for (number, agent) in agents.into_iter().enumerate() {
        // Asked for is needed: without it ssh fails with a reason that leads nowhere.
        let mount = Mount::ssh(format!("{SOCKETS}.{number}"), agent.to_string());
        exec.mounts.push(mount);
    }
}
