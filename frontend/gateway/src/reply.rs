//! A build that succeeded, and the result of `Return` that says so.
//!
//! The metadata has the keys of exporter/containerimage/exptypes. A reply with several platforms
//! needs the key `refs.platforms`.

use std::collections::BTreeMap;

use buildkit_proto::moby::buildkit::v1::frontend::{
    self, AttestationKind, InTotoSubjectKind, Ref, RefMap, result,
};

use crate::Reference;

/// The result of a build.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reply {
    /// The built file systems.
    pub references: References,
    /// Image configurations, attributes for exporters, and results of subrequests.
    pub metadata: BTreeMap<String, Vec<u8>>,
    /// The attestations of the image, by platform.
    pub attestations: BTreeMap<String, Vec<Attestation>>,
}

/// A statement about the image, kept in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    /// The file system that holds the file.
    pub reference: Reference,
    /// The path of the file, without a leading slash.
    pub path: String,
    /// What kind of statement it is, such as `https://spdx.dev/Document`.
    pub predicate_type: String,
    /// The entries by which the engine recognizes it, such as the reason `sbom`.
    pub metadata: BTreeMap<String, Vec<u8>>,
}

impl Attestation {
    /// A bill of materials in SPDX. The engine then makes none itself
    /// (solver/llbsolver/proc/sbom.go). Never fails.
    pub fn sbom(reference: Reference, path: impl Into<String>) -> Attestation {
        let entries = ["reason", "sbom-core"].map(|key| (key.to_owned(), b"sbom".to_vec()));
        Attestation {
            reference,
            path: path.into(),
            predicate_type: "https://spdx.dev/Document".to_owned(),
            metadata: entries.into(),
        }
    }

    fn wire(self) -> frontend::Attestation {
        frontend::Attestation {
            kind: AttestationKind::InToto.into(),
            metadata: self.metadata.into_iter().collect(),
            r#ref: Some(wire(&self.reference)),
            path: self.path,
            in_toto_predicate_type: self.predicate_type,
            in_toto_subjects: vec![frontend::InTotoSubject {
                kind: InTotoSubjectKind::Self_.into(),
                ..Default::default()
            }],
        }
    }
}

/// The built file systems of a reply.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum References {
    /// No file system: the answer to a subrequest.
    #[default]
    None,
    /// The file system of a build for one platform.
    Single(Reference),
    /// The file systems of a build for several platforms, by platform, such as `linux/arm64`.
    Platforms(BTreeMap<String, Reference>),
}

impl Reply {
    /// The reply of a build for one platform, without metadata. Never fails.
    pub fn single(reference: Reference) -> Reply {
        Reply {
            references: References::Single(reference),
            ..Reply::default()
        }
    }

    /// The reply with one more attestation of the image for a platform.
    #[must_use]
    pub fn with_attestation(
        mut self,
        platform: impl Into<String>,
        attestation: Attestation,
    ) -> Reply {
        let of_platform = self.attestations.entry(platform.into()).or_default();
        of_platform.push(attestation);
        self
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
            attestations: self
                .attestations
                .into_iter()
                .map(|(platform, of_platform)| {
                    let attestation = of_platform.into_iter().map(Attestation::wire).collect();
                    (platform, frontend::Attestations { attestation })
                })
                .collect(),
            result,
        }
    }
}

fn wire(reference: &Reference) -> Ref {
    Ref {
        id: reference.id().to_owned(),
        def: None,
    }
}
