//! [`Home`]: the folder of a private engine, and what is remembered between calls.
//!
//! One folder holds everything: `.engine` in the repository, or `$INLAY_ENGINE_HOME`. If that path is too
//! long for unix sockets, the sockets are in a folder with a short path, which is named after it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use crate::process::is_root;

/// The path of a socket has at most 108 bytes including its end (unix(7)). The longest one below the
/// run-time folder is `exec/containerd/containerd.sock.ttrpc`.
const RUNTIME_LIMIT_BYTES: usize = 60;

/// The folder of one private engine.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    root: PathBuf,
    runtime: PathBuf,
}

impl Home {
    /// Finds the home that the environment asks for, and creates nothing.
    ///
    /// # Errors
    /// When `$INLAY_ENGINE_HOME` is relative and the working directory is unknown.
    pub(crate) fn find() -> Result<Home> {
        let root = match std::env::var_os("INLAY_ENGINE_HOME") {
            Some(path) if !path.is_empty() => std::path::absolute(path)?,
            _ => repository().join(".engine"),
        };
        Ok(Home::at(root))
    }

    fn at(root: PathBuf) -> Home {
        let inside = root.join("run");
        let runtime = if inside.as_os_str().len() <= RUNTIME_LIMIT_BYTES {
            inside
        } else {
            let above = if is_root() { "/run" } else { "/tmp" };
            Path::new(above).join(format!("inlay-{}", fingerprint(&root)))
        };
        Home { root, runtime }
    }

    /// The home of the empty engine, in a folder of this one.
    pub(crate) fn second(&self) -> Home {
        Home::at(self.root.join("empty"))
    }

    /// A path below the home.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.root.join(below)
    }

    /// A path below the folder of sockets and process ids.
    pub(crate) fn runtime(&self, below: &str) -> PathBuf {
        self.runtime.join(below)
    }

    /// The home itself and the folder of sockets, which may be outside it.
    pub(crate) fn folders(&self) -> [&Path; 2] {
        [&self.root, &self.runtime]
    }

    /// The path of a log file.
    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.root.join("log").join(format!("{name}.log"))
    }

    /// Eight hexadecimal digits that distinguish this home from others on the machine.
    pub(crate) fn fingerprint(&self) -> String {
        fingerprint(&self.root)
    }

    /// Creates the folders that every part relies on.
    ///
    /// # Errors
    /// When one cannot be created.
    pub(crate) fn create(&self) -> Result<()> {
        for folder in [self.path("log"), self.path("bases"), self.runtime.clone()] {
            fs::create_dir_all(&folder)
                .with_context(|| format!("cannot create {}", folder.display()))?;
        }
        Ok(())
    }

    /// Waits until no other process holds the lock of that name, and holds it until the value is dropped.
    ///
    /// # Errors
    /// When the lock file cannot be created.
    pub(crate) fn lock(&self, name: &str) -> Result<fs::File> {
        fs::create_dir_all(&self.root)
            .with_context(|| format!("cannot create {}", self.root.display()))?;
        let file = fs::File::create(self.root.join(format!("{name}.lock")))?;
        file.lock()?;
        Ok(file)
    }

    /// The value that was remembered under the key, if any.
    pub(crate) fn recall(&self, key: &str) -> Option<Value> {
        self.state().remove(key)
    }

    /// Remembers a value for later calls. The caller holds the lock `engine`.
    ///
    /// # Errors
    /// When the state file cannot be written.
    pub(crate) fn remember(&self, key: &str, value: Value) -> Result<()> {
        let mut state = self.state();
        state.insert(key.to_owned(), value);
        let partial = self.path("state.json.partial");
        fs::write(&partial, format!("{:#}\n", Value::Object(state)))?;
        fs::rename(partial, self.path("state.json"))?;
        Ok(())
    }

    fn state(&self) -> Map<String, Value> {
        fs::read_to_string(self.path("state.json"))
            .ok()
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default()
    }
}

/// The repository in which this crate was built.
pub(crate) fn repository() -> &'static Path {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_folder.parent().unwrap_or(crate_folder)
}

/// FNV-1a, because it is short and, unlike the standard library's hasher, the same in every build.
fn fingerprint(path: &Path) -> String {
    let hash = path
        .as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(0x811c_9dc5_u32, |hash, byte| {
            (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
        });
    format!("{hash:08x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sockets_of_a_short_home_are_inside_it() {
        let home = Home::at(PathBuf::from("/work/inlay/.engine"));
        assert_eq!(
            home.runtime("docker.sock"),
            Path::new("/work/inlay/.engine/run/docker.sock")
        );
    }

    #[test]
    fn the_sockets_of_a_long_home_are_outside_it() {
        let long = PathBuf::from("/home").join("deep/".repeat(30));
        let socket = Home::at(long).runtime("exec/containerd/containerd.sock.ttrpc");
        assert!(socket.as_os_str().len() < 108, "{}", socket.display());
    }

    #[test]
    fn state_is_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path().to_owned());
        assert_eq!(home.recall("port"), None);
        home.remember("port", Value::from(5117)).unwrap();
        home.remember("subnet", Value::from("10.0.0.0/24")).unwrap();
        assert_eq!(home.recall("port"), Some(Value::from(5117)));
    }
}
