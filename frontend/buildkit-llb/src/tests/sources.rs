//! Sources: identifiers and attributes, compared with those that client/llb/source.go makes of the same values.

use proptest::prelude::*;

use crate::tests::{linux, op};
use crate::{
    About, Differ, Digest, Git, Graph, Http, Image, Local, OciLayout, Output, ResolveMode, pb,
};

fn source(graph: &Graph, of: Output) -> pb::SourceOp {
    match op(graph, of).op {
        Some(pb::op::Op::Source(source)) => source,
        other => panic!("not a source: {other:?}"),
    }
}

fn check(graph: &Graph, of: Output, identifier: &str, attributes: &[(&str, &str)]) {
    let source = source(graph, of);
    let found: Vec<(&str, &str)> = source
        .attrs
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        (source.identifier.as_str(), found.as_slice()),
        (identifier, attributes)
    );
}

#[test]
fn secrets_of_a_host_are_for_this_host_alone() {
    for (remote, host) in [
        ("https://GitHub.com/o/r.git", Some("github.com")),
        (
            "http://me:you@127.0.0.1:80/r.git?x=@y",
            Some("127.0.0.1:80"),
        ),
        ("github.com/o/r.git", Some("github.com")),
        ("ssh://git@github.com/o/r.git", None),
        ("git@github.com:o/r.git", None),
        ("git://github.com/o/r.git", None),
    ] {
        let mut graph = Graph::new();
        let git = Git::new(remote, "").with_secrets_of_host();
        let output = graph.git(git, About::default());
        let attributes = source(&graph, output).attrs;
        let secret = |key: &str| attributes.get(key).cloned();
        let of_host = |name: &str| host.map(|host| format!("{name}.{host}"));
        assert_eq!(secret("git.authtokensecret"), of_host("GIT_AUTH_TOKEN"));
        assert_eq!(secret("git.authheadersecret"), of_host("GIT_AUTH_HEADER"));
    }
}

#[test]
fn git_identifiers_are_host_and_path() {
    let secrets = [
        ("git.authheadersecret", "GIT_AUTH_HEADER"),
        ("git.authtokensecret", "GIT_AUTH_TOKEN"),
    ];
    for (remote, url, is_ssh) in [
        (
            "https://github.com/o/r.git",
            "https://github.com/o/r.git",
            false,
        ),
        (
            "HTTPS://me@github.com/o//r.git?x=1#y",
            "https://me@github.com/o//r.git",
            false,
        ),
        ("github.com/o/r.git", "https://github.com/o/r.git", false),
        (
            "ssh://git@github.com/o/r.git",
            "ssh://git@github.com/o/r.git",
            true,
        ),
        ("git@github.com:o/r.git", "git@github.com:o/r.git", true),
    ] {
        let mut graph = Graph::new();
        let output = graph.git(Git::new(remote, ""), About::default());
        let mut attributes = secrets.to_vec();
        attributes.push(("git.fullurl", url));
        if is_ssh {
            attributes.push(("git.mountsshsock", "default"));
        }
        check(&graph, output, "git://github.com/o/r.git", &attributes);
    }
}

#[test]
fn git_fragments_have_reference_and_folder() {
    for (reference, folder, identifier) in [
        ("v1", "", "git://h:8080/r#v1"),
        ("v1", "/a/../b/", "git://h:8080/r#v1:b"),
        ("", "b", "git://h:8080/r#:b"),
    ] {
        let mut graph = Graph::new();
        let mut git = Git::new("http://h:8080/r", reference);
        git.subdirectory = folder.to_owned();
        git.auth_token_secret = String::new();
        git.auth_header_secret = String::new();
        git.checksum = "c0ffee".to_owned();
        git.keep_git_dir = true;
        let output = graph.git(git, About::default());
        let attributes = [
            ("git.checksum", "c0ffee"),
            ("git.fullurl", "http://h:8080/r"),
            ("git.keepgitdir", "true"),
        ];
        check(&graph, output, identifier, &attributes);
    }
}

