//! The engine's programs: fetched as the distribution's packages and unpacked into a folder, never
//! installed.
//!
//! Docker itself comes from the archives that [`docker_archives`] chooses. What is tied to the machine
//! (runc, iptables and their libraries) comes from the machine's own suite, and only where it is not
//! installed.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::apt::{Apt, machine_archives, release};
use crate::home::Home;
use crate::packages::{docker_archives, unpack_files, unpack_from};
use crate::process::{Environment, is_on_path, progress, run};

/// The oldest engine with everything that inlay uses: `MergeOp` in the containerd image store.
pub(crate) const OLDEST_MAJOR: u32 = 25;

/// Docker's packages. Releases split them differently, so absent ones are passed over, and the programs
/// are looked for at the end.
const DOCKER_PACKAGES: [&str; 6] = [
    "docker.io",
    "containerd",
    "docker-cli",
    "docker-buildx",
    "docker-registry",
    "tini-static",
];

/// What is tied to the machine's release or archive and differs little between machines. It is taken from
/// the archive even where it is installed, so that every machine uses the same.
const RELEASE_PACKAGES: [&str; 1] = ["debootstrap"];

/// What the engine and `debootstrap` call and a small machine may lack.
const MACHINE_PACKAGES: [&str; 7] = [
    "runc",
    "iptables",
    "iproute2",
    "wget",
    "debian-archive-keyring",
    "gpgv",
    "libsystemd0",
];

const PROGRAMS: [&str; 8] = [
    "dockerd",
    "containerd",
    "containerd-shim-runc-v2",
    "runc",
    "docker",
    "docker-registry",
    "ip",
    "debootstrap",
];

/// Where the unpacked programs are.
#[derive(Clone, Debug)]
pub(crate) struct Tools {
    folder: PathBuf,
}

impl Tools {
    /// The tools of a home, whether or not they have been fetched.
    pub(crate) fn of(home: &Home) -> Tools {
        Tools {
            folder: home.path("tools"),
        }
    }

    /// Whether all of them have been fetched.
    pub(crate) fn are_complete(&self) -> bool {
        self.folder.join("complete").exists()
    }

    /// The folder with a link to each program.
    pub(crate) fn programs(&self) -> PathBuf {
        self.folder.join("bin")
    }

    /// The search path: our programs, then the caller's path, then the folders of root's programs.
    pub(crate) fn search_path(&self) -> String {
        let callers = std::env::var("PATH").unwrap_or_default();
        format!(
            "{}:{callers}:/usr/local/sbin:/usr/sbin:/sbin",
            self.programs().display()
        )
    }

    /// The variables that let unpacked programs find their libraries and extensions.
    pub(crate) fn environment(&self) -> Environment {
        let mut environment = vec![("PATH".to_owned(), self.search_path())];
        let mut set = |name: &str, path: PathBuf| {
            if path.exists() {
                environment.push((name.to_owned(), path.display().to_string()));
            }
        };
        set("DEBOOTSTRAP_DIR", self.folder.join("usr/share/debootstrap"));
        if let Some(libraries) = self.libraries() {
            set("XTABLES_LIBDIR", libraries.join("xtables"));
            set("LD_LIBRARY_PATH", libraries);
        }
        for name in [
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "NO_PROXY",
            "SSL_CERT_FILE",
            "SSL_CERT_DIR",
        ] {
            // `sudo` drops these, and the engine pulls through them.
            for name in [name.to_owned(), name.to_lowercase()] {
                if let Ok(value) = std::env::var(&name) {
                    environment.push((name, value));
                }
            }
        }
        environment
    }

    /// Debian's keyring, for `debootstrap`, where the machine has none at the usual place.
    pub(crate) fn keyring(&self) -> Option<PathBuf> {
        let usual = "usr/share/keyrings/debian-archive-keyring.gpg";
        let ours = self.folder.join(usual);
        (!Path::new("/").join(usual).exists() && ours.exists()).then_some(ours)
    }

