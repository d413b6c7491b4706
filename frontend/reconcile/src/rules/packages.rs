//! Packages that are not installed yet: whether extensions can have them together, as far as their records say.

use std::collections::{BTreeMap, BTreeSet};

use crate::aliases::Aliases;
use crate::draft::Draft;
use crate::formats::stanza::{Stanza, join};
use crate::input::Input;
use crate::packages::{Key, parse_packages};
use crate::refusal::{Reason, Refusal, keep_essential};
use crate::rules::{conflicts, marks, status};
use crate::state::{Layer, Part, State};

/// What one extension would install.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Installation {
    /// The name of the extension.
    pub extension: String,
    /// The records of the packages in the form of dpkg's status.
    pub records: String,
    /// The names and architectures of those that only others need.
    pub automatic: BTreeSet<(String, String)>,
    /// The installations that it is made on, by their indexes. All of them come before it.
    pub below: BTreeSet<usize>,
}

/// Joins records, of which the last about a package is the one that holds, as for dpkg.
fn join_records<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<u8> {
    let mut records: BTreeMap<Key, Stanza> = BTreeMap::new();
    for (key, stanza) in texts.flat_map(|text| parse_packages(text.as_bytes())) {
        records.insert(key, stanza.with_blank_line());
    }
    join(records.values())
}

/// Says why installations cannot be combined: what the joint would refuse about their packages. `base` is the base's
/// status, and `architecture` the native one by its Debian name.
pub fn check_packages(
    base: &str,
    installations: &[Installation],
    architecture: &str,
) -> Vec<Refusal> {
    let state = |files: Vec<(&[u8], Vec<u8>)>| State {
        files: files
            .into_iter()
            .map(|(path, text)| (path.to_vec(), text))
            .collect(),
        ..State::default()
    };
    let base_state = state(vec![(status::STATUS, base.as_bytes().to_vec())]);
    let layers = installations.iter().map(|installation| {
        let below = installation.below.iter();
        let below = below.map(|index| installations[*index].records.as_str());
        let records = below.chain([installation.records.as_str()]);
        let joined = join_records(std::iter::once(base).chain(records));
        let marked = installation.automatic.iter().map(|(name, architecture)| {
            format!("Package: {name}\nArchitecture: {architecture}\nAuto-Installed: 1\n\n")
        });
        Layer {
            extension: installation.extension.clone(),
            part: Part::Packages,
            state: state(vec![
                (status::STATUS, joined),
                (marks::MARKS, marked.collect::<String>().into_bytes()),
            ]),
            below: installation.below.clone(),
            ..Layer::default()
        }
    });
    let layers: Vec<Layer> = layers.collect();
    let input = Input {
        base: &base_state,
        layers: &layers,
        architecture: architecture.as_bytes(),
        aliases: Aliases::find(&base_state.listing),
    };
    let mut draft = Draft::default();
    let packages = status::reconcile(&input, &mut draft);
    conflicts::check(&input, &packages, &mut draft);
    let mut refusals = keep_essential(draft.refusals);
    refusals.retain(|refusal| refusal.reason <= Reason::Dependency);
    refusals
}
