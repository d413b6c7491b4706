//! What of a plan is built: the image, or a part of it to look into.

use std::collections::BTreeSet;

use buildkit_llb::{
    Copy, Exec, FileActions, MakeDirectory, Mount, MountKind, Output, Owner, Timestamp,
};
use plan::{Planned, PlannedBuild, PlannedTest};
use serde_json::{Value, json};
use spec::ExtensionName;

use crate::compilation::Compilation;
use crate::{PATH_OF_NONE, builder, layers, scripts};

/// Where a test leaves what it printed.
const REPORT: &str = "/run/inlay/report";

/// What of a plan is built.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Target {
    /// All of it.
    #[default]
    Image,
    /// The builder of this extension after its last step, with `$OUT`.
    Builder(ExtensionName),
    /// What this extension's builder leaves, and nothing else.
    Output(ExtensionName),
    /// What the tests of these extensions print, each run in the image.
    Tests(BTreeSet<ExtensionName>),
}

/// The root and the configuration of what is built; `image` are those of the whole image.
pub(crate) fn choose(compilation: &mut Compilation<'_>, image: (Output, Value)) -> (Output, Value) {
    let plan = compilation.plan;
    let built = |name: &ExtensionName| -> Option<(&Planned, &PlannedBuild)> {
        let extension = plan.extensions.iter().find(|other| other.name == *name)?;
        Some((extension, extension.build.as_ref()?))
    };
    match &compilation.request.target.clone() {
        Target::Image => image,
        Target::Builder(name) => match built(name) {
            Some((extension, build)) => builder_root(compilation, extension, build),
            None => (Output::SCRATCH, empty_config(compilation)),
        },
        Target::Output(name) => {
            let config = empty_config(compilation);
            let output =
                built(name).map(|(extension, build)| layers::output(compilation, extension, build));
            (output.unwrap_or(Output::SCRATCH), config)
        }
        Target::Tests(names) => {
            let (root, config) = image;
            (
                reports(compilation, names, root, &config),
                empty_config(compilation),
            )
        }
    }
}

fn empty_config(compilation: &Compilation<'_>) -> Value {
    let platform = &compilation.request.platform;
    let mut config = json!({
        "os": platform.os,
        "architecture": platform.architecture,
        "config": {},
        "rootfs": { "type": "layers" },
    });
    if !platform.variant.is_empty() {
        config["variant"] = json!(platform.variant);
    }
    config
}

/// A builder as its last step left it: to run the next command by hand.
fn builder_root(
    compilation: &mut Compilation<'_>,
    extension: &Planned,
    build: &PlannedBuild,
) -> (Output, Value) {
    let left = builder::left(compilation, extension, build);
    let mut copy = Copy::new(left.out, "/", builder::OUT);
    copy.directory_contents = true;
    copy.create_destination = true;
    let name = format!("[{}] $OUT in its builder", extension.name);
    let about = compilation.about_own(extension, name, &[build.span]);
    let actions = FileActions::on(left.root).copy(copy);
    let root = compilation.graph.file(actions, about);
    let mut config = empty_config(compilation);
    let environment = left.environment.iter();
    let mut environment: Vec<String> = environment
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    if !left.environment.iter().any(|(name, _)| name == "PATH") {
        environment.push(format!("PATH={PATH_OF_NONE}"));
    }
    config["config"] = json!({
        "Env": environment,
        "WorkingDir": builder::WORKDIR,
        "Cmd": ["/bin/sh"],
    });
    (root, config)
}

/// Runs tests in the image and gathers what they print, `<extension>/<number>.txt`.
fn reports(
    compilation: &mut Compilation<'_>,
    names: &BTreeSet<ExtensionName>,
    root: Output,
    config: &Value,
) -> Output {
    let plan = compilation.plan;
    let mut actions = FileActions::on(Output::SCRATCH);
    let mut spans = Vec::new();
    let tested = plan
        .extensions
        .iter()
        .filter(|extension| names.contains(&extension.name));
    for extension in tested {
        for (index, test) in extension.tests.iter().enumerate() {
            let report = report(compilation, extension, (index, test), (root, config));
            let mut copy = Copy::new(report, "/", "/");
            copy.directory_contents = true;
            let time = compilation.request.layer_time_seconds();
            copy.time = Some(Timestamp::from_seconds(time));
            actions = actions.copy(copy);
            spans.push(test.span);
        }
    }
    if spans.is_empty() {
        return Output::SCRATCH;
    }
    let about = compilation.about("[test] gather what tests print", &spans);
    compilation.graph.file(actions, about)
}

/// Runs one test as the image's user; its changes to the image are dropped.
fn report(
    compilation: &mut Compilation<'_>,
    extension: &Planned,
    (index, test): (usize, &PlannedTest),
    (root, config): (Output, &Value),
) -> Output {
    let name = &extension.name;
    // The image's user may be anybody, and has to write the report.
    let folder = format!("/{name}");
    let mut directory = MakeDirectory::new(folder.as_str(), 0o777);
    directory.owner = Some(Owner::ids(0, 0));
    let about = compilation.about(format!("[internal] folder of reports of {name}"), &[]);
    let empty = FileActions::on(Output::SCRATCH).make_directory(directory);
    let empty = compilation.graph.file(empty, about);

    let number = index + 1;
    let path = format!("{REPORT}/{name}/{number}.txt");
    let mut arguments = vec![path.as_str(), test.run.as_str()];
    arguments.extend(test.expect.as_deref());
    let (args, script) = scripts::TEST.command(compilation, &arguments);
    let mut exec = Exec::new(root, compilation.request.platform.clone(), args);
    let text = |key: &str| {
        config["config"][key]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    exec.user = text("User");
    exec.cwd = text("WorkingDir");
    let environment = config["config"]["Env"].as_array().into_iter().flatten();
    exec.environment = environment
        .filter_map(Value::as_str)
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    exec.mounts = vec![
        script,
        Mount {
            destination: REPORT.to_owned(),
            kind: MountKind::Bind {
                input: empty,
                selector: String::new(),
                readonly: false,
                output: true,
            },
        },
    ];
    let count = extension.tests.len();
    let place = format!("test {number}/{count}");
    let line = builder::first_line(&test.run);
    let about = format!("[{name} {place}] {line}");
    let mut about = compilation.about_own(extension, about, &[test.span]);
    about.command = Some(test.run.clone());
    let outputs = compilation.exec(exec, about);
    outputs.at(REPORT).expect("the mount has an output")
}
