//! What a step is given of the client's: secrets as files or variables, and ssh agents.
//!
//! An operation names them and has no value: a command is cached whatever the values are, and no layer has
//! them, as the engine mounts files in memory (BuildKit, `ops/exec.go` and `executor`).

use buildkit_llb::{Exec, Mount, MountKind, SecretEnvironment};
use plan::PlannedStep;
use spec::Need;

/// Where the sockets of agents are, one a number, as docker/dockerfile has it.
const SOCKETS: &str = "/run/buildkit/ssh_agent";

/// Gives a command what its step asks for.
pub(crate) fn give(exec: &mut Exec, step: &PlannedStep) {
    for secret in &step.secrets {
        let optional = secret.need == Need::Optional;
        let id = secret.id.to_string();
        if let Some(variable) = &secret.environment {
            exec.secret_environment.push(SecretEnvironment {
                name: variable.to_string(),
                id: id.clone(),
                optional,
            });
        }
        if let Some(file) = &secret.file {
            exec.mounts.push(Mount {
                destination: file.to_string(),
                kind: MountKind::Secret {
                    id,
                    uid: 0,
                    gid: 0,
                    mode: 0o400,
                    optional,
                },
            });
        }
    }
    for (number, agent) in step.agents.iter().enumerate() {
        // Asked for is needed: without it ssh fails with a reason that leads nowhere.
        let mount = Mount::ssh(format!("{SOCKETS}.{number}"), agent.to_string());
        exec.mounts.push(mount);
    }
}
