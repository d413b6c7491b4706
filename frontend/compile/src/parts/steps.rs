//! Runs the steps of an extension on the user's base, all as one command of the engine.
//!
//! It is one command, since the difference over several would have a layer for each.

use plan::Planned;
use source::Span;
use spec::ImagePath;

use crate::commands::cache_id;
use crate::parts::{Ground, certificates, first_line, packages, secrets};
use crate::recipe::{Command, Label, Mounted, Setting, Tree, Variables};
use crate::scripts;

/// The command that runs an extension's steps in a root. `required` are its requirements in canonical order.
pub(crate) fn command(
    ground: Ground<'_>,
    root: Tree,
    extension: &Planned,
    required: &[&Planned],
) -> Command {
    let steps = &extension.steps;
    let runs = steps.iter().map(|step| step.run.as_str());
    let mut command = Command::script(root, &scripts::STEPS, runs);
    command.variables = variables(ground, extension, required);
    command.mounts = vec![packages::work()];
    for cache in steps.iter().flat_map(|step| &step.cache) {
        let mount = Mounted::Cache {
            at: cache.path.to_string(),
            id: cache_id(&cache.id),
        };
        if !command.mounts.contains(&mount) {
            command.mounts.push(mount);
        }
    }
    secrets::give(&mut command, steps);
    // Either all steps have a network or none has: the decoder refuses anything else.
    if steps.iter().all(|step| step.network == spec::Network::None) {
        command.network = spec::Network::None;
    } else {
        command.mounts.push(certificates());
    }
    command
}

/// How the command is shown to people.
pub(crate) fn label(extension: &Planned) -> Label {
    let steps = &extension.steps;
    let spans: Vec<Span> = steps.iter().map(|step| step.span).collect();
    let first = first_line(&steps[0].run);
    let what = match steps.len() {
        1 => format!("steps: {first}"),
        count => format!("{count} steps: {first}; …"),
    };
    let name = format!("[{}] {what}", extension.name);
    let runs: Vec<&str> = steps.iter().map(|step| step.run.as_str()).collect();
    Label::of(&extension.name, name, &spans).running(runs.join("\n"))
}

/// The variables that the steps see: those of the base, of what the extension requires, and its own, but none
/// of other extensions.
fn variables(ground: Ground<'_>, extension: &Planned, required: &[&Planned]) -> Variables {
    let known = || required.iter().copied().chain([extension]);
    let folders = known().flat_map(|known| known.path.iter().map(ImagePath::to_string));
    let mut variables = Variables::of(ground.base);
    let path = Setting::SearchPath(folders.collect());
    variables.settings.push(("PATH".to_owned(), path));
    for (name, value) in known().flat_map(|known| &known.environment) {
        variables.set(name, value);
    }
    variables.set("HOME", "/root");
    variables.set_command_time("SOURCE_DATE_EPOCH");
    variables.set("TARGETARCH", ground.architecture);
    for (name, value) in &extension.parameters {
        variables.set(name.as_str().to_uppercase(), value);
    }
    variables.set_command_time("INLAY_EPOCH");
    variables
}
