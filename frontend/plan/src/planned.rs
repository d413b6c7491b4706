//! The plan: what will be done, with everything decided and nothing left to look up.

use std::collections::{BTreeMap, BTreeSet};

use source::{Span, Spanned};
use spec::{
    AgentId, ExtensionName, ImagePath, ImageReference, Need, Network, PackageName, ParameterName,
    SecretId, VariableName,
};

/// The base of builders that do not choose one.
///
/// It is a Debian release rather than the user's base, so that another base makes no builder run again. It is
/// an old release, so that programs compiled there find a C library that is new enough on newer bases.
pub const DEFAULT_BUILDER_BASE: &str = "debian:bookworm";

/// [`DEFAULT_BUILDER_BASE`] as a reference.
pub(crate) fn default_builder_base() -> ImageReference {
    ImageReference::new(DEFAULT_BUILDER_BASE)
        .expect("the default builder base is a valid reference")
}

/// The plan of a whole image.
///
/// It is a function of the *set* of uses: only spans still show the order of the user's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The image that extensions are put on.
    pub base: Spanned<ImageReference>,
    /// The architecture that the image is for, as OCI names it (`amd64`).
    pub architecture: String,
    /// The extensions in canonical order: requirements first, then by name.
    pub extensions: Vec<Planned>,
    /// Environment variables of the image.
    pub environment: BTreeMap<String, String>,
    /// Folders to put before the base's search path, each once.
    pub path: Vec<ImagePath>,
    /// The folder in which the image's commands start; `None` = that of the base.
    pub workdir: Option<ImagePath>,
    /// Labels of the image.
    pub labels: BTreeMap<String, String>,
}

/// The plan of one extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Its name.
    pub name: ExtensionName,
    /// Its transitive requirements.
    pub requires: BTreeSet<ExtensionName>,
    /// The value of each parameter.
    pub parameters: BTreeMap<ParameterName, String>,
    /// Run-time packages, with the places that ask for each.
    pub packages: BTreeMap<PackageName, Vec<Span>>,
    /// Whether its packages are installed together with those of others, as the union. Otherwise they are a
    /// layer of their own.
    pub is_in_union: bool,
    /// Repositories to install its packages from, in addition to those of the base.
    pub repositories: Vec<PlannedRepository>,
    /// What it makes in a builder.
    pub build: Option<PlannedBuild>,
    /// Files to put on the base, sorted by path. They include its fragments of shell start-up.
    pub files: Vec<PlannedFile>,
    /// Whether one of the files is a fragment for interactive bash.
    pub has_bash_fragment: bool,
    /// Commands to run on the base, one after another, once its packages and files are there.
    pub steps: Vec<PlannedStep>,
    /// Environment variables that it sets in the image, for its own steps, and for the steps of extensions that
    /// require it.
    pub environment: BTreeMap<String, String>,
    /// Folders that it adds to the search path of the image and of the same steps.
    pub path: Vec<ImagePath>,
    /// Commands that check whether it works.
    pub tests: Vec<PlannedTest>,
    /// The place of its definition.
    pub span: Span,
    /// The place that asks for it: an entry of the spec's list, or a requirement.
    pub cause: Span,
}

/// A repository of Debian packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedRepository {
    /// The address of its root.
    pub url: String,
    /// The release, or a path that ends with `/`; `None` = the code name of the base.
    pub suite: Option<String>,
    /// Its components, such as `main`; none if `suite` is a path.
    pub components: Vec<String>,
    /// The file with the public key that verifies its signatures.
    pub key: Content,
    /// The extension of the key's file name, which tells apt its format: `asc` or `gpg`.
    pub key_kind: &'static str,
    /// Where it is written.
    pub span: Span,
}

/// What an extension makes in a builder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedBuild {
    /// The image that the builder runs on.
    pub image: ImageReference,
    /// Debian packages of the builder, sorted.
    pub packages: BTreeMap<PackageName, Vec<Span>>,
    /// What is fetched and checked, by its name below `$SOURCES`.
    pub sources: BTreeMap<String, PlannedSource>,
    /// The commands to run, one after another.
    pub steps: Vec<PlannedStep>,
    /// The paths to take from `$OUT`, and where each is written in the definition; `None` = all of `$OUT`.
    pub outputs: Option<BTreeMap<ImagePath, Span>>,
    /// Where it is written.
    pub span: Span,
}

/// A source of a builder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedSource {
    /// What is fetched, and how it is checked.
    pub fetch: Fetch,
    /// Where it is written.
    pub span: Span,
    /// Where the spec gives the checksum, if it does: a mismatch is reported there.
    pub checksum_span: Option<Span>,
}

