//! Chooses what is built: the whole image, or the part of it that the request asks for.

use std::collections::BTreeSet;

use plan::{Plan, Planned, PlannedBuild, PlannedTest};
use serde_json::{Value, json};
use source::Span;
use spec::ExtensionName;
use spec::contract::{OUT, SOURCES, WORKDIR};

use crate::environment::{Environment, PATH_OF_NONE};
use crate::parts::builder;
use crate::parts::{Ground, first_line};
use crate::recipe::{Action, Command, Copied, Label, Line, Mounted, Tree};
use crate::{Request, Target, assembly, scripts};

/// The mount where a test leaves what it prints.
const REPORT: &str = "/run/inlay/report";

/// Chooses the root and the configuration of what is built. `image` has those of the whole image.
pub(crate) fn choose(
    ground: Ground<'_>,
    plan: &Plan,
    request: &Request,
    image: (Tree, Value),
) -> (Tree, Value) {
    let built = |name: &ExtensionName| -> Option<(&Planned, &PlannedBuild)> {
        let extension = plan.extension(name)?;
        Some((extension, extension.build.as_ref()?))
    };
    let empty = || empty_config(request);
    match &request.target {
        Target::Image => image,
        Target::Builder(name, steps) => match built(name) {
            Some((extension, build)) => builder_root(ground, request, extension, (build, *steps)),
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

/// A configuration that only states the platform.
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

/// A builder after some of its steps, in which the user can run the next step by hand. It contains its sources,
/// which steps see as mounts, and the content of `$OUT`.
fn builder_root(
    ground: Ground<'_>,
    request: &Request,
    extension: &Planned,
    (build, steps): (&PlannedBuild, usize),
) -> (Tree, Value) {
    let steps = steps.min(build.steps.len());
    let builder = builder::build_until(ground, extension, build, steps);
    let sources = builder.sources.iter().filter_map(|mounted| match mounted {
        Mounted::ReadOnly { at, tree, path } => {
            let from = if path.is_empty() { "/" } else { path };
            Some(Copied::new(tree.clone(), from, at))
        }
        _ => None,
    });
    let out = (steps > 0).then(|| Copied::new(builder.out, "/", OUT));
    let copies = sources.chain(out).map(|copied| {
        Action::Copy(Copied {
            follows_links: true,
            makes_parents: true,
            ..copied
        })
    });
    let folders = [SOURCES, OUT, WORKDIR].map(|path| Action::Directory {
        path: path.to_owned(),
        mode: 0o755,
        owner: (0, 0),
    });
    let name = &extension.name;
    let title = format!("[{name}] sources and $OUT in its builder");
    let label = Label::of(name, title, &[build.span]);
    let actions = folders.into_iter().chain(copies).collect();
    let root = builder.root.files_on(label, actions);
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

/// Runs tests in the image, and gathers what they print as `<extension>/<number>.txt`.
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

/// Runs one test as the image's user. Its changes to the image are discarded.
fn report(
    extension: &Planned,
    (index, test): (usize, &PlannedTest),
    (root, config): (&Tree, &Value),
) -> Tree {
    let name = &extension.name;
    // The image's user, whoever it is, has to write the report.
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
