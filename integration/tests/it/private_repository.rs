//! [`PrivateRepository`]: git repositories over HTTP, for clients that have a token.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::served::{Repository, Server};

/// The repositories below a folder, served by git's own program to clients that have the token.
pub(crate) struct PrivateRepository {
    pub(crate) port: u16,
    server: Server,
}

impl PrivateRepository {
    pub(crate) fn serve(folder: &Path, token: &str) -> PrivateRepository {
        let (folder, token) = (folder.to_owned(), token.to_owned());
        let server = Server::start(move |stream, refused| answer(stream, refused, &folder, &token));
        PrivateRepository {
            port: server.port,
            server,
        }
    }

    /// How many requests had no token or a wrong one.
    pub(crate) fn count_refused(&self) -> u32 {
        self.server.count()
    }
}

/// Answers one request with `git http-backend`, or refuses and counts it if it lacks the token.
fn answer(
    mut stream: TcpStream,
    refused: &AtomicU32,
    folder: &Path,
    token: &str,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut head = String::new();
    while reader.read_line(&mut head)? > 2 {}
    let header = |name: &str| {
        let lines = head.lines().skip(1).filter_map(|line| line.split_once(':'));
        let mut found = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.trim().to_owned())
    };
    let authorization = header("authorization").unwrap_or_default();
    let expected = STANDARD.encode(format!("x-access-token:{token}"));
    if !authorization.to_lowercase().starts_with("basic ") || !authorization.ends_with(&expected) {
        refused.fetch_add(1, Ordering::SeqCst);
        return stream.write_all(
            b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"git\"\r\n\
              Content-Length: 0\r\nConnection: close\r\n\r\n",
        );
    }
    let mut words = head.split_whitespace();
    let (method, target) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let length = header("content-length").and_then(|length| length.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    let mut backend = Command::new("git");
    backend
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", folder)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("REQUEST_METHOD", method)
        .env("PATH_INFO", path)
        .env("QUERY_STRING", query)
        .env("REMOTE_USER", "x-access-token")
        .env("CONTENT_LENGTH", body.len().to_string())
        .env("CONTENT_TYPE", header("content-type").unwrap_or_default())
        .env(
            "HTTP_CONTENT_ENCODING",
            header("content-encoding").unwrap_or_default(),
        )
        .env("GIT_PROTOCOL", header("git-protocol").unwrap_or_default())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = backend.spawn()?;
    let mut stdin = child.stdin.take().expect("a pipe was asked for");
    stdin.write_all(&body)?;
    drop(stdin);
    let said = child.wait_with_output()?.stdout;
    // The program gives its status as a header; without one it is 200.
    let status = said
        .strip_prefix(b"Status: ")
        .and_then(|rest| rest.split(|byte| *byte == b'\r').next())
        .unwrap_or(b"200 OK");
    stream.write_all(b"HTTP/1.1 ")?;
    stream.write_all(status)?;
    stream.write_all(b"\r\nConnection: close\r\n")?;
    stream.write_all(&said)
}

#[test]
fn a_private_repository_answers_clients_with_the_token() {
    let folder = tempfile::tempdir().unwrap();
    let repository = Repository::new(&folder.path().join("it.git"));
    let commit = repository.commit(&[("a", "b")]);
    let served = PrivateRepository::serve(folder.path(), "token");
    let address = format!("http://127.0.0.1:{}/it.git", served.port);
    let ask = |token: &str| {
        let header = STANDARD.encode(format!("x-access-token:{token}"));
        let output = Command::new("git")
            .arg("-c")
            .arg(format!(
                "http.{address}.extraheader=Authorization: basic {header}"
            ))
            .args(["ls-remote", &address, "HEAD"])
            .env("GIT_TERMINAL_PROMPT", "0")
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        String::from_utf8_lossy(&said).into_owned()
    };
    let said = ask("token");
    assert!(said.starts_with(&commit), "{said}");
    let said = ask("other");
    assert!(said.contains("could not read Username"), "{said}");
    assert!(served.count_refused() > 0);
}
