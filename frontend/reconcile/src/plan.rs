//! The plan of a joint: what goes in, what comes out, and the order of the rules.
//!
//! Each rule is a module; it reads the [`Input`] and adds to the [`Draft`]. A rule writes a file
//! only where the union differs from what the stack shows already, so a stack of one layer is a
//! plan of nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::aliases::Aliases;
use crate::formats::listing::{Entry, Listing};
use crate::ids::IdMap;
use crate::refusal::{Reason, Refusal, essential};
use crate::{
    accounts, alternatives, catalogs, conflicts, debconf, diversions, overlaps, records,
    statoverride, status, triggers,
};

/// What a state says of a root file system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Databases {
    /// The copied files by their paths; of a layer only those it changed.
    pub files: BTreeMap<Vec<u8>, Vec<u8>>,
    /// All paths of a base, those changed of a layer.
    pub listing: Listing,
    /// The names of users and groups as a layer's root had them, whether the layer changed them or not:
    /// its files have these owners. Nothing of a base, whose files are whole.
    pub accounts: BTreeMap<Vec<u8>, Vec<u8>>,
}

/// What an extension's installation changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layer {
    /// The extension's name.
    pub extension: String,
    /// What it changed.
    pub databases: Databases,
    /// What it removed.
    pub removed: BTreeSet<Vec<u8>>,
    /// The layers it was installed on, by their indexes: those of what its extension requires, all of
    /// them before it. What it changes of theirs is no contradiction.
    pub below: BTreeSet<usize>,
}

/// What a path is to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A regular file with these bytes.
    Bytes(Vec<u8>),
    /// A symbolic link to this target.
    Link(Vec<u8>),
}

/// A file to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// What it holds.
    pub content: Content,
    /// Its owner and mode.
    pub owner: Owner,
}

/// Owner and mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Permission bits with setuid, setgid and sticky; a link has none.
    pub mode: u32,
    /// The user.
    pub uid: u32,
    /// The group.
    pub gid: u32,
}

/// A file that goes to another path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// From where in the stack; nothing stays there.
    pub from: Vec<u8>,
    /// To where.
    pub to: Vec<u8>,
    /// What it gets there.
    pub owner: Owner,
}

/// An alternative whose links are to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The best of its choices.
    Auto(Vec<u8>),
    /// This path, which an extension chose by hand.
    Manual(Vec<u8>, Vec<u8>),
}

/// What the joint does, in the order of the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Files that go elsewhere.
    pub moves: Vec<Move>,
    /// Files to write.
    pub files: BTreeMap<Vec<u8>, File>,
    /// Owners and modes to set.
    pub owners: BTreeMap<Vec<u8>, Owner>,
    /// Paths whose access lists name ids that have changed.
    pub access_lists: Vec<(IdMap, Vec<Vec<u8>>)>,
    /// Paths to remove.
    pub remove: BTreeSet<Vec<u8>>,
    /// Alternatives to choose.
    pub alternatives: Vec<Choice>,
    /// Whether the cache of libraries is to be made.
    pub needs_ldconfig: bool,
    /// Triggers to run, by path or name.
    pub triggers: Vec<Vec<u8>>,
    /// What the user should know.
    pub warnings: Vec<String>,
}

impl Plan {
    /// Whether there is nothing to do; warnings are nothing done.
    pub fn is_empty(&self) -> bool {
        let nothing = Self {
            warnings: self.warnings.clone(),
            ..Self::default()
        };
        *self == nothing
    }

    /// Whether anything runs in the merged root.
    pub fn runs_commands(&self) -> bool {
        !self.alternatives.is_empty() || self.needs_ldconfig || !self.triggers.is_empty()
    }
}

/// What all rules read.
pub(crate) struct Input<'a> {
    pub(crate) base: &'a Databases,
    pub(crate) layers: &'a [Layer],
    pub(crate) architecture: &'a [u8],
    pub(crate) aliases: Aliases,
}

impl<'a> Input<'a> {
    /// The layers that hold a database file, with their bytes; not those below another of them, which
    /// has what they say in its own version.
    pub(crate) fn versions(&self, path: &[u8]) -> Vec<(usize, &'a [u8])> {
        let holds = |index: &usize| self.layers[*index].databases.files.contains_key(path);
        let holders: Vec<usize> = (0..self.layers.len()).filter(holds).collect();
        let uppermost = self.uppermost(&holders).into_iter();
        uppermost
            .map(|index| (index, self.layers[index].databases.files[path].as_slice()))
            .collect()
    }

