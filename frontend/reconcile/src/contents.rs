//! Content layers: where their paths are in the image, and which of them other layers have too.
//!
//! A content layer is made on nothing, so it does not know the links of the image that it will be put on. If one of
//! its paths leads through a link of the base or of a system layer, it belongs where the link leads.

use std::collections::{BTreeMap, BTreeSet};

use crate::formats::listing::{Kind, Listing};
use crate::formats::text::to_text;
use crate::refusal::{Reason, Refusal, keep_essential};
use crate::state::{Layer, State};

/// As many links as Linux follows in one path (`path_resolution(7)`).
const LINKS: usize = 40;

/// Puts the paths of content layers where the links of the image lead.
///
/// # Errors
/// The refusals of content below a link that leads to no folder.
pub fn place_contents(base: &State, layers: &mut [Layer]) -> Result<(), Vec<Refusal>> {
    let mut refusals = Vec::new();
    let tree = Tree::new(base, layers);
    let contents = (0..layers.len()).filter(|index| layers[*index].is_content());
    let placed: Vec<(usize, Vec<Place>)> = contents
        .map(|index| (index, tree.place(index, &mut refusals)))
        .collect();
    for (index, places) in placed {
        let layer = &mut layers[index];
        for place in places {
            match place {
                Place::Elsewhere(original, path) => {
                    if let Some(entry) = layer.state.listing.0.remove(&original) {
                        layer.state.listing.0.insert(path.clone(), entry);
                        layer.moved.insert(path, original);
                    }
                }
                Place::AtLink(original, link) => {
                    layer.state.listing.0.remove(&original);
                    if original == link {
                        layer.hidden_links.insert(link);
                    }
                }
            }
        }
    }
    if refusals.is_empty() {
        Ok(())
    } else {
        Err(keep_essential(refusals))
    }
}

/// The files of a content layer that another layer also has. Whether these are equal depends on their content.
pub fn find_shared(layers: &[Layer], index: usize) -> BTreeSet<Vec<u8>> {
    let others = || {
        let others = layers.iter().enumerate();
        others.filter(|(other, _)| *other != index)
    };
    let is_shared =
        |path: &[u8]| others().any(|(_, layer)| layer.state.listing.get(path).is_some());
    let files = layers[index].state.listing.0.iter();
    files
        .filter(|(path, entry)| entry.kind == Kind::File && is_shared(path))
        .map(|(path, _)| path.clone())
        .collect()
}

/// Where a path of a content layer belongs.
enum Place {
    /// At another path.
    Elsewhere(Vec<u8>, Vec<u8>),
    /// Nowhere: it is a folder, and the image has a link at the second path. What is below it belongs elsewhere.
    AtLink(Vec<u8>, Vec<u8>),
}

/// The image below the joint.
struct Tree<'a> {
    base: &'a State,
    layers: &'a [Layer],
    /// The links of the base and of the system layers.
    links: BTreeMap<&'a [u8], &'a [u8]>,
}

impl<'a> Tree<'a> {
    fn new(base: &'a State, layers: &'a [Layer]) -> Self {
        let mut links = BTreeMap::new();
        let mut add = |listing: &'a Listing| {
            for (path, entry) in &listing.0 {
                if entry.kind == Kind::Link {
                    links.insert(path.as_slice(), entry.target.as_slice());
                } else {
                    links.remove(path.as_slice());
                }
            }
        };
        add(&base.listing);
        for layer in layers.iter().filter(|layer| !layer.is_content()) {
            add(&layer.state.listing);
        }
        Self {
            base,
            layers,
            links,
        }
    }

    /// Whether a path is a folder, or may be one because it leads through a link.
    fn is_folder(&self, path: &[u8]) -> bool {
        let is_folder = |listing: &Listing| {
            let entry = listing.get(path);
            entry.is_some_and(|entry| entry.kind == Kind::Directory)
        };
        path == b"/"
            || self.links.contains_key(path)
            || self.find_link_above(path).is_some()
            || is_folder(&self.base.listing)
            || self
                .layers
                .iter()
                .any(|layer| is_folder(&layer.state.listing))
    }

    /// The first link above the last name of a path.
    fn find_link_above<'p>(&self, path: &'p [u8]) -> Option<&'p [u8]> {
        let mut ends = (1..path.len()).filter(|end| path[*end] == b'/');
        let end = ends.find(|end| self.links.contains_key(&path[..*end]))?;
        Some(&path[..end])
    }

    /// The paths of a content layer that do not belong where the content has them.
    fn place(&self, index: usize, refusals: &mut Vec<Refusal>) -> Vec<Place> {
        let layer = &self.layers[index];
        let mut places = Vec::new();
        for (path, entry) in &layer.state.listing.0 {
            match self.resolve(path) {
                Ok(resolved) => {
                    let is_hiding = entry.kind == Kind::Directory
                        && self.links.contains_key(resolved.as_slice());
                    if is_hiding {
                        places.push(Place::AtLink(path.clone(), resolved));
                    } else if resolved != *path {
                        places.push(Place::Elsewhere(path.clone(), resolved));
                    }
                }
                Err(link) => {
                    let target = to_text(self.links.get(link.as_slice()).unwrap_or(&&b""[..]));
                    refusals.push(refuse_below_link(&layer.extension, path, &link, &target));
                }
            }
        }
        places
    }

    /// The path with all links above its last name followed.
    ///
    /// # Errors
    /// The first link that leads to no folder.
    fn resolve(&self, path: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
        let mut resolved = path.to_vec();
        for _ in 0..LINKS {
            let Some(link) = self.find_link_above(&resolved) else {
                return Ok(resolved);
            };
            let folder = follow(link, self.links[link]);
            if !self.is_folder(&folder) {
                return Err(link.to_vec());
            }
            let rest = &resolved[link.len()..];
            resolved = if folder == b"/" {
                rest.to_vec()
            } else {
                [&folder, rest].concat()
            };
        }
        Err(path.to_vec())
    }
}

/// Refuses content below a link that leads to no folder.
pub fn refuse_below_link(extension: &str, path: &[u8], link: &[u8], target: &str) -> Refusal {
    let what = format!(
        "it has `{}`, and `{}` is a link to `{target}` in the image, where no folder is",
        to_text(path),
        to_text(link),
    );
    let help = "put it elsewhere, or make the folder that the link leads to in the extension that \
                makes the link";
    Refusal::alone(Reason::Kind, extension, what).with_help(help)
}

/// Refuses content of another kind than what the image already has at its path.
pub fn refuse_other_kind(extension: &str, path: &[u8], have: Kind, content: Kind) -> Refusal {
    let what = format!(
        "`{}` is {have} in the image and {content} in `{extension}`",
        to_text(path),
    );
    let help = "put it elsewhere, or change what the image has there";
    Refusal::alone(Reason::Kind, extension, what).with_help(help)
}

/// Where the target of a link leads, without `.` and `..`.
pub fn follow(link: &[u8], target: &[u8]) -> Vec<u8> {
    let parent = link.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
    let from = if target.starts_with(b"/") {
        Vec::new()
    } else {
        link[..parent].to_vec()
    };
    let mut names: Vec<&[u8]> = Vec::new();
    let all = from
        .split(|byte| *byte == b'/')
        .chain(target.split(|byte| *byte == b'/'));
    for name in all {
        match name {
            b"" | b"." => {}
            b".." => drop(names.pop()),
            name => names.push(name),
        }
    }
    let path: Vec<u8> = names
        .iter()
        .flat_map(|name| [b"/", *name].concat())
        .collect();
    if path.is_empty() { b"/".to_vec() } else { path }
}
