//! What of a plan is built: the image, or a part of it to look into.

use std::collections::BTreeSet;

use plan::{Plan, Planned, PlannedBuild, PlannedTest};
use serde_json::{Value, json};
use source::Span;
use spec::ExtensionName;
use spec::contract::{OUT, WORKDIR};

use crate::environment::{Environment, PATH_OF_NONE};
use crate::parts::builder;
use crate::parts::{Ground, first_line};
use crate::recipe::{Action, Command, Copied, Label, Line, Mounted, Tree};
use crate::{Request, Target, assembly, scripts};

/// Where a test leaves what it printed.
const REPORT: &str = "/run/inlay/report";

/// The root and the configuration of what is built; `image` are those of the whole image.
pub(crate) fn choose(plan: &Plan, request: &Request, image: (Tree, Value)) -> (Tree, Value) {
    let built = |name: &ExtensionName| -> Option<(&Planned, &PlannedBuild)> {
        let extension = plan.extension(name)?;
        Some((extension, extension.build.as_ref()?))
    };
    let ground = Ground::of(plan);
    let empty = || empty_config(request);
    match &request.target {
        Target::Image => image,
        Target::Builder(name) => match built(name) {
            Some((extension, build)) => builder_root(ground, request, extension, build),
            None => (Tree::Empty, empty()),
        },
        Target::Output(name) => match built(name) {
            Some((extension, build)) => (assembly::output(ground, extension, build), empty()),
            None => (Tree::Empty, empty()),
        },
        Target::Tests(names) => {
            let (root, config) = image;
            (reports(plan, names, &root, &config), empty())
        }
    }
}

fn empty_config(request: &Request) -> Value {
    let platform = &request.platform;
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

/// A builder as its last step left it, to run the next command by hand.
fn builder_root(
    ground: Ground<'_>,
    request: &Request,
    extension: &Planned,
    build: &PlannedBuild,
) -> (Tree, Value) {
    let builder = builder::build(ground, extension, build);
    let copy = Copied {
        makes_parents: true,
        ..Copied::new(builder.out, "/", OUT)
    };
    let name = &extension.name;
    let label = Label::of(name, format!("[{name}] $OUT in its builder"), &[build.span]);
    let root = builder.root.files_on(label, vec![Action::Copy(copy)]);
    let mut environment = builder.variables.resolve(request);
    if environment.get("PATH").is_none() {
        environment.set("PATH", PATH_OF_NONE);
    }
    let mut config = empty_config(request);
    config["config"] = json!({
        "Env": environment.to_lines(),
        "WorkingDir": WORKDIR,
        "Cmd": ["/bin/sh"],
    });
    (root, config)
}

/// Runs tests in the image and gathers what they print, `<extension>/<number>.txt`.
fn reports(plan: &Plan, names: &BTreeSet<ExtensionName>, root: &Tree, config: &Value) -> Tree {
    let mut actions = Vec::new();
    let mut spans: Vec<Span> = Vec::new();
    let tested = plan.extensions.iter();
    for extension in tested.filter(|extension| names.contains(&extension.name)) {
        for (index, test) in extension.tests.iter().enumerate() {
            let report = report(extension, (index, test), (root, config));
            actions.push(Action::Copy(Copied {
                has_layer_time: true,
                ..Copied::new(report, "/", "/")
            }));
            spans.push(test.span);
        }
    }
    if spans.is_empty() {
        return Tree::Empty;
    }
    Tree::files(
        Label::shared("[test] gather what tests print", &spans),
        actions,
    )
}

/// Runs one test as the image's user; its changes to the image are dropped.
fn report(
    extension: &Planned,
    (index, test): (usize, &PlannedTest),
    (root, config): (&Tree, &Value),
) -> Tree {
    let name = &extension.name;
    // The image's user may be anybody, and has to write the report.
    let folder = Action::Directory {
        path: format!("/{name}"),
        mode: 0o777,
        owner: (0, 0),
    };
    let title = format!("[internal] folder of reports of {name}");
    let label = Label::shared(title, &[]).on(Line::Hidden);
    let folder = Tree::files(label, vec![folder]);
    let number = index + 1;
    let path = format!("{REPORT}/{name}/{number}.txt");
    let arguments = [path.as_str(), test.run.as_str()];
    let arguments = arguments.into_iter().chain(test.expect.as_deref());
    let mut command = Command::script(root.clone(), &scripts::TEST, arguments);
    let text = |key: &str| {
        config["config"][key]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    command.user = text("User");
    command.directory = text("WorkingDir");
    for (name, value) in Environment::of_configuration(config).into_pairs() {
        command.variables.set(name, value);
    }
    command.mounts = vec![Mounted::Kept {
        at: REPORT,
        tree: folder,
    }];
    let count = extension.tests.len();
    let place = format!("test {number}/{count}");
    let title = format!("[{name} {place}] {}", first_line(&test.run));
    let label = Label::of(name, title, &[test.span]).on(Line::Own);
    Tree::run(label.running(&test.run), command).at(REPORT)
}
