//! Installs Debian packages on builders and on the user's base: exactly those of a list.
//!
//! Four commands make this up. One fetches the package lists of an image's archives, one asks apt what it would
//! install, one fetches these packages, and one installs them. The last is a function of its root and of the exact
//! list alone, wherever that comes from.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use apt::PackageList;
use buildkit_llb::Digest;
use plan::{Planned, PlannedRepository};
use source::Span;
use spec::{ImageReference, PackageName};

use crate::known::{InstallationId, QuestionId, StateId};
use crate::parts::{Ground, certificates, repositories};
use crate::recipe::{Archived, Command, Label, Line, Mounted, Owner, Tree, Variables};
use crate::scripts::{self, Script};

/// Packages, each with the places that ask for it.
pub(crate) type Packages = BTreeMap<PackageName, Vec<Span>>;

/// The mount where downloads are kept between builds.
const CACHE: &str = "/run/inlay/downloads";

/// The mount where `root.sh` and `apt.sh` keep what is needed only during the command.
const WORK: &str = "/run/inlay/work";

/// The mounts of package lists: those that a command makes or reads, and those that it adds to.
const LISTS: &str = "/run/inlay/lists";
const GIVEN: &str = "/run/inlay/given";

/// The mount with the digest of package lists.
const STATE: &str = "/run/inlay/state";

/// The mount where a resolution leaves what apt says.
const RESOLUTION: &str = "/run/inlay/resolution";

/// The mount with the fetched packages.
const ARCHIVES: &str = "/run/inlay/archives";

/// The file with the exact list.
const LIST: &str = "/run/inlay/list";

/// The line that shows all fetches in a client's progress.
const FETCHES: Line = Line::Titled("[packages] fetch");

/// The folder with what the installations below would add to dpkg's status.
const BELOW: &str = "/run/inlay/below";

/// An installation of packages on a root.
pub(crate) struct Wanted<'a> {
    pub(crate) id: InstallationId,
    pub(crate) root: Tree,
    /// The image that the root is based on.
    pub(crate) image: &'a ImageReference,
    pub(crate) packages: &'a Packages,
    /// The repositories that it adds.
    pub(crate) repositories: Vec<&'a PlannedRepository>,
    pub(crate) resolved: Resolved<'a>,
    /// What the root has beside the image, as far as it says what apt does.
    pub(crate) required: Vec<&'a Planned>,
    /// Whether the packages become the layer of one extension. A layer only adds, so nothing may be removed.
    pub(crate) is_alone: bool,
    /// How the installation is shown to people.
    pub(crate) label: Label,
}

/// Where apt is asked what it would install.
pub(crate) enum Resolved<'a> {
    /// On the image, as if other installations had been made there: the resolution of each, and the repositories that
    /// they add. `None` = one of them cannot be resolved yet.
    OnImage(Option<Vec<Tree>>, Vec<&'a PlannedRepository>),
    /// On the root, since what it has may change what apt does.
    OnRoot,
}

/// A command that installs packages, and what apt says of it.
pub(crate) struct Installation {
    pub(crate) command: Command,
    /// The file system with the resolution; `None` = it cannot be asked for yet.
    pub(crate) resolution: Option<Tree>,
}

/// A builder base with packages installed; the base itself if there are none.
///
/// It is a function of the base and the set of packages: equal sets on the same base are one vertex.
pub(crate) fn on_builder(
    ground: Ground<'_>,
    base: Tree,
    image: &ImageReference,
    packages: &Packages,
    line: Line,
) -> Tree {
    if packages.is_empty() {
        return base;
    }
    let name = format!("[packages] {image}: {}", join(packages));
    let label = Label::shared(name, &spans(packages, &[])).on(line);
    let names = packages.keys().cloned().collect();
    let wanted = Wanted {
        id: InstallationId::Builder(image.clone(), names),
        root: base,
        image,
        packages,
        repositories: Vec::new(),
        resolved: Resolved::OnImage(Some(Vec::new()), Vec::new()),
        required: Vec::new(),
        is_alone: false,
        label: label.clone(),
    };
    Tree::run(label, wanted.install(ground).command)
}

/// Package lists, made by one command.
struct State {
    /// The file system with their digest.
    digest: Tree,
    lists: Tree,
}

impl State {
    fn of(label: Label, command: Command) -> Self {
        let root = Tree::run(label, command);
        Self {
            digest: root.at(STATE),
            lists: root.at(LISTS),
        }
    }
}

