//! What an extension makes in a builder, as it was written.

use std::collections::BTreeMap;

use source::{Span, Spanned};

use crate::{ImagePath, ImageReference, PackageName, Sha256, SourceName, Step, Template};

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
