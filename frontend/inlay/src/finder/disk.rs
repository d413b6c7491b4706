//! What a spec uses, on the disk of this machine, for people at a terminal.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use buildkit_llb::Platform;
use compile::{ClientFolder, Context, QuestionId, Questions, ResolvedImage};
use gateway::Failure;
use spec::{ExtensionName, Image, ImageReference, ignoring_pattern};

use crate::catalogue::{CatalogueFiles, DEFINITION};
use crate::finder::{Asked, ContextName, Finder, Lookup};

/// What a spec uses, on the disk.
pub(crate) struct Disk {
    /// The folder that is the build context.
    pub(crate) context: PathBuf,
    pub(crate) catalogue: CatalogueFiles,
    /// The patterns of the ignore file.
    pub(crate) ignore: Vec<String>,
}

impl Finder for Disk {
    fn catalogue_names(&self) -> Vec<ExtensionName> {
        self.catalogue.names()
    }

    async fn open_build_context(&mut self, _: &Image) -> Result<(), Failure> {
        Ok(())
    }

    async fn find_extension(&mut self, name: &ExtensionName) -> Result<Lookup, Failure> {
        Lookup::in_catalogue(&self.catalogue, name)
    }

    async fn read_definitions(&self, folders: &[String]) -> Result<Vec<Option<String>>, Failure> {
        let files = folders
            .iter()
            .map(|folder| format!("{folder}/{DEFINITION}"));
        let texts = files.map(|file| {
            if ignoring_pattern(&self.ignore, &file).is_some() {
                return Ok(None);
            }
            read(&self.context.join(file))
        });
        texts.collect()
    }

    async fn have_paths(
        &self,
        place: ContextName<'_>,
        paths: &[String],
    ) -> Result<Vec<bool>, Failure> {
        match place {
            ContextName::Build => {}
            ContextName::Extension(..) => unreachable!("no named context was given"),
        }
        let have = paths.iter().map(|path| {
            let is_ignored = ignoring_pattern(&self.ignore, path).is_some();
            Ok(!is_ignored && exists(&self.context.join(path))?)
        });
        have.collect()
    }

    fn ignoring_pattern(&self, _: ContextName<'_>, path: &str) -> Option<String> {
        ignoring_pattern(&self.ignore, path).map(str::to_owned)
    }

    async fn resolve_image(
        &self,
        _: &Platform,
        _: &ImageReference,
        _digest: Option<&str>,
    ) -> Result<Option<ResolvedImage>, Failure> {
        Ok(None)
    }

    async fn ask(&self, _questions: &Questions, _id: &QuestionId) -> Result<Asked, Failure> {
        Ok(Asked::Unknown)
    }

    fn build_context(&self) -> Context {
        Context::Client(ClientFolder {
            name: "context".to_owned(),
            session: String::new(),
            exclude: Vec::new(),
            key_hint: "context".to_owned(),
        })
    }

    fn extension_contexts(&self, _: &Platform) -> BTreeMap<ExtensionName, Context> {
        BTreeMap::new()
    }
}

/// The text of a file; `None` if there is no such file.
pub(crate) fn read(path: &Path) -> Result<Option<String>, Failure> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if is_absence(&error) => Ok(None),
        Err(error) => Err(cannot_read(path, &error)),
    }
}

fn exists(path: &Path) -> Result<bool, Failure> {
    match std::fs::metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if is_absence(&error) => Ok(false),
        Err(error) => Err(cannot_read(path, &error)),
    }
}

fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

fn cannot_read(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("cannot read `{}`: {error}", path.display()))
}
