//! What is known about packages: the states of archives, and the exact packages of each installation.

use std::collections::BTreeMap;
use std::fmt;

use apt::PackageList;
use spec::{ExtensionName, ImageReference, PackageForm, PackageName};

/// The package lists of some archives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum StateId {
    /// Those of an image.
    Image(ImageReference),
    /// Those of an image and of repositories that extensions add, which this text identifies.
    Added(ImageReference, String),
    /// Those of the root that an installation is made on.
    Root(InstallationId),
}

/// What installs packages.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum InstallationId {
    /// An extension.
    Extension(ExtensionName),
    /// The union of packages.
    Union,
    /// Builders on an image that need these packages.
    Builder(ImageReference, Vec<PackageName>),
}

impl fmt::Display for InstallationId {
    /// Its name in a lock file.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InstallationId::Extension(name) => write!(formatter, "extension {name}"),
            InstallationId::Union => formatter.write_str("union"),
            InstallationId::Builder(image, names) => {
                let names: Vec<&str> = names.iter().map(PackageName::as_str).collect();
                write!(formatter, "builder {image} {}", names.join(" "))
            }
        }
    }
}

/// Something to ask.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum QuestionId {
    /// The digest of package lists: the file `digest`.
    State(StateId),
    /// What apt would install: the file `answer`.
    Resolution(InstallationId),
    /// The SHA256 of a download: the file `sha256`.
    Checksum(PackageForm, String),
}

/// What is known about packages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The digests of package lists.
    pub states: BTreeMap<StateId, String>,
    /// The exact packages of each installation.
    pub lists: BTreeMap<InstallationId, PackageList>,
    /// What newer package lists changed about installations, in words.
    pub changes: BTreeMap<InstallationId, Vec<String>>,
}
