//! Decodes the steps of a builder or on the user's base.

use source::{Diagnostics, Reported};

use crate::decode::fields::read_fields;
use crate::decode::mounts::check_mounts;
use crate::decode::scalar::{read_command, read_name, read_word};
use crate::decode::secrets::{read_agents, read_secret};
use crate::decode::value::{Value, read_list_of};
use crate::keys;
use crate::{CacheMount, Network, Step};

/// Reads a step, which is written as its command or as a mapping.
pub(crate) fn read_step(diagnostics: &mut Diagnostics, value: Value<'_>) -> Result<Step, Reported> {
    if !value.is_mapping() {
        return Ok(Step {
            run: read_command(diagnostics, value)?,
            network: Network::default(),
            cache: Vec::new(),
            secrets: Vec::new(),
            agents: Vec::new(),
            span: value.node.span,
        });
    }
    let fields = read_fields(diagnostics, value, &keys::STEP)?;
    let run = fields
        .required("run")
        .and_then(|value| read_command(diagnostics, value));
    let network = fields.optional("network", |value| {
        read_word(diagnostics, value, fields.words("network"))
    });
    let cache = read_list_of(diagnostics, fields.get("cache"), read_cache);
    let secrets = read_list_of(diagnostics, fields.get("secrets"), read_secret);
    let agents = fields.optional("ssh", |value| {
        read_agents(diagnostics, value, fields.words("ssh"))
    });
    check_mounts(diagnostics, &cache, &secrets);
    Ok(Step {
        run: run?,
        network: match network {
            Some("none") => Network::None,
            _ => Network::Default,
        },
        cache,
        secrets,
        agents: agents.unwrap_or_default(),
        span: value.node.span,
    })
}

fn read_cache(diagnostics: &mut Diagnostics, value: Value<'_>) -> Result<CacheMount, Reported> {
    let fields = read_fields(diagnostics, value, &keys::CACHE)?;
    let id = fields
        .required("id")
        .and_then(|value| read_name(diagnostics, value));
    let path = fields
        .required("path")
        .and_then(|value| read_name(diagnostics, value));
    Ok(CacheMount {
        id: id?,
        path: path?,
    })
}
