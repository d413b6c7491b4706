//! The extensions found so far, and those that were looked for and do not exist.

use std::collections::{BTreeMap, BTreeSet};

use spec::{Extension, ExtensionName};

/// What has to be looked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wanted {
    /// An extension of that name.
    Named(ExtensionName),
    /// The extension in that folder of the build context.
    Folder(String),
}

/// Where an extension was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In the catalogue, with the files of its folder.
    ///
    /// Shape: relative paths with `/`, without the `extension.yaml` itself; contents and whether
    /// they may be executed.
    Catalogue(BTreeMap<String, (Vec<u8>, bool)>),
    /// In that folder of the build context.
    Folder(String),
    /// In the named context of the extension's name; its files are there.
    NamedContext,
    /// In the spec; its files are in the build context.
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

/// The extensions seen so far.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    found: BTreeMap<Wanted, Found>,
    absent: BTreeSet<Wanted>,
    refused: BTreeMap<Wanted, String>,
    broken: BTreeSet<Wanted>,
    known: BTreeSet<ExtensionName>,
}

impl Catalogue {
    /// Makes a catalogue in which nothing was looked for; `known` are the names of the frontend's
    /// own extensions, for suggestions.
    pub fn new(known: impl IntoIterator<Item = ExtensionName>) -> Self {
        Self {
            known: known.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Adds what was found.
    pub fn found(&mut self, wanted: Wanted, found: Found) {
        self.found.insert(wanted, found);
    }

    /// Notes that something was found but could not be read, which was reported.
    pub fn broken(&mut self, wanted: Wanted) {
        self.broken.insert(wanted);
    }

    /// Notes that something was looked for and does not exist.
    pub fn absent(&mut self, wanted: Wanted) {
        self.absent.insert(wanted);
    }

    /// Notes that the user put something in the place of an extension that cannot be one; `why` is a
    /// sentence for them.
    pub fn refused(&mut self, wanted: Wanted, why: impl Into<String>) {
        self.refused.insert(wanted, why.into());
    }

    /// Why what the user put in the place of this extension cannot be one.
    pub fn refusal(&self, wanted: &Wanted) -> Option<&str> {
        self.refused.get(wanted).map(String::as_str)
    }

    /// What was found under that name.
    pub fn get(&self, wanted: &Wanted) -> Option<&Found> {
        self.found.get(wanted)
    }

    /// Everything that was found.
    pub fn all(&self) -> impl Iterator<Item = &Found> {
        self.found.values()
    }

    /// Whether it was looked for and does not exist, or was refused.
    pub fn is_absent(&self, wanted: &Wanted) -> bool {
        self.absent.contains(wanted) || self.refused.contains_key(wanted)
    }

    /// Whether it was found and could not be read, which was reported.
    pub fn is_broken(&self, wanted: &Wanted) -> bool {
        self.broken.contains(wanted)
    }

    /// The names of the frontend's own extensions.
    pub fn known(&self) -> impl Iterator<Item = &ExtensionName> {
        self.known.iter()
    }
}
