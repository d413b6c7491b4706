//! An extension: what it adds to an image, as it was written.

use std::collections::BTreeMap;

use source::{Span, Spanned};

use crate::{Build, ExtensionName, ImagePath, Install, ParameterName, Template, VariableName};

/// A whole extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Its name.
    pub name: Spanned<ExtensionName>,
    /// A description in one line.
    pub description: Option<Spanned<String>>,
    /// Values that users can set.
    pub parameters: BTreeMap<ParameterName, Parameter>,
    /// Extensions that must be in the image too.
    pub requires: Vec<Spanned<ExtensionName>>,
    /// What is made in a builder.
    pub build: Option<Build>,
    /// What is installed on the user's base.
    pub install: Install,
    /// Environment variables of the image.
    pub environment: BTreeMap<VariableName, Spanned<Template>>,
    /// Folders to put before the search path of the base.
    pub path: Vec<Spanned<ImagePath>>,
    /// Code that shells run when they start.
    pub shell: Shell,
    /// Commands that show that the extension works.
    pub tests: Vec<Test>,
    /// The whole definition.
    pub span: Span,
}

/// A value that users can set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// The value when none is given.
    pub default: Option<Spanned<String>>,
    /// A description in one line.
    pub description: Option<Spanned<String>>,
    /// Where its name is written.
    pub span: Span,
}

/// Code that shells run when they start, each written to a file of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shell {
    /// For interactive bash.
    pub bash: Option<Spanned<String>>,
    /// For login shells of every kind.
    pub profile: Option<Spanned<String>>,
}

/// A command that shows that an extension works. It runs in a container of the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// Shell text for `/bin/sh -e -c`.
    pub run: Spanned<String>,
    /// What its output must contain.
    pub expect: Option<Spanned<Template>>,
    /// The whole entry.
    pub span: Span,
}
