//! Addresses of repositories, like those in `frontend/dockerfile/dfgitutil/git_ref_test.go`.

use gateway::GitAddress;

/// The parts of an address in one line, without those that are empty.
fn check(text: &str) -> String {
    let address = match GitAddress::parse(text) {
        Ok(Some(address)) => address,
        Ok(None) => return "not a repository".to_owned(),
        Err(phrase) => return format!("error: {phrase}"),
    };
    let mut told = vec![address.remote];
    let mut tell = |name: &str, value: String| {
        if !value.is_empty() {
            told.push(format!("{name}={value}"));
        }
    };
    let flag = |flag: Option<bool>| flag.map_or_else(String::new, |flag| flag.to_string());
    tell("reference", address.reference);
    tell("subdirectory", address.subdirectory);
    tell("checksum", address.checksum);
    tell("keep", flag(address.keep_git_dir));
    tell("submodules", flag(address.submodules));
    tell("mtime", address.modification_time);
    tell("by_commit", flag(address.fetch_by_commit.then_some(true)));
    told.join(" ")
}

fn table(addresses: &[&str]) -> String {
    let rows = addresses
        .iter()
        .map(|text| format!("{text}: {}", check(text)));
    rows.collect::<Vec<_>>().join("\n")
}

#[test]
fn repositories_are_distinguished_from_files() {
    insta::assert_snapshot!(table(&[
        "https://example.com/",
        "https://example.com/foo",
        "https://example.com/foo.git",
        "https://example.com/foo.git#deadbeef",
        "https://example.com/foo.git#release/1.2",
        "https://example.com/foo.git/",
        "https://example.com/foo.git.bar",
        "HTTPS://example.com/foo.git",
        "https://user:pass@example.com:8443/a/b.git#main:x",
        "http://10.0.0.1/foo.git",
        "git://example.com/foo",
        "ssh://git@example.com:22/foo",
        "git@example.com:foo/bar.git#main:sub",
        "github.com/moby/buildkit",
        "github.com/moby/buildkit#v1:docs/",
        "./foo.git",
        ".git",
        "foo.git",
        "ftp://example.com/foo.git",
        "example.com/foo.git",
    ]), @"
    https://example.com/: not a repository
    https://example.com/foo: not a repository
    https://example.com/foo.git: https://example.com/foo.git
    https://example.com/foo.git#deadbeef: https://example.com/foo.git reference=deadbeef
    https://example.com/foo.git#release/1.2: https://example.com/foo.git reference=release/1.2
    https://example.com/foo.git/: not a repository
    https://example.com/foo.git.bar: not a repository
    HTTPS://example.com/foo.git: HTTPS://example.com/foo.git
    https://user:pass@example.com:8443/a/b.git#main:x: https://user:pass@example.com:8443/a/b.git reference=main subdirectory=x
    http://10.0.0.1/foo.git: http://10.0.0.1/foo.git
    git://example.com/foo: git://example.com/foo
    ssh://git@example.com:22/foo: ssh://git@example.com:22/foo
    git@example.com:foo/bar.git#main:sub: git@example.com:foo/bar.git reference=main subdirectory=sub
    github.com/moby/buildkit: github.com/moby/buildkit
    github.com/moby/buildkit#v1:docs/: github.com/moby/buildkit reference=v1 subdirectory=docs
    ./foo.git: not a repository
    .git: not a repository
    foo.git: not a repository
    ftp://example.com/foo.git: not a repository
    example.com/foo.git: not a repository
    ");
}

#[test]
fn fragments_and_queries_name_parts() {
    insta::assert_snapshot!(table(&[
        "https://a.org/b.git#:sub",
        "https://a.org/b.git#v1:./x//../y/",
        "https://a.org/b.git#feat%23x",
        "https://a.org/b.git?ref=v1&subdir=/x/y",
        "https://a.org/b.git?tag=v1",
        "https://a.org/b.git?tag=refs/tags/v1",
        "https://a.org/b.git?branch=a%2Fb+c",
        "https://a.org/b.git?checksum=0123&keep-git-dir&submodules=false",
        "https://a.org/b.git?commit=0123&fetch-by-commit=1&mtime=commit",
        "https://a.org/b.git?ref=v1#v1:x",
        "git@a.org:b.git?ref=v1&subdir=x",
    ]), @"
    https://a.org/b.git#:sub: https://a.org/b.git subdirectory=sub
    https://a.org/b.git#v1:./x//../y/: https://a.org/b.git reference=v1 subdirectory=y
    https://a.org/b.git#feat%23x: https://a.org/b.git reference=feat#x
    https://a.org/b.git?ref=v1&subdir=/x/y: https://a.org/b.git reference=v1 subdirectory=x/y
    https://a.org/b.git?tag=v1: https://a.org/b.git reference=refs/tags/v1
    https://a.org/b.git?tag=refs/tags/v1: https://a.org/b.git reference=refs/tags/v1
    https://a.org/b.git?branch=a%2Fb+c: https://a.org/b.git reference=refs/heads/a/b c
    https://a.org/b.git?checksum=0123&keep-git-dir&submodules=false: https://a.org/b.git checksum=0123 keep=true submodules=false
    https://a.org/b.git?commit=0123&fetch-by-commit=1&mtime=commit: https://a.org/b.git checksum=0123 mtime=commit by_commit=true
    https://a.org/b.git?ref=v1#v1:x: https://a.org/b.git reference=v1 subdirectory=x
    git@a.org:b.git?ref=v1&subdir=x: git@a.org:b.git reference=v1 subdirectory=x
    ");
}

#[test]
fn contradictions_are_refused() {
    insta::assert_snapshot!(table(&[
        "https://a.org/b.git?ref=v1#v2",
        "https://a.org/b.git?subdir=x#v2:y",
        "https://a.org/b.git?ref=v1&ref=v2",
        "https://a.org/b.git?checksum=12&commit=34",
        "https://a.org/b.git?tag=a&branch=b",
        "https://a.org/b.git?tag=a&ref=b",
        "https://a.org/b.git?ref",
        "https://a.org/b.git?submodules=maybe",
        "https://a.org/b.git?mtime=now",
        "https://a.org/b.git?depth=1",
    ]), @"
    https://a.org/b.git?ref=v1#v2: error: it names two references, `v2` and `v1`
    https://a.org/b.git?subdir=x#v2:y: error: it names two folders, `y` and `x`
    https://a.org/b.git?ref=v1&ref=v2: error: its query has `ref` twice
    https://a.org/b.git?checksum=12&commit=34: error: it names two commits, `12` and `34`
    https://a.org/b.git?tag=a&branch=b: error: its query names both a tag and a branch
    https://a.org/b.git?tag=a&ref=b: error: it names two references, `b` and `refs/tags/a`
    https://a.org/b.git?ref: error: `ref` in its query has no value
    https://a.org/b.git?submodules=maybe: error: `submodules` in its query must be `true` or `false`, not `maybe`
    https://a.org/b.git?mtime=now: error: `mtime` in its query must be `checkout` or `commit`, not `now`
    https://a.org/b.git?depth=1: error: its query has the unknown key `depth`
    ");
}
