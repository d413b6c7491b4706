//! What an extension installs on the user's base, as it was written.

use source::{Span, Spanned};

use crate::{ImagePath, PackageName, Step, Template};

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
