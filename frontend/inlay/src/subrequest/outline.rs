//! `frontend.outline`: what can be given to a build.
//!
//! The form of the answer is that of frontend/subrequests/outline/outline.go. Secrets, ssh agents and
//! caches are read from the graph, so that none can be forgotten: the list has what the engine would
//! ask the client for.

use std::collections::BTreeMap;

use buildkit_llb::{Digest, pb};
use gateway::{Engine, Failure, Reply};
use prost::Message as _;
use serde_json::{Map, Value, json};
use source::{Reported, Sources, Span};

use crate::convert::{Conversion, Converted, Images, Packages, Purpose};
use crate::engine::{choose_assembly, make_definition};
use crate::finder::Finder;
use crate::report;
use crate::subrequest::make_reply;
use crate::subrequest::places::Places;
use crate::subrequest::table::lay_out;

/// What the ids of inlay's own caches begin with. Users do not name these.
const OWN: &str = "inlay/";

/// Something that commands ask for by an id.
struct Asked {
    is_required: bool,
    location: Option<Value>,
}

/// Answers what can be given to a build.
pub(crate) async fn answer<F: Finder>(
    conversion: &mut Conversion<'_, F>,
    engine: &Engine,
) -> Result<Reply, Failure> {
    let request = conversion.request;
    let converted = conversion.convert(Purpose::Question, &request.target).await;
    let converted = converted.map_err(|Reported| conversion.findings.failure())?;
    let mut places = Places::default();
    let arguments = list_arguments(&conversion.findings.sources, &converted, &mut places);
    let mut asked = [const { BTreeMap::new() }; 3];
    for platform_plan in &converted.platforms {
        // No images are needed, because what commands ask for does not depend on them.
        let images = Images::new();
        let compiled = conversion.compile(
            &converted,
            platform_plan,
            images,
            choose_assembly(engine),
            &Packages::default(),
        );
        let definition = make_definition(engine, &compiled.graph, compiled.root);
        let namespace = &request.commands.cache_namespace;
        collect(&definition, namespace, &mut places, &mut asked);
    }
    let [secrets, agents, caches] = asked;

    let columns = ["BUILD ARG", "VALUE", "DESCRIPTION"];
    let rows = arguments.iter().map(|argument| {
        let cell = |key: &str| argument[key].as_str().unwrap_or_default().to_owned();
        vec![cell("name"), cell("value"), cell("description")]
    });
    let mut tables = vec![lay_out(&columns, rows)];
    for (head, asked) in [("SECRET", &secrets), ("SSH", &agents)] {
        let rows = asked.iter().map(|(name, asked): (&String, &Asked)| {
            let required = if asked.is_required { "true" } else { "" };
            vec![name.clone(), required.to_owned()]
        });
        tables.push(lay_out(&[head, "REQUIRED"], rows));
    }
    tables.push(lay_out(
        &["CACHE"],
        caches.keys().map(|id| vec![id.clone()]),
    ));
    tables.retain(|table| !table.is_empty());

    let mut outline = Map::new();
    if !request.target.is_empty() {
        outline.insert("name".to_owned(), json!(request.target));
    }
    let mut add = |key: &str, list: Vec<Value>| {
        if !list.is_empty() {
            outline.insert(key.to_owned(), Value::Array(list));
        }
    };
    add("args", arguments);
    add("secrets", list_asked(secrets, "name"));
    add("ssh", list_asked(agents, "name"));
    add("cache", list_asked(caches, "ID"));
    add(
        "sources",
        places.texts().into_iter().map(Value::from).collect(),
    );
    Ok(make_reply(&Value::Object(outline), &tables.join("\n")))
}

/// The arguments of the spec, then the parameters of its extensions, such as `node.version`. The
/// spec itself gives values to parameters.
fn list_arguments(sources: &Sources, converted: &Converted, places: &mut Places) -> Vec<Value> {
    let mut entry = |name: String, value: &str, description: String, span: Span| {
        let mut entry = json!({ "name": name });
        for (key, text) in [("value", value), ("description", &description)] {
            if !text.is_empty() {
                entry[key] = json!(text);
            }
        }
        entry["location"] = places.of_snippet(&report::quote(sources, span));
        entry
    };
    let mut entries = Vec::new();
    for (name, argument) in &converted.image.arguments {
        let description = argument.description.as_ref();
        let description = description.map_or_else(String::new, |text| text.value.clone());
        entries.push(entry(
            name.to_string(),
            &argument.value,
            description,
            argument.span,
        ));
    }
    let extensions = converted.extensions();
    let first = converted.platforms.first();
    for planned in first.iter().flat_map(|first| &first.plan.extensions) {
        let Some(extension) = extensions.get(&planned.name) else {
            continue;
        };
        for (name, parameter) in &extension.parameters {
            let value = planned.parameters.get(name).map_or("", String::as_str);
            let about = parameter.description.as_ref();
            let about = about.map_or_else(String::new, |text| format!(": {}", text.value));
            let description = format!("set in the spec{about}");
            let name = format!("{}.{name}", planned.name);
            entries.push(entry(name, value, description, parameter.span));
        }
    }
    entries
}

/// Collects what the commands of a definition ask for: secrets, ssh agents and caches.
fn collect(
    definition: &pb::Definition,
    namespace: &str,
    places: &mut Places,
    [secrets, agents, caches]: &mut [BTreeMap<String, Asked>; 3],
) {
    for bytes in &definition.def {
        let operation = pb::Op::decode(&bytes[..])
            .ok()
            .and_then(|operation| operation.op);
        let Some(pb::op::Op::Exec(exec)) = operation else {
            continue;
        };
        let digest = Digest::of(bytes).to_string();
        let mut add = |to: &mut BTreeMap<String, Asked>, id: &str, is_required: bool| {
            let asked = to.entry(id.to_owned()).or_insert_with(|| Asked {
                is_required,
                location: places.of_vertex(definition, &digest),
            });
            asked.is_required |= is_required;
        };
        for secret in &exec.secretenv {
            add(secrets, &secret.id, !secret.optional);
        }
        for mount in &exec.mounts {
            if let Some(secret) = &mount.secret_opt {
                add(secrets, &secret.id, !secret.optional);
            }
            if let Some(agent) = &mount.ssh_opt {
                let id = if agent.id.is_empty() {
                    "default"
                } else {
                    &agent.id
                };
                add(agents, id, !agent.optional);
            }
            if let Some(cache) = &mount.cache_opt {
                let id = cache.id.strip_prefix(namespace).unwrap_or(&cache.id);
                let id = id.trim_start_matches('/');
                if !id.starts_with(OWN) {
                    add(caches, id, false);
                }
            }
        }
    }
}

fn list_asked(asked: BTreeMap<String, Asked>, key: &str) -> Vec<Value> {
    let entry = |(id, asked): (String, Asked)| {
        let mut entry = json!({ key: id });
        if asked.is_required {
            entry["required"] = json!(true);
        }
        if let Some(location) = asked.location {
            entry["location"] = location;
        }
        entry
    };
    asked.into_iter().map(entry).collect()
}
