//! Running other programs: to their end, as root, or detached and found again by their id.
//!
//! A process is only stopped after a mark of ours (a path inside the engine's home) was found on its
//! command line, because an id in a file may have passed to another process.

use std::ffi::OsStr;
use std::fs;
use std::io::IsTerminal;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Variables that a program needs in addition to the caller's.
pub(crate) type Environment = Vec<(String, String)>;

/// Tells the user what is happening, on stderr, because stdout belongs to answers.
pub(crate) fn progress(message: &str) {
    eprintln!("engine: {message}");
}

/// Runs a command to its end and returns its stdout.
///
/// # Errors
/// When it cannot be started or fails; the message contains its stderr.
pub(crate) fn run(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run `{name}`"))?;
    if !output.status.success() {
        bail!(
            "`{}` failed ({}):\n{}",
            words(command),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim_end()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a command to its end and writes everything that it prints to a log file.
///
/// # Errors
/// When it cannot be started or fails; the message ends with the last lines of the log.
pub(crate) fn run_logged(command: &mut Command, log: &Path) -> Result<()> {
    let file = fs::File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    let status = command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .status()
        .with_context(|| format!("cannot run `{}`", words(command)))?;
    if !status.success() {
        bail!(
            "`{}` failed ({status})\n{}",
            words(command),
            last_lines(log)
        );
    }
    Ok(())
}

/// Whether the command runs and succeeds. Its output is discarded.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Whether a program of that name is on the given search path.
pub(crate) fn is_on_path(program: &str, search_path: &str) -> bool {
    search_path
        .split(':')
        .any(|folder| Path::new(folder).join(program).is_file())
}

/// Whether this process runs as root.
pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

/// A command that runs as root, with the given variables.
///
/// A process of another user goes through `sudo`, which asks for a password only at a terminal. (This has
/// not been tried: it needs a machine with another user.)
///
/// # Errors
/// When this is not root and `sudo` is missing or would have to ask without a terminal.
pub(crate) fn privileged(environment: &Environment, program: impl AsRef<OsStr>) -> Result<Command> {
    let mut command;
    if is_root() {
        command = Command::new("env");
    } else {
        command = Command::new("sudo");
        if succeeds(Command::new("sudo").args(["-n", "true"])) {
            command.arg("-n");
        } else if !std::io::stdin().is_terminal() {
            bail!(
                "the private engine needs root: run this as root, or `sudo -v` first so that \
                 `sudo -n` works, or use Docker 25 or later with the containerd image store"
            );
        }
        command.arg("env");
    }
    for (name, value) in environment {
        command.arg(format!("{name}={value}"));
    }
    command.arg(program);
    Ok(command)
}

/// Whether the process runs and its command line contains the mark. A zombie does not run.
pub(crate) fn is_running(id: u32, mark: &str) -> bool {
    fs::read(format!("/proc/{id}/cmdline")).is_ok_and(|line| {
        String::from_utf8_lossy(&line)
            .replace('\0', " ")
            .contains(mark)
    })
}

/// The id in a file, if that process runs and carries the mark.
pub(crate) fn running_from(file: &Path, mark: &str) -> Option<u32> {
    let id = fs::read_to_string(file).ok()?.trim().parse().ok()?;
    is_running(id, mark).then_some(id)
}

/// Every process, except this one, whose command line contains the mark.
pub(crate) fn running_with(mark: &str) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|id| *id != std::process::id() && is_running(*id, mark))
        .collect()
}

/// Stops a process that carries the mark: by asking, and after `patience` by force.
///
/// # Errors
/// When it cannot be signalled, or still runs after both.
pub(crate) fn end(id: u32, mark: &str, patience: Duration) -> Result<()> {
    for (signal, patience) in [("TERM", patience), ("KILL", Duration::from_secs(5))] {
        if !is_running(id, mark) {
            return Ok(());
        }
        // The shell's own `kill`, because not every machine has the program.
        let mut kill = privileged(&Environment::new(), "sh")?;
        kill.args(["-c", "kill -s \"$1\" \"$2\"", "sh", signal, &id.to_string()]);
        if !succeeds(&mut kill) && is_running(id, mark) {
            bail!("cannot signal process {id}");
        }
        if poll(patience, || !is_running(id, mark)) {
            return Ok(());
        }
    }
    bail!("process {id} does not stop")
}

/// Asks until the answer is yes or the time is up, and returns the last answer.
pub(crate) fn poll(patience: Duration, mut question: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + patience;
    loop {
        if question() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// The end of a log and its path, for an error message.
pub(crate) fn last_lines(log: &Path) -> String {
    let bytes = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    let tail = &lines[lines.len().saturating_sub(15)..];
    format!("the end of {}:\n{}", log.display(), tail.join("\n"))
}

fn words(command: &Command) -> String {
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect();
    words.join(" ")
}
