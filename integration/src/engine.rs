//! [`Engine`]: the private one or the user's, and what both can be asked for.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::base::{self, Suite};
use crate::daemon::Store;
use crate::empty::{self, EmptyEngine};
use crate::home::Home;
use crate::process::{Environment, privileged, progress, run, succeeds};
use crate::tools::{self, OLDEST_MAJOR, Tools, major};
use crate::{arguments, daemon, frontend, network, registry};

/// Variables that would lead `docker` to another engine than the one meant.
const MISLEADING: [&str; 7] = [
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "DOCKER_TLS",
    "DOCKER_TLS_VERIFY",
    "DOCKER_CERT_PATH",
    "DOCKER_API_VERSION",
    "BUILDX_BUILDER",
];

/// Whose engine it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Ours, with its own folder, socket, bridge and registry.
    Private,
    /// The one `docker` reaches as the user has set it up.
    User,
}

/// What [`Engine::down`] does with images, caches and bases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Data {
    /// They are there after the next [`Engine::up`].
    Kept,
    /// The home is removed whole.
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
    /// Gives the private engine, after fetching and starting what is not there. Safe to call from
    /// several processes at once; quick when all is up.
    ///
    /// # Errors
    /// When this is not root and `sudo` does not help, the packages cannot be fetched, or a daemon
    /// does not answer; the message has the end of its log.
    pub fn up() -> Result<Engine> {
        let home = Home::find()?;
        let tools = Tools::of(&home);
        let _lock = home.lock("engine")?;
        home.create()?;
        tools.fetch(&home)?;
        if !daemon::answers(&home) {
            network::up(&home, &tools)?;
            daemon::up(&home, &tools, Store::Containerd)?;
        }
        let port = registry::up(&home, &tools)?;
        let engine = Engine {
            kind: Kind::Private,
            home,
            tools,
            port: Some(port),
        };
        engine.write_docker_configuration()?;
        Ok(engine)
    }

    /// Starts another engine that has nothing yet, and shares programs and registry with this one.
    ///
    /// # Errors
    /// When one that is left from before cannot be removed, or the daemon does not answer.
    ///
    /// # Panics
    /// For the user's engine, whose programs are not ours to start.
    pub fn empty(&self, store: Store) -> Result<EmptyEngine> {
        assert_eq!(self.kind, Kind::Private, "an engine of our own");
        let engine = EmptyEngine::start(&self.home, &self.tools, store, |home| Engine {
            home,
            ..self.clone()
        })?;
        engine.write_docker_configuration()?;
        Ok(engine)
    }

    /// Gives the user's own engine if it can build what inlay describes: it answers, is recent
    /// enough, keeps images in containerd's store, and `docker buildx` is there.
    ///
    /// # Errors
    /// When the repository's engine home cannot be determined.
    pub fn user() -> Result<Option<Engine>> {
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

    /// Ends the private engine, its registry and all they started, and removes its bridge.
    ///
    /// # Errors
    /// When something cannot be ended, unmounted or removed.
    pub fn down(data: Data) -> Result<()> {
        let home = Home::find()?;
        let tools = Tools::of(&home);
        if !home.path("").exists() {
            return Ok(());
        }
        let _lock = home.lock("engine")?;
        empty::remove(&home, &tools)?;
        registry::down(&home)?;
        daemon::down(&home)?;
        network::down(&home, &tools)?;
        if data == Data::Purged {
            progress("removing its data");
            for folder in home.folders() {
                // The engine's files are root's. Never past a mount: see `unmount_below`.
                let mut remove = privileged(&Environment::new(), "rm")?;
                run(remove.args(["-rf", "--one-file-system"]).arg(folder))?;
            }
        }
        Ok(())
    }

    /// How the private engine is, without starting anything.
    ///
    /// # Errors
    /// When the engine's home cannot be determined.
    pub fn status() -> Result<Status> {
        let home = Home::find()?;
        let port = registry::port(&home);
        let registry = port.filter(|_| registry::answers(&home));
        let has = |suite: &Suite| {
            registry
                .is_some_and(|port| registry::has(port, "debian", suite.name()).unwrap_or(false))
        };
        Ok(Status {
            engine: daemon::answers(&home).then(|| daemon::socket(&home).display().to_string()),
            registry: registry.map(|port| format!("127.0.0.1:{port}")),
            bases: Suite::ALL.into_iter().filter(has).collect(),
        })
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

    /// Shell text that makes `docker` in that shell mean this engine. Nothing for the user's own.
    pub fn environment(&self) -> String {
        match self.kind {
            Kind::User => String::new(),
            Kind::Private => {
                let exports = self
                    .exports()
                    .into_iter()
                    .map(|(name, value)| format!("export {name}={}\n", arguments::quote(&value)));
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

    /// `address:port` of the registry. `None` for the user's engine, which has none of ours.
    pub fn registry_address(&self) -> Option<String> {
        self.port.map(|port| format!("127.0.0.1:{port}"))
    }

    /// The reference of a plain Debian image; made and pushed when it is not there. For the user's
    /// engine, the public reference.
    ///
    /// # Errors
    /// When it cannot be made or pushed.
    pub fn base(&self, suite: Suite) -> Result<String> {
        base::base(self, suite)
    }

    /// The reference of a list of plain Debian images for amd64 and 386.
    ///
    /// # Errors
    /// When one cannot be made or pushed.
    ///
    /// # Panics
    /// For the user's engine.
    pub fn base_list(&self, suite: Suite) -> Result<String> {
        base::list(self, suite)
    }

    /// The reference of the frontend built from this repository.
    ///
    /// # Errors
    /// When it does not compile, or the image cannot be built.
    pub fn frontend(&self) -> Result<String> {
        frontend::frontend_image(self)
    }

    /// Flags for `docker buildx build`, as one line for a shell, that let a public spec build here:
    /// they put this repository's frontend and bases in the place of the public ones.
    ///
    /// # Errors
    /// As [`Engine::frontend`] and [`Engine::base`].
    pub fn args(&self) -> Result<String> {
        arguments::arguments(self)
    }

    /// The flags of [`Engine::args`], a word each, with that frontend ([`Engine::frontend`] gives
    /// this repository's): for a process that starts `docker` itself.
    ///
    /// # Errors
    /// As [`Engine::base`].
    pub fn flags(&self, frontend: &str) -> Result<Vec<String>> {
        arguments::flags(self, frontend)
    }

    /// The folder into which these packages of the machine's own release are unpacked; fetched when they
    /// are not there. For programs that a test needs and nobody wants installed.
    ///
    /// # Errors
    /// When they cannot be fetched.
    pub fn unpacked(&self, packages: &[&str]) -> Result<PathBuf> {
        tools::unpacked(&self.home, packages)
    }

    pub(crate) fn home(&self) -> &Home {
        &self.home
    }

    pub(crate) fn tools(&self) -> &Tools {
        &self.tools
    }

    /// Whether the registry has the name with the tag; never for the user's engine.
    pub(crate) fn registry_has(&self, name: &str, tag: &str) -> Result<bool> {
        self.port
            .map_or(Ok(false), |port| registry::has(port, name, tag))
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
        vec![
            (
                "DOCKER_HOST".to_owned(),
                format!("unix://{}", daemon::socket(&self.home).display()),
            ),
            ("DOCKER_CONFIG".to_owned(), below("docker")),
            ("BUILDX_CONFIG".to_owned(), below("docker/buildx")),
            ("PATH".to_owned(), path),
        ]
    }

    /// Makes `docker compose` work on the private engine, which does not need it itself.
    ///
    /// # Errors
    /// When the plug-in cannot be fetched.
    pub fn with_compose(&self) -> Result<()> {
        match self.kind {
            Kind::User => Ok(()),
            Kind::Private => self.link_plugin("docker-compose", &tools::compose(&self.home)?),
        }
    }

    /// The docker command's own folder of configuration, with buildx as its plug-in.
    fn write_docker_configuration(&self) -> Result<()> {
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
}

/// How the private engine is.
#[derive(Clone, Debug)]
pub struct Status {
    /// The socket, if the engine answers there.
    pub engine: Option<String>,
    /// The address, if the registry answers there.
    pub registry: Option<String>,
    /// The bases in the registry.
    pub bases: Vec<Suite>,
}

impl Status {
    /// Whether both the engine and the registry answer.
    pub fn is_up(&self) -> bool {
        self.engine.is_some() && self.registry.is_some()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_down = |place: &Option<String>| place.clone().unwrap_or_else(|| "down".to_owned());
        let bases: Vec<&str> = self.bases.iter().map(|suite| suite.name()).collect();
        let bases = if bases.is_empty() {
            "none".to_owned()
        } else {
            bases.join(" ")
        };
        writeln!(formatter, "engine    {}", or_down(&self.engine))?;
        writeln!(formatter, "registry  {}", or_down(&self.registry))?;
        writeln!(formatter, "bases     {bases}")
    }
}

/// Runs a `docker` command to its end and returns its stdout.
pub(crate) fn run_docker<'a>(
    engine: &Engine,
    arguments: impl IntoIterator<Item = &'a str>,
) -> Result<String> {
    if engine.kind() == Kind::Private && !daemon::answers(engine.home()) {
        bail!("the private engine is down: `cargo xtask engine up`");
    }
    run(&mut engine.docker(arguments))
}
