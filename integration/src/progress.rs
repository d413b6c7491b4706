//! [`Progress`]: what a build did, as BuildKit reported it.
//!
//! `--progress=rawjson` writes one JSON object per line to stderr. The client's own messages, such as an
//! error with the user's lines, stand between them as plain text.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// Vertices that no author of an extension thinks of: loading, resolving, pulling and exporting.
const PLUMBING: [&str; 7] = [
    "[internal]",
    "[context ",
    "[auth]",
    "[base]",
    "[builder]",
    "exporting",
    "resolving provenance",
];

/// Every vertex of one build.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    vertices: BTreeMap<String, Vertex>,
    warnings: String,
    text: String,
    whole: String,
}

#[derive(Clone, Debug, Default)]
struct Vertex {
    name: String,
    group: Option<Group>,
    has_inputs: bool,
    is_cached: bool,
    /// Whether it was reported to start, cached or not.
    has_started: bool,
    /// The times at which it started, each with the time at which that run ended, which is empty while it
    /// runs. Cached results are left out.
    started: BTreeMap<String, String>,
    /// The times at which runs started that ended because another way to the result was found.
    cancelled: BTreeSet<String>,
    /// When it began to fetch or unpack a layer.
    pulls: Vec<String>,
    logs: String,
    /// How many bytes of each thing it has transferred.
    transferred: BTreeMap<String, u64>,
}

/// The line of a client's progress that a vertex is shown on together with others.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    id: String,
    name: String,
    /// Whether it is shown only for the sake of others.
    is_weak: bool,
}

impl Vertex {
    /// Whether anything ran.
    ///
    /// A vertex without inputs is reported to start once while its cache key is computed, even when nothing
    /// runs (BuildKit, `solver/jobs.go`, `sharedOp.CacheMap`). A vertex whose layers come from a registry's
    /// cache is reported again whenever they are fetched or unpacked.
    fn ran(&self) -> bool {
        self.runs().count() > usize::from(!self.has_inputs)
    }

    /// The times at which it started and ended, without those at which it fetched its layers, and without those at which
    /// it was cancelled at once.
    fn runs(&self) -> impl Iterator<Item = (&str, &str)> {
        let times = self.started.iter();
        let times = times.map(|(started, completed)| (started.as_str(), completed.as_str()));
        times.filter(|(started, completed)| {
            let (from, to) = (time_of_day(started), time_of_day(completed));
            if self.cancelled.contains(*started) && is_moment(from, to) {
                return false;
            }
            let mut pulls = self.pulls.iter().map(|pull| time_of_day(pull));
            from.is_none() || !pulls.any(|pull| from <= pull && pull <= to)
        })
    }
}

impl Progress {
    /// Reads the stderr of a build.
    pub fn read(stderr: &str) -> Progress {
        let mut progress = Progress {
            whole: stderr.to_owned(),
            ..Progress::default()
        };
        for line in stderr.lines() {
            if let Ok(Value::Object(event)) = serde_json::from_str(line) {
                progress.add(&Value::Object(event));
            } else {
                progress.text.push_str(line);
                progress.text.push('\n');
            }
        }
        progress
    }

    fn add(&mut self, event: &Value) {
        let list = |key: &str| event[key].as_array().cloned().unwrap_or_default();
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        for said in list("vertexes") {
            let vertex = self.vertices.entry(word(&said["digest"])).or_default();
            vertex.name = word(&said["name"]);
            vertex.has_started |= said["started"].is_string();
            let group = &said["progressGroup"];
            vertex.group = group.is_object().then(|| Group {
                id: word(&group["id"]),
                name: word(&group["name"]),
                is_weak: group["weak"] == true,
            });
            vertex.has_inputs |= said["inputs"].as_array().is_some_and(|all| !all.is_empty());
            if said["cached"] == true {
                vertex.is_cached = true;
            } else if let Some(started) = said["started"].as_str() {
                let completed = word(&said["completed"]);
                vertex.started.insert(started.to_owned(), completed);
                if word(&said["error"]).contains("context canceled") {
                    vertex.cancelled.insert(started.to_owned());
                }
            }
        }
        for said in list("statuses") {
            let id = word(&said["id"]);
            if id.starts_with("sha256:") || id.starts_with("extracting sha256:") {
                let vertex = self.vertices.entry(word(&said["vertex"])).or_default();
                vertex.pulls.push(word(&said["started"]));
            }
            if id.starts_with("transferring ") {
                let vertex = self.vertices.entry(word(&said["vertex"])).or_default();
                let bytes = vertex.transferred.entry(id).or_default();
                *bytes = (*bytes).max(said["current"].as_u64().unwrap_or(0));
            }
        }
        for said in list("warnings") {
            let short = decode_base64(said["short"].as_str().unwrap_or_default());
            self.warnings += &short;
            self.warnings.push('\n');
        }
        for said in list("logs") {
            let vertex = self.vertices.entry(word(&said["vertex"])).or_default();
            vertex.logs += &decode_base64(said["data"].as_str().unwrap_or_default());
        }
    }

