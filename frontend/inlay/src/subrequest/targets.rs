//! `frontend.targets`: what can be built.
//!
//! The form of the answer is that of frontend/subrequests/targets/targets.go.

use gateway::{Failure, Reply};
use serde_json::{Value, json};
use source::{Reported, Span};

use crate::convert::{Conversion, Purpose};
use crate::finder::Finder;
use crate::subrequest::make_reply;
use crate::subrequest::places::Places;
use crate::subrequest::table::lay_out;
use crate::{report, target};

/// Answers what can be built, whatever target is asked for.
pub(crate) async fn answer<F: Finder>(
    conversion: &mut Conversion<'_, F>,
) -> Result<Reply, Failure> {
    let converted = conversion.convert(Purpose::Question, "").await;
    let converted = converted.map_err(|Reported| conversion.findings.failure())?;
    let base = &converted.image.base;
    let mut places = Places::default();
    let mut rows = Vec::new();
    let mut entry = |name: &str, description: &str, span: Span| -> Value {
        let shown = if name.is_empty() { "(default)" } else { name };
        rows.push(vec![shown.to_owned(), description.to_owned()]);
        let snippet = report::quote(&conversion.findings.sources, span);
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
    let found = converted.extensions();
    if let Some(plan) = converted.platforms.first().map(|first| &first.plan) {
        for (name, extension, description) in target::list(plan) {
            let own = found.get(&extension.name);
            let own = own.and_then(|found| found.description.as_ref());
            // The extension itself has a description of its own; its parts have not.
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
    let table = lay_out(&["TARGET", "DESCRIPTION"], rows);
    Ok(make_reply(&result, &table))
}
