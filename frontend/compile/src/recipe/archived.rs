//! What a command that installs packages needs to know, as a value.

use std::collections::BTreeMap;

use buildkit_llb::Digest;
use source::Span;
use spec::PackageName;

use crate::known::{InstallationId, QuestionId};
use crate::recipe::Tree;

/// What a command that installs packages needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Archived {
    /// Whether its exact packages are known.
    pub(crate) is_known: bool,
    pub(crate) id: InstallationId,
    /// Identifies what it asks for, whatever the archives have.
    pub(crate) asked: Digest,
    /// What it asks for, each with its places.
    pub(crate) packages: BTreeMap<PackageName, Vec<Span>>,
    /// What can be asked about it next, and the file system with the answer; `None` = others have to be known first,
    /// or nothing is left to ask.
    pub(crate) question: Option<(QuestionId, Tree)>,
    /// What it was resolved from, which a cache should keep.
    pub(crate) keepers: BTreeMap<String, Tree>,
}
