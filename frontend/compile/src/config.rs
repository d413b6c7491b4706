//! Makes the image's configuration: that of the base with the changes that the plan asks for.
//!
//! The base's JSON is edited rather than parsed into types, so that keys which are unknown here survive.

use plan::Plan;
use serde_json::{Map, Value, json};
use spec::ImagePath;

use crate::Request;
use crate::environment::Environment;

/// The creation time that the image states unless the request gives one. It is fixed, since the current time
/// would make equal images differ.
pub(crate) const CREATED: &str = "1980-01-01T00:00:00Z";

/// Makes the image's configuration from that of the base. `created_by` has the text of the history entry for
/// each layer above the base.
pub(crate) fn image_config(
    base: &Value,
    plan: &Plan,
    request: &Request,
    created_by: &[String],
) -> Value {
    let mut image = base.as_object().cloned().unwrap_or_default();
    let created = request
        .epoch
        .map_or_else(|| CREATED.to_owned(), |epoch| epoch.to_string());
    image.insert("created".to_owned(), json!(created));
    image.insert("os".to_owned(), json!(request.platform.os));
    image.insert(
        "architecture".to_owned(),
        json!(request.platform.architecture),
    );
    if !request.platform.variant.is_empty() {
        image.insert("variant".to_owned(), json!(request.platform.variant));
    }
    // The exporter itself writes the digests of the layers (exporter/containerimage/writer.go).
    image.insert("rootfs".to_owned(), json!({ "type": "layers" }));

    let mut config = object(image.get("config"));
    config.insert("Env".to_owned(), json!(environment(base, plan).to_lines()));
    if let Some(workdir) = &plan.workdir {
        config.insert("WorkingDir".to_owned(), json!(workdir.as_str()));
    }
    let mut labels = object(config.get("Labels"));
    for (key, value) in plan.labels.iter().chain(&request.labels) {
        labels.insert(key.clone(), json!(value));
    }
    if !labels.is_empty() {
        config.insert("Labels".to_owned(), Value::Object(labels));
    }
    image.insert("config".to_owned(), Value::Object(config));

    // One entry for each layer: without them the exporter writes entries of its own, which differ between
    // engines.
    let mut history = image
        .get("history")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    history.extend(created_by.iter().map(
        |created_by| json!({ "created": created, "created_by": created_by, "comment": "inlay" }),
    ));
    image.insert("history".to_owned(), Value::Array(history));
    Value::Object(image)
}

/// A JSON object to edit; an empty one if there is none.
fn object(value: Option<&Value>) -> Map<String, Value> {
    value
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default()
}

/// The base's variables in their order, with the values that the plan changes, then the plan's others by name.
fn environment(base: &Value, plan: &Plan) -> Environment {
    let mut environment = Environment::of_configuration(base);
    let path = environment.search_path(plan.path.iter().map(ImagePath::as_str));
    environment.update("PATH", &path);
    for (name, value) in &plan.environment {
        environment.update(name, value);
    }
    environment
}