    /// The base's bytes of a database file; none are empty.
    pub(crate) fn original(&self, path: &[u8]) -> &'a [u8] {
        self.base.files.get(path).map_or(&[], Vec::as_slice)
    }

    /// What the stack shows at a database's path.
    pub(crate) fn current(&self, path: &[u8]) -> Option<&'a [u8]> {
        let base = self.base.files.get(path).map(Vec::as_slice);
        self.versions(path).last().map(|(_, bytes)| *bytes).or(base)
    }

    /// Whether two layers hold different versions of a file.
    pub(crate) fn is_contested(&self, path: &[u8]) -> bool {
        let versions = self.versions(path);
        versions.windows(2).any(|pair| pair[0].1 != pair[1].1)
    }

    /// All paths of database files that layers hold and that begin so.
    pub(crate) fn paths_below(&self, prefix: &'static [u8]) -> BTreeSet<&'a [u8]> {
        let files = self
            .layers
            .iter()
            .flat_map(|layer| layer.databases.files.keys());
        files
            .map(Vec::as_slice)
            .filter(|path| path.starts_with(prefix))
            .collect()
    }

    /// The entry that the stack shows, and the layer it is from.
    pub(crate) fn shown(&self, path: &[u8]) -> Option<(Option<usize>, &'a Entry)> {
        let layers = self.layers.iter().enumerate().rev();
        for (index, layer) in layers {
            if let Some(entry) = layer.databases.listing.get(path) {
                return Some((Some(index), entry));
            }
        }
        Some((None, self.base.listing.get(path)?))
    }

    /// The name of a layer's extension.
    pub(crate) fn name(&self, layer: usize) -> &'a str {
        &self.layers[layer].extension
    }

    /// Whether the upper layer was installed on the lower.
    pub(crate) fn is_below(&self, lower: usize, upper: usize) -> bool {
        self.layers[upper].below.contains(&lower)
    }

    /// Of layers, those on which no other of them was installed.
    pub(crate) fn uppermost(&self, layers: &[usize]) -> Vec<usize> {
        let is_covered = |lower: usize| layers.iter().any(|upper| self.is_below(lower, *upper));
        let all = layers.iter().copied();
        all.filter(|layer| !is_covered(*layer)).collect()
    }

    /// A refusal of two layers, which are named in canonical order.
    pub(crate) fn between(&self, reason: Reason, layers: [usize; 2], what: String) -> Refusal {
        let [first, second] = [layers[0].min(layers[1]), layers[0].max(layers[1])];
        Refusal::between(reason, [self.name(first), self.name(second)], what)
    }
}

/// What the rules add to.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) plan: Plan,
    pub(crate) refusals: Vec<Refusal>,
    /// Paths on which layers need not agree: a rule has decided them.
    pub(crate) handled: BTreeSet<Vec<u8>>,
    /// For each layer, how its ids are to be read.
    pub(crate) maps: Vec<IdMap>,
}

impl Draft {
    /// Writes a database file, unless the stack shows the same.
    pub(crate) fn write(&mut self, input: &Input<'_>, path: &[u8], bytes: Vec<u8>) {
        self.handled.insert(path.to_vec());
        if input.current(path) != Some(bytes.as_slice()) {
            let owner = self.owner(input, path);
            let content = Content::Bytes(bytes);
            self.plan
                .files
                .insert(path.to_vec(), File { content, owner });
        }
    }

    /// The owner and mode that the stack shows, with the layer's ids mapped.
    pub(crate) fn owner(&self, input: &Input<'_>, path: &[u8]) -> Owner {
        let standard = Owner {
            mode: 0o644,
            uid: 0,
            gid: 0,
        };
        input
            .shown(path)
            .map_or(standard, |(layer, entry)| self.mapped(layer, entry))
    }

    /// An entry's owner and mode, with the layer's ids mapped.
    pub(crate) fn mapped(&self, layer: Option<usize>, entry: &Entry) -> Owner {
        let unchanged = IdMap::default();
        let map = layer
            .and_then(|layer| self.maps.get(layer))
            .unwrap_or(&unchanged);
        Owner {
            mode: entry.mode,
            uid: map.user(entry.uid),
            gid: map.group(entry.gid),
        }
    }
}

/// Plans the joint of a base and layers in canonical order.
///
/// `architecture` is the native one in Debian's words. Errors: the refusals, sorted; not those that follow
/// from others.
pub fn plan(base: &Databases, layers: &[Layer], architecture: &str) -> Result<Plan, Vec<Refusal>> {
    let aliases = Aliases::of(&base.listing);
    let input = Input {
        base,
        layers,
        architecture: architecture.as_bytes(),
        aliases,
    };
    let mut draft = Draft::default();
    let packages = status::unite(&input, &mut draft);
    status::unite_marks(&input, &packages, &mut draft);
    conflicts::check(&input, &packages, &mut draft);
    let names = accounts::unite(&input, &mut draft);
    diversions::unite(&input, &mut draft);
    alternatives::unite(&input, &mut draft);
    debconf::unite(&input, &mut draft);
    records::unite(&input, &mut draft);
    catalogs::unite(&input, &mut draft);
    triggers::unite(&input, &packages, &mut draft);
    let overrides = statoverride::unite(&input, &names, &mut draft);
    overlaps::check(&input, &overrides, &mut draft);
    if draft.refusals.is_empty() {
        Ok(draft.plan)
    } else {
        Err(essential(draft.refusals))
    }
}
