//! What will be done: everything decided, nothing left to look up.

use std::collections::{BTreeMap, BTreeSet};

use source::{Span, Spanned};
use spec::{
    AgentId, ExtensionName, ImagePath, ImageReference, Need, Network, PackageName, ParameterName,
    SecretId, VariableName,
};

/// The base of builders that choose none.
///
/// A Debian release rather than the user's base, so that a changed base reruns no builder, and an
/// old one, so that what is compiled there finds its C library on newer bases.
pub const DEFAULT_BUILDER_BASE: &str = "debian:bookworm";

/// [`DEFAULT_BUILDER_BASE`] as a reference.
pub(crate) fn default_builder_base() -> ImageReference {
    ImageReference::new(DEFAULT_BUILDER_BASE).expect("the default builder base is a reference")
}

/// A whole image, decided.
///
/// Shape: a function of the *set* of uses; the order of the user's list is left in spans alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The image that extensions are put on.
    pub base: Spanned<ImageReference>,
    /// The architecture that the image is for, in OCI's words (`amd64`).
    pub architecture: String,
    /// The extensions, requirements first, then by name.
    pub extensions: Vec<Planned>,
    /// Variables of the image.
    pub environment: BTreeMap<String, String>,
    /// Folders put before the base's search path, without repetition.
    pub path: Vec<ImagePath>,
    /// The folder in which commands start.
    pub workdir: Option<ImagePath>,
    /// Labels of the image.
    pub labels: BTreeMap<String, String>,
}

/// One extension, decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Its name.
    pub name: ExtensionName,
    /// Its transitive requirements.
    pub requires: BTreeSet<ExtensionName>,
    /// Every parameter's value.
    pub parameters: BTreeMap<ParameterName, String>,
    /// Run-time packages, with the places that ask for each.
    pub packages: BTreeMap<PackageName, Vec<Span>>,
    /// Whether its packages are installed with those of others, as the union; else they are a layer of
    /// their own.
    pub is_in_union: bool,
    /// Repositories that its packages come from, in addition to those of the base.
    pub repositories: Vec<PlannedRepository>,
    /// What is made in a builder.
    pub build: Option<PlannedBuild>,
    /// Files put on the base, sorted by path; fragments of shell start-up are among them.
    pub files: Vec<PlannedFile>,
    /// Whether any of the files is a fragment for interactive bash.
    pub has_bash_fragment: bool,
    /// Commands that run on the base, one after another, after packages and files.
    pub steps: Vec<PlannedStep>,
    /// Its variables of the image, for its own steps and those of extensions that require it.
    pub environment: BTreeMap<String, String>,
    /// Its folders of the search path, likewise.
    pub path: Vec<ImagePath>,
    /// Commands that show that it works.
    pub tests: Vec<PlannedTest>,
    /// Where its definition is.
    pub span: Span,
    /// Where it is asked for: in the list of the spec, or as a requirement.
    pub cause: Span,
}

/// A repository of Debian packages, decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedRepository {
    /// The address of its root.
    pub url: String,
    /// The release, or a path that ends with `/`; none: the code name of the base.
    pub suite: Option<String>,
    /// Its parts.
    pub components: Vec<String>,
    /// The file with the public key that signs it.
    pub key: Content,
    /// The ending of the key's name, which tells apt its kind: `asc` or `gpg`.
    pub key_kind: &'static str,
    /// Where it is written.
    pub span: Span,
}

/// What is made in a builder, decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedBuild {
    /// The image it runs on.
    pub image: ImageReference,
    /// Debian packages of the builder, sorted.
    pub packages: BTreeMap<PackageName, Vec<Span>>,
    /// What is fetched and checked, by the name below `$SOURCES`.
    pub sources: BTreeMap<String, PlannedSource>,
    /// Commands, one after another.
    pub steps: Vec<PlannedStep>,
    /// Paths taken from below `$OUT`, and where they are written; `None` means all of it.
    pub outputs: Option<BTreeMap<ImagePath, Span>>,
    /// Where it is written.
    pub span: Span,
}

/// What is fetched, decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedSource {
    /// What is fetched.
    pub fetch: Fetch,
    /// Where it is written.
    pub span: Span,
    /// Where the user gave the checksum in the spec, if they did: the place of a mismatch.
    pub checksum_span: Option<Span>,
}

/// What is fetched and how it is checked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fetch {
    /// A package, by its registry's own client.
    Registry {
        /// Whose client.
        registry: Registry,
        /// The image that the client runs on.
        image: ImageReference,
        /// The package and its version, as the client takes it.
        package: String,
        /// The checksum; `None`: unverified.
        sha256: Option<String>,
    },
    /// One file, by the engine.
    Url {
        /// The address.
        url: String,
        /// The checksum; `None`: unverified.
        sha256: Option<String>,
    },
    /// A commit, by the engine.
    Git {
        /// The repository.
        repository: String,
        /// The whole commit id.
        commit: String,
    },
    /// A path in an image.
    Image {
        /// The image.
        image: ImageReference,
        /// The path in it.
        path: ImagePath,
    },
    /// Files of the extension.
    Files(Content),
}

/// A registry of packages, named by its ordinary client and never by a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Registry {
    /// `pip`.
    Pypi,
    /// `npm`.
    Npm,
    /// `cargo`.
    Crate,
}

