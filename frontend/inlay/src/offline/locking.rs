//! `inlay lock`: has docker answer `--call=lock`, and writes the answer beside the spec.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gateway::Failure;

use crate::context::lock_names;
use crate::offline::Outcome;
use crate::offline::arguments::LockArguments;

/// Writes the lock of a spec. A lock that is there is replaced only by a whole one.
pub(crate) fn lock(arguments: &LockArguments) -> Result<Outcome, Failure> {
    let path = path_of(&arguments.file);
    let mut docker = Command::new("docker");
    docker.args(["buildx", "build", "--call=lock", "--file"]);
    docker.arg(&arguments.file);
    if let Some(names) = &arguments.upgrade {
        let mode = if names.is_empty() {
            "upgrade".to_owned()
        } else {
            format!("upgrade={names}")
        };
        docker.arg("--build-arg").arg(format!("INLAY_LOCK={mode}"));
    }
    docker.args(&arguments.flags).arg(&arguments.context);
    // Progress and errors are docker's own.
    let docker = docker.stdin(Stdio::null()).stderr(Stdio::inherit());
    let said = docker
        .output()
        .map_err(|error| Failure::new(format!("cannot run docker: {error}")))?;
    if !said.status.success() {
        return Ok(Outcome {
            output: String::new(),
            messages: String::new(),
            status: 1,
        });
    }
    if !said.stdout.starts_with(b"#") {
        let message = "docker did not answer with a lock: is the first line of the spec `# syntax=` with inlay's image?";
        return Err(Failure::new(message));
    }
    let had = std::fs::read(&path).ok();
    let is_new = had.as_deref() != Some(&said.stdout);
    if is_new {
        write(&path, &said.stdout)
            .map_err(|error| Failure::new(format!("cannot write `{}`: {error}", path.display())))?;
    }
    let done = match (had.is_some(), is_new) {
        (_, false) => "has not changed",
        (true, true) => "has changed",
        (false, true) => "is new",
    };
    Ok(Outcome {
        output: format!("{} {done}\n", path.display()),
        messages: String::new(),
        status: 0,
    })
}

/// The lock of a spec: its own if there is one, or else the one of its folder.
fn path_of(spec: &Path) -> PathBuf {
    let folder = spec.parent().unwrap_or(Path::new(""));
    let name = spec.file_name().unwrap_or_default().to_string_lossy();
    let [own, shared] = lock_names(&name).map(|name| folder.join(name));
    if own.exists() { own } else { shared }
}

/// Writes the whole file or nothing.
fn write(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    std::fs::write(&beside, text)?;
    std::fs::rename(&beside, path)
}
