//! dockerd: its configuration, its start apart from the caller, and its end without leftovers.
//!
//! It runs in a session of its own and starts a containerd of its own. Everything it starts carries
//! one of two paths of the home on its command line, which is how leftovers are found.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::json;

use crate::home::Home;
use crate::network;
use crate::process::{
    Environment, end, last_lines, poll, privileged, progress, run, running_from, running_with,
    succeeds,
};
use crate::{http, tools::Tools};

const PATIENCE: Duration = Duration::from_mins(1);

/// What is kept of builds that nobody is using.
const CACHE_LIMIT: &str = "40GB";

/// Where a docker engine keeps images, which decides what BuildKit can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// containerd's: layers can be merged.
    Containerd,
    /// Docker's own of before, `overlay2`: they cannot.
    Classic,
}

/// The engine's socket.
pub(crate) fn socket(home: &Home) -> PathBuf {
    home.runtime("docker.sock")
}

/// Whether the engine answers.
pub(crate) fn answers(home: &Home) -> bool {
    http::status_over_socket(&socket(home), "/_ping").is_ok_and(|status| status == 200)
}

/// Starts the engine, unless it answers, and waits until it does. The caller holds the lock `engine`.
///
/// # Errors
/// When it does not answer in a minute; the message ends with its log.
pub(crate) fn up(home: &Home, tools: &Tools, store: Store) -> Result<()> {
    if answers(home) {
        return Ok(());
    }
    // One that hangs. What else outlived it, the next one takes over and cleans up.
    end_with(&mark(home), Duration::from_secs(15))?;
    let id_file = home.runtime("dockerd.pid");
    // dockerd does not start while any process has the id in this file, and after a reboot one may.
    remove(&id_file)?;
    // dockerd gives the bridge the address it had at the last start, and another engine may have that by now.
    remove(&home.path("data/network"))?;

    let configuration = configuration(home);
    let group = run(Command::new("id").arg("-g"))?;
    let text = json!({
        "features": { "containerd-snapshotter": store == Store::Containerd },
        "data-root": home.path("data"),
        "exec-root": home.runtime("exec"),
        "pidfile": id_file,
        "hosts": [format!("unix://{}", socket(home).display())],
        // The socket is the caller's to use. A number is accepted in place of a name.
        "group": group.trim(),
        "bridge": network::bridge(home),
        "iptables": false,
        "ip6tables": false,
        "shutdown-timeout": 10,
        // By itself BuildKit gives up what no build is using as soon as less than a fifth of the disk is
        // free, and then builds run again what was cached (`cmd/buildkitd/config/gcpolicy.go`).
        "builder": { "gc": { "enabled": true, "policy": [{ "keepStorage": CACHE_LIMIT, "all": true }] } },
    });
    fs::write(&configuration, format!("{text:#}\n"))?;

    progress("starting the engine");
    let log = home.log("dockerd");
    let file = fs::File::create(&log)?;
    let mut command = privileged(&tools.environment(), "setsid")?;
    command
        .arg("--fork")
        .arg("dockerd")
        .arg("--config-file")
        .arg(&configuration);
    let status = command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .status()
        .context("cannot run `setsid`")?;
    if !status.success() {
        bail!("cannot start dockerd ({status})\n{}", last_lines(&log));
    }
    let started = Instant::now();
    let mut has_ended = false;
    poll(PATIENCE, || {
        // The process writes its id at once and takes the file away when it gives up.
        has_ended = started.elapsed() > Duration::from_secs(5) && process(home).is_none();
        has_ended || answers(home)
    });
    if has_ended || !answers(home) {
        bail!(
            "dockerd does not answer at {}\n{}",
            socket(home).display(),
            last_lines(&log)
        );
    }
    Ok(())
}

/// Ends the engine and all it started, and unmounts what it left mounted. The caller holds the lock.
///
/// # Errors
/// When something stays.
pub(crate) fn down(home: &Home) -> Result<()> {
    if let Some(id) = process(home) {
        progress("ending the engine");
        // It gives containers ten seconds.
        end(id, &mark(home), Duration::from_secs(30))?;
    }
    end_leftovers(home)?;
    for folder in home.folders() {
        unmount_below(folder)?;
    }
    Ok(())
}

