//! What extensions change in the system itself: packages and commands, each a layer of its own.
//!
//! Packages are installed on the base and on what the extension requires, never on anything else;
//! commands run on that and on what the extension itself has brought. Each layer is a function of
//! these. What the system has one of, such as dpkg's database, each carries its own version of;
//! `joint` unites them.

use std::collections::BTreeMap;

use buildkit_llb::{About, Exec, Mount, Network, Output};
use plan::{Plan, Planned};
use source::Span;
use spec::{ExtensionName, PackageName};

use crate::compilation::Compilation;
use crate::{joint, packages, scripts, steps};

/// Where a command leaves the state of its root, for the joint.
pub(crate) const STATE: &str = "/run/inlay/state";

/// What one command changed in the system.
#[derive(Clone)]
pub(crate) struct SystemLayer {
    /// Tells it from the others of an image; a path component.
    pub(crate) id: String,
    /// Whose it is, for messages.
    pub(crate) owner: String,
    /// What the command changed.
    pub(crate) layer: Output,
    /// The root it ran in, with that.
    pub(crate) root: Output,
    /// What the joint has to know of it.
    pub(crate) state: Output,
    /// What people are told of [`SystemLayer::keeper`].
    of_keeper: About,
    /// The system layers it was made on, by their ids.
    pub(crate) below: Vec<String>,
    /// Whether its root holds nothing but these and the base.
    pub(crate) is_bare: bool,
    /// What its history entry says.
    pub(crate) created_by: String,
}

impl SystemLayer {
    /// Nothing, which BuildKit makes only once there is a state: the difference of the state to itself.
    ///
    /// BuildKit keeps those results of a command that a build asks for (`solver/edge.go`, `execOp`). In an
    /// image that needs no joint nobody asks for states, and the command would run again for the first image
    /// that does. A merge passes over an input that is nothing (`ops/diff.go`, `ops/merge.go`).
    pub(crate) fn keeper(&self, compilation: &mut Compilation<'_>) -> Output {
        let about = self.of_keeper.clone();
        compilation.graph.diff(self.state, self.state, about)
    }
}

/// The system layers of a plan.
#[derive(Default)]
pub(crate) struct System {
    /// The packages that are installed as one set.
    pub(crate) united: Option<SystemLayer>,
    packages: BTreeMap<ExtensionName, SystemLayer>,
    steps: BTreeMap<ExtensionName, SystemLayer>,
}

impl System {
    /// All of them, as they lie in the image: see [`order`].
    pub(crate) fn layers(&self, plan: &Plan) -> Vec<SystemLayer> {
        let (below, above) = order(plan);
        let mut layers = self.of(below.into_iter());
        layers.extend(self.united.clone());
        layers.extend(self.of(above.into_iter()));
        layers
    }

    /// The layer of an extension's packages.
    pub(crate) fn packages(&self, extension: &Planned) -> Option<&SystemLayer> {
        self.packages.get(&extension.name)
    }

    /// The layer of an extension's commands.
    pub(crate) fn steps(&self, extension: &Planned) -> Option<&SystemLayer> {
        self.steps.get(&extension.name)
    }

    fn of<'a>(&self, extensions: impl Iterator<Item = &'a Planned>) -> Vec<SystemLayer> {
        let own = extensions.flat_map(|extension| {
            let packages = self.packages.get(&extension.name);
            packages.into_iter().chain(self.steps.get(&extension.name))
        });
        own.cloned().collect()
    }

    /// What is below an extension: the layers of what it requires, and the united packages, with what
    /// is below them, where it or one of these has a part in them.
    fn below(&self, plan: &Plan, extension: &Planned) -> Vec<SystemLayer> {
        let is_below = |other: &Planned| extension.requires.contains(&other.name);
        let has_part = |other: &Planned| other.is_in_union;
        let with_united =
            has_part(extension) || required(plan, extension).into_iter().any(has_part);
        let (first, then) = order(plan);
        let first = first
            .into_iter()
            .filter(|other| with_united || is_below(other));
        let mut below = self.of(first);
        below.extend(self.united.iter().filter(|_| with_united).cloned());
        below.extend(self.of(then.into_iter().filter(|other| is_below(other))));
        below
    }

    /// Installs the packages of the one set.
    pub(crate) fn unite(&mut self, compilation: &mut Compilation<'_>, base: Output) {
        let (first, _) = order(compilation.plan);
        let below = self.of(first.into_iter());
        let members = compilation.plan.extensions.iter();
        let members: Vec<Span> = members
            .filter(|extension| extension.is_in_union)
            .map(|extension| extension.cause)
            .collect();
        let root = root(
            compilation,
            base,
            &below,
            "the one set of packages",
            &members,
        );
        let Some((exec, about, created_by)) = packages::united(compilation, root) else {
            return;
        };
        let id = "+united".to_owned();
        let owner = "the packages installed as one set".to_owned();
        let layer = run(compilation, root, below, exec, about);
        self.united = Some(SystemLayer {
            id,
            owner,
            created_by,
            ..layer
        });
    }

    /// Installs the packages of an extension that are its own.
    pub(crate) fn install(
        &mut self,
        compilation: &mut Compilation<'_>,
        base: Output,
        extension: &Planned,
    ) {
        let has_own = !extension.packages.is_empty() || !extension.repositories.is_empty();
        if !has_own || extension.is_in_union {
            return;
        }
        let below = self.below(compilation.plan, extension);
        let root = root_of(compilation, base, &below, extension);
        let image = compilation.plan.base.value.clone();
        let repositories: Vec<_> = extension.repositories.iter().collect();
        let mut exec = packages::installation(
            compilation,
            root,
            &image,
            &extension.packages,
            &repositories,
        );
        exec.environment
            .push(("INLAY_ALONE".to_owned(), "yes".to_owned()));
        let names: Vec<&str> = extension.packages.keys().map(PackageName::as_str).collect();
        let spans = packages::spans(&extension.packages, &repositories);
        let what = if names.is_empty() {
            "repositories".to_owned()
        } else {
            format!("packages: {}", names.join(" "))
        };
        let name = format!("[{}] {what}", extension.name);
        let about = compilation.about_own(extension, name, &spans);
        let layer = run(compilation, root, below, exec, about);
        let layer = SystemLayer {
            id: extension.name.to_string(),
            owner: extension.name.to_string(),
            created_by: format!("{}: packages", extension.name),
            ..layer
        };
        self.packages.insert(extension.name.clone(), layer);
    }

    /// Runs the commands of an extension; `contents` are the other layers of all that came before
    /// and of the extension itself.
    pub(crate) fn run_steps(
        &mut self,
        compilation: &mut Compilation<'_>,
        base: Output,
        extension: &Planned,
        contents: &BTreeMap<ExtensionName, Vec<Output>>,
    ) {
        if extension.steps.is_empty() {
            return;
        }
        let mut below = self.below(compilation.plan, extension);
        below.extend(self.packages(extension).cloned());
        let system = root_of(compilation, base, &below, extension);
        let seen: Vec<Output> = required(compilation.plan, extension)
            .into_iter()
            .chain([extension])
            .flat_map(|seen| contents.get(&seen.name).into_iter().flatten())
            .copied()
            .collect();
        let root = if seen.is_empty() {
            system
        } else {
            let inputs: Vec<Output> = std::iter::once(system)
                .chain(seen.iter().copied())
                .collect();
            let name = format!("[{}] merge what its steps see", extension.name);
            let about = compilation.about_own(extension, name, &[extension.span]);
            compilation.graph.merge(&inputs, about)
        };
        let exec = steps::command(compilation, root, extension);
        let about = steps::about(compilation, extension);
        let layer = run(compilation, root, below, exec, about);
        let layer = SystemLayer {
            id: format!("{}+steps", extension.name),
            owner: extension.name.to_string(),
            is_bare: seen.is_empty(),
            created_by: format!("{}: steps", extension.name),
            ..layer
        };
        self.steps.insert(extension.name.clone(), layer);
    }
}

