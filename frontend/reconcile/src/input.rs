//! What all rules read: the base and the layers, and what can be asked about them.

use std::collections::BTreeSet;

use crate::aliases::Aliases;
use crate::formats::listing::Entry;
use crate::refusal::{Reason, Refusal, suggest_after};
use crate::state::{Layer, Part, State};

/// The base and the layers of a joint.
pub(crate) struct Input<'a> {
    pub(crate) base: &'a State,
    pub(crate) layers: &'a [Layer],
    /// The native architecture by its Debian name.
    pub(crate) architecture: &'a [u8],
    pub(crate) aliases: Aliases,
}

impl<'a> Input<'a> {
    /// The layers that hold a database file, each with its bytes. A layer is left out if another of them was
    /// installed on it, because that one's version includes what it says.
    pub(crate) fn versions(&self, path: &[u8]) -> Vec<(usize, &'a [u8])> {
        let holds = |index: &usize| self.layers[*index].state.files.contains_key(path);
        let holders: Vec<usize> = (0..self.layers.len()).filter(holds).collect();
        let uppermost = self.keep_uppermost(&holders).into_iter();
        uppermost
            .map(|index| (index, self.layers[index].state.files[path].as_slice()))
            .collect()
    }

    /// The base's bytes of a database file. They are empty if the base has no such file.
    pub(crate) fn base_bytes(&self, path: &[u8]) -> &'a [u8] {
        self.base.files.get(path).map_or(&[], Vec::as_slice)
    }

    /// The bytes of a database file in the stack.
    pub(crate) fn stacked_bytes(&self, path: &[u8]) -> Option<&'a [u8]> {
        let base = self.base.files.get(path).map(Vec::as_slice);
        self.versions(path).last().map(|(_, bytes)| *bytes).or(base)
    }

    /// Whether layers hold different versions of a database file.
    pub(crate) fn is_contested(&self, path: &[u8]) -> bool {
        let versions = self.versions(path);
        versions.windows(2).any(|pair| pair[0].1 != pair[1].1)
    }

    /// The paths of all database files of layers that begin with a prefix.
    pub(crate) fn paths_with_prefix(&self, prefix: &'static [u8]) -> BTreeSet<&'a [u8]> {
        let files = self
            .layers
            .iter()
            .flat_map(|layer| layer.state.files.keys());
        files
            .map(Vec::as_slice)
            .filter(|path| path.starts_with(prefix))
            .collect()
    }

    /// The entry of a path in the stack of the base and the system layers, which is the root of the joint, and the
    /// layer that it comes from, unless that is the base.
    pub(crate) fn stacked_entry(&self, path: &[u8]) -> Option<(Option<usize>, &'a Entry)> {
        self.top_entry(path, |layer| !layer.is_content())
    }

    /// The entry of a path in the image below the joint, and the layer that it comes from, unless that is the base.
    pub(crate) fn shown_entry(&self, path: &[u8]) -> Option<(Option<usize>, &'a Entry)> {
        self.top_entry(path, |_| true)
    }

    fn top_entry(
        &self,
        path: &[u8],
        counts: impl Fn(&Layer) -> bool,
    ) -> Option<(Option<usize>, &'a Entry)> {
        let layers = self.layers.iter().enumerate().rev();
        for (index, layer) in layers.filter(|(_, layer)| counts(layer)) {
            if let Some(entry) = layer.state.listing.get(path) {
                return Some((Some(index), entry));
            }
        }
        Some((None, self.base.listing.get(path)?))
    }

    /// Whether a layer that holds a path has a say in it: it made the path or changed it. A folder of content may
    /// be there only as the parent of something, unless it is a special one.
    pub(crate) fn has_say(&self, layer: usize, path: &[u8]) -> bool {
        let (entry, layer) = (self.entry(layer, path), &self.layers[layer]);
        if layer.is_content() {
            !entry.is_ordinary_folder()
        } else {
            layer.state.before.get(path) != Some(entry)
        }
    }

    /// The entry of a path that a layer holds.
    pub(crate) fn entry(&self, layer: usize, path: &[u8]) -> &'a Entry {
        let entry = self.layers[layer].state.listing.get(path);
        entry.expect("a holder of a path lists it")
    }

    /// The name of a layer's extension.
    pub(crate) fn name(&self, layer: usize) -> &'a str {
        &self.layers[layer].extension
    }

    /// A layer for messages: the name of its extension in backticks, or the base.
    pub(crate) fn show_layer(&self, layer: Option<usize>) -> String {
        layer.map_or_else(
            || "the base".to_owned(),
            |layer| format!("`{}`", self.name(layer)),
        )
    }

    /// Whether the upper layer was installed on the lower one.
    pub(crate) fn is_below(&self, lower: usize, upper: usize) -> bool {
        self.layers[upper].below.contains(&lower)
    }

    /// Keeps those layers on which none of the others was installed.
    pub(crate) fn keep_uppermost(&self, layers: &[usize]) -> Vec<usize> {
        let is_covered = |lower: usize| layers.iter().any(|upper| self.is_below(lower, *upper));
        let all = layers.iter().copied();
        all.filter(|layer| !is_covered(*layer)).collect()
    }

    /// Refuses a pair of layers. The refusal names them in canonical order.
    pub(crate) fn refuse_pair(&self, reason: Reason, layers: [usize; 2], what: String) -> Refusal {
        let [first, second] = [layers[0].min(layers[1]), layers[0].max(layers[1])];
        let names = [self.name(first), self.name(second)];
        let refusal = Refusal::between(reason, names, what);
        let is_package = |layer: usize| self.layers[layer].part == Part::Packages;
        if is_package(first) && is_package(second) {
            refusal
        } else {
            // Packages that are installed as one set change nothing of this.
            let first = names[0];
            let after = suggest_after(names);
            refusal.with_help(&format!(
                "{after}: it may then change what `{first}` brings; or remove one of the two"
            ))
        }
    }
}