/// Unmounts everything below a folder, the deepest first.
///
/// # Errors
/// When something cannot be unmounted.
pub(crate) fn unmount_below(folder: &Path) -> Result<()> {
    // Mounts on top of one another, and those that others' namespaces propagate, need a second look.
    for _ in 0..10 {
        let table = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
        let mut points = mounts_below(&table, folder);
        if points.is_empty() {
            return Ok(());
        }
        points.sort_by_key(|point| std::cmp::Reverse(point.len()));
        for point in points {
            succeeds(privileged(&Environment::new(), "umount")?.arg(point));
        }
    }
    bail!("something stays mounted below {}", folder.display())
}

fn mounts_below(table: &str, folder: &Path) -> Vec<String> {
    let points = table.lines().filter_map(|line| line.split(' ').nth(1));
    // The kernel writes a blank as `\040` and the like.
    let points = points.map(|point| point.replace("\\040", " "));
    points
        .filter(|point| Path::new(point).starts_with(folder))
        .collect()
}

/// dockerd's id, if it runs.
fn process(home: &Home) -> Option<u32> {
    running_from(&home.runtime("dockerd.pid"), &mark(home))
}

fn configuration(home: &Home) -> PathBuf {
    home.path("dockerd.json")
}

fn mark(home: &Home) -> String {
    format!("dockerd --config-file {}", configuration(home).display())
}

/// Ends whatever of ours outlived its dockerd: one without its file; the containers; the shims that
/// held them, which name containerd's socket; and containerd.
fn end_leftovers(home: &Home) -> Result<()> {
    end_with(&mark(home), Duration::from_secs(15))?;
    let data = home.path("data").display().to_string();
    for id in running_with("") {
        let mounts = fs::read_to_string(format!("/proc/{id}/mounts")).unwrap_or_default();
        if has_root_in(&mounts, &data) {
            let kill = ["-c", "kill -s KILL \"$1\"", "sh", &id.to_string()];
            succeeds(privileged(&Environment::new(), "sh")?.args(kill));
        }
    }
    let containerd = home.runtime("exec/containerd/").display().to_string();
    end_with(&format!("-address {containerd}"), Duration::from_secs(5))?;
    end_with(
        &format!("containerd --config {containerd}"),
        Duration::from_secs(15),
    )
}

/// Whether a process with these mounts is a container's: its root is layers kept in the data.
fn has_root_in(mounts: &str, data: &str) -> bool {
    mounts.lines().any(|line| {
        let mut fields = line.split(' ').skip(1);
        fields.next() == Some("/") && line.contains(&format!("upperdir={data}/"))
    })
}

fn end_with(mark: &str, patience: Duration) -> Result<()> {
    running_with(mark)
        .into_iter()
        .try_for_each(|id| end(id, mark, patience))
}

fn remove(path: &Path) -> Result<()> {
    if path.exists() {
        let mut rm = privileged(&Environment::new(), "rm")?;
        run(rm.args(["-r", "--one-file-system"]).arg(path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_has_its_root_in_the_data() {
        let container = "overlay / overlay rw,lowerdir=a:b,upperdir=/w/.engine/data/c/fs 0 0";
        assert!(has_root_in(container, "/w/.engine/data"));
        assert!(!has_root_in(container, "/other/.engine/data"));
        let host =
            "/dev/vda / ext4 rw 0 0\noverlay /m overlay rw,upperdir=/w/.engine/data/c/fs 0 0";
        assert!(!has_root_in(host, "/w/.engine/data"));
    }

    #[test]
    fn only_mounts_below_the_folder() {
        let table = "\
/dev/vda / ext4 rw 0 0
/dev/vda /w/.engine/data ext4 rw 0 0
overlay /w/.engine/a\\040b overlay rw 0 0
tmpfs /w/.engine2 tmpfs rw 0 0
";
        let points = mounts_below(table, Path::new("/w/.engine"));
        assert_eq!(points, ["/w/.engine/data", "/w/.engine/a b"]);
    }
}