impl Wanted<'_> {
    /// The command that installs the packages.
    pub(crate) fn install(self, ground: Ground<'_>) -> Installation {
        let mut keepers = BTreeMap::new();
        let mut question = None;
        let resolution = match self.resolve(ground, &mut keepers) {
            Ok(resolution) => {
                let id = QuestionId::Resolution(self.id.clone());
                question = resolution.clone().map(|tree| (id, tree));
                resolution
            }
            Err((id, tree)) => {
                question = Some((QuestionId::State(id), tree)).or(question);
                None
            }
        };
        let list = ground.known.lists.get(&self.id);
        if list.is_some() {
            question = None;
        }
        let mut command = self.command(list);
        command.archived = Some(Box::new(Archived {
            asked: self.identify(ground),
            id: self.id,
            is_known: list.is_some(),
            packages: self.packages.clone(),
            question,
            keepers,
        }));
        Installation {
            command,
            resolution,
        }
    }

    /// Identifies what is asked for, whatever the archives have: it stays the same as long as the spec and the
    /// extensions say the same.
    fn identify(&self, ground: Ground<'_>) -> Digest {
        let mut text = format!("{}\n{}\n", self.image, self.names().join(" "));
        if let Some(snapshot) = ground.snapshot {
            let _ = writeln!(text, "snapshot {}", snapshot.value.moment());
        }
        let add = |text: &mut String, repositories: &[&PlannedRepository]| {
            if !repositories.is_empty() {
                text.push_str(&repositories::identify(repositories));
                text.push('\n');
            }
        };
        add(&mut text, &self.repositories);
        for required in &self.required {
            text.push_str(required.name.as_str());
            text.push('\n');
            for name in required.packages.keys() {
                let _ = write!(text, "{name} ");
            }
            let own: Vec<&PlannedRepository> = required.repositories.iter().collect();
            add(&mut text, &own);
            for step in &required.steps {
                let _ = write!(text, "\n{:?}", step.run);
            }
        }
        Digest::of(text.as_bytes())
    }

    /// The file system with the resolution; `None` = it cannot be asked for yet. If the package lists have to be known
    /// first, the error is what to ask about them.
    fn resolve(
        &self,
        ground: Ground<'_>,
        keepers: &mut BTreeMap<String, Tree>,
    ) -> Result<Option<Tree>, (StateId, Tree)> {
        let base = StateId::Image(self.image.clone());
        let of_base = self.state_of_image(ground);
        let mut known = |id: &StateId, state: &State| match ground.known.states.get(id) {
            None => Err((id.clone(), state.digest.clone())),
            Some(digest) => {
                keepers.insert(format!("{id:?} digest"), state.digest.clone());
                keepers.insert(format!("{id:?} lists"), state.lists.clone());
                Ok(digest.clone())
            }
        };
        let digest = known(&base, &of_base)?;
        let mut command = Command::new(Tree::Empty, script(&scripts::RESOLVE, self.names()));
        let (state, digest) = match &self.resolved {
            Resolved::OnImage(below, inherited) => {
                command.root = ground.image(self.image, &self.label.spans);
                let all: Vec<_> = inherited
                    .iter()
                    .chain(&self.repositories)
                    .copied()
                    .collect();
                command.mounts.extend(repositories::mounts(&all));
                let Some(below) = below else { return Ok(None) };
                for (number, tree) in below.iter().enumerate() {
                    let at = format!("{BELOW}/{number}");
                    let mount = Mounted::path(at, tree.clone(), "/added");
                    command.mounts.push(mount);
                }
                if all.is_empty() {
                    (of_base, digest)
                } else {
                    let id = StateId::Added(self.image.clone(), repositories::identify(&all));
                    let root = command.root.clone();
                    let state = self.state_on(ground, root, (&of_base, &digest), &all);
                    let digest = known(&id, &state)?;
                    (state, digest)
                }
            }
            Resolved::OnRoot => {
                command.root = self.root.clone();
                command
                    .mounts
                    .extend(repositories::mounts(&self.repositories));
                let id = StateId::Root(self.id.clone());
                let root = self.root.clone();
                let state = self.state_on(ground, root, (&of_base, &digest), &self.repositories);
                let digest = known(&id, &state)?;
                command.mounts.push(Mounted::Whole {
                    at: GIVEN.to_owned(),
                    tree: of_base.lists.clone(),
                });
                (state, digest)
            }
        };
        command.variables = Variables::of(self.image);
        command.variables.set("INLAY_STATE", digest);
        set_snapshot(&mut command, ground);
        command.network = spec::Network::None;
        command.mounts.push(Mounted::Whole {
            at: LISTS.to_owned(),
            tree: state.lists,
        });
        command.mounts.push(work());
        command.mounts.push(kept(RESOLUTION));
        let label = self.label.renamed(format!("{} (resolve)", self.label.name));
        let tree = Tree::run(label, command).at(RESOLUTION);
        keepers.insert(self.id.to_string(), tree.clone());
        Ok(Some(tree))
    }

    /// The package lists of the image. They are the same for all that is installed on it.
    fn state_of_image(&self, ground: Ground<'_>) -> State {
        let image = self.image;
        let root = ground.image(image, &self.label.spans);
        let command = self.list_command(ground, root);
        let mut label = state_label(format!("[packages] lists of {image}"));
        label.spans = ground.snapshot.iter().map(|time| time.span).collect();
        State::of(label, command)
    }

    /// The package lists of a root, which are those of the image and others.
    fn state_on(
        &self,
        ground: Ground<'_>,
        root: Tree,
        (of_base, digest): (&State, &str),
        added: &[&PlannedRepository],
    ) -> State {
        let mut command = self.list_command(ground, root);
        command.variables.set("INLAY_STATE", digest);
        command.mounts.extend(repositories::mounts(added));
        command.mounts.push(Mounted::Whole {
            at: GIVEN.to_owned(),
            tree: of_base.lists.clone(),
        });
        let mut label = state_label(format!("{} (lists)", self.label.name));
        label.spans.clone_from(&self.label.spans);
        State::of(label, command)
    }

    fn list_command(&self, ground: Ground<'_>, root: Tree) -> Command {
        let mut command = Command::new(root, script(&scripts::LISTS, Vec::new()));
        command.variables = Variables::of(self.image);
        command.variables.set_command_time("INLAY_EPOCH");
        set_snapshot(&mut command, ground);
        command.mounts = vec![kept(LISTS), kept(STATE), work(), certificates()];
        command
    }

    /// The command that installs a list. Without one, the graph can only be shown.
    fn command(&self, list: Option<&PackageList>) -> Command {
        let mut command = Command::new(self.root.clone(), script(&scripts::INSTALL, Vec::new()));
        command.variables = Variables::of(self.image);
        command.variables.set_command_time("INLAY_EPOCH");
        if self.is_alone {
            command.variables.set("INLAY_ALONE", "yes");
        }
        command.network = spec::Network::None;
        command.mounts = vec![work()];
        command
            .mounts
            .extend(repositories::mounts(&self.repositories));
        let text = match list {
            Some(list) => list.to_install(),
            None => format!("ask {}\n", self.names().join(" ")),
        };
        command.mounts.push(list_file(text));
        if list.is_none_or(|list| !list.install.is_empty()) {
            let archives = self.fetch(list);
            command.mounts.push(Mounted::Whole {
                at: ARCHIVES.to_owned(),
                tree: archives,
            });
        }
        command
    }

    /// The file system with the packages of a list.
    fn fetch(&self, list: Option<&PackageList>) -> Tree {
        let mut command = Command::new(self.root.clone(), script(&scripts::FETCH, Vec::new()));
        command.variables = Variables::of(self.image);
        command.variables.set_command_time("INLAY_EPOCH");
        command.mounts = vec![
            downloads(self.image),
            work(),
            certificates(),
            kept(ARCHIVES),
        ];
        command.mounts.push(list_file(
            list.map_or_else(String::new, PackageList::to_fetch),
        ));
        let label = self.label.renamed(format!("{} (fetch)", self.label.name));
        // An engine may report that a fetch was cancelled although it has what was installed from it.
        Tree::run(label.on(FETCHES), command).at(ARCHIVES)
    }

    fn names(&self) -> Vec<String> {
        self.packages.keys().map(PackageName::to_string).collect()
    }
}

