//! What an extension makes in a builder, as it was written.

use std::collections::BTreeMap;

use source::{Span, Spanned};

use crate::{ImagePath, ImageReference, PackageName, Sha256, SourceName, Step, Template};

/// What runs on the builder base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// What it runs on; `None` if it was not written, which means the default builder base.
    pub on: Option<Spanned<BuilderBase>>,
    /// Debian packages for the builder only.
    pub packages: Vec<Spanned<PackageName>>,
    /// What is fetched and checked before any step.
    pub sources: Vec<Source>,
    /// Commands that run in order.
    pub steps: Vec<Step>,
    /// Paths of the image to take from `$OUT`; `None` if they were not written, which means everything.
    pub outputs: Option<Vec<Spanned<ImagePath>>>,
    /// Where the key `build` and its value are written.
    pub span: Span,
}

/// What a builder runs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuilderBase {
    /// The builder base of the frontend, which is the same for every image.
    Default,
    /// The user's base. The builder then runs again when the base changes.
    Base,
    /// An image that the extension chooses.
    Image(ImageReference),
}

/// Something that is fetched and checked before any step, and mounted read-only at `$SOURCES/<to>`.
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
    /// The source of a crate with its locked dependencies: `name@version`.
    Crate {
        /// The crate and its exact version.
        package: Spanned<Template>,
        /// The checksum of the `.crate` file.
        check: Check,
    },
    /// One file from an address, fetched by the engine.
    Url {
        /// The address, `http://` or `https://`.
        url: Spanned<Template>,
        /// The checksum of the file.
        check: Check,
    },
    /// A commit of a repository, fetched by the engine.
    Git {
        /// The repository.
        repository: Spanned<Template>,
        /// The whole commit id: 40 hexadecimal digits once parameters have their values.
        commit: Spanned<Template>,
    },
    /// A path in another image.
    Image {
        /// The image, which should be written with a digest.
        image: Spanned<Template>,
        /// The path in it; `None` means the whole image.
        path: Option<Spanned<ImagePath>>,
    },
    /// A path in the folder of the extension, or in the build context if it is defined in a spec.
    Context {
        /// The path: relative, without `.` and `..` parts.
        path: Spanned<String>,
    },
}

/// How the bytes of a download are checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// One checksum for every architecture.
    One(Spanned<Sha256>),
    /// One checksum for each architecture, under the names that Go and OCI use, such as `amd64`.
    ByArchitecture(BTreeMap<String, Spanned<Sha256>>),
    /// They are not checked, because the extension says `unverified: true`.
    Unverified(Span),
}
