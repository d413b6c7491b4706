//! Makes the system layers of a plan: for each extension, one of its packages and one of its steps.
//!
//! An extension's packages are installed on the base with the layers of what the extension requires, and on
//! nothing else: a company's certificates or a configuration of apt are there if an extension with them is required.
//! Its steps run on that root with the extension's own layers. Each system layer is a function of
//! these. It contains its own version of system-wide databases, such as dpkg's, and the joint reconciles the
//! versions.

use std::collections::BTreeMap;

use plan::{LayerOrder, Plan, Planned};
use reconcile::Part;
use source::Span;
use spec::ExtensionName;

use crate::joint;
use crate::known::InstallationId;
use crate::parts::packages::{Installation, Resolved, Wanted};
use crate::parts::{Ground, packages, steps};
use crate::recipe::{Label, Tree};
use crate::system_layer::{Change, Owner, SystemLayer};

/// The outputs and files of each extension, in their order.
type Contents = BTreeMap<ExtensionName, Vec<Tree>>;

/// The system layers of a plan.
pub(crate) struct System<'a> {
    ground: Ground<'a>,
    plan: &'a Plan,
    base: &'a Tree,
    order: LayerOrder<'a>,
    union: Option<SystemLayer>,
    packages: BTreeMap<ExtensionName, SystemLayer>,
    steps: BTreeMap<ExtensionName, SystemLayer>,
}

impl<'a> System<'a> {
    /// Makes all system layers: those below the union, the union, and all others. `contents` are the other
    /// layers of each extension.
    pub(crate) fn of(
        ground: Ground<'a>,
        plan: &'a Plan,
        base: &'a Tree,
        contents: &Contents,
    ) -> Self {
        let mut system = Self {
            ground,
            plan,
            base,
            order: plan.layer_order(),
            union: None,
            packages: BTreeMap::new(),
            steps: BTreeMap::new(),
        };
        for extension in system.order.below_union.clone() {
            system.add(extension, contents);
        }
        system.union = system.install_union(contents);
        for extension in system.order.others.clone() {
            system.add(extension, contents);
        }
        system
    }

    /// The layer of the union.
    pub(crate) fn union(&self) -> Option<&SystemLayer> {
        self.union.as_ref()
    }

    /// The layer of an extension's packages.
    pub(crate) fn packages(&self, extension: &Planned) -> Option<&SystemLayer> {
        self.packages.get(&extension.name)
    }

    /// The layer of an extension's steps.
    pub(crate) fn steps(&self, extension: &Planned) -> Option<&SystemLayer> {
        self.steps.get(&extension.name)
    }

    /// All system layers, in their order in the image.
    pub(crate) fn layers(&self) -> Vec<SystemLayer> {
        let mut layers = self.layers_of(self.order.below_union.iter().copied());
        layers.extend(self.union.clone());
        layers.extend(self.layers_of(self.order.others.iter().copied()));
        layers
    }

