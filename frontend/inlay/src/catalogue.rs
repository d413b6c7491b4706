//! The catalogue: a folder with a folder for each extension.
//!
//! In the frontend's image it is `/extensions`; an organization's own frontend adds to it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use plan::{Found, Origin};
use source::{Diagnostics, Sources};
use spec::{ExtensionName, parse_extension};

/// The name of an extension's definition in its folder.
pub(crate) const DEFINITION: &str = "extension.yaml";

/// A catalogue on disk.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

/// What a look into the catalogue gives.
pub(crate) enum Looked {
    /// The extension; `None` when its definition has problems, which were reported.
    Found(Option<Box<Found>>),
    /// There is none of that name.
    Absent,
}

impl Folder {
    /// The catalogue in that folder; a folder that does not exist is an empty one.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The names of all extensions in it.
    pub(crate) fn names(&self) -> Vec<ExtensionName> {
        let Ok(entries) = std::fs::read_dir(&self.path) else {
            return Vec::new();
        };
        let names = entries.filter_map(|entry| {
            let entry = entry.ok()?;
            let is_extension = entry.path().join(DEFINITION).is_file();
            let name = entry
                .file_name()
                .into_string()
                .ok()
                .filter(|_| is_extension)?;
            ExtensionName::new(name).ok()
        });
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }

    /// Looks for one extension and reads all files of its folder.
    pub(crate) fn look(
        &self,
        diagnostics: &mut Diagnostics,
        sources: &mut Sources,
        name: &ExtensionName,
    ) -> io::Result<Looked> {
        let folder = self.path.join(name.as_str());
        let text = match std::fs::read_to_string(folder.join(DEFINITION)) {
            Ok(text) => text,
            // A file of that name in the catalogue, such as a license, is no extension.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                return Ok(Looked::Absent);
            }
            Err(error) => return Err(error),
        };
        let id = sources.add(format!("extensions/{name}/{DEFINITION}"), text);
        let mut files = BTreeMap::new();
        read_files(&folder, "", &mut files)?;
        files.remove(DEFINITION);
        let extension = parse_extension(diagnostics, sources, id);
        let origin = Origin::Catalogue(files);
        let found = extension
            .ok()
            .map(|extension| Box::new(Found { extension, origin }));
        Ok(Looked::Found(found))
    }
}

fn read_files(
    folder: &Path,
    prefix: &str,
    files: &mut BTreeMap<String, (Vec<u8>, bool)>,
) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let relative = format!("{prefix}{name}");
        let metadata = std::fs::metadata(entry.path())?;
        if metadata.is_dir() {
            read_files(&entry.path(), &format!("{relative}/"), files)?;
        } else {
            files.insert(
                relative,
                (std::fs::read(entry.path())?, is_executable(&metadata)),
            );
        }
    }
    Ok(())
}

#[cfg(unix)]
fn is_executable(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &std::fs::Metadata) -> bool {
    false
}
