//! An extension's file: what it needs itself, as it was written.

use std::collections::BTreeMap;

use source::{Span, Spanned};

use crate::{
    AgentId, ExtensionName, ImagePath, ImageReference, PackageName, ParameterName, SecretId,
    Sha256, SourceName, Template, VariableName,
};

/// A whole extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Its name.
    pub name: Spanned<ExtensionName>,
    /// One line for people.
    pub description: Option<Spanned<String>>,
    /// What a user can set.
    pub parameters: BTreeMap<ParameterName, Parameter>,
    /// Extensions that must be in the image too.
    pub requires: Vec<Spanned<ExtensionName>>,
    /// What is made in a builder.
    pub build: Option<Build>,
    /// What is installed on the user's base.
    pub install: Install,
    /// Variables of the image.
    pub environment: BTreeMap<VariableName, Spanned<Template>>,
    /// Folders put before the base's search path.
    pub path: Vec<Spanned<ImagePath>>,
    /// Fragments of shell start-up.
    pub shell: Shell,
    /// Commands that show that it works.
    pub tests: Vec<Test>,
    /// The whole definition.
    pub span: Span,
}

/// Something a user can set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// The value when none is given.
    pub default: Option<Spanned<String>>,
    /// One line for people.
    pub description: Option<Spanned<String>>,
    /// Where its name is written.
    pub span: Span,
}

/// What runs on the builder base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// What it runs on; none written means the default builder base.
    pub on: Option<Spanned<BuilderBase>>,
    /// Debian packages of the builder alone.
    pub packages: Vec<Spanned<PackageName>>,
    /// What is fetched and checked before any step.
    pub sources: Vec<Source>,
    /// Commands, one after another.
    pub steps: Vec<Step>,
    /// Paths of the image that are taken from below `$OUT`; none written means all of it.
    pub outputs: Option<Vec<Spanned<ImagePath>>>,
    /// Where the key `build` and its value are written.
    pub span: Span,
}

/// What a builder runs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuilderBase {
    /// The frontend's builder base, the same for every image.
    Default,
    /// The user's base: the builder runs again when the base changes.
    Base,
    /// An image of the extension's choice.
    Image(ImageReference),
}

/// Something fetched and checked before any step, mounted read-only at `$SOURCES/<to>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What is fetched.
    pub kind: SourceKind,
    /// Its name below `$SOURCES`.
    pub to: Spanned<SourceName>,
    /// The whole entry.
    pub span: Span,
}

/// What is fetched, and how it is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceKind {
    /// A wheel: `name==version`.
    Pypi {
        /// The package and its exact version.
        package: Spanned<Template>,
        /// The checksum of the wheel.
        check: Check,
    },
    /// A package's tarball: `name@version`.
    Npm {
        /// The package and its exact version.
        package: Spanned<Template>,
        /// The checksum of the tarball.
        check: Check,
    },
    /// A crate's source with its locked dependencies: `name@version`.
    Crate {
        /// The crate and its exact version.
        package: Spanned<Template>,
        /// The checksum of the `.crate` file.
        check: Check,
    },
    /// One file from an address; the engine fetches it.
    Url {
        /// The address, `http://` or `https://`.
        url: Spanned<Template>,
        /// The checksum of the file.
        check: Check,
    },
    /// A commit of a repository; the engine fetches it.
    Git {
        /// The repository.
        repository: Spanned<Template>,
        /// The whole commit id, 40 hexadecimal digits after substitution.
        commit: Spanned<Template>,
    },
    /// A path in another image.
    Image {
        /// The image; it should carry a digest.
        image: Spanned<Template>,
        /// The path in it.
        path: Option<Spanned<ImagePath>>,
    },
    /// A path in the build context, or, for a folder extension, in its own folder.
    Context {
        /// Relative, without `.` and `..` parts.
        path: Spanned<String>,
    },
}

