//! The registry on the loopback, from which the engine pulls bases and frontends as from any other.
//!
//! Plain HTTP on 127.0.0.1 needs no setting in the engine. The registry runs as the caller and not as root.

use std::fs;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::home::Home;
use crate::http;
use crate::process::{end, last_lines, poll, progress, running_from};
use crate::tools::Tools;

/// The first port that is tried.
const USUAL_PORT: u16 = 5117;

/// The port that this home remembers, if the registry was ever started.
pub(crate) fn port(home: &Home) -> Option<u16> {
    home.recall("port")?.as_u64()?.try_into().ok()
}

/// Whether the registry of this home runs and answers.
pub(crate) fn answers(home: &Home) -> bool {
    process(home).is_some()
        && port(home).is_some_and(|port| {
            http::request(port, "GET", "/v2/").is_ok_and(|(status, _)| status == 200)
        })
}

/// Whether the registry has the name with the tag.
///
/// # Errors
/// When it does not answer.
pub(crate) fn has(port: u16, name: &str, tag: &str) -> Result<bool> {
    let (status, _) = http::request(port, "HEAD", &format!("/v2/{name}/manifests/{tag}"))
        .with_context(|| format!("the registry on port {port} does not answer"))?;
    Ok(status == 200)
}

/// Starts the registry, unless it answers, waits until it does, and returns its port. The caller holds the
/// lock `engine`.
///
/// # Errors
/// When it does not answer within half a minute; the message ends with its log.
pub(crate) fn up(home: &Home, tools: &Tools) -> Result<u16> {
    if let Some(port) = port(home)
        && answers(home)
    {
        return Ok(port);
    }
    down(home)?;
    progress("starting the registry");
    let port = free_port(port(home)).context("no port on the loopback is free")?;
    home.remember("port", Value::from(port))?;
    let configuration = home.path("registry.json");
    // The format is YAML, which includes JSON.
    let text = json!({
        "version": "0.1",
        "log": { "level": "warn", "accesslog": { "disabled": true } },
        "storage": {
            "filesystem": { "rootdirectory": home.path("registry") },
            "delete": { "enabled": true },
        },
        "http": { "addr": format!("127.0.0.1:{port}") },
    });
    fs::write(&configuration, format!("{text:#}\n"))?;
    let log = home.log("registry");
    let file = fs::File::create(&log)?;
    // A fresh child leads no process group, so `setsid` becomes the program itself and the child's id stays
    // valid.
    let mut command = Command::new("setsid");
    let child = command
        .envs(tools.environment())
        .args(["docker-registry", "serve"])
        .arg(&configuration)
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .spawn()
        .context("cannot run `setsid`")?;
    fs::write(home.runtime("registry.pid"), format!("{}\n", child.id()))?;
    if !poll(Duration::from_secs(30), || answers(home)) {
        bail!(
            "the registry does not answer on port {port}\n{}",
            last_lines(&log)
        );
    }
    Ok(port)
}

/// Stops the registry, if it runs.
///
/// # Errors
/// When it does not stop.
pub(crate) fn down(home: &Home) -> Result<()> {
    if let Some(id) = process(home) {
        progress("stopping the registry");
        end(id, &mark(home), Duration::from_secs(10))?;
    }
    Ok(())
}

fn process(home: &Home) -> Option<u32> {
    running_from(&home.runtime("registry.pid"), &mark(home))
}

fn mark(home: &Home) -> String {
    home.path("registry.json").display().to_string()
}

/// The remembered port if it is free, because references contain it, otherwise the first free one.
fn free_port(remembered: Option<u16>) -> Option<u16> {
    remembered
        .into_iter()
        .chain(USUAL_PORT..USUAL_PORT + 100)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
}
