//! Binds steps: copies what was written into the form in which they will be run.

use spec::Step;

use crate::{PlannedCache, PlannedSecret, PlannedStep};

/// Binds steps in their order.
pub(crate) fn bind_steps(steps: &[Step]) -> Vec<PlannedStep> {
    steps.iter().map(bind_step).collect()
}

fn bind_step(step: &Step) -> PlannedStep {
    let cache = step.cache.iter().map(|mount| PlannedCache {
        id: mount.id.value.clone(),
        path: mount.path.value.clone(),
    });
    let secrets = step.secrets.iter().map(|secret| PlannedSecret {
        id: secret.id.value.clone(),
        file: secret.file(),
        environment: secret.environment.as_ref().map(|name| name.value.clone()),
        need: secret.need,
    });
    let agents = step.agents.iter().map(|agent| agent.value.clone());
    PlannedStep {
        run: step.run.value.clone(),
        network: step.network,
        cache: cache.collect(),
        secrets: secrets.collect(),
        agents: agents.collect(),
        span: step.run.span,
    }
}
