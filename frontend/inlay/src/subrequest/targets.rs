//! `frontend.targets`: what can be built. The form is that of frontend/subrequests/targets/targets.go.

use gateway::{Gateway, Reply};
use serde_json::{Value, json};
use source::Span;

use super::outline::extensions;
use super::places::Places;
use super::table::table;
use crate::answer::{Build, Converted};
use crate::{report, target};

/// What can be built.
pub(super) fn answer<G: Gateway>(build: &Build<'_, G>, converted: &Converted) -> Reply {
    let base = &converted.image.base;
    let mut places = Places::default();
    let mut rows = Vec::new();
    let mut entry = |name: &str, description: &str, span: Span| -> Value {
        let shown = if name.is_empty() { "(default)" } else { name };
        rows.push(vec![shown.to_owned(), description.to_owned()]);
        let snippet = report::snippet(&build.sources, span);
        let mut entry = json!({ "location": places.of_snippet(&snippet) });
        for (key, text) in [("name", name), ("description", description)] {
            if !text.is_empty() {
                entry[key] = json!(text);
            }
        }
        entry
    };
    let mut image = entry("", "the image with all extensions", base.span);
    image["default"] = json!(true);
    image["base"] = json!(base.value.as_str());
    let mut targets = vec![image];
    let found = extensions(converted);
    if let Some((_, plan)) = converted.plans.first() {
        for (name, extension, description) in target::all(plan) {
            let own = found.get(&extension.name);
            let own = own.and_then(|found| found.description.as_ref());
            // An extension itself is told in its own words.
            let is_part = name != extension.name.as_str();
            let description = match own {
                Some(own) if !is_part => own.value.as_str(),
                _ => description,
            };
            targets.push(entry(&name, description, extension.span));
        }
        if plan
            .extensions
            .iter()
            .any(|extension| !extension.tests.is_empty())
        {
            targets.push(entry(
                target::TESTS,
                "runs the tests of all extensions",
                base.span,
            ));
        }
    }
    let result = json!({ "targets": targets, "sources": places.texts() });
    super::reply(&result, table(&["TARGET", "DESCRIPTION"], rows))
}
