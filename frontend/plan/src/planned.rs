//! What will be done: everything decided, nothing left to look up.

use std::collections::{BTreeMap, BTreeSet};

use source::{Span, Spanned};
use spec::{
    AgentId, BuilderBase, ExtensionName, ImagePath, ImageReference, Need, Network, PackageName,
    ParameterName, SecretId, VariableName,
};

/// A whole image, decided.
///
/// Shape: a function of the *set* of uses; no order of the user's list is left in it but in spans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The image that extensions are put on.
    pub base: Spanned<ImageReference>,
    /// The extensions, requirements first, then by name.
    pub extensions: Vec<Planned>,
    /// The run-time packages that are installed as one set, with the places that ask for each, in
    /// order.
    pub packages: BTreeMap<PackageName, Vec<Span>>,
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
    /// Run-time packages that are installed alone, as a layer of this extension's own.
    pub packages: BTreeMap<PackageName, Vec<Span>>,
    /// Whether its packages are among those that are installed as one set: [`Plan::packages`].
    pub is_united: bool,
    /// Repositories that its packages come from, beside those of the base.
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
    /// What it runs on.
    pub on: BuilderBase,
    /// Debian packages of the builder, sorted.
    pub packages: BTreeMap<PackageName, Vec<Span>>,
    /// What is fetched and checked, by the name below `$SOURCES`.
    pub sources: BTreeMap<String, PlannedSource>,
    /// Commands, one after another.
    pub steps: Vec<PlannedStep>,
    /// Paths taken from below `$OUT`, and where they are written; none means all of it.
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
}

/// What is fetched and how it is checked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fetch {
    /// A package, by its registry's own client.
    Registry {
        /// Whose client.
        registry: Registry,
        /// The package and its version, as the client takes it.
        package: String,
        /// The checksum; none: unverified.
        sha256: Option<String>,
    },
    /// One file, by the engine.
    Url {
        /// The address.
        url: String,
        /// The checksum; none: unverified.
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

impl Plan {
    /// Every image that has to be resolved before the plan can be compiled, with a place that names
    /// it.
    pub fn images(&self) -> BTreeMap<ImageReference, Span> {
        let mut images = BTreeMap::from([(self.base.value.clone(), self.base.span)]);
        for build in self
            .extensions
            .iter()
            .filter_map(|extension| extension.build.as_ref())
        {
            if let BuilderBase::Image(image) = &build.on {
                images.entry(image.clone()).or_insert(build.span);
            }
            for source in build.sources.values() {
                match &source.fetch {
                    Fetch::Image { image, .. } => {
                        images.entry(image.clone()).or_insert(source.span);
                    }
                    // Registries' clients run on the default builder base.
                    Fetch::Registry { .. } => {
                        images.entry(default_builder()).or_insert(source.span);
                    }
                    Fetch::Url { .. } | Fetch::Git { .. } | Fetch::Files(_) => {}
                }
            }
            if build.on == BuilderBase::Default {
                images.entry(default_builder()).or_insert(build.span);
            }
        }
        images
    }
}

fn default_builder() -> ImageReference {
    ImageReference::new(crate::DEFAULT_BUILDER_BASE)
        .expect("the default builder base is a reference")
}
