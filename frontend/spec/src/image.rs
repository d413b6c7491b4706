//! The spec: what one image is made of, as it was written.

use std::collections::BTreeMap;

use source::{Span, Spanned};

use crate::{
    ArgumentName, Extension, ExtensionName, ImagePath, ImageReference, ParameterName, VariableName,
};

/// A whole spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// What can be given when the image is built; its values are in the rest already.
    pub arguments: BTreeMap<ArgumentName, Argument>,
    /// The image that extensions are put on.
    pub base: Spanned<ImageReference>,
    /// The list of extensions, in the order written; the order means nothing further on.
    pub extensions: Vec<Use>,
    /// How run-time packages of extensions are installed.
    pub packages: Packages,
    /// Variables of the image; they win over those of extensions and of the base.
    pub environment: BTreeMap<VariableName, Spanned<String>>,
    /// Folders put before the base's and the extensions' search path.
    pub path: Vec<Spanned<ImagePath>>,
    /// The folder in which commands start.
    pub workdir: Option<Spanned<ImagePath>>,
    /// Labels of the image.
    pub labels: BTreeMap<String, Spanned<String>>,
}

/// Something that can be given when the image is built: `--build-arg NAME=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// The value that was given, else the default.
    pub value: String,
    /// The value when none is given.
    pub default: Option<Spanned<String>>,
    /// One line for people.
    pub description: Option<Spanned<String>>,
    /// Where it is declared.
    pub span: Span,
}

/// How run-time packages of extensions are installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Packages {
    /// One sorted, deduplicated set in one vertex.
    Union,
    /// Those of each extension alone, as a layer of its own; a joint unites what is one for the
    /// whole system.
    #[default]
    Isolated,
}

/// One entry of the list of extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// What is used.
    pub used: Used,
    /// Values given to parameters.
    pub with: BTreeMap<ParameterName, Spanned<String>>,
    /// The whole entry.
    pub span: Span,
}

/// Where an extension comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Used {
    /// Looked up by name: a named context of the build, then the catalogue.
    Named(Spanned<ExtensionName>),
    /// A folder of the build context with an `extension.yaml`.
    ///
    /// Shape: relative, without `.` and `..` parts and without a final slash, such as
    /// `tools/planner`.
    Folder(Spanned<String>),
    /// Defined in the spec itself.
    Inline(Box<Extension>),
}
