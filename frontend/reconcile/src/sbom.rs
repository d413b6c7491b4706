//! The software bill of materials. `compile` begins the document, and this module adds the Debian packages,
//! which are known only once they are installed.
//!
//! The document is SPDX 2.3 in JSON. The packages are read from dpkg's status of the base and of each root in
//! which packages were installed. Each new package is related to the extensions that brought it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::formats::stanza::{Stanza, split};
use crate::formats::text::to_text;

/// The job: the JSON file that tells the program what to list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SbomJob {
    /// The document so far, with its `packages` and `relationships`.
    pub document: Value,
    /// The identifier of the image in the document. Packages that no extension brought belong to it.
    pub image: String,
    /// The identifier of the base in the document.
    pub base: String,
    /// The roots in which packages were installed, requirements first.
    pub roots: Vec<SbomRoot>,
}

/// A root in which packages were installed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SbomRoot {
    /// The file with the root's dpkg status.
    pub status: String,
    /// The roots, by their indexes, whose packages it had before.
    pub below: Vec<usize>,
    /// The extensions that brought its packages.
    pub owners: Vec<SbomOwner>,
}

/// An extension that brought packages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SbomOwner {
    /// The identifier of the extension in the document.
    pub id: String,
    /// The packages that it asked for, which bring those that they depend on. Without a list, all packages of
    /// the root belong to it.
    pub asked: Option<Vec<String>>,
}

/// The name, architecture and version of a package.
type Key = (String, String, String);

/// Completes the document.
///
/// `os_release` is the base's, `base` is its dpkg status, and `statuses` are those of the job's roots, in order.
pub fn complete_sbom(job: &SbomJob, os_release: &[u8], base: &[u8], statuses: &[Vec<u8>]) -> Value {
    let base_packages = parse_installed(base);
    let roots: Vec<BTreeMap<Key, Stanza>> = statuses
        .iter()
        .map(|status| parse_installed(status))
        .collect();
    let mut brought_by: BTreeMap<Key, BTreeSet<&str>> = BTreeMap::new();
    for (root, packages) in job.roots.iter().zip(&roots) {
        let is_new = |key: &Key| {
            let mut below = root.below.iter().filter_map(|index| roots.get(*index));
            !base_packages.contains_key(key) && !below.any(|other| other.contains_key(key))
        };
        let new: BTreeMap<&Key, &Stanza> = packages.iter().filter(|(key, _)| is_new(key)).collect();
        for key in new.keys() {
            brought_by.entry((*key).clone()).or_default();
        }
        for owner in &root.owners {
            let own = match &owner.asked {
                None => new.keys().copied().collect(),
                Some(asked) => find_reachable(&new, asked),
            };
            for key in own {
                brought_by.entry(key.clone()).or_default().insert(&owner.id);
            }
        }
    }
    // The old version of an upgraded package is not in the image.
    let is_upgraded = |key: &Key| {
        let mut others = brought_by.keys();
        others.any(|other| (&other.0, &other.1) == (&key.0, &key.1))
    };
    let kept: Vec<Key> = base_packages
        .into_keys()
        .filter(|key| !is_upgraded(key))
        .collect();
    for owners in brought_by.values_mut().filter(|owners| owners.is_empty()) {
        owners.insert(&job.image);
    }
    for key in kept {
        brought_by.insert(key, BTreeSet::from([job.base.as_str()]));
    }
    add_packages(job, os_release, &brought_by)
}

/// Adds the packages to the job's document.
fn add_packages(
    job: &SbomJob,
    os_release: &[u8],
    brought_by: &BTreeMap<Key, BTreeSet<&str>>,
) -> Value {
    let distribution = Distribution::read(os_release);
    let mut packages = copy_list(&job.document["packages"]);
    let mut relationships = copy_list(&job.document["relationships"]);
    for (number, (key, owners)) in brought_by.iter().enumerate() {
        let (name, architecture, version) = key;
        let plain: String = name
            .chars()
            .map(|letter| {
                if letter.is_ascii_alphanumeric() {
                    letter
                } else {
                    '-'
                }
            })
            .collect();
        let id = format!("SPDXRef-deb-{number}-{plain}");
        packages.push(json!({
            "SPDXID": id,
            "name": name,
            "versionInfo": version,
            "downloadLocation": "NOASSERTION",
            "filesAnalyzed": false,
            "externalRefs": [{
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator": distribution.format_locator(name, architecture, version),
            }],
        }));
        relationships.extend(owners.iter().map(|owner| {
            json!({
                "spdxElementId": owner,
                "relationshipType": "CONTAINS",
                "relatedSpdxElement": id,
            })
        }));
    }
    let mut document = job.document.clone();
    document["packages"] = packages.into();
    document["relationships"] = relationships.into();
    // No two documents may have the same namespace.
    let namespace = document["documentNamespace"].as_str().unwrap_or_default();
    document["documentNamespace"] = format!("{namespace}-{:016x}", hash_document(&document)).into();
    document
}

