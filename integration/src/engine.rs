//! [`Engine`]: the private engine or the user's own, with the means to run `docker` commands on it.
//!
//! What is made on an engine (bases, the frontend's image, flags) is in files that import this one.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::daemon::Store;
use crate::home::Home;
use crate::process::{Environment, progress, run, succeeds};
use crate::removal::remove;
use crate::shell::quote;
use crate::tools::{OLDEST_MAJOR, Tools, find_compose, major};
use crate::{daemon, packages, registry};

/// Variables that would lead `docker` to a different engine.
const MISLEADING: [&str; 7] = [
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "DOCKER_TLS",
    "DOCKER_TLS_VERIFY",
    "DOCKER_CERT_PATH",
    "DOCKER_API_VERSION",
    "BUILDX_BUILDER",
];

/// The variable in which [`Engine::environment`] says which `DOCKER_HOST` it chose.
const PRIVATE_HOST: &str = "INLAY_PRIVATE_ENGINE";

/// Whose engine it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Ours, with its own folder, socket, bridge and registry.
    Private,
    /// The one that the user's `docker` reaches.
    User,
}

/// What [`Engine::down`] does with images, caches and bases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Data {
    /// They stay for the next [`Engine::up`].
    Kept,
    /// The whole home is removed.
    Purged,
}

/// An engine that answered when the value was made.
#[derive(Clone, Debug)]
pub struct Engine {
    kind: Kind,
    home: Home,
    tools: Tools,
    port: Option<u16>,
}

impl Engine {
    /// Gives the private engine, after fetching and starting whatever is missing. Several processes may
    /// call this at once. It is quick when everything is up.
    ///
    /// # Errors
    /// When this is not root and `sudo` does not help, the packages cannot be fetched, or a daemon
    /// does not answer; the message contains the end of its log.
    pub fn up() -> Result<Engine> {
        let home = Home::find()?;
        let tools = Tools::of(&home);
        let _lock = home.lock("engine")?;
        home.create()?;
        tools.fetch(&home)?;
        daemon::up(&home, &tools, Store::Containerd)?;
        let port = registry::up(&home, &tools)?;
        let engine = Engine {
            kind: Kind::Private,
            home,
            tools,
            port: Some(port),
        };
        engine.link_buildx()?;
        Ok(engine)
    }

    /// Gives the user's own engine if inlay can build on it: it answers, is recent enough, keeps images
    /// in containerd's store, and has `docker buildx`. A private engine of inlay's that a shell was told to use is
    /// not the user's own: only [`Engine::up`] knows its bases.
    ///
    /// # Errors
    /// When the repository's engine home cannot be determined.
    pub fn user() -> Result<Option<Engine>> {
        let host = |name| std::env::var(name).ok();
        if is_private(
            host("DOCKER_HOST").as_deref(),
            host(PRIVATE_HOST).as_deref(),
        ) {
            return Ok(None);
        }
        let home = Home::find()?;
        let ask = |arguments: &[&str]| run(Command::new("docker").args(arguments)).ok();
        let is_recent = ask(&["version", "--format", "{{.Server.Version}}"])
            .is_some_and(|version| major(&version).is_some_and(|major| major >= OLDEST_MAJOR));
        let is_fit = is_recent
            && ask(&["info", "--format", "{{.DriverStatus}}"])
                .is_some_and(|status| status.contains("io.containerd.snapshotter"))
            && succeeds(Command::new("docker").args(["buildx", "version"]));
        let tools = Tools::of(&home);
        Ok(is_fit.then_some(Engine {
            kind: Kind::User,
            home,
            tools,
            port: None,
        }))
    }

    /// Stops the private engine, its registry and everything they started, and removes its bridge.
    ///
    /// # Errors
    /// When something cannot be stopped, unmounted or removed.
    pub fn down(data: Data) -> Result<()> {
        let home = Home::find()?;
        let tools = Tools::of(&home);
        if !home.path("").exists() {
            return Ok(());
        }
        let _lock = home.lock("engine")?;
        daemon::remove_home(&home.second(), &tools)?;
        registry::down(&home)?;
        daemon::down(&home, &tools)?;
        if data == Data::Purged {
            progress("removing its data");
            for folder in home.folders() {
                remove(folder)?;
            }
        }
        Ok(())
    }

