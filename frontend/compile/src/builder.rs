//! Builders: what an extension makes apart from the user's base.

use buildkit_llb::{Exec, Mount, MountKind, Network, Output, Sharing};
use plan::{Planned, PlannedBuild, PlannedStep};
use spec::{ImagePath, ImageReference};

use crate::commands::cache_id;
use crate::compilation::Compilation;
use crate::{fetch, packages, scripts, secrets};

/// Where steps leave what goes into the image.
pub(crate) const OUT: &str = "/out";
/// Where steps find their sources.
pub(crate) const SOURCES: &str = "/sources";
/// The folder in which steps start.
pub(crate) const WORKDIR: &str = "/build";

/// What the builder of an extension leaves.
pub(crate) struct Left {
    /// Its own file system.
    pub(crate) root: Output,
    /// `$OUT`, arranged for a layer.
    pub(crate) out: Output,
    /// The variables that steps see.
    pub(crate) environment: Vec<(String, String)>,
}

/// Runs the steps of an extension's builder.
pub(crate) fn left(
    compilation: &mut Compilation<'_>,
    extension: &Planned,
    build: &PlannedBuild,
) -> Left {
    let image = build.image.clone();
    let prefix = if image == compilation.plan.base.value {
        "[base]"
    } else {
        "[builder]"
    };
    let base = compilation.image(&image, &[build.span], prefix);
    let mut root = packages::installed(compilation, base, &image, &build.packages);
    let sources: Vec<Mount> = build
        .sources
        .iter()
        .map(|(name, source)| fetch::mount(compilation, name, source))
        .collect();
    let environment = environment(compilation, extension, &image);
    let mut out = Output::SCRATCH;
    for (index, step) in build.steps.iter().enumerate() {
        let is_last = index + 1 == build.steps.len();
        let (args, script) = command(compilation, build, step, is_last);
        let mut exec = Exec::new(root, compilation.request.platform.clone(), args);
        exec.environment.clone_from(&environment);
        WORKDIR.clone_into(&mut exec.cwd);
        exec.mounts.clone_from(&sources);
        exec.mounts.push(script);
        exec.mounts.push(Mount::output(OUT, out));
        exec.mounts.extend(
            step.cache.iter().map(|cache| {
                Mount::cache(cache.path.as_str(), cache_id(&cache.id), Sharing::Shared)
            }),
        );
        secrets::give(&mut exec, std::slice::from_ref(step));
        match step.network {
            spec::Network::None => exec.network = Network::None,
            spec::Network::Default => exec.mounts.push(certificate_secret()),
        }
        let count = build.steps.len();
        let place = if count > 1 {
            format!(" {}/{count}", index + 1)
        } else {
            String::new()
        };
        let name = format!("[{}{place}] {}", extension.name, first_line(&step.run));
        let mut about = compilation.about_own(extension, name, &[step.span]);
        about.command = Some(step.run.clone());
        let outputs = compilation.exec(exec, about);
        root = outputs.root;
        out = outputs.at(OUT).expect("the mount has an output");
    }
    Left {
        root,
        out,
        environment,
    }
}

fn environment(
    compilation: &Compilation<'_>,
    extension: &Planned,
    image: &ImageReference,
) -> Vec<(String, String)> {
    let mut environment = compilation.image_environment(image);
    let mut set = |name: &str, value: &str| {
        environment.retain(|(other, _)| other != name);
        environment.push((name.to_owned(), value.to_owned()));
    };
    set("HOME", "/root");
    set("OUT", OUT);
    set("SOURCES", SOURCES);
    let time = compilation.request.command_time_seconds();
    set("SOURCE_DATE_EPOCH", &time.to_string());
    set("TARGETARCH", &compilation.request.platform.architecture);
    for (name, value) in &extension.parameters {
        set(&name.as_str().to_uppercase(), value);
    }
    environment
}

/// The command of a step: the user's text is an argument and never part of our text.
fn command(
    compilation: &mut Compilation<'_>,
    build: &PlannedBuild,
    step: &PlannedStep,
    is_last: bool,
) -> (Vec<String>, Mount) {
    if !is_last {
        return scripts::STEP.command(compilation, &[&step.run]);
    }
    let outputs = build.outputs.iter().flat_map(|outputs| outputs.keys());
    let arguments: Vec<&str> = std::iter::once(step.run.as_str())
        .chain(outputs.map(ImagePath::as_str))
        .collect();
    scripts::LAST_STEP.command(compilation, &arguments)
}

/// The certificates that steps with a network trust, where the build was given any
/// (`--secret id=inlay-ca,src=…`). A secret's value is in no cache key.
pub(crate) fn certificate_secret() -> Mount {
    optional_secret("inlay-ca", "/run/secrets/inlay-ca")
}

pub(crate) fn optional_secret(id: &str, destination: &str) -> Mount {
    let kind = MountKind::Secret {
        id: id.to_owned(),
        uid: 0,
        gid: 0,
        mode: 0o444,
        optional: true,
    };
    Mount {
        destination: destination.to_owned(),
        kind,
    }
}

/// The first line of a command that is not blank, cut for people.
pub(crate) fn first_line(run: &str) -> String {
    let line = run
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    let mut cut: String = line.chars().take(72).collect();
    if cut.len() < line.len() || run.trim().lines().count() > 1 {
        cut.push_str(" …");
    }
    cut
}
