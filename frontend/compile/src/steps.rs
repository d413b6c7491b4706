//! The commands of an extension on the user's base: all of them as one command of the engine.
//!
//! One, since the difference over several would be a layer for each.

use buildkit_llb::{About, Exec, Mount, Network, Output, Sharing};
use plan::Planned;
use source::Span;
use spec::ImagePath;

use crate::commands::cache_id;
use crate::compilation::Compilation;
use crate::system::required;
use crate::{builder, config, packages, scripts, secrets};

/// The command that runs an extension's steps in a root.
pub(crate) fn command(
    compilation: &mut Compilation<'_>,
    root: Output,
    extension: &Planned,
) -> Exec {
    let steps = &extension.steps;
    let runs: Vec<&str> = steps.iter().map(|step| step.run.as_str()).collect();
    let (args, script) = scripts::STEPS.command(compilation, &runs);
    let mut exec = Exec::new(root, compilation.request.platform.clone(), args);
    exec.environment = environment(compilation, extension);
    let image = compilation.plan.base.value.clone();
    exec.mounts = vec![script, packages::downloads(compilation, &image)];
    let caches = steps.iter().flat_map(|step| &step.cache);
    for cache in caches {
        let mount = Mount::cache(cache.path.as_str(), cache_id(&cache.id), Sharing::Shared);
        if !exec.mounts.contains(&mount) {
            exec.mounts.push(mount);
        }
    }
    secrets::give(&mut exec, steps);
    // All have a network or none has: the reader of the format sees to it.
    if steps.iter().all(|step| step.network == spec::Network::None) {
        exec.network = Network::None;
    } else {
        exec.mounts.push(builder::certificate_secret());
    }
    exec
}

/// What people are told of it.
pub(crate) fn about(compilation: &mut Compilation<'_>, extension: &Planned) -> About {
    let steps = &extension.steps;
    let spans: Vec<Span> = steps.iter().map(|step| step.span).collect();
    let first = builder::first_line(&steps[0].run);
    let more = match steps.len() {
        1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    let name = format!("[{}] steps: {first}{more}", extension.name);
    let mut about = compilation.about_own(extension, name, &spans);
    let runs: Vec<&str> = steps.iter().map(|step| step.run.as_str()).collect();
    about.command = Some(runs.join("\n"));
    about
}

/// The image's variables as far as the extension knows them: the base's, those of what it requires,
/// and its own; nothing of others.
fn environment(compilation: &Compilation<'_>, extension: &Planned) -> Vec<(String, String)> {
    let plan = compilation.plan;
    let known: Vec<&Planned> = required(plan, extension)
        .into_iter()
        .chain([extension])
        .collect();
    let mut environment = compilation.image_environment(&plan.base.value);
    let folders: Vec<&str> = known
        .iter()
        .flat_map(|known| known.path.iter().map(ImagePath::as_str))
        .collect();
    let path = config::search_path(&environment, &folders);
    let mut set = |name: &str, value: &str| {
        environment.retain(|(other, _)| other != name);
        environment.push((name.to_owned(), value.to_owned()));
    };
    set("PATH", &path);
    for known in known {
        for (name, value) in &known.environment {
            set(name, value);
        }
    }
    set("HOME", "/root");
    let time = compilation.request.command_time_seconds().to_string();
    set("SOURCE_DATE_EPOCH", &time);
    set("TARGETARCH", &compilation.request.platform.architecture);
    for (name, value) in &extension.parameters {
        set(&name.as_str().to_uppercase(), value);
    }
    set("INLAY_EPOCH", &time);
    environment
}
