//! The engine's programs: fetched as the distribution's packages and unpacked into a folder, never
//! installed.
//!
//! On Debian the Docker packages come from the suite *testing*: they run on a stable release when
//! unpacked, since they need little of libc. What is tied to the machine (runc, iptables and
//! their libraries) comes from its own suite, and only what is not installed. On Ubuntu and other
//! descendants everything comes from the own suite, whose docker.io is recent enough; that has not
//! been tried.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::apt::{Apt, Release, machine_archives, release};
use crate::home::Home;
use crate::process::{Environment, is_on_path, progress, run};
use crate::sources::Source;

/// The oldest engine with everything inlay can use: `MergeOp` in the containerd image store.
pub(crate) const OLDEST_MAJOR: u32 = 25;

/// Docker's packages. Not every release splits them alike, so absent ones are passed over, and the
/// programs are looked for at the end.
const DOCKER_PACKAGES: [&str; 6] = [
    "docker.io",
    "containerd",
    "docker-cli",
    "docker-buildx",
    "docker-registry",
    "tini-static",
];

/// What is tied to the machine's release, or to its archive, and differs little between machines:
/// taken from the archive even where it is installed, so that one way is used everywhere.
const RELEASE_PACKAGES: [&str; 1] = ["debootstrap"];

/// What the engine and `debootstrap` call that a small machine may lack.
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
    /// The tools of a home, present or not.
    pub(crate) fn of(home: &Home) -> Tools {
        Tools {
            folder: home.path("tools"),
        }
    }

    /// Whether they have been fetched whole.
    pub(crate) fn are_complete(&self) -> bool {
        self.folder.join("complete").exists()
    }

    /// The folder with a link to each program.
    pub(crate) fn programs(&self) -> PathBuf {
        self.folder.join("bin")
    }

    /// The search path: ours, then the caller's, then where root's programs are.
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

    /// Fetches and unpacks the packages, unless that was done. The caller holds the lock `engine`.
    ///
    /// # Errors
    /// When the machine has no fitting archive, a package cannot be fetched, a program is missing or
    /// the engine is older than [`OLDEST_MAJOR`].
    pub(crate) fn fetch(&self, home: &Home) -> Result<()> {
        if self.are_complete() {
            return Ok(());
        }
        let release = release()?;
        progress("reading the package lists");
        let own = Apt::prepare(home.path("apt/own"), &machine_archives(&release)?)?;
        let dockers = Apt::prepare(home.path("apt/docker"), &docker_archives(&release)?)?;
        let mut files = dockers.download(&dockers.available(&DOCKER_PACKAGES)?)?;
        files.extend(own.download(&RELEASE_PACKAGES)?);
        files.extend(own.download_missing(&own.available(&MACHINE_PACKAGES)?)?);

        progress("unpacking");
        let partial = Tools {
            folder: home.path("tools.partial"),
        };
        for folder in [&partial.folder, &self.folder] {
            if folder.exists() {
                fs::remove_dir_all(folder)?;
            }
        }
        fs::create_dir_all(&partial.folder)?;
        for file in files {
            run(Command::new("dpkg")
                .arg("-x")
                .arg(file)
                .arg(&partial.folder))?;
        }
        partial.link_programs()?;
        let version = partial.check()?;
        fs::write(partial.folder.join("complete"), format!("{version}\n"))?;
        fs::rename(&partial.folder, &self.folder)?;
        // 140 MB that nothing reads again.
        fs::remove_dir_all(home.path("apt"))?;
        progress(&format!("the programs are there: dockerd {version}"));
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

    /// Checks that every program is there and the engine recent enough; returns its version.
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
        let major = major(version).with_context(|| format!("no version in `{answer}`"))?;
        if major < OLDEST_MAJOR {
            bail!("dockerd {version} is too old: {OLDEST_MAJOR} or later is needed");
        }
        Ok(version.to_owned())
    }

    /// The plug-in of the docker command that builds.
    pub(crate) fn buildx(&self) -> Option<PathBuf> {
        plugin(&self.folder, "docker-buildx")
    }

    /// The folder of shared libraries, named after the machine's kind.
    fn libraries(&self) -> Option<PathBuf> {
        let entries = fs::read_dir(self.folder.join("usr/lib")).ok()?;
        let folders = entries.filter_map(|entry| Some(entry.ok()?.path()));
        folders
            .into_iter()
            .find(|folder| folder.to_string_lossy().ends_with("-linux-gnu"))
    }
}

/// A plug-in of the docker command, in a folder of unpacked packages.
fn plugin(folder: &Path, name: &str) -> Option<PathBuf> {
    [
        "usr/libexec/docker/cli-plugins",
        "usr/lib/docker/cli-plugins",
    ]
    .iter()
    .map(|plugins| folder.join(plugins).join(name))
    .find(|path| path.exists())
}

/// The archives that the Docker packages come from.
fn docker_archives(release: &Release) -> Result<Vec<Source>> {
    let archives = machine_archives(release)?;
    if release.distribution == "debian" {
        return Ok(vec![archives[0].with_suites("testing")]);
    }
    Ok(archives)
}

/// The plug-in that reads compose files; fetched when it is first asked for, as only tests do.
///
/// # Errors
/// When it cannot be fetched, or the archive has none that is a plug-in.
pub(crate) fn compose(home: &Home) -> Result<PathBuf> {
    let release = release()?;
    // Ubuntu's package of that name is a program of its own, of another time.
    let package = match release.distribution.as_str() {
        "ubuntu" => "docker-compose-v2",
        _ => "docker-compose",
    };
    let folder = unpack_from(home, &docker_archives(&release)?, &[package])?;
    plugin(&folder, "docker-compose").context("the archive's docker-compose is no plug-in")
}

/// A folder of the home with these packages of the machine's own release, unpacked.
///
/// # Errors
/// When they cannot be fetched.
pub(crate) fn unpacked(home: &Home, packages: &[&str]) -> Result<PathBuf> {
    unpack_from(home, &machine_archives(&release()?)?, packages)
}

fn unpack_from(home: &Home, archives: &[Source], packages: &[&str]) -> Result<PathBuf> {
    let folder = home.path(&format!("packages/{}", packages.join("+")));
    let _lock = home.lock("packages")?;
    if folder.exists() {
        return Ok(folder);
    }
    let downloads = home.path("apt/packages");
    let apt = Apt::prepare(downloads.clone(), archives)?;
    let files = apt.download(packages)?;
    let partial = folder.with_extension("partial");
    if partial.exists() {
        fs::remove_dir_all(&partial)?;
    }
    fs::create_dir_all(&partial)?;
    for file in files {
        run(Command::new("dpkg").arg("-x").arg(file).arg(&partial))?;
    }
    fs::rename(&partial, &folder)?;
    // Nothing reads them again, and the next set would have them too.
    fs::remove_dir_all(downloads)?;
    Ok(folder)
}

/// The first number of a version.
pub(crate) fn major(version: &str) -> Option<u32> {
    version.split('.').next()?.parse().ok()
}
