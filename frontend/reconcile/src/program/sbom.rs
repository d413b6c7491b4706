//! `reconcile --sbom JOB`: reads dpkg's status from the files that the job names, and writes a bill of
//! materials to `$OUT/sbom.spdx.json`. The base is the root that it runs in.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use reconcile::SbomJob;

use crate::failure::Failure;

/// The status of the base itself. A base without dpkg has no packages to list.
const STATUS: &str = "/var/lib/dpkg/status";
const OS_RELEASE: [&str; 2] = ["/etc/os-release", "/usr/lib/os-release"];

/// Writes the bill of materials of a job.
///
/// # Errors
/// If the job or a status cannot be read, or the document cannot be written.
pub(crate) fn write(job: Option<OsString>) -> Result<(), Failure> {
    let job = job.ok_or_else(|| Failure::Usage("no job is given".to_owned()))?;
    let out =
        std::env::var_os("OUT").ok_or_else(|| Failure::Usage("`OUT` is not set".to_owned()))?;
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