    /// The lines that a terminal shows, with CACHED before those of which nothing was new
    /// (`util/progress/progressui` of BuildKit: a line is shown once any vertex that is not weak has
    /// started, and is cached if all of its vertices are).
    pub fn lines(&self) -> BTreeSet<String> {
        let mut lines: BTreeMap<String, (String, bool, bool)> = BTreeMap::new();
        for (digest, vertex) in &self.vertices {
            let group = vertex.group.clone().unwrap_or_else(|| Group {
                id: digest.clone(),
                name: vertex.name.clone(),
                is_weak: false,
            });
            let is_cached = vertex.started.is_empty() && vertex.is_cached;
            let line = lines.entry(group.id).or_insert((group.name, false, true));
            line.1 |= vertex.has_started && !group.is_weak;
            line.2 &= is_cached;
        }
        let shown = lines.into_values().filter(|(_, is_shown, _)| *is_shown);
        shown
            .map(|(name, _, is_cached)| {
                let cached = if is_cached { "CACHED " } else { "" };
                format!("{cached}{name}")
            })
            .collect()
    }

    /// The names of the vertices that ran, without plumbing.
    pub fn ran(&self) -> BTreeSet<String> {
        self.names(|vertex| vertex.ran() && !is_plumbing(&vertex.name))
    }

    /// How long each vertex ran, by name, summed over vertices of the same name.
    pub fn durations(&self) -> BTreeMap<String, Duration> {
        let mut durations = BTreeMap::new();
        for vertex in self.vertices.values().filter(|vertex| vertex.ran()) {
            let (started, completed) = vertex.runs().last().unwrap_or_default();
            if let (Some(started), Some(completed)) = (time_of_day(started), time_of_day(completed))
            {
                // Midnight may lie between.
                let ended = if completed < started {
                    completed + DAY
                } else {
                    completed
                };
                *durations.entry(vertex.name.clone()).or_default() += ended.saturating_sub(started);
            }
        }
        durations
    }

    /// The names of the vertices that ran to make one of inlay's own scripts, which are plumbing.
    pub fn scripts_that_ran(&self) -> BTreeSet<String> {
        self.names(|vertex| vertex.ran() && vertex.name.starts_with("[internal] script"))
    }

    /// The names of the vertices that were found in the cache.
    pub fn cached(&self) -> BTreeSet<String> {
        self.names(|vertex| vertex.is_cached && !is_plumbing(&vertex.name))
    }

    /// The names of all vertices, including plumbing.
    pub fn all(&self) -> BTreeSet<String> {
        self.names(|_| true)
    }

    /// The output of all commands.
    pub fn logs(&self) -> String {
        self.vertices
            .values()
            .map(|vertex| vertex.logs.as_str())
            .collect()
    }

    /// How many bytes the client sent for vertices whose name has that prefix.
    pub fn transferred_bytes(&self, prefix: &str) -> u64 {
        let meant = self
            .vertices
            .values()
            .filter(|vertex| vertex.name.starts_with(prefix));
        meant.flat_map(|vertex| vertex.transferred.values()).sum()
    }

    /// The warnings of the build, one per line.
    pub fn warnings(&self) -> String {
        self.warnings.clone()
    }

    /// The client's own messages.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The whole stderr as it came, events and messages.
    pub fn whole(&self) -> &str {
        &self.whole
    }

    fn names(&self, is_meant: impl Fn(&Vertex) -> bool) -> BTreeSet<String> {
        let meant = self.vertices.values().filter(|vertex| is_meant(vertex));
        meant.map(|vertex| vertex.name.clone()).collect()
    }
}

const DAY: Duration = Duration::from_hours(24);

/// The time of day of `2026-01-31T23:59:59.123456789Z`.
fn time_of_day(text: &str) -> Option<Duration> {
    let time = text.split_once('T')?.1.strip_suffix('Z')?;
    let mut parts = time.splitn(3, ':');
    let mut whole = || parts.next()?.parse::<u64>().ok();
    let minutes = whole()? * 60 + whole()?;
    let seconds: f64 = parts.next()?.parse().ok()?;
    Some(Duration::from_mins(minutes) + Duration::try_from_secs_f64(seconds).ok()?)
}

/// Whether nothing can have happened between two times: the engine reports a vertex to start although it finds what is
/// made of it in its cache in the same moment.
fn is_moment(from: Option<Duration>, to: Option<Duration>) -> bool {
    let between = to.zip(from).and_then(|(to, from)| to.checked_sub(from));
    between.is_some_and(|between| between < Duration::from_millis(5))
}

fn is_plumbing(name: &str) -> bool {
    // `[linux/386 base] …`, where one image is built for several platforms.
    let of_one = name
        .strip_prefix("[linux/")
        .and_then(|rest| rest.split_once(' '));
    let name = of_one.map_or(name.to_owned(), |(_, rest)| format!("[{rest}"));
    PLUMBING.iter().any(|prefix| name.starts_with(prefix))
}

/// Decodes bytes as Go's `encoding/json` writes them. Anything else gives an empty text.
fn decode_base64(text: &str) -> String {
    let bytes = STANDARD.decode(text).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests;
