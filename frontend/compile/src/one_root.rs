//! Makes an image in one root, for engines without MergeOp and DiffOp: everything is put on top of each other, all
//! packages first.
//!
//! Each command leaves the state of what it changed, as system layers do, and the program puts content into the root.
//! At the end, the joint decides about paths that several extensions have, by the same rule as in other images.

use std::collections::BTreeMap;

use plan::{Plan, Planned};
use reconcile::Part;

use crate::assembly::{Assembled, Layer, contents, has_hook};
use crate::joint::{self, Below};
use crate::known::InstallationId;
use crate::parts::packages::Resolved;
use crate::parts::program::{PROGRAM, program};
use crate::parts::{Ground, shell, steps};
use crate::recipe::{Command, Label, Mounted, Program, Tree, Variables};
use crate::system::Union;
use crate::system_layer::{Change, Owner, SystemLayer};

/// The text of the history entry for what the joint changes.
const CREATED_BY: &str = "joint of what extensions have at the same paths";

/// The mount where the program finds content.
const CONTENT: &str = "/run/inlay/content";

/// Assembles the image in one root.
pub(crate) fn assemble(ground: Ground<'_>, plan: &Plan, base: &Tree) -> Assembled {
    let plan = &with_all_in_union(plan);
    let mut root = base.clone();
    let mut layers = BTreeMap::new();
    let mut stack: Vec<Layer> = Vec::new();
    // A package layer for each extension would be a difference, which not every engine can make.
    let is_first = |extension: &Planned| !needs_content(ground, plan, extension);
    if let Some(union) = Union::of(plan.extensions.iter().filter(|one| is_first(one))) {
        let resolved = Resolved::OnImage(Some(Vec::new()), Vec::new());
        let installation = union.install(ground, root.clone(), resolved, Vec::new());
        let change = Change {
            id: "+united".to_owned(),
            owner: Owner::Union,
            part: Part::Packages,
            command: installation.command,
            resolution: installation.resolution,
            label: union.label(ground),
            created_by: union.created_by(),
            root,
            below: Vec::new(),
            is_bare: true,
        };
        let layer = change.run();
        root = layer.root.clone();
        stack.push(Layer::of_system(&layer));
    }
    for extension in &plan.extensions {
        if extension.installs() && !is_first(extension) {
            let layer = install(plan, ground, root, extension, &stack);
            root = layer.root.clone();
            stack.push(Layer::of_system(&layer));
        }
        let contents = contents(ground, extension);
        let trees = contents.iter().map(|layer| layer.tree.clone()).collect();
        layers.insert(extension.name.clone(), trees);
        for layer in contents {
            root = place(ground, root, extension, &layer);
            stack.push(layer);
        }
        if !extension.steps.is_empty() {
            let layer = run_steps(plan, ground, root, extension, &stack);
            root = layer.root.clone();
            stack.push(Layer::of_system(&layer));
        }
    }
    let needs_hook = has_hook(plan);
    let below: Vec<Below<'_>> = stack.iter().filter_map(Layer::below).collect();
    let joint = joint::in_one_root(plan, base, &root, &below, needs_hook);
    let mut created_by: Vec<String> = stack.into_iter().map(|layer| layer.created_by).collect();
    if let Some(joint) = joint {
        root = joint;
        created_by.push(CREATED_BY.to_owned());
    } else if needs_hook {
        root = shell::hook(ground, root);
        created_by.push(shell::CREATED_BY.to_owned());
    }
    Assembled {
        root,
        layers,
        common: Vec::new(),
        system: Vec::new(),
        created_by,
    }
}

/// The plan with all packages in the union. Who requires a member of the union may change what that brings.
fn with_all_in_union(plan: &Plan) -> Plan {
    let mut united = plan.clone();
    for (extension, united) in plan.extensions.iter().zip(&mut united.extensions) {
        let required = plan.requirements(extension);
        united.is_in_union = extension.installs() || required.iter().any(|other| other.installs());
    }
    united
}

/// Whether the packages of an extension are installed on outputs or files that it requires, and so later than others.
fn needs_content(ground: Ground<'_>, plan: &Plan, extension: &Planned) -> bool {
    let required = plan.requirements(extension);
    let has_content = |other: &&Planned| !contents(ground, other).is_empty();
    required.iter().any(has_content)
}

/// The system layers in the root that an extension may change.
fn layers_below(extension: &Planned, stack: &[Layer]) -> Vec<SystemLayer> {
    let layers = stack.iter().filter_map(Layer::system);
    let below = layers.filter(|layer| match &layer.owner {
        Owner::Union => extension.is_in_union,
        Owner::Extension(name) => *name == extension.name || extension.requires.contains(name),
    });
    below.cloned().collect()
}

/// Installs the packages of an extension on the root.
fn install(
    plan: &Plan,
    ground: Ground<'_>,
    root: Tree,
    extension: &Planned,
    stack: &[Layer],
) -> SystemLayer {
    let name = &extension.name;
    let own = Union::of(std::iter::once(extension)).expect("the extension has packages");
    let label = own.label(ground);
    let id = InstallationId::Extension(name.clone());
    let required = plan.requirements(extension);
    let installation = own.install_as(id, ground, root.clone(), Resolved::OnRoot, required);
    let change = Change {
        id: name.to_string(),
        owner: Owner::Extension(name.clone()),
        part: Part::Packages,
        command: installation.command,
        resolution: installation.resolution,
        below: layers_below(extension, stack),
        root,
        is_bare: false,
        label: Label::of(name, label.name, &label.spans),
        created_by: format!("{name}: packages"),
    };
    change.run()
}

/// Puts a layer of content into the root.
fn place(ground: Ground<'_>, root: Tree, extension: &Planned, layer: &Layer) -> Tree {
    let arguments = [PROGRAM, "--place", extension.name.as_str(), CONTENT].map(str::to_owned);
    let mut command = Command::new(root, Program::Arguments(arguments.into()));
    command.variables = Variables::of(ground.base);
    command.mounts = vec![Mounted::read_only(CONTENT, layer.tree.clone()), program()];
    command.network = spec::Network::None;
    let label = Label::shared(format!("[image] {}", layer.created_by), &[extension.span]);
    Tree::run(label, command)
}

/// Runs the steps of an extension on the root.
fn run_steps(
    plan: &Plan,
    ground: Ground<'_>,
    root: Tree,
    extension: &Planned,
    stack: &[Layer],
) -> SystemLayer {
    let required = plan.requirements(extension);
    let change = Change {
        id: format!("{}+steps", extension.name),
        owner: Owner::Extension(extension.name.clone()),
        part: Part::Steps,
        command: steps::command(ground, root.clone(), extension, &required),
        below: layers_below(extension, stack),
        root,
        is_bare: false,
        resolution: None,
        label: steps::label(extension),
        created_by: format!("{}: steps", extension.name),
    };
    change.run()
}
