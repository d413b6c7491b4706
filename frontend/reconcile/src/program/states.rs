//! Reads the job, the states of system layers, and the listings of content layers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use reconcile::{Job, Layer, Listing, State, find_shared, place_contents};

use crate::attributes::digest_attributes;
use crate::failure::Failure;
use crate::tree::{hash_file, list_tree, locate};

/// Reads the job.
pub(crate) fn read_job(path: &Path) -> Result<Job, Failure> {
    let bytes = read_file(path)?;
    serde_json::from_slice(&bytes).map_err(|error| Failure::at(path, error))
}

/// Reads the state of the base and the layers with theirs.
pub(crate) fn read_states(job: &Job) -> Result<(State, Vec<Layer>), Failure> {
    let base = read_state(Path::new(&job.base))?;
    let layers = job.layers.iter().enumerate().map(|(index, layer)| {
        let (state, removed) = if let Some(folder) = &layer.state {
            let folder = Path::new(folder);
            (read_state(folder)?, read_file(&folder.join("removed"))?)
        } else {
            let listing = list_tree(Path::new(&layer.tree))?;
            let state = State {
                listing,
                ..State::default()
            };
            (state, Vec::new())
        };
        let removed = removed
            .split(|byte| *byte == 0)
            .filter(|path| !path.is_empty());
        if let Some(place) = layer.below.iter().find(|place| **place >= index) {
            let extension = &layer.extension;
            let message = format!(
                "layer {index} of `{extension}` is on layer {place}, which does not come before it"
            );
            return Err(Failure::Job(message));
        }
        Ok(Layer {
            extension: layer.extension.clone(),
            part: layer.part,
            state,
            removed: removed.map(<[u8]>::to_vec).collect::<BTreeSet<_>>(),
            below: layer.below.iter().copied().collect(),
            asked_ids: layer.asked_ids.iter().copied().collect(),
            ..Layer::default()
        })
    });
    let mut layers: Vec<Layer> = layers.collect::<Result<_, Failure>>()?;
    place_contents(&base, &mut layers).map_err(|refusals| Failure::refused(&refusals))?;
    for index in 0..layers.len() {
        if layers[index].is_content() {
            for path in find_shared(&layers, index) {
                let tree = Path::new(&job.layers[index].tree);
                let place = locate(tree, layers[index].original(&path));
                let hash = hash_file(&place)?;
                let attributes = digest_attributes(&place)?;
                if let Some(entry) = layers[index].state.listing.0.get_mut(&path) {
                    entry.hash = Some(hash);
                    entry.attributes = attributes;
                }
            }
        }
    }
    Ok((base, layers))
}

/// Reads one state.
fn read_state(folder: &Path) -> Result<State, Failure> {
    let listing = read_listing(folder, ["listing", "hashes", "attributes"])?;
    let before = read_listing(folder, ["before", "hashes-before", "attributes-before"])?;
    let mut files = BTreeMap::new();
    let root = folder.join("root");
    read_folder(&root, &root, &mut files)?;
    let mut accounts = BTreeMap::new();
    let names = folder.join("accounts");
    if names.is_dir() {
        read_folder(&names, &names, &mut accounts)?;
    }
    Ok(State {
        files,
        listing,
        before,
        accounts,
    })
}

/// Reads the three files of a listing. A state that lacks one has nothing to list there.
fn read_listing(folder: &Path, names: [&str; 3]) -> Result<Listing, Failure> {
    let read = |name: &str| {
        let path = folder.join(name);
        if path.exists() {
            read_file(&path)
        } else {
            Ok(Vec::new())
        }
    };
    let [listing, hashes, attributes] = names.map(read);
    Listing::parse(&listing?, &hashes?, &attributes?)
        .map_err(|error| Failure::at(&folder.join(names[0]), error))
}

/// Reads all files of a folder, whose paths begin at a root.
fn read_folder(
    root: &Path,
    folder: &Path,
    files: &mut BTreeMap<Vec<u8>, Vec<u8>>,
) -> Result<(), Failure> {
    for entry in fs::read_dir(folder).map_err(|error| Failure::at(folder, error))? {
        let entry = entry.map_err(|error| Failure::at(folder, error))?;
        let path = entry.path();
        let kind = entry
            .file_type()
            .map_err(|error| Failure::at(&path, error))?;
        if kind.is_dir() {
            read_folder(root, &path, files)?;
        } else if kind.is_file() {
            let bytes = path.as_os_str().as_bytes();
            let name = bytes[root.as_os_str().len()..].to_vec();
            files.insert(name, read_file(&path)?);
        }
    }
    Ok(())
}

fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure::at(path, error))
}
