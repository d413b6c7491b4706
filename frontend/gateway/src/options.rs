//! What BuildKit tells the process when it starts it, all through the environment.
//!
//! The frontend options arrive as `BUILDKIT_FRONTEND_OPT_<n>=key=value`, in no particular order
//! (`Solve` in frontend/gateway/gateway.go). They are read as `opts` in
//! frontend/gateway/grpcclient/client.go does.

use std::collections::BTreeMap;

use buildkit_proto::{moby::buildkit::v1::types::WorkerRecord, pb};
use serde::Deserialize;

use crate::{Error, named_context};

const OPTION_PREFIX: &str = "BUILDKIT_FRONTEND_OPT_";
const SESSION_ID: &str = "BUILDKIT_SESSION_ID";
const WORKERS: &str = "BUILDKIT_WORKERS";
const EXPORTED_PRODUCT: &str = "BUILDKIT_EXPORTEDPRODUCT";

/// The options of one build, and the session and workers it belongs to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Options {
    values: BTreeMap<String, String>,
    /// The session of the client that asked for the build.
    pub session_id: String,
    /// The workers; the first is the default. Empty if BuildKit named none.
    pub workers: Vec<Worker>,
    /// `docker` or `buildkit`: the product that the user would have to update. For hints only.
    pub exported_product: String,
}

/// A worker of the engine.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Worker {
    /// The engine's identifier.
    pub id: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// The platforms it can run, the native one first.
    pub platforms: Vec<pb::Platform>,
}

/// A place to look for cached results, as `--cache-from` gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheImport {
    /// `registry`, `local`, `gha`, …
    pub kind: String,
    /// The attributes that this kind needs, such as `ref`.
    pub attributes: BTreeMap<String, String>,
}

impl Options {
    /// Reads the variables of the process and ignores unrelated ones.
    ///
    /// An option is split at its first `=`; without one, its value is empty. Fails if
    /// `BUILDKIT_WORKERS` is not valid JSON of the expected form.
    pub fn from_environment(
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Options, Error> {
        let mut options = Options::default();
        for (name, value) in variables {
            match name.as_str() {
                SESSION_ID => options.session_id = value,
                EXPORTED_PRODUCT => options.exported_product = value,
                WORKERS => options.workers = parse_workers(&value)?,
                _ if name.starts_with(OPTION_PREFIX) => {
                    let (key, value) = value.split_once('=').unwrap_or((&value, ""));
                    options.values.insert(key.to_owned(), value.to_owned());
                }
                _ => {}
            }
        }
        Ok(options)
    }

    /// Options with these values, for tests and for use without an engine. Never fails.
    pub fn from_values(values: impl IntoIterator<Item = (String, String)>) -> Options {
        Options {
            values: values.into_iter().collect(),
            ..Options::default()
        }
    }

    /// The value of an option, which may be empty; `None` if the option was not given.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// The options whose key begins with `prefix`, without the prefix, sorted by key:
    /// `with_prefix("build-arg:")` yields the build arguments by name.
    pub fn with_prefix<'a>(
        &'a self,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> + 'a {
        self.values
            .range(prefix.to_owned()..)
            .map_while(move |(key, value)| Some((key.strip_prefix(prefix)?, value.as_str())))
    }

    /// The session that holds a local source. Usually it is that of the build; a client that shares
    /// a source between several builds names another (`local-sessionid:` in
    /// frontend/dockerui/config.go).
    pub fn session_for(&self, local: &str) -> &str {
        self.get(&format!("local-sessionid:{local}"))
            .unwrap_or(&self.session_id)
    }

    /// The platform to build for if the user names none: the first one of the first worker
    /// (`BuildPlatforms` in frontend/dockerui/config.go).
    pub fn default_platform(&self) -> Option<&pb::Platform> {
        self.workers.first()?.platforms.first()
    }

    /// What the user puts in the place of an image or extension, such as `docker-image://…`.
    ///
    /// `platform` is written in normalized form, such as `linux/arm64`. An entry for the platform
    /// wins over a general one. A name that is not an image reference has no entry, and neither do
    /// `scratch` and `context` (`NamedContext` in frontend/dockerui/config.go).
    pub fn named_context(&self, name: &str, platform: &str) -> Option<NamedContext<'_>> {
        named_context::keys(name, platform)?.iter().find_map(|key| {
            let (key, value) = self.values.get_key_value(key)?;
            let name = key.strip_prefix(named_context::PREFIX)?;
            Some(NamedContext { name, value })
        })
    }

