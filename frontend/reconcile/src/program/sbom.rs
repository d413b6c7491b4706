//! `reconcile --sbom JOB`: reads dpkg's databases where the job says, and writes the document to
//! `$OUT/sbom.spdx.json`. Runs on the base as its root.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use reconcile::SbomJob;

use crate::failure::Failure;

/// Where the base has its own; a base without dpkg has no packages to tell of.
const STATUS: &str = "/var/lib/dpkg/status";
const OS_RELEASE: [&str; 2] = ["/etc/os-release", "/usr/lib/os-release"];

/// Writes the document of a job.
///
/// # Errors
/// When the job or a status cannot be read, or the document not be written.
pub(crate) fn write(job: Option<OsString>) -> Result<(), Failure> {
    let job = job.ok_or_else(|| Failure::Usage("no job".to_owned()))?;
    let out = std::env::var_os("OUT").ok_or_else(|| Failure::Usage("OUT is not set".to_owned()))?;
    let read = |path: &Path| fs::read(path).map_err(|error| Failure::at(path, error));
    let path = Path::new(&job);
    let job: SbomJob =
        serde_json::from_slice(&read(path)?).map_err(|error| Failure::at(path, error))?;
    let statuses = job.roots.iter().map(|root| read(Path::new(&root.status)));
    let statuses = statuses.collect::<Result<Vec<_>, _>>()?;
    let base = fs::read(STATUS).unwrap_or_default();
    let os_release = OS_RELEASE.iter().find_map(|path| fs::read(path).ok());
    let document =
        reconcile::complete_sbom(&job, &os_release.unwrap_or_default(), &base, &statuses);
    let path = Path::new(&out).join("sbom.spdx.json");
    fs::write(&path, document.to_string()).map_err(|error| Failure::at(&path, error))
}
