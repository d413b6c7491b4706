//! The records of a state: for each path what it is, and what it was before.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, thread};

use reconcile::{Entry, Kind};

use crate::attributes::digest_attributes;
use crate::capture::{Roots, Walk, Was, find_entry};
use crate::failure::Failure;
use crate::tree::hash_file;

/// The files of a state that have records, each with its bytes.
pub(super) struct Records(Vec<(&'static str, Vec<u8>)>);

/// The names of the files for one of the roots: listing, hashes and attributes.
type Names = [&'static str; 3];

const AFTER: Names = ["listing", "hashes", "attributes"];
const BEFORE: Names = ["before", "hashes-before", "attributes-before"];

impl Records {
    /// Describes what a walk has found.
    pub(super) fn of(walk: &Walk, roots: &Roots<'_>) -> Result<Self, Failure> {
        let mut files = Vec::new();
        let all: Vec<&[u8]> = walk.held.keys().map(Vec::as_slice).collect();
        let is_base = roots.before.is_none();
        // Of a base, only configuration is compared by content.
        let is_hashed = |path: &[u8]| !is_base || path.starts_with(b"/etc/");
        files.extend(describe(roots.after, &all, AFTER, is_hashed)?);
        if let Some(before) = roots.before {
            let known = walk.held.iter().filter(|(_, was)| **was == Was::There);
            let known: Vec<&[u8]> = known.map(|(path, _)| path.as_slice()).collect();
            files.extend(describe(before, &known, BEFORE, |_| true)?);
            let mut removed = walk.removed.clone();
            removed.sort();
            let removed = removed
                .iter()
                .flat_map(|path| [path.as_slice(), b"\0"].concat());
            files.push(("removed", removed.collect()));
        }
        Ok(Self(files))
    }

    /// Writes the files into the folder of a state.
    pub(super) fn write(&self, state: &Path) -> Result<(), Failure> {
        for (name, bytes) in &self.0 {
            let place = state.join(name);
            fs::write(&place, bytes).map_err(|error| Failure::at(&place, error))?;
        }
        Ok(())
    }
}

/// Describes paths of a root.
fn describe(
    root: &Path,
    paths: &[&[u8]],
    names: Names,
    is_hashed: impl Fn(&[u8]) -> bool,
) -> Result<Vec<(&'static str, Vec<u8>)>, Failure> {
    let (mut listing, mut attributes) = (Vec::new(), Vec::new());
    let mut hashed: Vec<(&[u8], PathBuf)> = Vec::new();
    for path in paths {
        let (place, entry) = find_entry(root, path)?;
        write_entry(&mut listing, path, &entry);
        if let Some(digest) = digest_attributes(&place)? {
            write_digest(&mut attributes, &digest, path);
        }
        if entry.kind == Kind::File && is_hashed(path) {
            hashed.push((path, place));
        }
    }
    let places: Vec<&Path> = hashed.iter().map(|(_, place)| place.as_path()).collect();
    let mut hashes: Vec<Vec<u8>> = Vec::new();
    for ((path, _), digest) in hashed.iter().zip(hash_files(&places)?) {
        let mut record = Vec::new();
        write_digest(&mut record, &digest, path);
        hashes.push(record);
    }
    hashes.sort();
    Ok(vec![
        (names[0], listing),
        (names[1], hashes.concat()),
        (names[2], attributes),
    ])
}

fn write_entry(records: &mut Vec<u8>, path: &[u8], entry: &Entry) {
    let kind = match entry.kind {
        Kind::File => 'f',
        Kind::Directory => 'd',
        Kind::Link => 'l',
        Kind::Other(letter) => char::from(letter),
    };
    records.extend_from_slice(path);
    let Entry {
        mode,
        uid,
        gid,
        size,
        target,
        ..
    } = entry;
    let _ = write!(records, "//{kind} {mode:o} {uid} {gid} {size} ");
    records.extend_from_slice(target);
    records.push(0);
}

fn write_digest(records: &mut Vec<u8>, digest: &[u8], path: &[u8]) {
    records.extend_from_slice(digest);
    records.extend_from_slice(b"  ");
    records.extend_from_slice(path);
    records.push(0);
}

/// The hashes of files, in their order. All processors take part.
fn hash_files(places: &[&Path]) -> Result<Vec<Vec<u8>>, Failure> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(vec![None; places.len()]);
    let work = || -> Result<(), Failure> {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(place) = places.get(index) else {
                return Ok(());
            };
            let digest = hash_file(place)?;
            let mut done = done.lock().expect("no other worker has panicked");
            done[index] = Some(digest);
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            worker.join().expect("a worker does not panic")?;
        }
        Ok::<(), Failure>(())
    })?;
    let done = done.into_inner().expect("no worker has panicked");
    Ok(done.into_iter().flatten().collect())
}