    /// The places to look for cached results, which every solve of the main graph must name.
    ///
    /// Those of `cache-imports`, which is JSON, come first; then those of `cache-from`, an older
    /// list separated by commas (frontend/dockerui/config.go). Fails if the JSON is malformed.
    pub fn cache_imports(&self) -> Result<Vec<CacheImport>, Error> {
        let mut imports = Vec::new();
        if let Some(text) = self.get("cache-imports").filter(|text| !text.is_empty()) {
            let parsed: Vec<CacheImportJson> = parse_json("cache-imports", text)?;
            imports.extend(parsed.into_iter().map(|import| CacheImport {
                kind: import.kind,
                attributes: import.attributes.unwrap_or_default(),
            }));
        }
        if let Some(text) = self.get("cache-from").filter(|text| !text.is_empty()) {
            imports.extend(text.split(',').map(|reference| CacheImport {
                kind: "registry".to_owned(),
                attributes: BTreeMap::from([("ref".to_owned(), reference.to_owned())]),
            }));
        }
        Ok(imports)
    }
}

/// What the user puts in the place of an image or an extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedContext<'a> {
    /// The name as its option has it: in the familiar form, followed by `::` and a platform if it
    /// is for one platform only.
    pub name: &'a str,
    /// `docker-image://…`, `local:…`, and so on.
    pub value: &'a str,
}

impl From<WorkerRecord> for Worker {
    fn from(record: WorkerRecord) -> Worker {
        Worker {
            id: record.id,
            labels: record.labels.into_iter().collect(),
            platforms: record.platforms,
        }
    }
}

// Go writes an empty map or list as `null`, hence the optional fields.
#[derive(Deserialize)]
struct WorkerJson {
    id: String,
    labels: Option<BTreeMap<String, String>>,
    platforms: Option<Vec<PlatformJson>>,
}

// The keys of the OCI image specification.
#[derive(Deserialize)]
struct PlatformJson {
    architecture: String,
    os: String,
    #[serde(default)]
    variant: String,
    #[serde(default, rename = "os.version")]
    os_version: String,
    #[serde(default, rename = "os.features")]
    os_features: Vec<String>,
}

#[derive(Deserialize)]
struct CacheImportJson {
    #[serde(rename = "Type", alias = "type")]
    kind: String,
    #[serde(rename = "Attrs", alias = "attrs")]
    attributes: Option<BTreeMap<String, String>>,
}

fn parse_workers(text: &str) -> Result<Vec<Worker>, Error> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let workers: Option<Vec<WorkerJson>> = parse_json(WORKERS, text)?;
    Ok(workers
        .unwrap_or_default()
        .into_iter()
        .map(read_worker)
        .collect())
}

fn read_worker(worker: WorkerJson) -> Worker {
    let platforms = worker
        .platforms
        .unwrap_or_default()
        .into_iter()
        .map(|platform| pb::Platform {
            architecture: platform.architecture,
            os: platform.os,
            variant: platform.variant,
            os_version: platform.os_version,
            os_features: platform.os_features,
        });
    Worker {
        id: worker.id,
        labels: worker.labels.unwrap_or_default(),
        platforms: platforms.collect(),
    }
}

fn parse_json<'a, T: Deserialize<'a>>(name: &str, text: &'a str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::Malformed {
        name: name.to_owned(),
        message: error.to_string(),
    })
}
