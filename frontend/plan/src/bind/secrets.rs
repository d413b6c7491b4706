//! Warns of secrets and ssh agents that an extension asks for and the spec does not mention.
//!
//! A build gives a secret by its id alone, so whatever extension asks for the id gets it.

use std::collections::BTreeMap;

use ::source::{Code, Diagnostic, Diagnostics, Span};

use crate::Origin;
use crate::select::Selected;

/// Warns of each secret and agent that an extension asks for, unless the extension is defined in the spec.
pub(crate) fn check(diagnostics: &mut Diagnostics, selected: &Selected) {
    if selected.found.origin == Origin::Inline {
        return;
    }
    let extension = &selected.found.extension;
    let of_builder = extension.build.iter().flat_map(|build| &build.steps);
    // Each with the first place that asks for it.
    let mut asked: BTreeMap<(&str, &str), Span> = BTreeMap::new();
    for step in of_builder.chain(&extension.install.steps) {
        for secret in &step.secrets {
            let key = ("secret", secret.id.value.as_str());
            asked.entry(key).or_insert(secret.id.span);
        }
        for agent in &step.agents {
            let key = ("ssh agent", agent.value.as_str());
            asked.entry(key).or_insert(agent.span);
        }
    }
    let name = &extension.name.value;
    for ((kind, id), span) in asked {
        let flag = if kind == "secret" {
            "secret id="
        } else {
            "ssh "
        };
        let message = format!("extension `{name}` asks for the {kind} `{id}`");
        let help = format!(
            "its steps can do anything with it: build with `--{flag}{id}` only if `{name}` is meant to have it"
        );
        diagnostics.push(
            Diagnostic::new(Code::ForeignSecret, selected.cause, message)
                .label(span, "it asks here")
                .help(help),
        );
    }
}