/// See [`Plan::layer_order`].
pub(crate) fn order(plan: &Plan) -> (Vec<&Planned>, Vec<&Planned>) {
    let order = plan.layer_order();
    (order.below_union, order.others)
}

/// See [`Plan::requirements`].
pub(crate) fn required<'a>(plan: &'a Plan, extension: &Planned) -> Vec<&'a Planned> {
    plan.requirements(extension)
}

/// The base with system layers: as it was when the last was made, where the others are below that;
/// else united by a joint over exactly these.
fn root(
    compilation: &mut Compilation<'_>,
    base: Output,
    layers: &[SystemLayer],
    whose: &str,
    spans: &[Span],
) -> Output {
    let Some((last, others)) = layers.split_last() else {
        return base;
    };
    let is_chain = others.iter().all(|other| last.below.contains(&other.id));
    if !is_chain {
        return joint::root(compilation, base, layers, spans);
    }
    if last.is_bare {
        return last.root;
    }
    let about = compilation.about(format!("[joint] merge what is below {whose}"), spans);
    let inputs = std::iter::once(base).chain(layers.iter().map(|layer| layer.layer));
    compilation.graph.merge(&inputs.collect::<Vec<_>>(), about)
}

fn root_of(
    compilation: &mut Compilation<'_>,
    base: Output,
    layers: &[SystemLayer],
    extension: &Planned,
) -> Output {
    let name = extension.name.as_str();
    root(compilation, base, layers, name, &[extension.span])
}

/// Runs a command that changes the system, and has it tell what it changed.
fn run(
    compilation: &mut Compilation<'_>,
    root: Output,
    below: Vec<SystemLayer>,
    mut exec: Exec,
    about: About,
) -> SystemLayer {
    let (_, capture) = scripts::CAPTURE.command(compilation, &[]);
    exec.mounts.push(capture);
    exec.mounts.push(Mount::output(STATE, Output::SCRATCH));
    exec.environment
        .push(("INLAY_STATE".to_owned(), STATE.to_owned()));
    let mut of_layer = about.clone();
    of_layer.name = format!("{} (layer)", about.name);
    of_layer.command = None;
    let mut of_keeper = of_layer.clone();
    of_keeper.name = format!("{} (state)", about.name);
    let outputs = compilation.exec(exec, about);
    SystemLayer {
        id: String::new(),
        owner: String::new(),
        layer: compilation.graph.diff(root, outputs.root, of_layer),
        root: outputs.root,
        state: outputs.at(STATE).expect("the mount has an output"),
        of_keeper,
        below: below.into_iter().map(|layer| layer.id).collect(),
        is_bare: true,
        created_by: String::new(),
    }
}

/// The state of the base, as the joint compares layers with it.
pub(crate) fn base_state(compilation: &mut Compilation<'_>, base: Output) -> Output {
    let (args, script) = scripts::CAPTURE.command(compilation, &[]);
    let mut exec = Exec::new(base, compilation.request.platform.clone(), args);
    exec.root_readonly = true;
    exec.environment = compilation.image_environment(&compilation.plan.base.value);
    exec.environment
        .push(("INLAY_STATE".to_owned(), STATE.to_owned()));
    exec.mounts = vec![script, Mount::output(STATE, Output::SCRATCH)];
    exec.network = Network::None;
    let about = compilation.about("[joint] read the base's databases", &[]);
    let outputs = compilation.exec(exec, about);
    outputs.at(STATE).expect("the mount has an output")
}
