//! Shows a plan as a tree for people: what each extension consists of, and what its parts run on.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use plan::{Plan, Planned};
use spec::ExtensionName;

use crate::assembly::{self, Assembled};
use crate::known::Known;
use crate::parts::Ground;
use crate::recipe::{Command, Line, Operation, Owner, Program, Recipe, Tree};
use crate::scripts;

/// Shows the tree of an image: its base, its extensions with their parts, and the joint where they meet.
///
/// The tree is derived from the recipes, so it shows what a build would do.
pub fn outline(plan: &Plan) -> String {
    let known = Known::default();
    let ground = Ground::of(plan, &known);
    let base = ground.image(&plan.base.value, &[plan.base.span]);
    let assembled = assembly::merge(ground, plan, &base);
    let mut text = format!("{}\n", plan.base.value);
    let joint = joint(&assembled);
    let count = plan.extensions.len() + usize::from(joint.is_some());
    for (index, extension) in plan.extensions.iter().enumerate() {
        let is_last = index + 1 == count;
        let (branch, indent) = branches(is_last);
        let _ = writeln!(text, "{branch}{}", heading(extension));
        let parts = parts(&assembled, extension);
        for (index, part) in parts.iter().enumerate() {
            let (branch, _) = branches(index + 1 == parts.len());
            let _ = writeln!(text, "{indent}{branch}{part}");
        }
    }
    if let Some(joint) = joint {
        let (branch, _) = branches(true);
        let _ = writeln!(text, "{branch}{joint}");
    }
    text
}

/// The prefix of a line, and the indent of the lines below it.
fn branches(is_last: bool) -> (&'static str, &'static str) {
    if is_last {
        ("└── ", "    ")
    } else {
        ("├── ", "│   ")
    }
}

fn heading(extension: &Planned) -> String {
    let requires: Vec<&str> = extension
        .requires
        .iter()
        .map(ExtensionName::as_str)
        .collect();
    let mut heading = extension.name.to_string();
    if !requires.is_empty() {
        let _ = write!(heading, ", requires {}", requires.join(", "));
    }
    if extension.is_in_union {
        let packages: Vec<&str> = extension
            .packages
            .keys()
            .map(spec::PackageName::as_str)
            .collect();
        let _ = write!(
            heading,
            ", in the union of packages: {}",
            packages.join(" ")
        );
    }
    heading
}

/// The line about the joint of the image; `None` = it has none.
fn joint(assembled: &Assembled) -> Option<String> {
    let layers = assembled.layers.iter();
    let mut owners: BTreeSet<&str> = layers
        .filter(|(_, layers)| !layers.is_empty())
        .map(|(name, _)| name.as_str())
        .collect();
    owners.extend(assembled.system.iter().map(|one| one.owner.describe()));
    let mut common = assembled.common.iter().filter_map(Tree::recipe);
    let has_joint = common.any(|recipe| recipe.label.name.starts_with("[joint]"));
    let owners: Vec<&str> = owners.into_iter().collect();
    has_joint.then(|| format!("joint of {}", owners.join(", ")))
}

/// The lines about an extension's parts, each after the parts that it depends on.
fn parts(assembled: &Assembled, extension: &Planned) -> Vec<String> {
    let mut seen: Vec<Arc<Recipe>> = Vec::new();
    for layer in assembled.layers.get(&extension.name).into_iter().flatten() {
        visit(layer, &extension.name, &mut seen);
    }
    seen.iter()
        .filter_map(|recipe| part(recipe, extension))
        .collect()
}

/// Collects the recipes of an extension that a tree depends on, dependencies first.
fn visit(tree: &Tree, name: &ExtensionName, seen: &mut Vec<Arc<Recipe>>) {
    let Some(recipe) = tree.recipe() else { return };
    if !is_of(recipe, name) || seen.iter().any(|other| Arc::ptr_eq(other, recipe)) {
        return;
    }
    for input in recipe.inputs() {
        visit(input, name, seen);
    }
    seen.push(Arc::clone(recipe));
}

