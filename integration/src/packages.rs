//! Packages of the distribution that are unpacked into a folder and never installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::apt::{Apt, Release, machine_archives, release};
use crate::home::Home;
use crate::process::run;
use crate::sources::Source;

/// The archives from which the Docker packages come.
///
/// On Debian that is the suite *testing*, whose packages run on a stable release when unpacked, since
/// they need little of libc. On Ubuntu and other descendants it is the machine's own suite, whose
/// docker.io is recent enough; that has not been tried.
///
/// # Errors
/// When the machine's apt has no archive of its own release.
pub(crate) fn docker_archives(release: &Release) -> Result<Vec<Source>> {
    let archives = machine_archives(release)?;
    if release.distribution == "debian" {
        return Ok(vec![archives[0].with_suites("testing")]);
    }
    Ok(archives)
}

/// Unpacks packages of the machine's own release into a folder of the home, and returns the folder.
///
/// # Errors
/// When they cannot be fetched.
pub(crate) fn unpack(home: &Home, names: &[&str]) -> Result<PathBuf> {
    unpack_from(home, &machine_archives(&release()?)?, names)
}

/// Unpacks packages of these archives into a folder of the home, unless that was done before, and returns
/// the folder.
///
/// # Errors
/// When they cannot be fetched.
pub(crate) fn unpack_from(home: &Home, archives: &[Source], names: &[&str]) -> Result<PathBuf> {
    let folder = home.path(&format!("packages/{}", names.join("+")));
    let _lock = home.lock("packages")?;
    if folder.exists() {
        return Ok(folder);
    }
    let downloads = home.path("apt/packages");
    let apt = Apt::prepare(downloads.clone(), archives)?;
    let files = apt.download(names)?;
    let partial = folder.with_extension("partial");
    unpack_files(&files, &partial)?;
    fs::rename(&partial, &folder)?;
    // Nothing reads the downloads again, and the next set of packages would include them.
    fs::remove_dir_all(downloads)?;
    Ok(folder)
}

/// Unpacks package files into a folder, which is empty before.
///
/// # Errors
/// When one cannot be unpacked.
pub(crate) fn unpack_files(files: &[PathBuf], folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    for file in files {
        run(Command::new("dpkg").arg("-x").arg(file).arg(folder))?;
    }
    Ok(())
}
