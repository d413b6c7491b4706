//! A build that succeeded, on its way into the result of `Return`.
//!
//! The keys of the metadata are those of exporter/containerimage/exptypes; a reply with several
//! platforms needs `refs.platforms` among them.

use std::collections::BTreeMap;

use buildkit_proto::moby::buildkit::v1::frontend::{self, Ref, RefMap, result};

use crate::Reference;

/// What a build gives back.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reply {
    /// The built file systems.
    pub references: References,
    /// Image configs, attributes for exporters, results of subrequests.
    pub metadata: BTreeMap<String, Vec<u8>>,
}

/// The built file systems of a reply.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum References {
    /// None at all, as subrequests answer.
    #[default]
    None,
    /// The one of a build for one platform.
    Single(Reference),
    /// Those of a build for several platforms, by platform such as `linux/arm64`.
    Platforms(BTreeMap<String, Reference>),
}

impl Reply {
    /// The reply of a build for one platform, yet without metadata. Never fails.
    pub fn single(reference: Reference) -> Reply {
        Reply {
            references: References::Single(reference),
            metadata: BTreeMap::new(),
        }
    }

    /// The reply with one more entry of metadata.
    #[must_use]
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<Vec<u8>>) -> Reply {
        self.metadata.insert(key.into(), value.into());
        self
    }

    pub(crate) fn into_result(self) -> frontend::Result {
        let result = match self.references {
            References::None => None,
            References::Single(reference) => Some(result::Result::Ref(wire(&reference))),
            References::Platforms(references) => Some(result::Result::Refs(RefMap {
                refs: references
                    .into_iter()
                    .map(|(platform, reference)| (platform, wire(&reference)))
                    .collect(),
            })),
        };
        frontend::Result {
            metadata: self.metadata.into_iter().collect(),
            result,
            ..Default::default()
        }
    }
}

fn wire(reference: &Reference) -> Ref {
    Ref {
        id: reference.id().to_owned(),
        def: None,
    }
}
