//! One extension, decided: nothing is left to look up.

use std::collections::{BTreeMap, BTreeSet};

use source::Span;
use spec::{
    AgentId, CacheId, ExtensionName, ImagePath, ImageReference, Need, Network, PackageForm,
    PackageName, ParameterName, SecretId, VariableName,
};

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
    /// Where its checksum comes from, if it can have one.
    pub checksum: ChecksumOrigin,
}

/// Where the checksum of a source comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChecksumOrigin {
    /// The definition of the extension has it, or says that there is none.
    Definition,
    /// This place in the spec gives it.
    Spec(Span),
    /// It is known from elsewhere, such as a lock, for the version that this place in the spec selects.
    Known(Span),
    /// It has to be looked up, for the version that this place in the spec selects.
    Missing(Span),
}

impl Registry {
    /// The form of what names a package there.
    pub fn form(self) -> PackageForm {
        match self {
            Registry::Pypi => PackageForm::Pypi,
            Registry::Npm => PackageForm::Npm,
            Registry::Crate => PackageForm::Crate,
        }
    }
}

impl Fetch {
    /// What is downloaded, in its form, and its checksum, for what can have one.
    pub fn download(&self) -> Option<(PackageForm, &str, Option<&str>)> {
        match self {
            Fetch::Registry {
                registry,
                package,
                sha256,
                ..
            } => Some((registry.form(), package, sha256.as_deref())),
            Fetch::Url { url, sha256 } => Some((PackageForm::Url, url, sha256.as_deref())),
            Fetch::Git { .. } | Fetch::Image { .. } | Fetch::Files(_) => None,
        }
    }
}

impl PlannedSource {
    /// The place that a failure of the source is shown at: where the spec gives its checksum or selects its version,
    /// since a mismatch has to be corrected there; else where the source is written.
    pub fn place(&self) -> Span {
        match self.checksum {
            ChecksumOrigin::Definition => self.span,
            ChecksumOrigin::Spec(span)
            | ChecksumOrigin::Known(span)
            | ChecksumOrigin::Missing(span) => span,
        }
    }
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
    pub id: CacheId,
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
