//! Questions about a build instead of a build: `docker buildx build --call=…`.
//!
//! Each answer is metadata of a result without a file system: `result.json` in the exact form of
//! version 1.0.0 (frontend/subrequests), which clients read, and `result.txt` for those that do not.

mod lint;
mod locking;
mod outline;
mod places;
mod table;
mod targets;

use gateway::{Engine, Failure, Options, Reply};
use serde_json::{Value, json};
use source::shown;

use crate::convert::Conversion;
use crate::finder::Finder;
use crate::subrequest::table::lay_out;

#[cfg(test)]
pub(crate) use lint::title_of;

/// The version of all answers. For another version, clients would show the plain text.
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
    /// What the names in the spec stand for.
    Lock,
}

/// Every question: its id, what it is called in code, and its sentence.
const ALL: &[(&str, Subrequest, &str)] = &[
    (
        "frontend.lint",
        Subrequest::Lint,
        "Say what is wrong with a spec and the extensions it uses, without building",
    ),
    (
        "frontend.lock",
        Subrequest::Lock,
        "Write down what the names in a spec stand for, as a lock file",
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
pub(crate) async fn answer<F: Finder>(
    subrequest: Subrequest,
    conversion: &mut Conversion<'_, F>,
    engine: &Engine,
) -> Result<Reply, Failure> {
    match subrequest {
        Subrequest::Describe => Ok(describe()),
        Subrequest::Lint => Ok(lint::answer(conversion, engine).await),
        Subrequest::Lock => locking::answer(conversion, engine).await,
        Subrequest::Outline => outline::answer(conversion, engine).await,
        Subrequest::Targets => targets::answer(conversion).await,
    }
}

/// Answers which questions there are.
pub(crate) fn describe() -> Reply {
    let requests = ALL.iter().map(|(name, subrequest, description)| {
        let has_target = matches!(subrequest, Subrequest::Lint | Subrequest::Outline);
        let option = json!({ "name": "target", "description": "The part of the image to build" });
        let mut keys = vec!["result.json", "result.txt"];
        if *subrequest == Subrequest::Lint {
            keys.push("result.statuscode");
        }
        let metadata = keys
            .iter()
            .map(|key| json!({ "name": key, "description": "" }));
        json!({
            "name": name,
            "version": VERSION,
            "type": "rpc",
            "description": description,
            "opts": if has_target { json!([option]) } else { Value::Null },
            "inputs": null,
            "metadata": metadata.collect::<Vec<_>>(),
            "refs": null,
        })
    });
    let json = Value::Array(requests.collect());
    let rows = ALL.iter().map(|(name, _, description)| {
        let name = name.trim_start_matches("frontend.");
        [name, VERSION, description].map(str::to_owned).to_vec()
    });
    make_reply(&json, &lay_out(&["NAME", "VERSION", "DESCRIPTION"], rows))
}

fn make_reply(json: &Value, text: &str) -> Reply {
    // Clients print either of the two.
    Reply::default()
        .with_metadata("result.json", format!("{:#}", show_all(json)))
        .with_metadata("result.txt", shown(text))
        .with_metadata("version", VERSION)
}

/// The same value with each of its texts as it can be printed.
fn show_all(json: &Value) -> Value {
    match json {
        Value::String(text) => shown(text).into(),
        Value::Array(values) => values.iter().map(show_all).collect(),
        Value::Object(values) => {
            let values = values.iter();
            let values = values.map(|(key, value)| (key.clone(), show_all(value)));
            Value::Object(values.collect())
        }
        _ => json.clone(),
    }
}
