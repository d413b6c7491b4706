//! Each kind of source, fetched once for real.
//!
//! Registries are the public ones, as their clients know them; addresses and repositories are served
//! by the test itself on the loopback, which is the engine's loopback too.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::{Ground, assert_has};

/// A spec with one inline extension that has that source and copies it into the image.
fn spec(source: &str, copy: &str) -> String {
    format!(
        "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: x
    build:
      sources:
        - {{ {source}, to: got }}
      steps:
        - {{ run: '{copy}', network: none }}
"
    )
}

#[test]
fn a_wheel_of_pypi() {
    let Some(ground) = Ground::get() else { return };
    let source = "pypi: six==1.16.0, sha256: 8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254";
    let copy = "install -D $SOURCES/got $OUT/opt/six.whl # TOKEN";
    let outcome = ground.build().spec(&spec(source, copy)).image().succeed();
    assert_eq!(
        outcome.run(["sh", "-c", "sha256sum < /opt/six.whl | cut -c1-8"]),
        "8abb2f1d"
    );
}

#[test]
fn a_package_of_npm() {
    let Some(ground) = Ground::get() else { return };
    let source = "npm: is-number@7.0.0, sha256: 7b75c1057198cf97696909a9bee176c9c5e9bcb5b03bf3ecef2f484defadd51e";
    let copy = "mkdir $OUT/opt; tar -xzf $SOURCES/got -C $OUT/opt # TOKEN";
    let outcome = ground.build().spec(&spec(source, copy)).image().succeed();
    assert_has(
        &outcome.run(["cat", "/opt/package/package.json"]),
        &["\"name\": \"is-number\"", "\"version\": \"7.0.0\""],
    );
}

#[test]
fn a_file_at_an_address() {
    let Some(ground) = Ground::get() else { return };
    let content = format!("served {}\n", integration::token());
    let server = Server::of(content.clone());
    let source = |sha256: &str| {
        let url = format!("http://127.0.0.1:{}/file", server.port);
        spec(
            &format!("url: \"{url}\", sha256: {sha256}"),
            "install -D $SOURCES/got $OUT/opt/got",
        )
    };
    let right = sha256(&content);
    let wrong = right.chars().rev().collect::<String>();
    let refused = ground.build().spec(&source(&wrong)).fail();
    assert_has(
        refused.text(),
        &[
            "inlay.yaml:7\n",
            "   7 | >>>         - { url: ",
            &wrong,
            &right,
        ],
    );
    let build = ground.build().spec(&source(&right)).image();
    let outcome = build.succeed();
    assert_eq!(outcome.run(["cat", "/opt/got"]), content.trim_end());
    assert!(server.answered() > 0);
    assert_eq!(build.succeed().ran(), [""; 0]);
    // The checksum is the key: with everything cached, the address need not even answer.
    drop(server);
    assert_eq!(build.succeed().digest(), outcome.digest());
}

#[test]
fn a_commit_of_a_repository() {
    let Some(ground) = Ground::get() else { return };
    let folder = tempfile::tempdir().unwrap();
    let token = integration::token();
    let commit = repository(&folder.path().join("it"), &token);
    let daemon = GitDaemon::serve(folder.path());
    let source = |commit: &str| {
        format!(
            "git: \"git://127.0.0.1:{}/it\", commit: {commit}",
            daemon.port
        )
    };
    let copy = "mkdir $OUT/opt; cp -R $SOURCES/got $OUT/opt/";
    let build = ground.build().spec(&spec(&source(&commit), copy)).image();
    let outcome = build.succeed();
    // The commit asked for, which is not the last one; the folder of git itself is not of it.
    assert_eq!(outcome.run(["cat", "/opt/got/file"]), token);
    assert_eq!(outcome.run(["ls", "-A", "/opt/got"]), "file");
    assert_eq!(build.succeed().ran(), [""; 0]);
    let absent = "0123456789012345678901234567890123456789";
    let refused = ground.build().spec(&spec(&source(absent), copy)).fail();
    assert_has(refused.text(), &["inlay.yaml:7\n", absent]);
}

