//! Builders: where an extension makes files independently of the user's base.

use plan::{Planned, PlannedBuild};
use spec::ImagePath;
use spec::contract::{OUT, SOURCES, WORKDIR};

use crate::commands::cache_id;
use crate::parts::{Ground, certificates, fetch, first_line, packages, secrets};
use crate::recipe::{Command, Label, Line, Mounted, Tree, Variables};
use crate::scripts;

/// A builder after some of its steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Builder {
    /// Its root file system.
    pub(crate) root: Tree,
    /// `$OUT`, which the last step arranges as a layer.
    pub(crate) out: Tree,
    /// Its sources, mounted below `$SOURCES`.
    pub(crate) sources: Vec<Mounted>,
    /// The variables that steps see.
    pub(crate) variables: Variables,
}

/// The builder of an extension after its last step.
pub(crate) fn build(ground: Ground<'_>, extension: &Planned, build: &PlannedBuild) -> Builder {
    build_until(ground, extension, build, build.steps.len())
}

/// The builder of an extension after this number of steps.
pub(crate) fn build_until(
    ground: Ground<'_>,
    extension: &Planned,
    build: &PlannedBuild,
    steps: usize,
) -> Builder {
    let image = ground.image(&build.image, &[build.span]);
    let sources: Vec<Mounted> = build
        .sources
        .iter()
        .map(|(name, source)| fetch::mount(ground, &extension.name, name, source))
        .collect();
    let mut builder = Builder {
        root: packages::on_builder(
            ground,
            image,
            &build.image,
            &build.packages,
            Line::Extension(extension.name.clone()),
        ),
        out: Tree::Empty,
        sources,
        variables: variables(ground, extension, build),
    };
    for index in 0..steps {
        let command = step(&builder, build, index);
        let count = build.steps.len();
        let place = if count > 1 {
            format!(" {}/{count}", index + 1)
        } else {
            String::new()
        };
        let run = &build.steps[index].run;
        let name = format!("[{}{place}] {}", extension.name, first_line(run));
        let label = Label::of(&extension.name, name, &[build.steps[index].span]);
        builder.root = Tree::run(label.running(run), command);
        builder.out = builder.root.at(OUT);
    }
    builder
}

/// The command of one step. The user's text is an argument, and never part of our own text.
fn step(builder: &Builder, build: &PlannedBuild, index: usize) -> Command {
    let step = &build.steps[index];
    let root = builder.root.clone();
    let mut command = if index + 1 == build.steps.len() {
        let outputs = build.outputs.iter().flat_map(|outputs| outputs.keys());
        let outputs = outputs.map(ImagePath::as_str);
        let arguments = std::iter::once(step.run.as_str()).chain(outputs);
        Command::script(root, &scripts::LAST_STEP, arguments)
    } else {
        Command::script(root, &scripts::STEP, [step.run.as_str()])
    };
    command.variables = builder.variables.clone();
    WORKDIR.clone_into(&mut command.directory);
    command.mounts.clone_from(&builder.sources);
    command.mounts.push(Mounted::Kept {
        at: OUT,
        tree: builder.out.clone(),
    });
    let caches = step.cache.iter().map(|cache| Mounted::Cache {
        at: cache.path.to_string(),
        id: cache_id(&cache.id),
    });
    command.mounts.extend(caches);
    secrets::give(&mut command, std::slice::from_ref(step));
    command.network = step.network;
    if step.network == spec::Network::Default {
        command.mounts.push(certificates());
    }
    command
}

fn variables(ground: Ground<'_>, extension: &Planned, build: &PlannedBuild) -> Variables {
    let mut variables = Variables::of(&build.image);
    variables.set("HOME", "/root");
    variables.set("OUT", OUT);
    variables.set("SOURCES", SOURCES);
    variables.set_command_time("SOURCE_DATE_EPOCH");
    variables.set("TARGETARCH", ground.architecture);
    for (name, value) in &extension.parameters {
        variables.set(name.as_str().to_uppercase(), value);
    }
    variables
}
