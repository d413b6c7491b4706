//! The spec: what one image is made of, as it was written.

use std::collections::BTreeMap;

use source::{Span, Spanned};

use crate::{
    ArgumentName, Extension, ExtensionName, ImagePath, ImageReference, ParameterName, SnapshotTime,
    VariableName,
};

/// A whole spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Values that can be given when the image is built. The other fields already contain them.
    pub arguments: BTreeMap<ArgumentName, Argument>,
    /// The image that extensions are put on.
    pub base: Spanned<ImageReference>,
    /// The list of extensions, in the order in which they were written. Later stages ignore the order.
    pub extensions: Vec<Use>,
    /// How the Debian packages of extensions are installed.
    pub packages: Packages,
    /// When the archives of Debian packages are looked at, if not now.
    pub snapshot: Option<Spanned<SnapshotTime>>,
    /// Environment variables of the image, which override those of extensions and of the base.
    pub environment: BTreeMap<VariableName, Spanned<String>>,
    /// Folders to put before the search path of the base and of extensions.
    pub path: Vec<Spanned<ImagePath>>,
    /// The folder in which commands start.
    pub workdir: Option<Spanned<ImagePath>>,
    /// Labels of the image.
    pub labels: BTreeMap<String, Spanned<String>>,
}

/// A value that can be given when the image is built: `--build-arg NAME=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// The value that was given, or else the default.
    pub value: String,
    /// The value when none is given.
    pub default: Option<Spanned<String>>,
    /// A description in one line.
    pub description: Option<Spanned<String>>,
    /// Where it is declared.
    pub span: Span,
}

/// How the Debian packages of extensions are installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Packages {
    /// All of them as one union, in one vertex.
    Union,
    /// Those of each extension alone, in a system layer of its own. A joint reconciles the system-wide
    /// databases.
    #[default]
    Isolated,
}

/// An entry in the list of extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// What is used.
    pub used: Used,
    /// The values that are given to its parameters.
    pub with: BTreeMap<ParameterName, Spanned<String>>,
    /// Other extensions of the image that it is put on, as if it required them.
    pub after: Vec<Spanned<ExtensionName>>,
    /// The whole entry.
    pub span: Span,
}

/// Where an extension comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Used {
    /// Looked up by its name: first among the named contexts of the build, then in the catalogue.
    Named(Spanned<ExtensionName>),
    /// A folder of the build context that has an `extension.yaml`.
    ///
    /// Shape: relative, without `.` and `..` parts and without a final slash, such as
    /// `tools/planner`.
    Folder(Spanned<String>),
    /// Defined in the spec itself.
    Inline(Box<Extension>),
}
