//! `frontend.targets`: what can be built. The form is that of frontend/subrequests/targets/targets.go.

use gateway::{Gateway, Reply};
use serde_json::json;

use super::places::Places;
use super::table::table;
use crate::answer::{Build, Converted};
use crate::report;

/// What can be built.
pub(super) fn answer<G: Gateway>(build: &Build<'_, G>, converted: &Converted) -> Reply {
    let base = &converted.image.base;
    let mut places = Places::default();
    let snippet = report::snippet(&build.sources, base.span);
    let description = "the image with all extensions";
    let targets = json!([{
        "default": true,
        "description": description,
        "base": base.value.as_str(),
        "location": places.of_snippet(&snippet),
    }]);
    let rows = [vec!["(default)".to_owned(), description.to_owned()]];
    let text = table(&["TARGET", "DESCRIPTION"], rows);
    let result = json!({ "targets": targets, "sources": places.texts() });
    super::reply(&result, text)
}
