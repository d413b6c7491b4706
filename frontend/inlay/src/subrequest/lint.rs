//! `frontend.lint`: what a build would say, without building.
//!
//! The same conversion as a build, images looked for and the graph made, with another sink for what
//! is found. The form is that of frontend/subrequests/lint/lint.go; clients look into `location`
//! without asking whether it is there.

use gateway::{Engine, Failure, Gateway, Reply, SourceSnippet};
use serde_json::{Value, json};
use source::{Code, Diagnostic, Sources, render};

use super::places::Places;
use crate::answer::{Build, Converted};
use crate::report;

/// What each warning is about, as the title of its page has it.
pub(crate) fn title(code: Code) -> &'static str {
    match code {
        Code::Unverified => "unverified download",
        Code::OtherKey => "keys from different files",
        Code::SameAlternative => "one alternative chosen twice",
        Code::UnseenPackage => "package that is not seen",
        Code::UnsetVariable => "variable that is not set",
        Code::DuplicateUse => "extension listed twice",
        // Errors are told by their own sentences.
        _ => "",
    }
}

/// What a build would say.
pub(super) async fn answer<G: Gateway>(
    build: &mut Build<'_, G>,
    engine: &Engine,
    converted: Result<Converted, Failure>,
) -> Result<Reply, Failure> {
    let failure = match converted {
        Ok(converted) => compile_all(build, engine, &converted).await.err(),
        Err(failure) => Some(failure),
    };
    let mut warnings = build.warnings();
    warnings.sort_by_key(|warning| warning.primary);
    let mut places = Places::default();
    let listed: Vec<Value> = warnings
        .iter()
        .map(|warning| described(&build.sources, warning, &mut places))
        .collect();
    let mut result = json!({ "warnings": listed });
    let mut text: String = warnings
        .iter()
        .map(|warning| render(&build.sources, warning))
        .collect();
    if let Some(failure) = &failure {
        let location = failure_snippet(failure)
            .map_or_else(Places::nowhere, |snippet| places.of_snippet(&snippet));
        result["buildError"] = json!({ "message": failure.message, "location": location });
        text.push_str(&failure.message);
        text.push('\n');
    }
    result["sources"] = Value::Array(places.infos());
    let is_clean = warnings.is_empty() && failure.is_none();
    let reply = super::reply(&result, text);
    // Clients exit with it.
    Ok(reply.with_metadata("result.statuscode", if is_clean { "0" } else { "1" }))
}

/// The one place that the answer has: all that a failure is about in the first file that it is about.
fn failure_snippet(failure: &Failure) -> Option<SourceSnippet> {
    let (first, others) = failure.snippets.split_first()?;
    let mut snippet = first.clone();
    let others = others
        .iter()
        .filter(|other| other.filename == first.filename);
    snippet
        .ranges
        .extend(others.flat_map(|other| other.ranges.clone()));
    Some(snippet)
}

/// What else a build does before it hands over: images that do not exist are found here.
async fn compile_all<G: Gateway>(
    build: &mut Build<'_, G>,
    engine: &Engine,
    converted: &Converted,
) -> Result<(), Failure> {
    for (platform, plan) in &converted.plans {
        build.request.platform = platform.clone();
        let images = build.resolve_images(plan).await?;
        build.compile(engine, plan, images);
    }
    Ok(())
}

fn described(sources: &Sources, warning: &Diagnostic, places: &mut Places) -> Value {
    let help = warning.help.as_ref();
    let help = help.map_or_else(String::new, |help| format!("; help: {help}"));
    let snippet = report::snippet(sources, warning.primary);
    json!({
        "ruleName": warning.code.id(),
        "description": title(warning.code),
        "url": report::page(warning.code),
        "detail": format!("{}{help}", warning.message),
        "location": places.of_snippet(&snippet),
    })
}
