//! What an extension installs on the user's base, as it was written.

use source::{Span, Spanned};

use crate::{ImagePath, PackageName, Step, Template};

/// What is installed on the user's base.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Install {
    /// Debian packages.
    pub packages: Vec<Spanned<PackageName>>,
    /// Why its packages are installed as one set with those of others; `None` if they are installed
    /// alone.
    pub union: Option<Spanned<String>>,
    /// Repositories that its packages come from, in addition to those of the base.
    pub repositories: Vec<Repository>,
    /// Files and folders that are put into the image.
    pub files: Vec<InstalledFile>,
    /// Commands that run in order, after packages and files are installed.
    pub steps: Vec<Step>,
}

/// A repository of Debian packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// The address of its root, `http://` or `https://`.
    pub url: Spanned<Template>,
    /// The release; `None` means the code name of the base. One that ends with `/` is the path of a flat
    /// repository, which has no components.
    pub suite: Option<Spanned<Template>>,
    /// Its components; empty for a flat repository.
    pub components: Vec<Spanned<String>>,
    /// The public key that it is signed with: a path in the extension's folder that ends with `.asc` or
    /// `.gpg`.
    pub key: Spanned<String>,
    /// The whole entry.
    pub span: Span,
}

/// A file or a folder that is put into the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalledFile {
    /// Where its content comes from.
    pub content: ContentFrom,
    /// Where it is put.
    pub to: Spanned<ImagePath>,
    /// Permission bits, at most `07777`. `None` means `0644` for written text; files keep whether they
    /// can be executed.
    pub mode: Option<Spanned<u32>>,
    /// The numbers of owner and group; `None` means root.
    pub owner: Option<Spanned<(u32, u32)>>,
    /// The whole entry.
    pub span: Span,
}

/// Where the content of an installed file comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContentFrom {
    /// A path in the folder of the extension, or in the build context if it is defined in a spec:
    /// relative, without `.` and `..` parts.
    Path(Spanned<String>),
    /// Text that is written in the extension itself.
    Text(Spanned<Template>),
}
