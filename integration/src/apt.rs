//! A private apt, which shares only archives, keyrings and proxies with the machine's own.
//!
//! Lists, caches and state are in a folder of ours. The machine's `apt.conf` is not read, because its
//! hooks (`APT::Update::Post-Invoke` and the like) would run on the system's folders. Only its `Acquire`
//! settings are adopted.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{progress, run};
use crate::sources::{Source, archives, parse_lines, parse_stanzas};

/// The release of the distribution that this machine runs.
#[derive(Clone, Debug)]
pub(crate) struct Release {
    pub(crate) distribution: String,
    pub(crate) codename: String,
}

/// The release that `/etc/os-release` names.
///
/// # Errors
/// When the file is missing or has no codename, as on a machine that is not Debian or a descendant of it.
pub(crate) fn release() -> Result<Release> {
    let text = fs::read_to_string("/etc/os-release").context("cannot read /etc/os-release")?;
    let value = |name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
            .map(|value| value.trim_matches('"').to_owned())
    };
    Ok(Release {
        distribution: value("ID").unwrap_or_default(),
        codename: value("VERSION_CODENAME")
            .context("/etc/os-release has no VERSION_CODENAME: this is not Debian or Ubuntu")?,
    })
}

/// The archives from which this machine installs its release; the main one first, never empty.
///
/// # Errors
/// When the machine's apt has no enabled archive with the component `main` of the release.
pub(crate) fn machine_archives(release: &Release) -> Result<Vec<Source>> {
    let mut files = vec![PathBuf::from("/etc/apt/sources.list")];
    if let Ok(entries) = fs::read_dir("/etc/apt/sources.list.d") {
        files.extend(entries.filter_map(|entry| Some(entry.ok()?.path())));
    }
    files.sort();
    let mut sources = Vec::new();
    for file in files {
        let Ok(text) = fs::read_to_string(&file) else {
            continue;
        };
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("list") => sources.extend(parse_lines(&text)),
            Some("sources") => sources.extend(parse_stanzas(&text)),
            _ => {}
        }
    }
    let archives = archives(&sources, &release.codename);
    if archives.is_empty() {
        bail!(
            "no apt source in /etc/apt/sources.list or /etc/apt/sources.list.d has the suite `{}` with \
             the component `main`",
            release.codename
        );
    }
    Ok(archives)
}

/// An apt with its own configuration.
pub(crate) struct Apt {
    folder: PathBuf,
}

impl Apt {
    /// Writes the configuration into a folder and fetches the lists of the sources.
    ///
    /// # Errors
    /// When the folder cannot be written or the archive does not answer.
    pub(crate) fn prepare(folder: PathBuf, sources: &[Source]) -> Result<Apt> {
        let below = |path: &str| folder.join(path).display().to_string();
        for path in [
            "state/lists/partial",
            "cache/archives/partial",
            "nothing",
            "packages",
        ] {
            fs::create_dir_all(folder.join(path))?;
        }
        let text: String = sources.iter().map(Source::to_string).collect();
        fs::write(folder.join("archive.sources"), text)?;
        let architecture = run(Command::new("dpkg").arg("--print-architecture"))?;
        let mut configuration = String::new();
        for (key, value) in [
            ("Dir::Etc::parts", below("nothing")),
            ("Dir::Etc::main", "/dev/null".to_owned()),
            ("Dir::Etc::sourcelist", below("archive.sources")),
            ("Dir::Etc::sourceparts", below("nothing")),
            ("Dir::Etc::preferences", "/dev/null".to_owned()),
            ("Dir::Etc::preferencesparts", below("nothing")),
            ("Dir::State", below("state")),
            // Only read, so that what is installed is not fetched.
            ("Dir::State::status", "/var/lib/dpkg/status".to_owned()),
            ("Dir::Cache", below("cache")),
            ("APT::Architectures::", architecture.trim().to_owned()),
            // The user `_apt` cannot write to a home. Downloads are verified anyway.
            ("APT::Sandbox::User", String::new()),
            ("Debug::NoLocking", "1".to_owned()),
        ] {
            writeln!(configuration, "{key} \"{value}\";")?;
        }
        configuration.push_str(&acquire_settings()?);
        fs::write(folder.join("apt.conf"), configuration)?;

        let apt = Apt { folder };
        run(apt.command("apt-get").args(["-q", "update"]))?;
        Ok(apt)
    }

    /// Returns those packages that the archive has, in the given order.
    ///
    /// # Errors
    /// When apt cannot be run.
    pub(crate) fn available<'a>(&self, packages: &[&'a str]) -> Result<Vec<&'a str>> {
        let known = run(self.command("apt-cache").arg("pkgnames"))?;
        let known: Vec<&str> = known.lines().collect();
        Ok(packages
            .iter()
            .copied()
            .filter(|package| known.contains(package))
            .collect())
    }

    /// Fetches packages without their dependencies, whether or not they are installed, and returns the
    /// files.
    ///
    /// # Errors
    /// When one is unknown or cannot be fetched.
    pub(crate) fn download(&self, packages: &[&str]) -> Result<Vec<PathBuf>> {
        let folder = self.folder.join("packages");
        progress(&format!("fetching {}", packages.join(", ")));
        let mut command = self.command("apt-get");
        run(command
            .current_dir(&folder)
            .args(["-q", "download"])
            .args(packages))?;
        package_files(&folder)
    }

    /// Fetches those packages and dependencies that are not installed, and returns the files.
    ///
    /// # Errors
    /// When something is unknown, cannot be satisfied or cannot be fetched.
    pub(crate) fn download_missing(&self, packages: &[&str]) -> Result<Vec<PathBuf>> {
        progress(&format!(
            "fetching missing packages among {}",
            packages.join(", ")
        ));
        let mut command = self.command("apt-get");
        command.args([
            "-q",
            "-y",
            "--no-upgrade",
            "--no-install-recommends",
            "--download-only",
        ]);
        run(command.arg("install").args(packages))?;
        package_files(&self.folder.join("cache/archives"))
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env("APT_CONFIG", self.folder.join("apt.conf"))
            .env("LC_ALL", "C");
        command
    }
}

/// The machine's settings for fetching: proxies, certificates, checks. Hooks are left out, and so are the
/// extra indexes that desktop software wants.
fn acquire_settings() -> Result<String> {
    let dump = run(Command::new("apt-config").arg("dump"))?;
    let lines = dump.lines().filter(|line| {
        line.starts_with("Acquire::")
            && !line.starts_with("Acquire::IndexTargets")
            && !line.starts_with("Acquire::Changelogs")
            && !line.starts_with("Acquire::Languages")
    });
    let kept: String = lines.flat_map(|line| [line, "\n"]).collect();
    Ok(kept + "Acquire::Languages \"none\";\n")
}

fn package_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "deb"));
    files.sort();
    Ok(files)
}
