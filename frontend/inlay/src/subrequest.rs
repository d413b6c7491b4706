//! Questions about a build in the place of a build: `docker buildx build --call=…`.
//!
//! Each answer is metadata of a result without a file system: `result.json` in the exact form of
//! version 1.0.0 (frontend/subrequests), which clients read, and `result.txt` for those that do not.

mod lint;
mod outline;
mod places;
mod table;
mod targets;

use gateway::{Engine, Failure, Gateway, Options, Reply};
use serde_json::{Value, json};
use source::SourceId;

use crate::answer::Build;
use table::table;

#[cfg(test)]
pub(crate) use lint::title;

/// The version of all answers: another one would make clients fall back to plain text.
const VERSION: &str = "1.0.0";

/// A question about a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subrequest {
    /// Which questions there are.
    Describe,
    /// What can be given to the build.
    Outline,
    /// What can be built.
    Targets,
    /// What is wrong, and what is seldom meant.
    Lint,
}

/// Every question: its id, what it is called in code, and its sentence.
const ALL: &[(&str, Subrequest, &str)] = &[
    (
        "frontend.lint",
        Subrequest::Lint,
        "Say what is wrong with a spec and the extensions it uses, without building",
    ),
    (
        "frontend.outline",
        Subrequest::Outline,
        "List arguments, parameters, secrets, ssh agents and caches of the build",
    ),
    (
        "frontend.subrequests.describe",
        Subrequest::Describe,
        "List available subrequest types",
    ),
    (
        "frontend.targets",
        Subrequest::Targets,
        "List what can be built",
    ),
];

impl Subrequest {
    /// The question that is asked, if any. An unknown one is refused in the way that clients know.
    pub(crate) fn read(options: &Options) -> Result<Option<Self>, Failure> {
        let Some(id) = options.get("requestid").filter(|id| !id.is_empty()) else {
            return Ok(None);
        };
        match ALL.iter().find(|(known, ..)| *known == id) {
            Some((_, subrequest, _)) => Ok(Some(*subrequest)),
            None => Err(Failure::unsupported_subrequest(id)),
        }
    }
}

/// Answers a question about the build of a spec.
pub(crate) async fn answer<G: Gateway>(
    subrequest: Subrequest,
    mut build: Build<'_, G>,
    engine: &Engine,
    id: SourceId,
    ignore: Option<Vec<String>>,
) -> Result<Reply, Failure> {
    if subrequest == Subrequest::Targets {
        // All of them, whichever is asked for beside.
        build.request.target.clear();
    }
    let converted = build.convert(id, ignore).await;
    match subrequest {
        Subrequest::Describe => Ok(describe()),
        Subrequest::Lint => lint::answer(&mut build, engine, converted).await,
        Subrequest::Outline => Ok(outline::answer(&build, engine, &converted?)),
        Subrequest::Targets => Ok(targets::answer(&build, &converted?)),
    }
}

/// Which questions there are.
pub(crate) fn describe() -> Reply {
    let named = |name: &str| json!({ "name": name, "description": "" });
    let requests: Vec<Value> = ALL
        .iter()
        .map(|(name, subrequest, description)| {
            let mut metadata = vec![named("result.json"), named("result.txt")];
            if *subrequest == Subrequest::Lint {
                metadata.push(named("result.statuscode"));
            }
            json!({
                "name": name,
                "version": VERSION,
                "type": "rpc",
                "description": description,
                "opts": if *subrequest == Subrequest::Describe || *subrequest == Subrequest::Targets {
                    Value::Null
                } else {
                    json!([{ "name": "target", "description": "What of the image is built" }])
                },
                "inputs": null,
                "metadata": metadata,
                "refs": null,
            })
        })
        .collect();
    let rows = ALL.iter().map(|(name, _, description)| {
        let name = name.trim_start_matches("frontend.");
        [name, VERSION, description].map(str::to_owned).to_vec()
    });
    let text = table(&["NAME", "VERSION", "DESCRIPTION"], rows);
    reply(&Value::Array(requests), text)
}

fn reply(json: &Value, text: String) -> Reply {
    Reply::default()
        .with_metadata("result.json", format!("{json:#}"))
        .with_metadata("result.txt", text)
        .with_metadata("version", VERSION)
}