/// Content of files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Content {
    /// One file with these bytes, and whether it may be executed.
    File(Vec<u8>, bool),
    /// A folder: relative paths and their content.
    Folder(BTreeMap<String, (Vec<u8>, bool)>),
    /// A path of the build context, a file or a folder.
    Context(String),
    /// A path of the named context that an extension is.
    NamedContext(ExtensionName, String),
}

/// A command, decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedStep {
    /// Text for `/bin/sh -e -c`.
    pub run: String,
    /// What it can reach.
    pub network: Network,
    /// Folders kept between builds.
    pub cache: Vec<PlannedCache>,
    /// Secrets of the client.
    pub secrets: Vec<PlannedSecret>,
    /// The client's ssh agents.
    pub agents: Vec<AgentId>,
    /// Where the command is written.
    pub span: Span,
}

/// A secret of the client, given to a step.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlannedSecret {
    /// The name the client knows it by.
    pub id: SecretId,
    /// The file it is in.
    pub file: Option<ImagePath>,
    /// The variable it is in.
    pub environment: Option<VariableName>,
    /// Whether the step can do without it.
    pub need: Need,
}

/// A folder kept between builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCache {
    /// Names the cache.
    pub id: String,
    /// Where steps see it.
    pub path: ImagePath,
}

/// A file or folder put on the base, decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedFile {
    /// Where it goes.
    pub to: ImagePath,
    /// What is in it.
    pub content: Content,
    /// Permission bits; none: `0644` for a written or embedded file (`0755` where it may be
    /// executed), as it is for content of the context.
    pub mode: Option<u32>,
    /// Numeric owner and group.
    pub owner: (u32, u32),
    /// Where it is written.
    pub span: Span,
}

/// A command that shows that an extension works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedTest {
    /// Text for `/bin/sh -e -c`.
    pub run: String,
    /// What its output must contain.
    pub expect: Option<String>,
    /// Where it is written.
    pub span: Span,
}

/// What an image of a plan is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageUse {
    /// A place that asks for it.
    pub span: Span,
    /// Whether commands run on it; from others, files are copied.
    pub runs_commands: bool,
}

/// The extensions in the order in which their layers lie in the image; canonical in both parts.
#[derive(Debug, Clone)]
pub struct LayerOrder<'a> {
    /// Those whose changes of the system the union of packages is installed on.
    pub below_union: Vec<&'a Planned>,
    /// All others.
    pub others: Vec<&'a Planned>,
}

impl Plan {
    /// Every image that has to be resolved before the plan can be compiled.
    pub fn images(&self) -> BTreeMap<ImageReference, ImageUse> {
        let mut images: BTreeMap<ImageReference, ImageUse> = BTreeMap::new();
        let mut add = |image: &ImageReference, span: Span, runs_commands: bool| {
            let used = ImageUse {
                span,
                runs_commands,
            };
            let known = images.entry(image.clone()).or_insert(used);
            // A command's place is the better one to blame an image at.
            if runs_commands && !known.runs_commands {
                *known = used;
            }
        };
        add(&self.base.value, self.base.span, true);
        for build in self.extensions.iter().filter_map(|one| one.build.as_ref()) {
            add(&build.image, build.span, true);
            for source in build.sources.values() {
                match &source.fetch {
                    Fetch::Image { image, .. } => add(image, source.span, false),
                    Fetch::Registry { image, .. } => add(image, source.span, true),
                    Fetch::Url { .. } | Fetch::Git { .. } | Fetch::Files(_) => {}
                }
            }
        }
        images
    }

    /// The extension of that name.
    pub fn extension(&self, name: &ExtensionName) -> Option<&Planned> {
        self.extensions.iter().find(|other| other.name == *name)
    }

    /// What an extension requires, in canonical order.
    pub fn requirements<'a>(&'a self, extension: &Planned) -> Vec<&'a Planned> {
        let all = self.extensions.iter();
        all.filter(|other| extension.requires.contains(&other.name))
            .collect()
    }

    /// The order of layers: what members of the union require is below it.
    pub fn layer_order(&self) -> LayerOrder<'_> {
        let members: Vec<&Planned> = self.union_members().collect();
        let (below_union, others) = self.extensions.iter().partition(|extension| {
            let is_required = |member: &&Planned| member.requires.contains(&extension.name);
            let is_above = |member: &&Planned| extension.requires.contains(&member.name);
            extension.changes_system()
                && !extension.is_in_union
                && members.iter().any(is_required)
                && !members.iter().any(is_above)
        });
        LayerOrder {
            below_union,
            others,
        }
    }

    /// The packages of the union, with the places that ask for each, in order.
    pub fn union_packages(&self) -> BTreeMap<PackageName, Vec<Span>> {
        let mut packages = BTreeMap::<_, Vec<_>>::new();
        for (package, spans) in self.union_members().flat_map(|member| &member.packages) {
            packages
                .entry(package.clone())
                .or_default()
                .extend(spans.iter().copied());
        }
        for spans in packages.values_mut() {
            spans.sort_unstable();
        }
        packages
    }

    /// The extensions whose packages are installed as the union.
    pub fn union_members(&self) -> impl Iterator<Item = &Planned> {
        self.extensions.iter().filter(|one| one.is_in_union)
    }
}

impl Planned {
    /// Whether apt has anything to do for it.
    pub fn installs(&self) -> bool {
        !self.packages.is_empty() || !self.repositories.is_empty()
    }

    /// Whether it changes the system itself, with packages or with commands.
    pub fn changes_system(&self) -> bool {
        self.installs() || !self.steps.is_empty()
    }
}
