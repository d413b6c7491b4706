//! Decodes steps, of a builder or on the user's base.

use source::{Diagnostics, Reported};

use crate::decode::fields::fields;
use crate::decode::mounts::check_mounts;
use crate::decode::scalar::{filled_text, name, word};
use crate::decode::secrets::{agents, secret};
use crate::decode::value::{Value, list_of};
use crate::keys;
use crate::{CacheMount, Network, Step};

/// A step, written as its command or with more.
pub(crate) fn step(diagnostics: &mut Diagnostics, value: Value<'_>) -> Result<Step, Reported> {
    if !value.is_mapping() {
        return Ok(Step {
            run: filled_text(diagnostics, value)?,
            network: Network::default(),
            cache: Vec::new(),
            secrets: Vec::new(),
            agents: Vec::new(),
            span: value.node.span,
        });
    }
    let fields = fields(diagnostics, value, &keys::STEP)?;
    let run = fields
        .required("run")
        .and_then(|value| filled_text(diagnostics, value));
    let network = fields.optional("network", |value| {
        word(diagnostics, value, fields.words("network"))
    });
    let cache = list_of(diagnostics, fields.get("cache"), cache);
    let secrets = list_of(diagnostics, fields.get("secrets"), secret);
    let agents = fields.optional("ssh", |value| {
        agents(diagnostics, value, fields.words("ssh"))
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

fn cache(diagnostics: &mut Diagnostics, value: Value<'_>) -> Result<CacheMount, Reported> {
    let fields = fields(diagnostics, value, &keys::CACHE)?;
    let id = fields
        .required("id")
        .and_then(|value| filled_text(diagnostics, value));
    let path = fields
        .required("path")
        .and_then(|value| name(diagnostics, value));
    Ok(CacheMount {
        id: id?,
        path: path?,
    })
}
