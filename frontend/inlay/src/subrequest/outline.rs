//! `frontend.outline`: what can be given to a build. The form is that of
//! frontend/subrequests/outline/outline.go.
//!
//! Secrets, ssh agents and caches are read off the graph, so that none can be forgotten: what the
//! engine would ask the client for is what is listed.

use std::collections::BTreeMap;

use buildkit_llb::{Digest, pb};
use gateway::{Engine, Gateway, Reply};
use prost::Message as _;
use serde_json::{Map, Value, json};
use spec::{Extension, ExtensionName, Used};

use super::places::Places;
use super::table::table;
use crate::answer::{Build, Converted};
use crate::report;

/// Ids of caches that are inlay's own and nobody names.
const OWN: &str = "inlay/";

/// Something that commands ask for by an id.
struct Asked {
    is_required: bool,
    location: Option<Value>,
}

/// What can be given to a build.
pub(super) fn answer<G: Gateway>(
    build: &Build<'_, G>,
    engine: &Engine,
    converted: &Converted,
) -> Reply {
    let mut places = Places::default();
    let arguments = arguments(build, converted, &mut places);
    let mut asked = [const { BTreeMap::new() }; 3];
    for (_, plan) in &converted.plans {
        // Without images: what commands ask for depends on none.
        let compiled = build.compile(engine, plan, BTreeMap::new());
        let capabilities = engine.capabilities.iter().map(String::as_str).collect();
        let definition = compiled.graph.definition(compiled.root, &capabilities);
        let namespace = &build.request.commands.cache_namespace;
        collect(&definition, namespace, &mut places, &mut asked);
    }
    let [secrets, agents, caches] = asked;

    let columns = ["BUILD ARG", "VALUE", "DESCRIPTION"];
    let rows = arguments.iter().map(|argument| {
        let cell = |key: &str| argument[key].as_str().unwrap_or_default().to_owned();
        vec![cell("name"), cell("value"), cell("description")]
    });
    let mut tables = vec![table(&columns, rows)];
    for (head, asked) in [("SECRET", &secrets), ("SSH", &agents)] {
        let rows = asked.iter().map(|(name, asked): (&String, &Asked)| {
            let required = if asked.is_required { "true" } else { "" };
            vec![name.clone(), required.to_owned()]
        });
        tables.push(table(&[head, "REQUIRED"], rows));
    }
    tables.push(table(&["CACHE"], caches.keys().map(|id| vec![id.clone()])));
    tables.retain(|table| !table.is_empty());

    let mut outline = Map::new();
    if !build.request.target.is_empty() {
        outline.insert("name".to_owned(), json!(build.request.target));
    }
    let mut add = |key: &str, list: Vec<Value>| {
        if !list.is_empty() {
            outline.insert(key.to_owned(), Value::Array(list));
        }
    };
    add("args", arguments);
    add("secrets", listed(secrets, "name"));
    add("ssh", listed(agents, "name"));
    add("cache", listed(caches, "ID"));
    add(
        "sources",
        places.texts().into_iter().map(Value::from).collect(),
    );
    super::reply(&Value::Object(outline), tables.join("\n"))
}

/// Arguments of the spec, then the parameters of its extensions as `node.version`, which are given in
/// the spec.
fn arguments<G: Gateway>(
    build: &Build<'_, G>,
    converted: &Converted,
    places: &mut Places,
) -> Vec<Value> {
    let mut entry = |name: String, value: &str, description: String, span| {
        let mut entry = json!({ "name": name });
        for (key, text) in [("value", value), ("description", &description)] {
            if !text.is_empty() {
                entry[key] = json!(text);
            }
        }
        entry["location"] = places.of_snippet(&report::snippet(&build.sources, span));
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
    let extensions = extensions(converted);
    for planned in converted
        .plans
        .first()
        .iter()
        .flat_map(|(_, plan)| &plan.extensions)
    {
        let Some(extension) = extensions.get(&planned.name) else {
            continue;
        };
        for (name, parameter) in &extension.parameters {
            let value = planned.parameters.get(name).map_or("", String::as_str);
            let about = parameter.description.as_ref();
            let about = about.map_or_else(String::new, |text| format!(": {}", text.value));
            let description = format!("parameter in the spec{about}");
            let name = format!("{}.{name}", planned.name);
            entries.push(entry(name, value, description, parameter.span));
        }
    }
    entries
}

/// Every extension that was found, by name.
pub(super) fn extensions(converted: &Converted) -> BTreeMap<&ExtensionName, &Extension> {
    let found = converted.catalogue.all().map(|found| &found.extension);
    let inline = converted
        .image
        .extensions
        .iter()
        .filter_map(|used| match &used.used {
            Used::Inline(extension) => Some(&**extension),
            _ => None,
        });
    found
        .chain(inline)
        .map(|extension| (&extension.name.value, extension))
        .collect()
}

/// What the commands of a definition ask for: secrets, ssh agents, caches.
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

fn listed(asked: BTreeMap<String, Asked>, key: &str) -> Vec<Value> {
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
