//! The catalogue: the extensions found so far, and the outcome of every search that found none.

use std::collections::{BTreeMap, BTreeSet};

use spec::{Extension, ExtensionName};

use crate::Checksums;

/// An extension that has to be looked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wanted {
    /// The extension with this name.
    Named(ExtensionName),
    /// The extension in this folder of the build context.
    Folder(String),
}

/// Where an extension was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In the frontend's own catalogue, with the files of its folder.
    ///
    /// Each relative path, with `/` between its components, leads to the file's content and whether it is
    /// executable. The `extension.yaml` itself is not among them.
    Catalogue(BTreeMap<String, (Vec<u8>, bool)>),
    /// In this folder of the build context.
    Folder(String),
    /// In the named context that has the extension's name. Its files are there too.
    NamedContext,
    /// In the spec itself. Its files are in the build context.
    Inline,
}

/// An extension and where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The extension.
    pub extension: Extension,
    /// Where it was found.
    pub origin: Origin,
}

/// What the searches for extensions have found so far.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    found: BTreeMap<Wanted, Found>,
    absent: BTreeSet<Wanted>,
    /// Lines of ignore files, for those that are absent because of one.
    ignored: BTreeMap<Wanted, String>,
    refused: BTreeMap<Wanted, String>,
    broken: BTreeSet<Wanted>,
    known: BTreeSet<ExtensionName>,
    /// What is known about versions for which extensions have no checksums.
    pub checksums: Checksums,
}

impl Catalogue {
    /// Makes a catalogue before any search. `known` are the names of the frontend's own extensions, which
    /// are suggested for misspelt names.
    pub fn new(known: impl IntoIterator<Item = ExtensionName>) -> Self {
        Self {
            known: known.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Adds an extension that was found.
    pub fn found(&mut self, wanted: Wanted, found: Found) {
        self.found.insert(wanted, found);
    }

    /// Notes that an extension was found but could not be read. The caller has reported this.
    pub fn broken(&mut self, wanted: Wanted) {
        self.broken.insert(wanted);
    }

    /// Notes that an extension was looked for and does not exist.
    pub fn absent(&mut self, wanted: Wanted) {
        self.absent.insert(wanted);
    }

    /// Notes that an extension does not exist because this line of an ignore file excludes its definition.
    pub fn ignored(&mut self, wanted: Wanted, pattern: impl Into<String>) {
        self.ignored.insert(wanted.clone(), pattern.into());
        self.absent(wanted);
    }

    /// The line of an ignore file that excludes an extension's definition.
    pub fn ignoring_pattern(&self, wanted: &Wanted) -> Option<&str> {
        self.ignored.get(wanted).map(String::as_str)
    }

    /// Notes that what the user provides in the place of an extension cannot be one. `why` is a message for
    /// the user.
    pub fn refused(&mut self, wanted: Wanted, why: impl Into<String>) {
        self.refused.insert(wanted, why.into());
    }

    /// The reason why what the user provides in the place of this extension cannot be one.
    pub fn refusal(&self, wanted: &Wanted) -> Option<&str> {
        self.refused.get(wanted).map(String::as_str)
    }

    /// The extension, if it was found.
    pub fn get(&self, wanted: &Wanted) -> Option<&Found> {
        self.found.get(wanted)
    }

    /// All extensions that were found.
    pub fn all(&self) -> impl Iterator<Item = &Found> {
        self.found.values()
    }

    /// Whether the extension was looked for and does not exist, or was refused.
    pub fn is_absent(&self, wanted: &Wanted) -> bool {
        self.absent.contains(wanted) || self.refused.contains_key(wanted)
    }

    /// Whether the extension was found but could not be read, which has been reported.
    pub fn is_broken(&self, wanted: &Wanted) -> bool {
        self.broken.contains(wanted)
    }

    /// The names of the frontend's own extensions.
    pub fn known(&self) -> impl Iterator<Item = &ExtensionName> {
        self.known.iter()
    }
}