#[test]
fn other_sources_have_their_attributes() {
    let mut graph = Graph::new();
    let checksum = Digest::of(b"");
    let text = checksum.to_string();

    let mut local = Local::new("context", "s1");
    local.exclude_patterns = vec!["<a> & \"b\"".to_owned()];
    local.follow_paths = vec!["f".to_owned(), "g".to_owned()];
    local.shared_key_hint = "hint".to_owned();
    local.differ = Differ::None;
    let output = graph.local(local, About::default());
    let attributes = [
        ("local.differ", "none"),
        ("local.excludepatterns", r#"["\u003ca\u003e \u0026 \"b\""]"#),
        ("local.followpaths", r#"["f","g"]"#),
        ("local.session", "s1"),
        ("local.sharedkeyhint", "hint"),
    ];
    check(&graph, output, "local://context", &attributes);

    let mut http = Http::new("https://example.com/f");
    http.checksum = Some(checksum);
    http.permissions = Some(0o755);
    (http.user, http.group) = (Some(0), Some(7));
    let output = graph.http(http, About::default());
    let attributes = [
        ("http.checksum", text.as_str()),
        ("http.gid", "7"),
        ("http.perm", "0755"),
    ];
    check(&graph, output, "https://example.com/f", &attributes);

    let mut image = Image::new("docker.io/library/alpine:3", linux());
    image.resolve_mode = ResolveMode::Pull;
    image.checksum = Some(checksum);
    let output = graph.image(image, About::default());
    let attributes = [
        ("image.checksum", text.as_str()),
        ("image.resolvemode", "pull"),
    ];
    check(
        &graph,
        output,
        "docker-image://docker.io/library/alpine:3",
        &attributes,
    );

    let mut layout = OciLayout::new("base@sha256:00", linux());
    (layout.session, layout.store) = ("s1".to_owned(), "store".to_owned());
    let output = graph.oci_layout(layout, About::default());
    let attributes = [("oci.session", "s1"), ("oci.store", "store")];
    check(&graph, output, "oci-layout://base@sha256:00", &attributes);
    assert!(op(&graph, output).platform.is_some());
}

/// prost omits the empty value of a map entry and Go writes it, so the digests would differ.
fn has_empty_attribute(source: &pb::SourceOp) -> bool {
    source
        .attrs
        .iter()
        .any(|(key, value)| key.is_empty() || value.is_empty())
}

#[test]
fn an_empty_attribute_would_be_noticed() {
    let attrs = [("local.unique".to_owned(), String::new())].into();
    assert!(has_empty_attribute(&pb::SourceOp {
        identifier: "local://x".to_owned(),
        attrs
    }));
}

proptest! {
    #[test]
    fn attributes_are_never_empty(texts in prop::array::uniform10("[a-z:/@#]{0,3}"), flag: bool, number in 0u32..3) {
        let mut graph = Graph::new();
        let [a, b, c, d, e, f, g, h, i, j] = texts;
        let list = |text: &str| if text.is_empty() { vec![] } else { vec![text.to_owned()] };
        let local = Local {
            name: a.clone(), session: b.clone(), include_patterns: list(&c), exclude_patterns: list(&d),
            follow_paths: list(&e), shared_key_hint: f.clone(), differ: Differ::Default,
        };
        let http = Http {
            url: a.clone(), checksum: flag.then(|| Digest::of(b"")), filename: b.clone(), permissions: Some(number),
            user: Some(number), group: flag.then_some(number), auth_header_secret: c.clone(),
        };
        let git = Git {
            remote: a.clone(), reference: b, subdirectory: c, checksum: d, keep_git_dir: flag, skip_submodules: !flag,
            modification_time: i.clone(), fetch_by_commit: flag, auth_token_secret: e, auth_header_secret: f, known_ssh_hosts: g, ssh_agent: h,
        };
        let mut layout = OciLayout::new(a.clone(), linux());
        (layout.session, layout.store) = (i, j);
        let about = About::default;
        let outputs = [
            graph.local(local, about()),
            graph.http(http, about()),
            graph.git(git, about()),
            graph.oci_layout(layout, about()),
            graph.image(Image::new(a, linux()), about()),
        ];
        for output in outputs {
            prop_assert!(!has_empty_attribute(&source(&graph, output)));
        }
    }
}
