//! Servers of tests on the loopback, which is the engine's loopback too.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A server on the loopback, stopped when dropped.
pub(crate) struct Server {
    pub(crate) port: u16,
    counted: Arc<AtomicU32>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Answers every request with the same bytes, and counts the requests.
    pub(crate) fn of(content: Vec<u8>) -> Server {
        Server::start(move |stream, count| {
            count.fetch_add(1, Ordering::SeqCst);
            answer(stream, &content)
        })
    }

    /// Answers one request after another with that function. It may count a request, and does so before
    /// answering, because a client that has its answer may ask for the count.
    pub(crate) fn start(
        answer: impl Fn(TcpStream, &AtomicU32) -> std::io::Result<()> + Send + 'static,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let counted = Arc::new(AtomicU32::new(0));
        let is_over = Arc::new(AtomicBool::new(false));
        let (count, end) = (counted.clone(), is_over.clone());
        let serve = move || {
            for stream in listener.incoming() {
                if end.load(Ordering::SeqCst) {
                    return;
                }
                // If the client breaks off, the next request is served.
                let _ = stream.and_then(|stream| answer(stream, &count));
            }
        };
        let thread = Some(std::thread::spawn(serve));
        Server {
            port,
            counted,
            is_over,
            thread,
        }
    }

    /// How many requests have been counted.
    pub(crate) fn count(&self) -> u32 {
        self.counted.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // The thread waits for a connection: this is its last one.
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

/// A git repository with the branch `main`.
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

/// `git daemon` on the loopback, stopped when dropped.
pub(crate) struct GitDaemon {
    pub(crate) port: u16,
    child: Child,
}

impl GitDaemon {
    pub(crate) fn serve(folder: &Path) -> GitDaemon {
        // A port that was free a moment ago, because the daemon cannot choose one itself.
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        // Not `git daemon`, whose child would outlive it when it is killed.
        let programs = Command::new("git").arg("--exec-path").output();
        let programs = programs.expect("these tests need `git`").stdout;
        let programs = String::from_utf8(programs).unwrap();
        let child = Command::new(Path::new(programs.trim_end()).join("git-daemon"))
            .args(["--export-all", "--listen=127.0.0.1", "--reuseaddr"])
            .arg(format!("--port={port}"))
            .arg(format!("--base-path={}", folder.display()))
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("these tests need `git-daemon`");
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