    /// Fetches and unpacks the packages, unless that was done before. The caller holds the lock `engine`.
    ///
    /// # Errors
    /// When the machine has no suitable archive, a package cannot be fetched, a program is missing or
    /// the engine is older than [`OLDEST_MAJOR`].
    pub(crate) fn fetch(&self, home: &Home) -> Result<()> {
        if self.are_complete() {
            return Ok(());
        }
        let release = release()?;
        progress("reading the package lists");
        let own = Apt::prepare(home.path("apt/own"), &machine_archives(&release)?)?;
        let docker = Apt::prepare(home.path("apt/docker"), &docker_archives(&release)?)?;
        let mut files = docker.download(&docker.available(&DOCKER_PACKAGES)?)?;
        files.extend(own.download(&RELEASE_PACKAGES)?);
        files.extend(own.download_missing(&own.available(&MACHINE_PACKAGES)?)?);

        progress("unpacking");
        let partial = Tools {
            folder: home.path("tools.partial"),
        };
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder)?;
        }
        unpack_files(&files, &partial.folder)?;
        partial.link_programs()?;
        let version = partial.check()?;
        fs::write(partial.folder.join("complete"), format!("{version}\n"))?;
        fs::rename(&partial.folder, &self.folder)?;
        // Nothing reads these 140 MB again.
        fs::remove_dir_all(home.path("apt"))?;
        progress(&format!("fetched all programs: dockerd {version}"));
        Ok(())
    }

    fn link_programs(&self) -> Result<()> {
        let programs = self.programs();
        fs::create_dir_all(&programs)?;
        for folder in ["usr/bin", "usr/sbin", "bin", "sbin"] {
            let Ok(entries) = fs::read_dir(self.folder.join(folder)) else {
                continue;
            };
            for entry in entries {
                let name = entry?.file_name();
                let link = programs.join(&name);
                if link.symlink_metadata().is_err() {
                    symlink(Path::new("..").join(folder).join(&name), link)?;
                }
            }
        }
        let tini = self.folder.join("usr/bin/tini-static");
        let init = programs.join("docker-init");
        if tini.exists() && init.symlink_metadata().is_err() {
            symlink("tini-static", init)?;
        }
        Ok(())
    }

    /// Checks that every program exists and the engine is recent enough, and returns its version.
    fn check(&self) -> Result<String> {
        let search_path = self.search_path();
        for program in PROGRAMS {
            if !is_on_path(program, &search_path) {
                bail!("the packages of this machine's distribution have no `{program}`");
            }
        }
        if self.buildx().is_none() {
            bail!("the packages of this machine's distribution have no docker-buildx");
        }
        let mut dockerd = Command::new(self.programs().join("dockerd"));
        let answer = run(dockerd.arg("--version").envs(self.environment()))?;
        // "Docker version 28.5.2+dfsg4, build 3ef3c07"
        let version = answer
            .split_whitespace()
            .nth(2)
            .unwrap_or_default()
            .trim_end_matches(',');
        let major = major(version).with_context(|| format!("`{answer}` contains no version"))?;
        if major < OLDEST_MAJOR {
            bail!("dockerd {version} is too old: {OLDEST_MAJOR} or later is needed");
        }
        Ok(version.to_owned())
    }

    /// The docker command's plug-in that builds.
    pub(crate) fn buildx(&self) -> Option<PathBuf> {
        find_plugin(&self.folder, "docker-buildx")
    }

    /// The folder of shared libraries, which is named after the machine's architecture.
    fn libraries(&self) -> Option<PathBuf> {
        let entries = fs::read_dir(self.folder.join("usr/lib")).ok()?;
        let folders = entries.filter_map(|entry| Some(entry.ok()?.path()));
        folders
            .into_iter()
            .find(|folder| folder.to_string_lossy().ends_with("-linux-gnu"))
    }
}

/// Finds a plug-in of the docker command in a folder of unpacked packages.
fn find_plugin(folder: &Path, name: &str) -> Option<PathBuf> {
    [
        "usr/libexec/docker/cli-plugins",
        "usr/lib/docker/cli-plugins",
    ]
    .iter()
    .map(|plugins| folder.join(plugins).join(name))
    .find(|path| path.exists())
}

/// Finds the plug-in that reads compose files. It is fetched when first asked for, as only tests need it.
///
/// # Errors
/// When it cannot be fetched, or the archive's docker-compose is not a plug-in.
pub(crate) fn find_compose(home: &Home) -> Result<PathBuf> {
    let release = release()?;
    // Ubuntu's package `docker-compose` is the older stand-alone program.
    let package = match release.distribution.as_str() {
        "ubuntu" => "docker-compose-v2",
        _ => "docker-compose",
    };
    let folder = unpack_from(home, &docker_archives(&release)?, &[package])?;
    find_plugin(&folder, "docker-compose").context("the archive's docker-compose is not a plug-in")
}

/// The first number of a version.
pub(crate) fn major(version: &str) -> Option<u32> {
    version.split('.').next()?.parse().ok()
}
