//! What tests serve to the engine on the loopback, which is the engine's loopback too.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A server on the loopback that answers every request with the same bytes.
pub(crate) struct Server {
    pub(crate) port: u16,
    answered: Arc<AtomicU32>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn of(content: Vec<u8>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (answered, is_over) = (
            Arc::new(AtomicU32::new(0)),
            Arc::new(AtomicBool::new(false)),
        );
        let (count, end) = (answered.clone(), is_over.clone());
        let serve = move || {
            for stream in listener.incoming() {
                if end.load(Ordering::SeqCst) {
                    return;
                }
                if stream.is_ok_and(|stream| answer(stream, &content).is_ok()) {
                    count.fetch_add(1, Ordering::SeqCst);
                }
            }
        };
        let thread = Some(std::thread::spawn(serve));
        Server {
            port,
            answered,
            is_over,
            thread,
        }
    }

    pub(crate) fn answered(&self) -> u32 {
        self.answered.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // The thread waits for a connection: this is its last.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn answer(mut stream: TcpStream, content: &[u8]) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    while lines
        .next()
        .transpose()?
        .is_some_and(|line| !line.is_empty())
    {}
    let length = content.len();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    if request.starts_with("GET ") {
        stream.write_all(content)?;
    }
    Ok(())
}

/// A repository with a branch `main`.
pub(crate) struct Repository {
    path: PathBuf,
}

impl Repository {
    pub(crate) fn new(path: &Path) -> Repository {
        std::fs::create_dir_all(path).unwrap();
        let repository = Repository {
            path: path.to_owned(),
        };
        repository.git(&["init", "--quiet", "--initial-branch=main", "."]);
        repository
    }

    /// Writes these files, commits them, and returns the commit's id.
    pub(crate) fn commit(&self, files: &[(&str, &str)]) -> String {
        for (name, content) in files {
            let path = self.path.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "one more"]);
        self.git(&["rev-parse", "HEAD"])
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=inlay", "-c", "user.email=inlay@localhost"]);
        let output = git.arg("-C").arg(&self.path).args(arguments).output();
        let output = output.expect("these tests need `git`");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout)
            .unwrap()
            .trim_end()
            .to_owned()
    }
}

/// `git daemon` on the loopback, ended when dropped.
pub(crate) struct GitDaemon {
    pub(crate) port: u16,
    child: Child,
}

impl GitDaemon {
    pub(crate) fn serve(folder: &Path) -> GitDaemon {
        // A port that was free just now: the daemon cannot be asked for any.
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let child = Command::new("git")
            .args([
                "daemon",
                "--export-all",
                "--listen=127.0.0.1",
                "--reuseaddr",
            ])
            .arg(format!("--port={port}"))
            .arg(format!("--base-path={}", folder.display()))
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("these tests need `git`");
        let daemon = GitDaemon { port, child };
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "`git daemon` does not answer");
            std::thread::yield_now();
        }
        daemon
    }
}

impl Drop for GitDaemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Repositories below a folder over HTTP, for who has the token; git's own program answers.
pub(crate) struct PrivateRepository {
    pub(crate) port: u16,
    refused: Arc<AtomicU32>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl PrivateRepository {
    pub(crate) fn serve(folder: &Path, token: &str) -> PrivateRepository {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (refused, is_over) = (
            Arc::new(AtomicU32::new(0)),
            Arc::new(AtomicBool::new(false)),
        );
        let (count, end) = (refused.clone(), is_over.clone());
        let (folder, token) = (folder.to_owned(), token.to_owned());
        let serve = move || {
            for stream in listener.incoming() {
                if end.load(Ordering::SeqCst) {
                    return;
                }
                let answered = stream.and_then(|stream| answer_git(stream, &folder, &token));
                if matches!(answered, Ok(false)) {
                    count.fetch_add(1, Ordering::SeqCst);
                }
            }
        };
        let thread = Some(std::thread::spawn(serve));
        PrivateRepository {
            port,
            refused,
            is_over,
            thread,
        }
    }

    /// How many requests had no token, or a wrong one.
    pub(crate) fn refused(&self) -> u32 {
        self.refused.load(Ordering::SeqCst)
    }
}

impl Drop for PrivateRepository {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Answers one request by `git http-backend`; false when it had not the token.
fn answer_git(mut stream: TcpStream, folder: &Path, token: &str) -> std::io::Result<bool> {
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
    let expected = base64(&format!("x-access-token:{token}"));
    if !authorization.to_lowercase().starts_with("basic ") || !authorization.ends_with(&expected) {
        stream.write_all(
            b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"git\"\r\n\
              Content-Length: 0\r\nConnection: close\r\n\r\n",
        )?;
        return Ok(false);
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
    let mut stdin = child.stdin.take().expect("it was asked for");
    stdin.write_all(&body)?;
    drop(stdin);
    let said = child.wait_with_output()?.stdout;
    // A program of this interface says its status as a header; without one it is 200.
    let status = said
        .strip_prefix(b"Status: ")
        .and_then(|rest| rest.split(|byte| *byte == b'\r').next())
        .unwrap_or(b"200 OK");
    stream.write_all(b"HTTP/1.1 ")?;
    stream.write_all(status)?;
    stream.write_all(b"\r\nConnection: close\r\n")?;
    stream.write_all(&said)?;
    Ok(true)
}

fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for group in text.as_bytes().chunks(3) {
        let bits = group
            .iter()
            .fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        let bits = bits << (8 * (3 - group.len()));
        for digit in 0..4 {
            if digit <= group.len() {
                encoded.push(char::from(DIGITS[bits >> (18 - 6 * digit) & 63]));
            } else {
                encoded.push('=');
            }
        }
    }
    encoded
}

#[test]
fn a_private_repository_answers_who_has_the_token() {
    let folder = tempfile::tempdir().unwrap();
    let repository = Repository::new(&folder.path().join("it.git"));
    let commit = repository.commit(&[("a", "b")]);
    let served = PrivateRepository::serve(folder.path(), "token");
    let address = format!("http://127.0.0.1:{}/it.git", served.port);
    let ask = |token: &str| {
        let header = base64(&format!("x-access-token:{token}"));
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
    assert!(served.refused() > 0);
}
