//! dockerd and the bridge it uses: configuration, a start that outlives the caller, and a stop without
//! leftovers.
//!
//! dockerd runs in a session of its own and starts its own containerd. Everything it starts has one of
//! two paths of the home on its command line, which is how leftovers are found.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::json;

use crate::home::Home;
use crate::process::{
    Environment, end, last_lines, poll, privileged, progress, run, running_from, running_with,
    succeeds,
};
use crate::removal::{remove, unmount_below};
use crate::tools::Tools;
use crate::{http, network};

const PATIENCE: Duration = Duration::from_mins(1);

/// How much of the build cache is kept.
const CACHE_LIMIT: &str = "40GB";

/// Where a docker engine keeps images, which decides what BuildKit can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// containerd's store, in which layers can be merged.
    Containerd,
    /// containerd's store without overlays: each layer is a copy of the one below it, on one file system with all
    /// caches.
    Native,
    /// Docker's older store, `overlay2`, in which they cannot.
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

/// Starts the engine with its bridge, unless it answers, and waits until it does. The caller holds the
/// lock of this home.
///
/// # Errors
/// When it does not answer within a minute; the message ends with its log.
pub(crate) fn up(home: &Home, tools: &Tools, store: Store) -> Result<()> {
    if answers(home) {
        return Ok(());
    }
    network::up(home, tools)?;
    // A dockerd that hangs. Whatever else outlived it, the next dockerd takes over and cleans up.
    end_with(&mark(home), Duration::from_secs(15))?;
    let id_file = home.runtime("dockerd.pid");
    // dockerd does not start while any process has the id in this file. After a reboot, another process
    // may have it.
    remove(&id_file)?;
    // dockerd gives the bridge the address of its last start, which another engine may be using by now.
    remove(&home.path("data/network"))?;

    let configuration = configuration(home);
    let group = run(Command::new("id").arg("-g"))?;
    let mut text = json!({
        "features": { "containerd-snapshotter": store != Store::Classic },
        "data-root": home.path("data"),
        "exec-root": home.runtime("exec"),
        "pidfile": id_file,
        "hosts": [format!("unix://{}", socket(home).display())],
        // Lets the caller use the socket. A number is accepted in place of a name.
        "group": group.trim(),
        "bridge": network::bridge(home),
        "iptables": false,
        "ip6tables": false,
        "shutdown-timeout": 10,
        // By default BuildKit drops unused results as soon as less than a fifth of the disk is free, and
        // builds would then repeat what was cached (`cmd/buildkitd/config/gcpolicy.go`).
        "builder": { "gc": { "enabled": true, "policy": [{ "keepStorage": CACHE_LIMIT, "all": true }] } },
    });
    if store == Store::Native {
        text["storage-driver"] = "native".into();
    }
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
        // The process writes its id at once, and removes the file when it gives up.
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

/// Stops the engine and everything it started, unmounts what it left mounted, and removes its bridge.
/// The caller holds the lock.
///
/// # Errors
/// When something cannot be stopped, unmounted or removed.
pub(crate) fn down(home: &Home, tools: &Tools) -> Result<()> {
    if let Some(id) = process(home) {
        progress("stopping the engine");
        // dockerd gives its containers ten seconds.
        end(id, &mark(home), Duration::from_secs(30))?;
    }
    end_leftovers(home)?;
    for folder in home.folders() {
        unmount_below(folder)?;
    }
    network::down(home, tools)
}

/// Stops the engine of a home, if the home exists, and removes the home.
///
/// # Errors
/// As [`down`].
pub(crate) fn remove_home(home: &Home, tools: &Tools) -> Result<()> {
    if home.path("").exists() {
        down(home, tools)?;
        for folder in home.folders() {
            remove(folder)?;
        }
    }
    Ok(())
}

/// dockerd's process id, if it runs.
fn process(home: &Home) -> Option<u32> {
    running_from(&home.runtime("dockerd.pid"), &mark(home))
}

fn configuration(home: &Home) -> PathBuf {
    home.path("dockerd.json")
}

fn mark(home: &Home) -> String {
    format!("dockerd --config-file {}", configuration(home).display())
}

/// Stops whatever of ours outlived its dockerd: a dockerd without its file, the containers, the shims
/// that hold them (they name containerd's socket), and containerd.
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

/// Whether a process with these mounts belongs to a container: its root consists of layers in `data`.
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
}
