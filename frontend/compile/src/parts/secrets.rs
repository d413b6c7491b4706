//! Gives steps what the client offers: secrets as files or variables, and ssh agents.
//!
//! An operation contains the names of secrets and not their values, so the cache key of a command does not
//! depend on the values. No layer contains them either, since the engine mounts them as files in memory
//! (BuildKit, `ops/exec.go` and `executor`).

use std::collections::BTreeMap;

use plan::PlannedStep;
use spec::{AgentId, ImagePath, Need, SecretId, VariableName};

use crate::recipe::{Command, Mounted, SecretVariable};

/// The path of agents' sockets without their numbers, as in docker/dockerfile.
const SOCKETS: &str = "/run/buildkit/ssh_agent";

/// Gives a command what its steps ask for. What several steps ask for is given once.
pub(crate) fn give(command: &mut Command, steps: &[PlannedStep]) {
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
    command
        .secret_variables
        .extend(variables.map(|(name, (id, need))| SecretVariable {
            name: name.to_string(),
            id: id.to_string(),
            is_optional: need == Need::Optional,
        }));
    let files = files.into_iter();
    command
        .mounts
        .extend(files.map(|(file, (id, need))| Mounted::Secret {
            at: file.to_string(),
            id: id.to_string(),
            mode: 0o400,
            is_optional: need == Need::Optional,
        }));
    let mut agents: Vec<&AgentId> = Vec::new();
    for agent in steps.iter().flat_map(|step| &step.agents) {
        if !agents.contains(&agent) {
            agents.push(agent);
        }
    }
    // An agent that is asked for is mandatory: without it, ssh would fail with a misleading message.
    let agents = agents.into_iter().enumerate();
    command
        .mounts
        .extend(agents.map(|(number, agent)| Mounted::Agent {
            at: format!("{SOCKETS}.{number}"),
            id: agent.to_string(),
        }));
}