    /// Whose engine this is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// A `docker` command on this engine, with its environment set.
    pub fn docker<I, S>(&self, arguments: I) -> Command
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let mut command = match self.kind {
            Kind::User => Command::new("docker"),
            Kind::Private => {
                let mut command = Command::new(self.tools.programs().join("docker"));
                for name in MISLEADING {
                    command.env_remove(name);
                }
                command.envs(self.exports());
                command
            }
        };
        command.args(arguments);
        command
    }

    /// Shell text that makes `docker` in that shell mean this engine. Empty for the user's own.
    pub fn environment(&self) -> String {
        match self.kind {
            Kind::User => String::new(),
            Kind::Private => {
                let exports = self
                    .exports()
                    .into_iter()
                    .map(|(name, value)| format!("export {name}={}\n", quote(&value)));
                let removed: Vec<_> = MISLEADING
                    .into_iter()
                    .filter(|name| *name != "DOCKER_HOST")
                    .collect();
                exports
                    .chain([format!("unset {}\n", removed.join(" "))])
                    .collect()
            }
        }
    }

    /// `address:port` of the registry. `None` for the user's engine, which has no registry of ours.
    pub fn registry_address(&self) -> Option<String> {
        self.port.map(|port| format!("127.0.0.1:{port}"))
    }

    /// Unpacks packages of the machine's own release into a folder, fetching them if needed, and returns
    /// the folder. For programs that a test needs and nobody wants installed.
    ///
    /// # Errors
    /// When they cannot be fetched.
    pub fn unpack(&self, names: &[&str]) -> Result<PathBuf> {
        packages::unpack(&self.home, names)
    }

    /// Makes `docker compose` work on the private engine, which does not need it itself.
    ///
    /// # Errors
    /// When the plug-in cannot be fetched.
    pub fn link_compose(&self) -> Result<()> {
        match self.kind {
            Kind::User => Ok(()),
            Kind::Private => self.link_plugin("docker-compose", &find_compose(&self.home)?),
        }
    }

    /// Runs a `docker` command to its end and returns its stdout.
    pub(crate) fn run_docker<'a>(
        &self,
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> Result<String> {
        if self.kind == Kind::Private && !daemon::answers(&self.home) {
            bail!("the private engine is down: `cargo xtask engine up`");
        }
        run(&mut self.docker(arguments))
    }

    /// Whether the registry has the name with the tag; never for the user's engine.
    pub(crate) fn registry_has(&self, name: &str, tag: &str) -> Result<bool> {
        self.port
            .map_or(Ok(false), |port| registry::has(port, name, tag))
    }

    /// The engine in another home, with the same programs and registry.
    pub(crate) fn with_home(&self, home: Home) -> Engine {
        Engine {
            home,
            ..self.clone()
        }
    }

    pub(crate) fn home(&self) -> &Home {
        &self.home
    }

    pub(crate) fn tools(&self) -> &Tools {
        &self.tools
    }

    /// Makes `docker buildx` work, in the configuration folder of the engine's own docker command.
    pub(crate) fn link_buildx(&self) -> Result<()> {
        let buildx = self.tools.buildx().context("docker-buildx is missing")?;
        self.link_plugin("docker-buildx", &buildx)
    }

    fn link_plugin(&self, name: &str, program: &Path) -> Result<()> {
        let plugins = self.home.path("docker/cli-plugins");
        let link = plugins.join(name);
        if link.exists() {
            return Ok(());
        }
        fs::create_dir_all(&plugins)?;
        if link.symlink_metadata().is_ok() {
            fs::remove_file(&link)?;
        }
        symlink(program, link)?;
        Ok(())
    }

    fn exports(&self) -> Environment {
        let callers = std::env::var("PATH").unwrap_or_default();
        let programs = self.tools.programs().display().to_string();
        let path = if callers.split(':').next() == Some(&programs) {
            callers
        } else {
            format!("{programs}:{callers}")
        };
        let below = |path: &str| self.home.path(path).display().to_string();
        let host = format!("unix://{}", daemon::socket(&self.home).display());
        vec![
            ("DOCKER_HOST".to_owned(), host.clone()),
            (PRIVATE_HOST.to_owned(), host),
            ("DOCKER_CONFIG".to_owned(), below("docker")),
            ("BUILDX_CONFIG".to_owned(), below("docker/buildx")),
            ("PATH".to_owned(), path),
        ]
    }
}

/// Whether `docker` means an engine that [`Engine::environment`] chose.
fn is_private(host: Option<&str>, private: Option<&str>) -> bool {
    host.is_some() && host == private
}

#[cfg(test)]
mod tests {
    use super::is_private;

    #[test]
    fn a_shell_that_was_told_to_use_a_private_engine_has_no_other() {
        assert!(is_private(Some("unix:///a"), Some("unix:///a")));
        assert!(!is_private(Some("unix:///b"), Some("unix:///a")));
        assert!(!is_private(None, Some("unix:///a")));
        assert!(!is_private(Some("unix:///a"), None));
        assert!(!is_private(None, None));
    }
}