    /// The system layers of these extensions.
    fn layers_of<'b>(&self, extensions: impl Iterator<Item = &'b Planned>) -> Vec<SystemLayer> {
        let own = extensions.flat_map(|extension| {
            let packages = self.packages.get(&extension.name).into_iter();
            packages.chain(self.steps.get(&extension.name))
        });
        own.cloned().collect()
    }

    /// The system layers below an extension: those of what it requires. If the extension or one of its
    /// requirements is a member of the union, they include the union and the layers below it.
    fn layers_below(&self, extension: &Planned) -> Vec<SystemLayer> {
        let is_required = |other: &&Planned| extension.requires.contains(&other.name);
        let mut known = self.plan.requirements(extension).into_iter();
        let with_union = extension.is_in_union || known.any(|other| other.is_in_union);
        let lower = self.order.below_union.iter().copied();
        let mut below = self.layers_of(lower.filter(|other| with_union || is_required(other)));
        below.extend(self.union.iter().filter(|_| with_union).cloned());
        let upper = self.order.others.iter().copied();
        below.extend(self.layers_of(upper.filter(is_required)));
        below
    }

    /// Makes the system layers of an extension.
    fn add(&mut self, extension: &Planned, contents: &Contents) {
        if let Some(layer) = self.install(extension, contents) {
            self.packages.insert(extension.name.clone(), layer);
        }
        if let Some(layer) = self.run_steps(extension, contents) {
            self.steps.insert(extension.name.clone(), layer);
        }
    }

    /// Installs the packages of the union; `None` = it has none.
    fn install_union(&self, contents: &Contents) -> Option<SystemLayer> {
        let union = Union::of(self.plan.union_members())?;
        let below = self.layers_of(self.order.below_union.iter().copied());
        let members = self.plan.union_members();
        let causes: Vec<Span> = members.map(|member| member.cause).collect();
        let whose = "the one set of packages";
        let root = joint::root(self.plan, self.base, &below, whose, &causes);
        let is_required = |other: &&Planned| {
            let mut members = self.plan.union_members();
            members.any(|member| member.requires.contains(&other.name))
        };
        let required: Vec<&Planned> = self.plan.extensions.iter().filter(is_required).collect();
        let names = required.iter().map(|other| &other.name);
        let label = Label::shared(format!("[packages] merge what {whose} is put on"), &causes);
        let (root, is_bare) = put_on(root, contents, names, label);
        let resolved = self.resolved(&required, &below, is_bare);
        let installation = union.install(self.ground, root.clone(), resolved, required);
        let change = Change {
            id: "+united".to_owned(),
            owner: Owner::Union,
            part: Part::Packages,
            command: installation.command,
            resolution: installation.resolution,
            label: union.label(self.ground),
            created_by: union.created_by(),
            root,
            below,
            is_bare,
        };
        Some(change.run())
    }

    /// Installs the packages of an extension as a layer of its own; `None` = it has none, or they are in the
    /// union.
    fn install(&self, extension: &Planned, contents: &Contents) -> Option<SystemLayer> {
        if !extension.installs() || extension.is_in_union {
            return None;
        }
        let name = &extension.name;
        let below = self.layers_below(extension);
        let title = format!("[{name}] merge what its packages are put on");
        let label = Label::of(name, title, &[extension.span]);
        let required = self.plan.requirements(extension);
        let names = required.iter().map(|other| &other.name);
        let (root, is_bare) = put_on(self.root(extension, &below), contents, names, label);
        let repositories: Vec<_> = extension.repositories.iter().collect();
        let asked = &extension.packages;
        let spans = packages::spans(asked, &repositories);
        let what = if asked.is_empty() {
            "repositories".to_owned()
        } else {
            format!("packages: {}", packages::join(asked))
        };
        let label = Label::of(name, format!("[{name}] {what}"), &spans);
        let wanted = Wanted {
            id: InstallationId::Extension(name.clone()),
            root: root.clone(),
            image: self.ground.base,
            packages: asked,
            resolved: self.resolved(&required, &below, is_bare),
            required,
            repositories,
            is_alone: true,
            label: label.clone(),
        };
        let installation = wanted.install(self.ground);
        let change = Change {
            id: name.to_string(),
            owner: Owner::Extension(name.clone()),
            part: Part::Packages,
            root,
            below,
            is_bare,
            command: installation.command,
            resolution: installation.resolution,
            label,
            created_by: format!("{name}: packages"),
        };
        Some(change.run())
    }

    /// Runs the steps of an extension; `None` = it has none.
    fn run_steps(&self, extension: &Planned, contents: &Contents) -> Option<SystemLayer> {
        if extension.steps.is_empty() {
            return None;
        }
        let name = &extension.name;
        let mut below = self.layers_below(extension);
        below.extend(self.packages(extension).cloned());
        let system = self.root(extension, &below);
        let required = self.plan.requirements(extension);
        let known = required.iter().copied().chain([extension]);
        let title = format!("[{name}] merge what its steps see");
        let label = Label::of(name, title, &[extension.span]);
        let (root, is_bare) = put_on(system, contents, known.map(|known| &known.name), label);
        let change = Change {
            id: format!("{name}+steps"),
            owner: Owner::Extension(name.clone()),
            part: Part::Steps,
            command: steps::command(self.ground, root.clone(), extension, &required),
            root,
            below,
            is_bare,
            resolution: None,
            label: steps::label(extension),
            created_by: format!("{name}: steps"),
        };
        Some(change.run())
    }

    /// Where apt is asked what it would install on these layers and on what is required.
    ///
    /// Packages alone change nothing but dpkg's status, which is known before they are installed. Steps, outputs and
    /// files may change anything.
    fn resolved<'b>(
        &self,
        required: &[&'b Planned],
        below: &[SystemLayer],
        is_bare: bool,
    ) -> Resolved<'b>
    where
        'a: 'b,
    {
        let is_packages = |layer: &SystemLayer| layer.part == Part::Packages;
        if !is_bare || !below.iter().all(is_packages) {
            return Resolved::OnRoot;
        }
        let resolutions = below.iter().map(|layer| layer.resolution.clone());
        let has_union = below.iter().any(|layer| layer.owner == Owner::Union);
        let members = self.plan.union_members().filter(|_| has_union);
        let all = required.iter().copied().chain(members);
        let repositories = all.flat_map(|extension| &extension.repositories);
        Resolved::OnImage(resolutions.collect(), repositories.collect())
    }

    /// The base with the system layers below an extension.
    fn root(&self, extension: &Planned, below: &[SystemLayer]) -> Tree {
        let (whose, spans) = (extension.name.as_str(), [extension.span]);
        joint::root(self.plan, self.base, below, whose, &spans)
    }
}

