//! States of an archive: what is built at one of them stays as it is until somebody asks for the next.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use integration::{Build, Outcome, Suite, make_base};

use crate::served::Server;
use crate::{DerivedBase, Ground, assert_has};

/// The repository of `repository.sh`, served in one of its states.
struct Repository {
    folder: tempfile::TempDir,
    state: Arc<Mutex<&'static str>>,
    /// Whether answers have to wait, for at most half a minute.
    waits: Arc<AtomicBool>,
    server: Server,
}

impl Repository {
    fn new(ground: &Ground) -> Repository {
        let folder = tempfile::tempdir().unwrap();
        let base = make_base(&ground.engine, Suite::Bookworm).unwrap();
        let context = folder.path().join("context");
        fs::create_dir(&context).unwrap();
        let script = include_str!("states/repository.sh");
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
    fn go_on(&self) {
        *self.state.lock().unwrap() = "second";
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    /// A base that installs from this repository and from no other.
    fn base(&self, ground: &'static Ground) -> String {
        self.base_with(ground, "", "true")
    }

    /// The same, at a path of the server, after another command.
    fn base_with(&self, ground: &'static Ground, path: &str, command: &str) -> String {
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
fn answer_below(mut stream: TcpStream, folder: &Path, word: &str) -> std::io::Result<()> {
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

/// A spec of extensions with the names of their packages.
fn spec(packages: &[&str]) -> String {
    let uses = packages.iter().map(|package| {
        format!("- {{ name: e-{package}, install: {{ packages: [{package}] }} }}\n")
    });
    let uses: String = uses.collect();
    format!("# syntax=ghcr.io/inlay/inlay:1\nbase: debian:bookworm\nextensions:\n{uses}")
}

fn build<'a>(ground: &'a Ground, base: &str, packages: &[&str]) -> Build<'a> {
    let build = ground.build().spec(&spec(packages)).image();
    build
        .image_in_place_of("debian:bookworm", base)
        .arguments(["--network", "host"])
}

const TEN: [&str; 10] = ["p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9"];

/// The versions of our packages in an image, which must be sound.
fn versions(outcome: &Outcome<'_>) -> String {
    let list = "dpkg --audit; dpkg --verify; apt-get check > /dev/null; \
                dpkg-query -W -f '${Package}=${Version} ' 'p?' libshared extra 2> /dev/null || true";
    outcome.run(["sh", "-c", list]).trim_end().to_owned()
}

/// The extensions whose packages were installed.
fn installed(outcome: &Outcome<'_>) -> Vec<String> {
    let ran = outcome.ran().into_iter();
    let mut names: Vec<String> = ran
        .filter(|name| name.contains("] packages: ") && !name.ends_with(')'))
        .map(|name| name[1..].split(']').next().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

const FIRST: &str = "libshared=1 p0=1 p1=1 p2=1 p3=1 p4=1 p5=1 p6=1 p7=1 p8=1 p9=1";

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_state_stays_until_somebody_asks_for_the_next() {
    let ground = Ground::get();
    let repository = Repository::new(ground);
    let base = repository.base(ground);
    let first = build(ground, &base, &TEN).succeed();
    assert_eq!(versions(&first), FIRST);
    repository.go_on();

    // Nothing changed in the spec, so nothing runs.
    let again = build(ground, &base, &TEN).succeed();
    assert_eq!(again.ran(), [""; 0]);
    assert_eq!(again.digest(), first.digest());

    // An extension that is added shares a dependency which has a newer version by now.
    let mut eleven = TEN.to_vec();
    eleven.push("extra");
    let added = build(ground, &base, &eleven).succeed();
    assert_eq!(installed(&added), ["e-extra"]);
    assert_eq!(versions(&added), format!("extra=1 {FIRST}"));

    // Asked for newer lists: exactly those run whose packages changed, and the image is what an installation
    // today gives.
    let renewed = build(ground, &base, &eleven)
        .arguments(["--pull"])
        .succeed();
    let changed = ["e-extra", "e-p0", "e-p1", "e-p2", "e-p3", "e-p4", "e-p7"];
    assert_eq!(installed(&renewed), changed);
    for told in ["e-extra", "e-p0", "e-p4"] {
        let told = format!("[packages] extension {told}: libshared 1 → 2");
        assert!(
            renewed.ran().contains(&told),
            "{told} is not in {:?}",
            renewed.ran()
        );
    }
    let second = "extra=1 libshared=2 p0=1 p1=1 p2=1 p3=1 p4=1 p5=1 p6=1 p7=2 p8=1 p9=1";
    assert_eq!(versions(&renewed), second);

    // Another image that shares extensions with it has the same state.
    let other = build(ground, &base, &["p0", "p8", "extra"]).succeed();
    assert_eq!(installed(&other), [""; 0]);
    assert_eq!(versions(&other), "extra=1 libshared=2 p0=1 p8=1");
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_state_is_renewed_if_the_archive_has_forgotten_it() {
    let ground = Ground::get();
    let repository = Repository::new(ground);
    let base = repository.base(ground);
    let first = build(ground, &base, &["p0", "p5"]).succeed();
    assert_eq!(versions(&first), "libshared=1 p0=1 p5=1");
    repository.go_on();
    // The lists that are kept name a version of `p7` that is not there any more.
    let outcome = build(ground, &base, &["p0", "p5", "p7"]).succeed();
    assert_eq!(versions(&outcome), "libshared=2 p0=1 p5=1 p7=2");
    assert_eq!(installed(&outcome), ["e-p0", "e-p7"]);
}

/// A lock keeps what its names stood for, also on an engine that has never built the image.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_lock_keeps_what_was_found_first() {
    let ground = Ground::get();
    let repository = Repository::new(ground);
    let base = repository.base(ground);
    let spec = build(ground, &base, &["p0", "p5"]);
    let lock = spec.call("lock").output;
    assert_eq!(spec.call("lock").output, lock);
    assert_has(
        &lock,
        &["install libshared all 1 ", "install p0 all 1 ", " manual "],
    );
    let first = spec.succeed();
    repository.go_on();

    // Newer lists are asked for, and the lock holds.
    let locked = build(ground, &base, &["p0", "p5"]).file("inlay.lock", &lock);
    let locked = locked.arguments(["--pull"]);
    let same = locked.succeed();
    // It is another merge of the same layers: package lists are not among its inputs.
    assert_eq!(same.ran(), ["[image] merge 3 layers"]);
    assert_eq!(same.digest(), first.digest());
    // What the lock does not have is resolved, and goes with the rest or is refused.
    let more = build(ground, &base, &["p0", "p5", "p8"]).file("inlay.lock", &lock);
    let outcome = more.succeed();
    assert_eq!(versions(&outcome), "libshared=1 p0=1 p5=1 p8=1");
    assert_has(&outcome.progress.warnings(), &["W0012", "extension e-p8"]);
    let insists = more.arguments(["--build-arg", "INLAY_LOCK=locked"]);
    assert_has(insists.fail().text(), &["[E0261]", "extension e-p8"]);

    // An upgrade of one leaves the others, and one of all takes what the archive has today.
    let upgrade = |value: &str| {
        let spec = build(ground, &base, &["p0", "p5"]).file("inlay.lock", &lock);
        let value = format!("INLAY_LOCK={value}");
        spec.arguments(["--build-arg", &value]).call("lock").output
    };
    assert_has(&upgrade("upgrade=e-p5"), &["install libshared all 1 "]);
    let upgraded = upgrade("upgrade");
    assert_has(
        &upgraded,
        &["install libshared all 2 ", "install p0 all 1 "],
    );
    let outcome = build(ground, &base, &["p0", "p5"])
        .file("inlay.lock", &upgraded)
        .succeed();
    assert_eq!(installed(&outcome), ["e-p0"]);
    assert_eq!(versions(&outcome), "libshared=2 p0=1 p5=1");
}

/// A lock names what the archive no longer has, and no engine has it.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn what_a_lock_names_and_nobody_has_is_told() {
    let ground = Ground::get();
    let repository = Repository::new(ground);
    let base = repository.base(ground);
    let lock = build(ground, &base, &["p7"]).call("lock").output;
    repository.go_on();
    let locked = build(ground, &base, &["p7"]).file("inlay.lock", &lock);
    let frozen = locked
        .arguments(["--build-arg", "INLAY_LOCK=frozen"])
        .fail();
    assert_has(
        &frozen.progress.logs(),
        &["the archive no longer has p7_1_all"],
    );
    assert_has(frozen.text(), &["INLAY_LOCK=upgrade"]);
    // If nobody insists on the lock, the build goes on without it.
    let locked = build(ground, &base, &["p7"]).file("inlay.lock", &lock);
    assert_eq!(versions(&locked.succeed()), "p7=2");
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn what_excludes_another_is_refused_before_anything_is_installed() {
    let ground = Ground::get();
    let repository = Repository::new(ground);
    let base = repository.base(ground);
    let outcome = build(ground, &base, &["against", "p0", "p5"]).fail();
    assert_has(
        outcome.text(),
        &["Conflicts: p5", "[E0253]", "inlay.yaml:6"],
    );
    assert_eq!(installed(&outcome), [""; 0]);
}

/// A package can be asked for in a version, of a release or an architecture. What is not there is refused before anything is
/// installed.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_package_is_exactly_what_is_asked_for_or_refused() {
    let ground = Ground::get();
    let repository = Repository::new(ground);
    let base = repository.base(ground);
    let make = |package: &str| {
        let spec = format!(
            "# syntax=ghcr.io/inlay/inlay:1\nbase: debian:bookworm\nextensions:\n\
             - {{ name: other, install: {{ packages: [p5] }} }}\n\
             - {{ name: x, install: {{ packages: [p8, '{package}'] }} }}\n"
        );
        let build = ground.build().spec(&spec).image();
        let build = build.image_in_place_of("debian:bookworm", &base);
        build.arguments(["--network", "host"])
    };
    for package in ["p0=1", "p0/test", "p0/stable", "p0:all"] {
        let outcome = make(package).succeed();
        assert_eq!(
            versions(&outcome),
            "libshared=1 p0=1 p5=1 p8=1",
            "{package}"
        );
    }
    let mut said = Vec::new();
    for package in ["p0=2", "p0=1*", "p0/sid", "p0:s390x", "p00", "against=1"] {
        let outcome = make(package).fail();
        assert_eq!(installed(&outcome), [""; 0], "{package}");
        let text = outcome.text();
        let at = text
            .rfind("inlay.yaml:5:")
            .unwrap_or_else(|| panic!("{text}"));
        said.push(text[at..].trim_end().to_owned());
    }
    insta::assert_snapshot!(said.join("\n"), @"
    inlay.yaml:5:40: apt cannot install these packages, `p0=2 p8`: Version '2' for 'p0' was not found [E0251]; help: ask for another version or release, or take out what cannot be had
    inlay.yaml:5:40: `p0=1*` is not a valid package name: a version is written in full, such as `jq=1.6-2.1`; a lock keeps the versions that were installed [E0104]
    inlay.yaml:5:40: apt cannot install these packages, `p0/sid p8`: Release 'sid' for 'p0' was not found [E0251]; help: ask for another version or release, or take out what cannot be had
    inlay.yaml:5:40: apt cannot install these packages, `p0:s390x p8`: Unable to locate package p0:s390x [E0251]; help: write `p0`, or use a base to which `dpkg --add-architecture s390x` has added the architecture
    inlay.yaml:5:40: there is no package `p00` in the archive of the image [E0250]; help: packages with similar names: `p0`
    inlay.yaml:5:3: extensions `other` and `x` cannot be combined: `x` installs `against` 1, which declares `Conflicts: p5`, and `other` installs `p5` 1 [E0253]; help: no system can have both packages: remove one of the two extensions
    ");
}

/// The services of snapshots are not reached by tests: a proxy answers for them.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_snapshot_has_the_packages_of_its_time() {
    let ground = Ground::get();
    let repository = Repository::new(ground);
    repository.go_on();
    let base = |distribution: &str, path: &str| {
        repository.base_with(
            ground,
            path,
            &format!("sed -i 's/^ID=.*/ID={distribution}/' /etc/os-release"),
        )
    };
    let out = repository.out();
    let proxy = Server::start(move |stream, _| answer_at_time(stream, &out));
    let make = |base: &str, snapshot: &str| {
        let spec = spec(&["p0", "p7"]) + &format!("snapshot: {snapshot}\n");
        let build = ground.build().spec(&spec).image();
        let build = build.image_in_place_of("debian:bookworm", base);
        let proxy = format!("http_proxy=http://127.0.0.1:{}", proxy.port);
        build.arguments(["--network", "host", "--build-arg", &proxy])
    };
    for (distribution, path) in [("debian", "debian/"), ("ubuntu", "ubuntu")] {
        let base = base(distribution, path);
        let old = make(&base, "2026-01-02").succeed();
        assert_eq!(versions(&old), "libshared=1 p0=1 p7=1");
        // The image's own repositories are what they were.
        assert_has(&old.run(["cat", "/etc/apt/sources.list"]), &["127.0.0.1"]);
        // A time has a state of its own, and the same time the same.
        assert_eq!(make(&base, "20260102T000000Z").succeed().ran(), [""; 0]);
        let new = make(&base, "2026-01-09").succeed();
        assert_eq!(versions(&new), "libshared=2 p0=1 p7=2");
        let none = make(&base, "2025-01-01").fail();
        assert_has(none.text(), &["inlay.yaml:6\n"]);
    }
    let other = make(&base("debian", "elsewhere/"), "2026-01-02").fail();
    let said = other.progress.logs() + other.text();
    assert_has(
        &said,
        &["inlay.yaml:6\n", "/elsewhere", "no snapshots are known"],
    );
}

/// Answers a request for a snapshot of the archive of a distribution with a file of the state that it then had.
fn answer_at_time(stream: TcpStream, folder: &Path) -> std::io::Result<()> {
    let mut head = [0; 200];
    let length = stream.peek(&mut head)?;
    let head = String::from_utf8_lossy(&head[..length]);
    let state = if head.contains("/20260102T000000Z/") {
        "first"
    } else if head.contains("/20260109T000000Z/") {
        "second"
    } else {
        "none"
    };
    let is_known = [
        "http://snapshot.debian.org/archive/debian/",
        "http://snapshot.ubuntu.com/ubuntu/",
    ]
    .iter()
    .any(|service| head.starts_with(&format!("GET {service}")));
    let folder = if is_known {
        folder.join(state)
    } else {
        folder.join("none")
    };
    answer_below(stream, &folder, "Z/")
}

/// The archive gives no lists before a builder has run. It runs once, also if nothing may come from the cache.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn builders_run_while_packages_are_looked_up() {
    let ground = Ground::get();
    let repository = Repository::new(ground);
    let base = repository.base(ground);
    repository.waits.store(true, Ordering::SeqCst);
    let waits = repository.waits.clone();
    let called = Server::start(move |mut stream, count| {
        waits.store(false, Ordering::SeqCst);
        count.fetch_add(1, Ordering::SeqCst);
        stream.write_all(b"now\n")
    });
    let call = format!(
        "read -r said < /dev/tcp/127.0.0.1/{}; mkdir -p $OUT/opt; echo $said > $OUT/opt/said",
        called.port
    );
    let spec = spec(&["p0"])
        + &format!(
            "- name: made\n  build: {{ on: base, steps: [\"bash -c '{call}' # TOKEN\"] }}\n"
        );
    let build = ground.build().spec(&spec).image();
    let build = build.image_in_place_of("debian:bookworm", &base);
    let outcome = build
        .arguments(["--network", "host", "--no-cache"])
        .succeed();
    assert_eq!(outcome.run(["cat", "/opt/said"]), "now");
    assert!(!repository.waits.load(Ordering::SeqCst));
    assert_eq!(called.count(), 1);
}

/// A spec with extensions `e0` to `e9` of one package each, and others.
fn spec_of_ten(order: &[usize], more: &[(String, String)]) -> String {
    let ten = order
        .iter()
        .map(|number| (format!("e{number}"), format!("p{number}")));
    let uses = ten.chain(more.iter().cloned()).map(|(name, packages)| {
        format!("- {{ name: {name}, install: {{ packages: [{packages}] }} }}\n")
    });
    let uses: String = uses.collect();
    format!("# syntax=ghcr.io/inlay/inlay:1\nbase: debian:bookworm\nextensions:\n{uses}")
}

/// What is added at a place of ten, or after them: a name that sorts there, with packages that no other place has.
fn added_at(place: usize) -> (String, String) {
    let name = match place {
        0 => "a".to_owned(),
        place => format!("e{}-x", place - 1),
    };
    let with = [
        "p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "p8, p9",
    ];
    (name, format!("extra, {}", with[place]))
}

/// At every place of ten, an addition runs its own commands and the joint, a removal the joint alone, and another order
/// nothing; with a lock as without.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_change_at_any_place_of_ten_runs_nothing_of_the_others() {
    let ground = Ground::get();
    let repository = Repository::new(ground);
    let base = repository.base(ground);
    let make = |spec: &str| {
        let build = ground.build().spec(spec).image();
        let build = build.image_in_place_of("debian:bookworm", &base);
        build.arguments(["--network", "host"])
    };
    let all: Vec<usize> = (0..10).collect();
    let ten = spec_of_ten(&all, &[]);
    let lock = make(&ten).call("lock").output;
    let first = make(&ten).succeed();

    for order in [
        all.iter().rev().copied().collect::<Vec<_>>(),
        vec![5, 0, 9, 1, 8, 2, 7, 3, 6, 4],
    ] {
        let again = make(&spec_of_ten(&order, &[])).succeed();
        assert_eq!(again.ran(), [""; 0], "{order:?}");
        assert_eq!(again.digest(), first.digest());
    }
    let is_common = |name: &String| name.starts_with("[joint] ") || name.starts_with("[image] ");
    for place in 0..10 {
        let mut fewer = all.clone();
        fewer.remove(place);
        let outcome = make(&spec_of_ten(&fewer, &[])).succeed();
        let ran = outcome.ran();
        assert!(ran.iter().all(is_common), "without {place}: {ran:?}");
    }
    for place in 0..=10 {
        let (name, packages) = added_at(place);
        let names = packages.replace(',', "");
        let own = ["", " (fetch)", " (layer)", " (resolve)", " (state)"];
        let own = own.map(|part| format!("[{name}] packages: {names}{part}"));
        let added = [(name, packages)];
        // Half of the places with a lock: the next build of the same spec would have nothing to run.
        let build = make(&spec_of_ten(&all, &added));
        let build = if place % 2 == 0 {
            build.file("inlay.lock", &lock)
        } else {
            build
        };
        let outcome = build.succeed();
        let mut ran = outcome.ran();
        ran.retain(|name| !is_common(name));
        assert_eq!(ran, own, "at place {place}");
    }
}