fn copy_list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

/// Hashes the document with FNV-1a, which is enough to tell the documents of one project apart.
fn hash_document(document: &Value) -> u64 {
    let text = document.to_string();
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Parses the installed packages of a dpkg status.
fn parse_installed(status: &[u8]) -> BTreeMap<Key, Stanza> {
    let field = |stanza: &Stanza, name: &str| stanza.field(name).map(to_text);
    split(status)
        .into_iter()
        .filter(|stanza| {
            let state = field(stanza, "Status").unwrap_or_default();
            state.split(' ').next_back() == Some("installed")
        })
        .filter_map(|stanza| {
            let key = (
                field(&stanza, "Package")?,
                field(&stanza, "Architecture").unwrap_or_default(),
                field(&stanza, "Version").unwrap_or_default(),
            );
            Some((key, stanza))
        })
        .collect()
}

/// Finds those new packages that were asked for or that those depend on.
fn find_reachable<'a>(new: &BTreeMap<&'a Key, &Stanza>, asked: &[String]) -> BTreeSet<&'a Key> {
    let mut providers: BTreeMap<String, Vec<&'a Key>> = BTreeMap::new();
    for (key, stanza) in new {
        let provided = parse_names(stanza, "Provides");
        for name in provided.into_iter().chain([key.0.clone()]) {
            providers.entry(name).or_default().push(key);
        }
    }
    let mut found = BTreeSet::new();
    let mut waiting: Vec<String> = asked.to_vec();
    while let Some(name) = waiting.pop() {
        for key in providers.get(&name).into_iter().flatten() {
            if found.insert(*key) {
                let stanza = new[*key];
                waiting.extend(
                    ["Depends", "Pre-Depends", "Recommends"]
                        .iter()
                        .flat_map(|field| parse_names(stanza, field)),
                );
            }
        }
    }
    found
}

/// Parses the names in a field of dependencies such as `a (>= 1) | b:any, c`.
fn parse_names(stanza: &Stanza, field: &str) -> Vec<String> {
    let value = stanza.field(field).map(to_text).unwrap_or_default();
    let names = value.split([',', '|']).map(|one| {
        let one = one.trim();
        let end = one.find([' ', '(', ':', '\n', '\t']).unwrap_or(one.len());
        one[..end].to_owned()
    });
    names.filter(|name| !name.is_empty()).collect()
}

/// A distribution, as package URLs name it.
struct Distribution {
    id: String,
    version: String,
}

impl Distribution {
    fn read(os_release: &[u8]) -> Self {
        let release = to_text(os_release);
        let value = |key: &str| {
            let mut lines = release.lines().filter_map(|line| line.split_once('='));
            let found = lines.find(|(name, _)| *name == key);
            found.map_or_else(String::new, |(_, value)| {
                value.trim_matches(['"', '\'']).to_owned()
            })
        };
        let id = value("ID");
        Self {
            id: if id.is_empty() {
                "debian".to_owned()
            } else {
                id
            },
            version: value("VERSION_ID"),
        }
    }

    /// Formats a package URL as <https://github.com/package-url/purl-spec> defines it.
    fn format_locator(&self, name: &str, architecture: &str, version: &str) -> String {
        let distribution = if self.version.is_empty() {
            String::new()
        } else {
            format!("&distro={}-{}", self.id, self.version)
        };
        format!(
            "pkg:deb/{}/{}@{}?arch={}{distribution}",
            self.id,
            escape(name),
            escape(version),
            escape(architecture)
        )
    }
}

/// Percent-encodes what package URLs do not take as it is.
fn escape(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_~:".contains(&byte);
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