#[test]
fn a_path_of_an_image() {
    let Some(ground) = Ground::get() else { return };
    // The other base, so that the file tells where it is from.
    let copy = "install -D $SOURCES/got $OUT/opt/version # TOKEN";
    let source = "image: 'debian:trixie', path: /etc/debian_version";
    let trixie = ground.engine.base(integration::Suite::Trixie).unwrap();
    let build = ground.build().spec(&spec(source, copy)).image();
    let outcome = build.image_in_place_of("debian:trixie", &trixie).succeed();
    assert!(outcome.run(["cat", "/opt/version"]).starts_with("13"));
    assert!(
        outcome
            .run(["cat", "/etc/debian_version"])
            .starts_with("12")
    );
}

#[test]
fn a_file_and_a_folder_of_the_context() {
    let Some(ground) = Ground::get() else { return };
    let outcome = ground
        .build()
        .spec(
            "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - ./tools/x
  - name: y
    build:
      sources: [{ context: top/folder, to: folder }, { context: top/file, to: file }]
      steps: [{ run: 'mkdir $OUT/opt; cp -R $SOURCES $OUT/opt/y', network: none }]
",
        )
        .file(
            "tools/x/extension.yaml",
            "name: x
build:
  sources: [{ context: folder, to: folder }, { context: file, to: file }]
  steps: [{ run: 'mkdir $OUT/opt; cp -R $SOURCES $OUT/opt/x', network: none }]
",
        )
        .file("tools/x/file", "x's file TOKEN")
        .file("tools/x/folder/below/deep", "x's deep")
        .file("top/file", "y's file TOKEN")
        .file("top/folder/below/deep", "y's deep")
        .file("top/folder/ignored", "not this")
        .file(".dockerignore", "**/ignored\n")
        .image()
        .succeed();
    let found = outcome.run(["sh", "-c", "cd /opt; find . -type f | sort"]);
    assert_eq!(
        found,
        "./x/file\n./x/folder/below/deep\n./y/file\n./y/folder/below/deep"
    );
    assert_eq!(outcome.run(["cat", "/opt/x/folder/below/deep"]), "x's deep");
    assert_eq!(outcome.run(["cat", "/opt/y/folder/below/deep"]), "y's deep");
}

/// A server on the loopback that answers every request with one text.
struct Server {
    port: u16,
    answered: Arc<AtomicU32>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn of(content: String) -> Server {
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

    fn answered(&self) -> u32 {
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

fn answer(mut stream: TcpStream, content: &str) -> std::io::Result<()> {
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
        stream.write_all(content.as_bytes())?;
    }
    Ok(())
}

fn sha256(text: &str) -> String {
    let mut child = Command::new("sha256sum")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let said = child.wait_with_output().unwrap().stdout;
    String::from_utf8(said).unwrap()[..64].to_owned()
}

/// Makes a repository with two commits, and returns the first, whose `file` has that text.
fn repository(path: &Path, text: &str) -> String {
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=inlay", "-c", "user.email=inlay@localhost"]);
        let output = git.arg("-C").arg(path).args(arguments).output();
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
    };
    std::fs::create_dir_all(path).unwrap();
    git(&["init", "--quiet", "--initial-branch=main", "."]);
    for content in [text, "a later one"] {
        std::fs::write(path.join("file"), content).unwrap();
        git(&["add", "file"]);
        git(&["commit", "--quiet", "--message", "one more"]);
    }
    git(&["rev-parse", "HEAD~1"])
}

/// `git daemon` on the loopback, ended when dropped.
struct GitDaemon {
    port: u16,
    child: Child,
}

impl GitDaemon {
    fn serve(folder: &Path) -> GitDaemon {
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
