//! The option keys by which an image or extension is replaced.
//!
//! The expected keys are those that distribution/reference and frontend/dockerui/config.go give.

use gateway::{Options, familiar_reference, normalized_reference};

/// Asserts that exactly this key is looked up for a name, apart from the one with the platform.
fn check(name: &str, key: Option<&str>) {
    let candidates = [
        "git",
        "ubuntu",
        "ubuntu:24.04",
        "user/app",
        "ghcr.io/o/i:1",
        "localhost:5000/a",
        "localhost/a",
        "Host/a",
        "library/deep/a",
        "[::1]:80/a",
        "scratch",
        "context",
        "",
    ];
    let digest = format!("ubuntu@sha256:{}", "a".repeat(64));
    let latest_and_digest = format!("ubuntu:latest@sha256:{}", "a".repeat(64));
    let values = candidates
        .iter()
        .copied()
        .chain([digest.as_str(), latest_and_digest.as_str()])
        .map(|name| (format!("context:{name}"), name.to_owned()));
    let options = Options::from_values(values);
    let found = options.named_context(name, "linux/amd64");
    assert_eq!(found.map(|found| found.value), key, "{name}");
    assert_eq!(found.map(|found| found.name), key, "{name}");
}

#[test]
fn names_are_familiar_and_without_latest() {
    check("git", Some("git"));
    check("ubuntu", Some("ubuntu"));
    check("ubuntu:latest", Some("ubuntu"));
    check("ubuntu:24.04", Some("ubuntu:24.04"));
    check("library/ubuntu", Some("ubuntu"));
    check("docker.io/ubuntu", Some("ubuntu"));
    check("docker.io/library/ubuntu:24.04", Some("ubuntu:24.04"));
    check("index.docker.io/library/ubuntu:latest", Some("ubuntu"));
    check("docker.io/user/app:latest", Some("user/app"));
    check("ghcr.io/o/i:1", Some("ghcr.io/o/i:1"));
    check("localhost:5000/a:latest", Some("localhost:5000/a"));
    check("localhost/a", Some("localhost/a"));
    check("Host/a", Some("Host/a"));
    check("docker.io/library/deep/a", Some("library/deep/a"));
    check("[::1]:80/a", Some("[::1]:80/a"));
    let digest = format!("ubuntu@sha256:{}", "a".repeat(64));
    check(&format!("docker.io/library/{digest}"), Some(&digest));
    // As in BuildKit, `:latest` is left out only at the end of the text.
    let both = format!("ubuntu:latest@sha256:{}", "a".repeat(64));
    check(&both, Some(&both));
}

#[test]
fn keywords_and_invalid_names_have_no_context() {
    for name in [
        "scratch", "context", "", "Git", "a b", "-a", "a..b", "a/", ":1", "a:", "a@b",
    ] {
        check(name, None);
    }
    check(&"0".repeat(64), None);
}

#[test]
fn the_platform_wins_over_the_general_entry() {
    let values = [
        ("context:ubuntu", "docker-image://general"),
        ("context:ubuntu::linux/arm64", "docker-image://arm"),
    ];
    let options =
        Options::from_values(values.map(|(key, value)| (key.to_owned(), value.to_owned())));
    let found = |name, platform| {
        let found = options.named_context(name, platform)?;
        Some((found.name, found.value))
    };
    assert_eq!(
        found("ubuntu", "linux/arm64"),
        Some(("ubuntu::linux/arm64", "docker-image://arm"))
    );
    assert_eq!(
        found("ubuntu", "linux/amd64"),
        Some(("ubuntu", "docker-image://general"))
    );
    assert_eq!(found("debian", "linux/amd64"), None);
}

#[test]
fn references_have_a_long_and_a_short_form() {
    for (text, long, short) in [
        ("a", "docker.io/library/a:latest", "a"),
        ("a:1", "docker.io/library/a:1", "a:1"),
        (
            "u/a__b.c---d",
            "docker.io/u/a__b.c---d:latest",
            "u/a__b.c---d",
        ),
        ("r.io:5/u/a:1", "r.io:5/u/a:1", "r.io:5/u/a:1"),
    ] {
        assert_eq!(normalized_reference(text).as_deref(), Some(long));
        assert_eq!(familiar_reference(text).as_deref(), Some(short));
    }
    assert_eq!(normalized_reference("a___b"), None);
    assert_eq!(normalized_reference("a._b"), None);
}