/// What is fetched and how it is checked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fetch {
    /// A package, fetched by its registry's own client.
    Registry {
        /// The registry.
        registry: Registry,
        /// The image that the client runs on.
        image: ImageReference,
        /// The package and its version, as the client expects them.
        package: String,
        /// The checksum; `None` = unverified.
        sha256: Option<String>,
    },
    /// One file, fetched by the engine.
    Url {
        /// The address.
        url: String,
        /// The checksum; `None` = unverified.
        sha256: Option<String>,
    },
    /// A commit, fetched by the engine.
    Git {
        /// The address of the repository.
        repository: String,
        /// The full commit id.
        commit: String,
    },
    /// A path in an image.
    Image {
        /// The image.
        image: ImageReference,
        /// The path in it.
        path: ImagePath,
    },
    /// Files of the extension itself.
    Files(Content),
}

/// A registry of packages. It is never named by a host: its ordinary client knows where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Registry {
    /// The registry of `pip`.
    Pypi,
    /// The registry of `npm`.
    Npm,
    /// The registry of `cargo`.
    Crate,
}

/// The content of a file or a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Content {
    /// One file: its bytes, and whether it is executable.
    File(Vec<u8>, bool),
    /// A folder: the content of each relative path, and whether it is executable.
    Folder(BTreeMap<String, (Vec<u8>, bool)>),
    /// A path in the build context, to a file or a folder.
    Context(String),
    /// A path in the named context that contains this extension.
    NamedContext(ExtensionName, String),
}

/// A command to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedStep {
    /// The text that `/bin/sh -e -c` runs.
    pub run: String,
    /// Its network.
    pub network: Network,
    /// Folders that are kept between builds.
    pub cache: Vec<PlannedCache>,
    /// The client's secrets that it can read.
    pub secrets: Vec<PlannedSecret>,
    /// The client's ssh agents that it can use.
    pub agents: Vec<AgentId>,
    /// Where the command is written.
    pub span: Span,
}

/// A secret of the client that a step can read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlannedSecret {
    /// The id under which the client knows it.
    pub id: SecretId,
    /// The file that contains it; `None` = no file.
    pub file: Option<ImagePath>,
    /// The variable that contains it; `None` = no variable.
    pub environment: Option<VariableName>,
    /// Whether the step needs it or can do without it.
    pub need: Need,
}

/// A folder that is kept between builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCache {
    /// The id of the cache: steps that give the same id share it.
    pub id: String,
    /// Where the step sees it.
    pub path: ImagePath,
}

/// A file or folder to put on the base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedFile {
    /// Its path in the image.
    pub to: ImagePath,
    /// Its content.
    pub content: Content,
    /// Permission bits; `None` = those of the context for content that comes from one, and otherwise `0644`,
    /// or `0755` for an executable file.
    pub mode: Option<u32>,
    /// Numeric owner and group.
    pub owner: (u32, u32),
    /// Where it is written.
    pub span: Span,
}

/// A command that checks whether an extension works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedTest {
    /// The text that `/bin/sh -e -c` runs.
    pub run: String,
    /// What its output must contain; `None` = nothing in particular.
    pub expect: Option<String>,
    /// Where it is written.
    pub span: Span,
}

/// What a plan uses an image for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageUse {
    /// A place that asks for it.
    pub span: Span,
    /// Whether commands run on it. From other images, files are only copied.
    pub runs_commands: bool,
}

/// The extensions in the order in which their layers lie in the image. Each part is in canonical order.
#[derive(Debug, Clone)]
pub struct LayerOrder<'a> {
    /// The extensions whose system layers the union is installed on.
    pub below_union: Vec<&'a Planned>,
    /// All other extensions.
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
            // If the image has a problem, the place where commands run on it explains more.
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

    /// The extension with this name.
    pub fn extension(&self, name: &ExtensionName) -> Option<&Planned> {
        self.extensions.iter().find(|other| other.name == *name)
    }

    /// The transitive requirements of an extension, in canonical order.
    pub fn requirements<'a>(&'a self, extension: &Planned) -> Vec<&'a Planned> {
        let all = self.extensions.iter();
        all.filter(|other| extension.requires.contains(&other.name))
            .collect()
    }

    /// The order of layers: what the members of the union require lies below the union.
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

    /// The packages of the union, each with the places that ask for it, in order.
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

    /// The extensions whose packages are in the union.
    pub fn union_members(&self) -> impl Iterator<Item = &Planned> {
        self.extensions.iter().filter(|one| one.is_in_union)
    }
}

impl Planned {
    /// Whether apt has to do anything for it: install packages or add repositories.
    pub fn installs(&self) -> bool {
        !self.packages.is_empty() || !self.repositories.is_empty()
    }

    /// Whether it changes the system itself, with packages or with steps.
    pub fn changes_system(&self) -> bool {
        self.installs() || !self.steps.is_empty()
    }
}
