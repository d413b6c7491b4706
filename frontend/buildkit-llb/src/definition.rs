//! The wire form of a graph: operations in post-order, their metadata, and the source lines they come from.
//! The order follows `State.Marshal` in client/llb/state.go and depends only on the output.

use std::collections::{BTreeMap, BTreeSet};

use crate::capabilities::{DESCRIPTION, IGNORE_CACHE, TERMINAL, collect_needs};
use crate::encode::{encode, terminal};
use crate::{About, Capabilities, Digest, FileId, Graph, Output, pb};

impl Graph {
    /// The definition that makes an output, for an engine with these capabilities.
    ///
    /// Every operation comes after its inputs; the last one names the output. The definition of scratch is empty. Equal
    /// graphs give equal bytes, in whatever order they were built.
    pub fn definition(&self, of: Output, capabilities: &Capabilities) -> pb::Definition {
        let Some(head) = of.vertex() else {
            return pb::Definition::default();
        };
        let order = self.post_order(of);
        let mut definition = pb::Definition {
            source: Some(self.locations(&order)),
            ..Default::default()
        };
        let mut terminal_needs = BTreeSet::from(TERMINAL);
        for digest in order {
            let vertex = self.vertex(digest);
            let about = &vertex.description.about;
            let metadata = metadata(
                about,
                keep_offered(&collect_needs(&vertex.op), capabilities),
            );
            if metadata.ignore_cache {
                terminal_needs.insert(IGNORE_CACHE);
            }
            if !metadata.description.is_empty() {
                terminal_needs.insert(DESCRIPTION);
            }
            definition.def.push(encode(&vertex.op));
            definition.metadata.insert(digest.to_string(), metadata);
        }
        let bytes = encode(&terminal(head, of.index()));
        let metadata = metadata(
            &About::default(),
            keep_offered(&terminal_needs, capabilities),
        );
        definition
            .metadata
            .insert(Digest::of(&bytes).to_string(), metadata);
        definition.def.push(bytes);
        definition
    }

    /// The files, sorted by name, and the places of each vertex in them.
    fn locations(&self, order: &[Digest]) -> pb::Source {
        let mentioned = order
            .iter()
            .flat_map(|digest| &self.vertex(*digest).description.about.locations);
        let files: BTreeSet<FileId> = mentioned.map(|location| location.file).collect();
        let mut files: Vec<FileId> = files.into_iter().collect();
        files.sort_by_cached_key(|file| (self.file_of(*file).name.clone(), *file));
        let index: BTreeMap<FileId, i32> = files.iter().copied().zip(0..).collect();
        let mut source = pb::Source {
            infos: files
                .iter()
                .map(|file| self.file_of(*file).to_pb())
                .collect(),
            ..Default::default()
        };
        for digest in order {
            let vertex = self.vertex(*digest);
            let locations =
                vertex
                    .description
                    .about
                    .locations
                    .iter()
                    .map(|location| pb::Location {
                        source_index: index[&location.file],
                        ranges: location.ranges.iter().map(|range| range.to_pb()).collect(),
                    });
            let locations = pb::Locations {
                locations: locations.collect(),
            };
            if !locations.locations.is_empty() {
                // Old engines look locations up by another digest. Keys that an engine does not know do no harm:
                // solver/llbsolver/provenance/buildconfig.go.
                source
                    .locations
                    .insert(vertex.legacy.to_string(), locations.clone());
                source.locations.insert(digest.to_string(), locations);
            }
        }
        source
    }
}

fn metadata(about: &About, caps: BTreeMap<String, bool>) -> pb::OpMetadata {
    let entries = [
        ("llb.customname", Some(&about.name)),
        ("com.docker.dockerfile.v1.command", about.command.as_ref()),
    ];
    let entries = entries
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)));
    pb::OpMetadata {
        ignore_cache: about.ignore_cache,
        description: entries
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| (key.to_owned(), value.clone()))
            .collect(),
        export_cache: None,
        caps,
        progress_group: about.group.as_ref().map(|group| pb::ProgressGroup {
            id: group.id.clone(),
            name: group.name.clone(),
            weak: group.weak,
        }),
    }
}

/// The needs that the engine offers. An engine refuses a definition that names a capability it does not know:
/// `WithValidateCaps` in solver/llbsolver/vertex.go.
fn keep_offered(
    needs: &BTreeSet<&'static str>,
    capabilities: &Capabilities,
) -> BTreeMap<String, bool> {
    needs
        .iter()
        .filter(|need| capabilities.contains(need))
        .map(|need| ((*need).to_owned(), true))
        .collect()
}