/// How the bytes of a download are checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// One checksum for every architecture.
    One(Spanned<Sha256>),
    /// A checksum for each architecture (`amd64`, `arm64`, …: the names of Go and of OCI).
    ByArchitecture(BTreeMap<String, Spanned<Sha256>>),
    /// `unverified: true`: by the user's own words, not at all.
    Unverified(Span),
}

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Text for `/bin/sh -e -c`; parameters reach it as variables, never as text.
    pub run: Spanned<String>,
    /// What it can reach.
    pub network: Network,
    /// Folders kept between builds.
    pub cache: Vec<CacheMount>,
    /// Secrets of the client.
    pub secrets: Vec<SecretUse>,
    /// The client's ssh agents.
    pub agents: Vec<Spanned<AgentId>>,
    /// The whole entry.
    pub span: Span,
}

/// What a step can reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Network {
    /// The engine's usual network.
    #[default]
    Default,
    /// Nothing.
    None,
}

/// A folder kept between builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheMount {
    /// Names the cache; caches of one id are one.
    pub id: Spanned<String>,
    /// Where steps see it.
    pub path: Spanned<ImagePath>,
}

/// A secret of the client that a step is given, as a file or as a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretUse {
    /// The name the client knows it by.
    pub id: Spanned<SecretId>,
    /// The file; none written means `/run/secrets/<id>`, or no file where there is a variable.
    pub path: Option<Spanned<ImagePath>>,
    /// The variable.
    pub environment: Option<Spanned<VariableName>>,
    /// Whether the step can do without it.
    pub need: Need,
    /// The whole entry.
    pub span: Span,
}

impl SecretUse {
    /// The file that the step finds it in, if any.
    ///
    /// # Panics
    /// Never: an id is one path component.
    pub fn file(&self) -> Option<ImagePath> {
        match (&self.path, &self.environment) {
            (Some(path), _) => Some(path.value.clone()),
            (None, Some(_)) => None,
            (None, None) => {
                let path = ImagePath::new(&format!("/run/secrets/{}", self.id.value));
                Some(path.expect("an id is one path component"))
            }
        }
    }
}

/// Whether something can be done without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Need {
    /// It can.
    #[default]
    Optional,
    /// It cannot: the build fails.
    Required,
}

/// What is installed on the user's base.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Install {
    /// Debian packages.
    pub packages: Vec<Spanned<PackageName>>,
    /// Why its packages are installed with those of others, as one set; none written: alone.
    pub union: Option<Spanned<String>>,
    /// Repositories that its packages come from, beside those of the base.
    pub repositories: Vec<Repository>,
    /// Files.
    pub files: Vec<InstalledFile>,
    /// Commands, one after another, after packages and files.
    pub steps: Vec<Step>,
}

/// A repository of Debian packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// The address of its root, `http://` or `https://`.
    pub url: Spanned<Template>,
    /// The release; none written means the code name of the base. One that ends with `/` is a path to
    /// a repository without components.
    pub suite: Option<Spanned<Template>>,
    /// Its parts; none for a flat repository.
    pub components: Vec<Spanned<String>>,
    /// The public key that signs it: a path in the extension's folder, ending with `.asc` or `.gpg`.
    pub key: Spanned<String>,
    /// The whole entry.
    pub span: Span,
}

/// A file or a folder put into the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalledFile {
    /// Where its content is.
    pub content: ContentFrom,
    /// Where it goes.
    pub to: Spanned<ImagePath>,
    /// Permission bits (at most `07777`); none written means `0644` for files.
    pub mode: Option<Spanned<u32>>,
    /// Numeric owner and group; none written means root.
    pub owner: Option<Spanned<(u32, u32)>>,
    /// The whole entry.
    pub span: Span,
}

/// Where the content of an installed file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContentFrom {
    /// A path in the extension's folder (for inline extensions: in the build context); relative,
    /// without `.` and `..` parts.
    Path(Spanned<String>),
    /// Written in the extension itself.
    Text(Spanned<Template>),
}

/// Fragments of shell start-up, each written to a file of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shell {
    /// For interactive bash.
    pub bash: Option<Spanned<String>>,
    /// For login shells of every kind.
    pub profile: Option<Spanned<String>>,
}

/// A command that shows that an extension works, run in a container of the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// Text for `/bin/sh -e -c`.
    pub run: Spanned<String>,
    /// What its output must contain.
    pub expect: Option<Spanned<Template>>,
    /// The whole entry.
    pub span: Span,
}
