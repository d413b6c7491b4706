//! The catalogue: the extensions that every spec can use by name.
//!
//! The repository's own extensions are part of the binary. An organization that makes a frontend of
//! its own adds a folder to the frontend's image; people at a terminal can name another one.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use spec::ExtensionName;

/// The name of an extension's definition in its folder.
pub(crate) const DEFINITION: &str = "extension.yaml";

/// The folder of an organization's own extensions in its frontend's image.
const OWN_FOLDER: &str = "/extensions";

/// The extensions of the repository, sorted by name; `build.rs` writes the table.
static EMBEDDED: &[EmbeddedExtension] = include!(concat!(env!("OUT_DIR"), "/extensions.rs"));

/// An extension in the binary.
struct EmbeddedExtension {
    name: &'static str,
    /// Sorted by path.
    files: &'static [EmbeddedFile],
}

/// A file of an extension in the binary.
struct EmbeddedFile {
    /// Relative to the folder of the extension.
    path: &'static str,
    content: &'static [u8],
    is_executable: bool,
}

/// The files of the catalogue.
#[derive(Debug, Clone)]
pub struct CatalogueFiles {
    /// Where extensions are looked for. If several places have one of the same name, the first wins.
    places: Vec<Place>,
}

#[derive(Debug, Clone)]
enum Place {
    /// A folder with a folder for each extension. It need not exist.
    Folder(PathBuf),
    /// The binary itself.
    Binary,
}

/// The files of one extension.
pub(crate) struct ExtensionFiles {
    /// The text of its definition.
    pub(crate) definition: String,
    /// All other files, by their path relative to its folder: the content, and whether it may be
    /// executed.
    pub(crate) others: BTreeMap<String, (Vec<u8>, bool)>,
}

impl CatalogueFiles {
    /// The catalogue of this frontend: the folder `/extensions`, if there is one, in front of the
    /// extensions in the binary.
    pub fn of_frontend() -> Self {
        Self::with_folder(OWN_FOLDER)
    }

    /// The catalogue in a folder, in front of the extensions in the binary.
    pub(crate) fn with_folder(path: impl Into<PathBuf>) -> Self {
        let places = vec![Place::Folder(path.into()), Place::Binary];
        Self { places }
    }

    /// The catalogue in a folder and nowhere else. A folder that does not exist is an empty one.
    pub fn in_folder(path: impl Into<PathBuf>) -> Self {
        let places = vec![Place::Folder(path.into())];
        Self { places }
    }

    /// The names of all extensions, sorted.
    pub(crate) fn names(&self) -> Vec<ExtensionName> {
        let names: BTreeSet<ExtensionName> = self.places.iter().flat_map(Place::names).collect();
        names.into_iter().collect()
    }

    /// Reads all files of an extension; `None` if there is no such extension.
    pub(crate) fn read(&self, name: &ExtensionName) -> io::Result<Option<ExtensionFiles>> {
        for place in &self.places {
            let files = match place {
                Place::Folder(path) => read_folder(&path.join(name.as_str()))?,
                Place::Binary => read_embedded(name)?,
            };
            if files.is_some() {
                return Ok(files);
            }
        }
        Ok(None)
    }
}

impl Place {
    fn names(&self) -> Vec<ExtensionName> {
        match self {
            Place::Binary => EMBEDDED
                .iter()
                .filter_map(|extension| ExtensionName::new(extension.name).ok())
                .collect(),
            Place::Folder(path) => {
                let entries = std::fs::read_dir(path).into_iter().flatten();
                let names = entries.filter_map(|entry| {
                    let entry = entry.ok()?;
                    let is_extension = entry.path().join(DEFINITION).is_file();
                    let name = entry.file_name().into_string().ok();
                    ExtensionName::new(name.filter(|_| is_extension)?).ok()
                });
                names.collect()
            }
        }
    }
}

fn read_embedded(name: &ExtensionName) -> io::Result<Option<ExtensionFiles>> {
    let extension = EMBEDDED.iter().find(|other| other.name == name.as_str());
    let Some(extension) = extension else {
        return Ok(None);
    };
    let files = extension.files.iter().map(|file| {
        let content = (file.content.to_vec(), file.is_executable);
        (file.path.to_owned(), content)
    });
    split_definition(files.collect())
}

fn read_folder(folder: &Path) -> io::Result<Option<ExtensionFiles>> {
    let mut files = BTreeMap::new();
    match std::fs::metadata(folder.join(DEFINITION)) {
        Ok(_) => read_files(folder, "", &mut files)?,
        // A file of that name in the catalogue, such as a license, is not an extension.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) => {}
        Err(error) => return Err(error),
    }
    split_definition(files)
}

/// Takes the definition out of the files of an extension; without one they are not an extension.
fn split_definition(
    mut files: BTreeMap<String, (Vec<u8>, bool)>,
) -> io::Result<Option<ExtensionFiles>> {
    let Some((definition, _)) = files.remove(DEFINITION) else {
        return Ok(None);
    };
    let definition = String::from_utf8(definition)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    Ok(Some(ExtensionFiles {
        definition,
        others: files,
    }))
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
            let content = std::fs::read(entry.path())?;
            files.insert(relative, (content, is_executable(&metadata)));
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
