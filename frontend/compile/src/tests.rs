//! Tests of [`crate::compile`]: each compiles several files, written as one text, to a graph and a
//! configuration.

mod assembly;
mod config;
mod golden;
mod packages;
mod position;
mod properties;
mod sbom;
mod shared;
mod system;

use std::collections::{BTreeMap, BTreeSet};

use plan::Plan;
use serde_json::json;
use source::Sources;

use crate::{
    Assembly, ClientFolder, Commands, Compiled, Context, ImageSource, Platform, Request, Rerun,
    ResolveMode, ResolvedImage, Target, compile,
};
use fixtures::resolve_sound;

/// A request that resolves every image of a plan, each to a digest of its own.
fn request(plan: &Plan) -> Request {
    let images = plan.images().into_keys().map(|image| {
        let digits: usize = image.as_str().bytes().map(usize::from).sum();
        let resolved = ResolvedImage {
            source: ImageSource::Reference(format!("docker.io/library/{image}@sha256:{digits:x}")),
            config: json!({ "config": { "Env": ["PATH=/usr/bin:/bin", format!("OF={image}")] } }),
        };
        (image, resolved)
    });
    let own = plan.extensions.iter().map(|extension| {
        let name = extension.name.to_string();
        let folder = ClientFolder {
            key_hint: format!("context:{name}-"),
            name,
            session: "session".to_owned(),
            exclude: Vec::new(),
        };
        (extension.name.clone(), Context::Client(folder))
    });
    Request {
        platform: Platform::new("linux", "amd64", ""),
        images: images.collect(),
        resolve_mode: ResolveMode::Default,
        context: Context::Client(ClientFolder {
            name: "context".to_owned(),
            session: "session".to_owned(),
            exclude: vec!["*.log".to_owned()],
            key_hint: "context".to_owned(),
        }),
        context_host: None,
        extension_contexts: own.collect(),
        frontend: None,
        assembly: Assembly::Merge,
        target: Target::Image,
        proxy: None,
        commands: Commands::default(),
        epoch: None,
        rerun: Rerun::Extensions(BTreeSet::new()),
        renews_packages: false,
        known: crate::Known::default(),
        wants_sbom: false,
        is_one_of_several: false,
        labels: BTreeMap::new(),
    }
}

fn compiled(plan: &Plan, sources: &Sources) -> Compiled {
    compile(plan, sources, &request(plan))
}

/// The graph of a text.
fn check(text: &str) -> String {
    let (plan, sources) = resolve_sound(text);
    let compiled = compiled(&plan, &sources);
    compiled.graph.dump(compiled.root)
}

/// The graph of a text, without what depends on the content of our scripts: their rows, and all digests.
fn check_commands(text: &str) -> String {
    let dump = check(text);
    let rows = dump
        .lines()
        .filter(|row| !row.starts_with("[internal] script"));
    let rows = rows.map(|row| {
        row.rsplit_once(' ')
            .map_or(row, |(rest, _)| rest.trim_end())
    });
    rows.collect::<Vec<_>>().join("\n")
}

/// `root.sh` removes leftovers after a command, and the joint has its own list of what no layer should contain.
/// One list is in a script and the other in a program, and they must agree.
#[test]
fn the_joint_knows_all_leftovers_of_commands() {
    let script = include_str!("scripts/root.sh");
    let (_, list) = script.split_once("leftovers() {").unwrap();
    let (list, _) = list.split_once("\n}").unwrap();
    let words = list.split_whitespace();
    let paths: Vec<String> = words
        .filter(|word| word.starts_with('/') && !word.ends_with("/null"))
        // A folder that the script searches stands for the files in it.
        .map(|word| match word {
            "/var/log" | "/var/lib/apt/lists" => format!("{word}/x"),
            "/var/cache/apt" => format!("{word}/pkgcache.bin"),
            _ => word.replace("[0-9]", "1").replace('*', "x"),
        })
        .collect();
    assert!(paths.len() > 25, "{paths:?}");
    // If the base has an empty identity, it is emptied rather than removed.
    for path in paths.iter().filter(|path| *path != "/etc/machine-id") {
        assert!(reconcile::is_left_behind(path.as_bytes()), "{path}");
    }
}
