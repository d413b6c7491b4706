//! Just enough HTTP to ask a local daemon whether it answers and what it has.
//!
//! It speaks version 1.0, so that a server neither sends chunks nor keeps the connection open.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

const PATIENCE: Duration = Duration::from_secs(5);

/// The status of `GET path` over a unix socket.
///
/// # Errors
/// When nothing listens or the answer is not HTTP.
pub(crate) fn status_over_socket(socket: &Path, path: &str) -> Result<u16> {
    let stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(exchange(stream, "GET", path)?.0)
}

/// The status and body of a request to a port of the loopback.
///
/// # Errors
/// When nothing listens or the answer is not HTTP.
pub(crate) fn request(port: u16, method: &str, path: &str) -> Result<(u16, String)> {
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    exchange(stream, method, path)
}

fn exchange(mut stream: impl Read + Write, method: &str, path: &str) -> Result<(u16, String)> {
    // A registry chooses between an image and an index by what the client accepts.
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nHost: localhost\r\n\
         Accept: application/vnd.oci.image.index.v1+json, \
         application/vnd.oci.image.manifest.v1+json, \
         application/vnd.docker.distribution.manifest.list.v2+json, \
         application/vnd.docker.distribution.manifest.v2+json\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let status = answer
        .split(' ')
        .nth(1)
        .and_then(|word| word.parse().ok())
        .context("the answer is not HTTP")?;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Ok((status, body.to_owned()))
}