/// Whether a recipe belongs to the extension, or is a source that it fetches.
fn is_of(recipe: &Recipe, name: &ExtensionName) -> bool {
    let is_own = recipe.label.owner == Owner::Extension(name.clone());
    let is_on_line = recipe.label.line == Line::Extension(name.clone());
    let is_fetch = matches!(
        recipe.operation,
        Operation::Http { .. } | Operation::Git { .. } | Operation::Context { .. }
    );
    is_own || is_on_line || is_fetch
}

/// Whether a command fetches what another one installs.
fn fetches_packages(command: &Command) -> bool {
    matches!(&command.program, Program::Script(script, _) if **script == scripts::FETCH)
}

/// The line about a recipe; `None` = it only combines others.
fn part(recipe: &Recipe, extension: &Planned) -> Option<String> {
    let name = &recipe.label.name;
    let (prefix, title) = name.strip_prefix('[')?.split_once("] ")?;
    let own = extension.name.as_str();
    match &recipe.operation {
        Operation::Command(command) if fetches_packages(command) => None,
        Operation::Command(command) => {
            let what = match prefix.strip_prefix(own) {
                // A step of the builder, with its number if there are several.
                Some(number) if !title.starts_with("packages: ") && !title.contains("steps: ") => {
                    format!("build{number}: {title}")
                }
                Some(_) => title.to_owned(),
                // The image of a builder is named at the end of the line, after `on`.
                None if prefix == "packages" => {
                    let packages = title
                        .split_once(": ")
                        .map_or(title, |(_, packages)| packages);
                    format!("builder packages: {packages}")
                }
                None => format!("{prefix} {title}"),
            };
            let below = below(&command.root, extension);
            Some(below.map_or(what.clone(), |below| format!("{what}  (on {below})")))
        }
        Operation::Http { .. } | Operation::Git { .. } => Some(format!("fetch {title}")),
        Operation::Context { path, .. } => Some(format!("load {path}")),
        Operation::Files { .. } if title == "output" => {
            let outputs = extension.build.as_ref()?.outputs.as_ref();
            let outputs: Option<Vec<String>> =
                outputs.map(|paths| paths.keys().map(ToString::to_string).collect());
            let outputs = outputs.map_or("all of $OUT".to_owned(), |paths| paths.join(" "));
            Some(format!("output: {outputs}"))
        }
        Operation::Files { .. } if title == "files" => {
            let files: Vec<String> = extension
                .files
                .iter()
                .map(|one| one.to.to_string())
                .collect();
            Some(format!("files: {}", files.join(" ")))
        }
        _ => None,
    }
}

/// A description of the root that a command runs on; `None` = it is the extension's own.
fn below(root: &Tree, extension: &Planned) -> Option<String> {
    let recipe = root.recipe()?;
    let label = &recipe.label;
    match &recipe.operation {
        Operation::Image(image) => Some(image.to_string()),
        Operation::Merge(trees) if is_of(recipe, &extension.name) => {
            below(trees.first()?, extension)
        }
        _ if is_of(recipe, &extension.name) => None,
        _ => {
            let name = label.name.as_str();
            let joint = name.strip_prefix("[joint] reconcile the databases of ");
            let joint = joint.map(|owners| format!("a joint of {owners}"));
            let packages = name.strip_prefix("[packages] ");
            let packages = packages.and_then(|title| title.split_once(": "));
            let packages = packages.map(|(image, names)| format!("{image} with {names}"));
            let of_extension = match &label.owner {
                Owner::Extension(name) => Some(name.to_string()),
                Owner::Shared | Owner::Archive | Owner::Constant => None,
            };
            Some(
                joint
                    .or(packages)
                    .or(of_extension)
                    // A chain of system layers that was merged with other layers.
                    .unwrap_or_else(|| "the layers of what it requires".to_owned()),
            )
        }
    }
}
