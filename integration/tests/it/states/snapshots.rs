//! Archives as they were at a time.

use std::net::TcpStream;
use std::path::Path;

use crate::served::Server;
use crate::states::repository::{Repository, answer_below};
use crate::states::{build_spec, spec, versions};
use crate::{Ground, assert_has};

/// An extension whose packages apt is asked about on the root of another, since that has steps.
const STEPPED: &str = "- { name: below, install: { packages: [p8], steps: ['true'] } }
- { name: above, requires: [below], install: { packages: [p1] } }
";

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
        let spec = spec(&["p0", "p7"]) + STEPPED + &format!("snapshot: {snapshot}\n");
        let proxy = format!("http_proxy=http://127.0.0.1:{}", proxy.port);
        build_spec(ground, base, &spec).arguments(["--build-arg", &proxy])
    };
    for (distribution, path) in [("debian", "debian/"), ("ubuntu", "ubuntu")] {
        let base = base(distribution, path);
        let old = make(&base, "2026-01-02").succeed();
        assert_eq!(versions(&old), "libshared=1 p0=1 p1=1 p7=1 p8=1");
        // The image's own repositories are what they were.
        assert_has(&old.run(["cat", "/etc/apt/sources.list"]), &["127.0.0.1"]);
        // A time has a state of its own, and the same time the same.
        assert_eq!(make(&base, "20260102T000000Z").succeed().ran(), [""; 0]);
        let new = make(&base, "2026-01-09").succeed();
        assert_eq!(versions(&new), "libshared=2 p0=1 p1=1 p7=2 p8=1");
        let none = make(&base, "2025-01-01").fail();
        assert_has(none.text(), &["inlay.yaml:8\n"]);
    }
    let other = make(&base("debian", "elsewhere/"), "2026-01-02").fail();
    let said = other.progress.logs() + other.text();
    assert_has(
        &said,
        &["inlay.yaml:8\n", "/elsewhere", "no snapshots are known"],
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