fn script(script: &'static Script, arguments: Vec<String>) -> crate::recipe::Program {
    crate::recipe::Program::Script(script, arguments)
}

/// Tells a command when the archives are looked at, if not now.
fn set_snapshot(command: &mut Command, ground: Ground<'_>) {
    if let Some(time) = ground.snapshot {
        command.variables.set("INLAY_SNAPSHOT", time.value.moment());
    }
}

fn kept(at: &'static str) -> Mounted {
    let tree = Tree::Empty;
    Mounted::Kept { at, tree }
}

fn state_label(name: String) -> Label {
    Label {
        owner: Owner::Archive,
        ..Label::shared(name, &[])
    }
}

/// A list as a mounted file: an argument could not hold a long one.
fn list_file(text: String) -> Mounted {
    let label = Label::shared("[internal] list of packages", &[]).on(Line::Hidden);
    Mounted::constant(LIST, label, text.into_bytes())
}

/// The cache that keeps downloads between builds.
///
/// Only the commands that fetch packages have it, and no script of a package runs there. They trust nothing in it
/// either: `downloads.sh` says how. The id contains the image, and the platform is added to it. All share the cache
/// without waiting for each other.
fn downloads(image: &ImageReference) -> Mounted {
    Mounted::PlatformCache {
        at: CACHE,
        id: format!("/inlay/downloads/{image}"),
    }
}

/// The empty folder in which a command that follows `root.sh` or `apt.sh` keeps its own files.
pub(crate) fn work() -> Mounted {
    Mounted::Scratch { at: WORK }
}

/// Every place that asks for one of the packages or repositories, in order.
pub(crate) fn spans(packages: &Packages, repositories: &[&PlannedRepository]) -> Vec<Span> {
    let of_repositories = repositories.iter().map(|repository| repository.span);
    let mut spans: Vec<Span> = packages.values().flatten().copied().collect();
    spans.extend(of_repositories);
    spans.sort_unstable();
    spans.dedup();
    spans
}

/// The names of packages, separated by spaces.
pub(crate) fn join(packages: &Packages) -> String {
    let names: Vec<&str> = packages.keys().map(PackageName::as_str).collect();
    names.join(" ")
}
