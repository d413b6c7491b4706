//! Where a conversion finds what a spec uses: extensions, images, and files of contexts.
//!
//! In a build the [`engine`] has them; for people at a terminal, the [`disk`] of their machine.

pub(crate) mod disk;
pub(crate) mod engine;

use std::collections::BTreeMap;

use buildkit_llb::Platform;
use compile::{Context, QuestionId, Questions, ResolvedImage};
use gateway::Failure;
use plan::Origin;
use spec::{ExtensionName, Image, ImageReference};

use crate::catalogue::{CatalogueFiles, DEFINITION};

/// Where a conversion finds what a spec uses.
///
/// An error comes from the engine or the disk: a lost connection, or an image that does not exist.
pub(crate) trait Finder {
    /// The names of the extensions in the catalogue, for suggestions.
    fn catalogue_names(&self) -> Vec<ExtensionName>;

    /// Gets ready to read the build context, if this image can use it.
    async fn open_build_context(&mut self, image: &Image) -> Result<(), Failure>;

    /// Looks for an extension by name: in the named contexts, then in the catalogue.
    async fn find_extension(&mut self, name: &ExtensionName) -> Result<Lookup, Failure>;

    /// The texts of the definitions in these folders of the build context, in the same order; `None`
    /// for a folder that has no definition.
    async fn read_definitions(&self, folders: &[String]) -> Result<Vec<Option<String>>, Failure>;

    /// Which of these paths are in a context, in the same order.
    async fn have_paths(
        &self,
        place: ContextName<'_>,
        paths: &[String],
    ) -> Result<Vec<bool>, Failure>;

    /// The line of an ignore file that excludes a path from a context.
    fn ignoring_pattern(&self, place: ContextName<'_>, path: &str) -> Option<String>;

    /// Resolves an image; `None` if images cannot be known here. A digest is that of the lock.
    async fn resolve_image(
        &self,
        platform: &Platform,
        image: &ImageReference,
        digest: Option<&str>,
    ) -> Result<Option<ResolvedImage>, Failure>;

    /// What the engine answers to a question about packages.
    async fn ask(&self, questions: &Questions, id: &QuestionId) -> Result<Asked, Failure>;

    /// The build context.
    fn build_context(&self) -> Context;

    /// The named contexts in which extensions were found, for this platform.
    fn extension_contexts(&self, platform: &Platform) -> BTreeMap<ExtensionName, Context>;
}

/// The answer to a question about packages.
pub(crate) enum Asked {
    /// The files that the answer consists of, by their names.
    Answered(BTreeMap<&'static str, String>),
    /// Nobody can be asked here.
    Unknown,
}

/// What was found under the name of an extension.
pub(crate) enum Lookup {
    /// A definition, which may be wrong.
    Found(Definition),
    /// There is no extension of that name.
    Absent,
    /// What the user put in its place cannot be an extension; a sentence that says why.
    Refused(String),
}

impl Lookup {
    /// What the catalogue has under the name of an extension.
    pub(crate) fn in_catalogue(
        catalogue: &CatalogueFiles,
        name: &ExtensionName,
    ) -> Result<Self, Failure> {
        let files = catalogue
            .read(name)
            .map_err(|error| Failure::new(format!("cannot read extension `{name}`: {error}")))?;
        Ok(files.map_or(Lookup::Absent, |files| {
            Lookup::Found(Definition {
                filename: format!("extensions/{name}/{DEFINITION}"),
                text: files.definition,
                origin: Origin::Catalogue(files.others),
            })
        }))
    }
}

/// The definition of an extension as a text, and where its files are.
pub(crate) struct Definition {
    /// The name of its file, for people.
    pub(crate) filename: String,
    pub(crate) text: String,
    pub(crate) origin: Origin,
}

/// A context that files of extensions come from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ContextName<'a> {
    /// The build context.
    Build,
    /// The named context in which that extension was found for that platform.
    Extension(&'a ExtensionName, &'a Platform),
}
