//! A repository of small packages in two states, and bases that install from it.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use integration::{Suite, make_base};

use crate::served::Server;
use crate::{DerivedBase, Ground};

/// The repository of `repository.sh`, served in one of its states.
pub(super) struct Repository {
    folder: tempfile::TempDir,
    state: Arc<Mutex<&'static str>>,
    /// Whether answers have to wait, for at most half a minute.
    pub(super) waits: Arc<AtomicBool>,
    server: Server,
}

impl Repository {
    pub(super) fn new(ground: &Ground) -> Repository {
        let folder = tempfile::tempdir().unwrap();
        let base = make_base(&ground.engine, Suite::Bookworm).unwrap();
        let context = folder.path().join("context");
        fs::create_dir(&context).unwrap();
        let script = include_str!("repository.sh");
        fs::write(context.join("repository.sh"), script).unwrap();
        let install = "for pause in 3 6 9 0; do apt-get update -qq && \
                       apt-get install -qq --yes --no-install-recommends gnupg && break; sleep $pause; done";
        let dockerfile = format!(
            "FROM {base} AS made\nRUN {install}\nCOPY repository.sh /\nRUN TOKEN={} sh -e /repository.sh\n\
             FROM scratch\nCOPY --from=made /out /\n",
            integration::make_token()
        );
        fs::write(context.join("Dockerfile"), dockerfile).unwrap();
        let output = format!("type=local,dest={}", folder.path().join("out").display());
        let context = context.to_str().unwrap();
        ground.docker([
            "buildx",
            "build",
            "--provenance=false",
            "--output",
            &output,
            context,
        ]);
        let state = Arc::new(Mutex::new("first"));
        let (current, root) = (state.clone(), folder.path().join("out"));
        let waits = Arc::new(AtomicBool::new(false));
        let must_wait = waits.clone();
        let server = Server::start(move |stream, _| {
            let end = Instant::now() + Duration::from_secs(30);
            while must_wait.load(Ordering::SeqCst) && Instant::now() < end {
                std::thread::sleep(Duration::from_millis(50));
            }
            let state = *current.lock().unwrap();
            answer(stream, &root.join(state))
        });
        Repository {
            folder,
            state,
            waits,
            server,
        }
    }

    /// Serves the second state, which lacks what it has replaced.
    pub(super) fn go_on(&self) {
        *self.state.lock().unwrap() = "second";
    }

    pub(super) fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    /// A base that installs from this repository and from no other.
    pub(super) fn base(&self, ground: &'static Ground) -> String {
        self.base_with(ground, "", "true")
    }

    /// The same, at a path of the server, after another command.
    pub(super) fn base_with(&self, ground: &'static Ground, path: &str, command: &str) -> String {
        use base64::Engine as _;
        let key = fs::read(self.out().join("key")).unwrap();
        let key = base64::engine::general_purpose::STANDARD.encode(key);
        let port = self.server.port;
        let source = format!(
            "deb [signed-by=/usr/share/keyrings/test.gpg] http://127.0.0.1:{port}/{path} ./"
        );
        let command = format!(
            "{command} && echo {key} | base64 -d > /usr/share/keyrings/test.gpg && rm -rf /etc/apt/sources.list.d/* && \
             echo '{source}' > /etc/apt/sources.list"
        );
        let base = DerivedBase::after(ground, &integration::make_token(), &command);
        // `--pull` looks for the base in its registry.
        let registry = ground.engine.registry_address().expect("a private engine");
        let reference = format!("{registry}/{}", base.reference());
        ground.docker(["tag", base.reference(), &reference]);
        ground.docker(["push", "--quiet", &reference]);
        ground.docker(["image", "rm", "--force", &reference]);
        reference
    }
}

/// Answers one request with a file of the folder.
fn answer(stream: TcpStream, folder: &Path) -> std::io::Result<()> {
    answer_below(stream, folder, "/")
}

/// The same, with the path of the request after the first of these words.
pub(super) fn answer_below(
    mut stream: TcpStream,
    folder: &Path,
    word: &str,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut head = String::new();
    reader.read_line(&mut head)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let path = head.split(' ').nth(1).unwrap_or("/");
    let path = path.split_once(word).map_or(path, |(_, below)| below);
    let (status, content) = match fs::read(folder.join(path)) {
        Ok(content) => ("200 OK", content),
        Err(_) => ("404 Not Found", Vec::new()),
    };
    let length = content.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(&content)
}