/// A root with the outputs and files of these extensions on it, and whether there are none.
fn put_on<'a>(
    root: Tree,
    contents: &Contents,
    extensions: impl IntoIterator<Item = &'a ExtensionName>,
    label: Label,
) -> (Tree, bool) {
    let extensions = extensions.into_iter();
    let seen: Vec<Tree> = extensions
        .flat_map(|name| contents.get(name).into_iter().flatten())
        .cloned()
        .collect();
    if seen.is_empty() {
        return (root, true);
    }
    let whole = Tree::merge(label, std::iter::once(root).chain(seen));
    (whole, false)
}

/// Packages of several extensions that are installed by one command.
pub(crate) struct Union<'a> {
    packages: packages::Packages,
    repositories: Vec<&'a plan::PlannedRepository>,
}

impl<'a> Union<'a> {
    /// The union of these extensions' packages; `None` = there is nothing to install.
    pub(crate) fn of(members: impl Iterator<Item = &'a Planned>) -> Option<Self> {
        let mut packages = packages::Packages::new();
        let mut repositories = Vec::new();
        for member in members {
            for (name, spans) in &member.packages {
                packages.entry(name.clone()).or_default().extend(spans);
            }
            repositories.extend(&member.repositories);
        }
        let is_empty = packages.is_empty() && repositories.is_empty();
        (!is_empty).then_some(Self {
            packages,
            repositories,
        })
    }

    /// Installs it on a root.
    pub(crate) fn install(
        &self,
        ground: Ground<'_>,
        root: Tree,
        resolved: Resolved<'_>,
        required: Vec<&Planned>,
    ) -> Installation {
        self.install_as(InstallationId::Union, ground, root, resolved, required)
    }

    /// Installs it on a root, under another name.
    pub(crate) fn install_as(
        &self,
        id: InstallationId,
        ground: Ground<'_>,
        root: Tree,
        resolved: Resolved<'_>,
        required: Vec<&Planned>,
    ) -> Installation {
        let wanted = Wanted {
            id,
            root,
            image: ground.base,
            packages: &self.packages,
            repositories: self.repositories.clone(),
            resolved,
            required,
            is_alone: false,
            label: self.label(ground),
        };
        wanted.install(ground)
    }

    /// How the command is shown to people.
    pub(crate) fn label(&self, ground: Ground<'_>) -> Label {
        let names = packages::join(&self.packages);
        let name = format!("[packages] {}: {names}", ground.base);
        let spans = packages::spans(&self.packages, &self.repositories);
        Label::shared(name, &spans)
    }

    /// The text of its history entry.
    pub(crate) fn created_by(&self) -> String {
        format!("apt-get install {}", packages::join(&self.packages))
    }
}
