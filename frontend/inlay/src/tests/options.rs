//! What options of a build mean, and which are refused.

use std::collections::BTreeSet;

use compile::{Rerun, ResolveMode};
use spec::ExtensionName;

use crate::request::BuildRequest;
use crate::tests::options as given;

fn read(values: &[(&str, &str)]) -> BuildRequest {
    BuildRequest::read(&given(values)).unwrap_or_else(|failure| panic!("{}", failure.message))
}

/// What is said of each option alone.
fn refused(options: &[(&str, &str)]) -> String {
    let said = options.iter().map(|option| {
        let read = BuildRequest::read(&given(&[*option]));
        read.err()
            .map_or_else(|| format!("{option:?} is taken"), |failure| failure.message)
    });
    said.collect::<Vec<_>>().join("\n")
}

#[test]
fn flags_that_would_change_the_image_are_refused() {
    insta::assert_snapshot!(refused(&[
        ("add-hosts", "a=1.2.3.4"),
        ("build-arg:BUILDKIT_SANDBOX_HOSTNAME", "h"),
        ("cgroup-parent", "x"),
        ("force-network-mode", "host"),
        ("hostname", "h"),
        ("shm-size", "1"),
        ("target", "a"),
        ("ulimit", "nofile=1"),
    ]), @"
--add-host (`a=1.2.3.4`) is not supported by this version of inlay
--build-arg BUILDKIT_SANDBOX_HOSTNAME (`h`) is not supported by this version of inlay
--cgroup-parent (`x`) is not supported by this version of inlay
--network (`host`) is not supported by this version of inlay
--build-arg BUILDKIT_SANDBOX_HOSTNAME (`h`) is not supported by this version of inlay
--shm-size (`1`) is not supported by this version of inlay
--target (`a`) is not supported by this version of inlay
--ulimit (`nofile=1`) is not supported by this version of inlay
");
}

#[test]
fn values_of_another_form_are_refused() {
    insta::assert_snapshot!(refused(&[
        ("platform", "linux"),
        ("platform", "linux/amd64,linux/arm64"),
        ("image-resolve-mode", "never"),
        ("no-cache", "a,B c"),
        ("cache-imports", "{"),
        ("build-arg:VERSION", "1"),
        ("build-arg:BUILDKIT_SYNTX", "1"),
        ("build-arg:SOURCE_DATE_EPOC", "1"),
    ]), @r#"
--platform `linux` is not of the form `linux/amd64`
--platform `linux/amd64,linux/arm64`: this version of inlay builds one platform at a time
image-resolve-mode `never` is none of `default`, `pull` and `local`
--no-cache-filter `B c` is no extension's name: lowercase letters, digits, `-`, `_` and `.`, at most 64, the first a letter or a digit
cannot read `cache-imports`: invalid type: map, expected a sequence at line 1 column 0
--build-arg `VERSION`: this version of inlay has no build arguments of its own; give values as parameters in the spec: `- node: { version: "24" }`
("build-arg:BUILDKIT_SYNTX", "1") is taken
--build-arg `SOURCE_DATE_EPOC`: this version of inlay has no build arguments of its own; did you mean `SOURCE_DATE_EPOCH`?
"#);
}

#[test]
fn several_platforms_are_refused_however_they_are_asked_for() {
    let values = [("platform", "linux/arm64"), ("multi-platform", "true")];
    assert!(BuildRequest::read(&given(&values)).is_err());
}

#[test]
fn options_without_a_value_ask_for_nothing() {
    let empty = [
        "target",
        "hostname",
        "ulimit",
        "platform",
        "image-resolve-mode",
        "cache-imports",
    ];
    for key in empty {
        read(&[(key, "")]);
    }
}

#[test]
fn arguments_that_buildkit_reads_itself_are_taken() {
    for name in [
        "BUILDKIT_SYNTAX",
        "BUILDKIT_INLINE_CACHE",
        "SOURCE_DATE_EPOCH",
        "no_proxy",
        "HTTP_PROXY",
    ] {
        read(&[(&format!("build-arg:{name}"), "1")]);
    }
}

#[test]
fn nothing_asked_for_is_the_default() {
    let request = read(&[]);
    assert_eq!(
        (&*request.filename, &*request.spec_source),
        ("inlay.yaml", "dockerfile")
    );
    assert_eq!(request.resolve_mode, ResolveMode::Default);
    assert_eq!(request.rerun, Rerun::Extensions(BTreeSet::new()));
    assert!(
        request.proxy.is_none() && request.labels.is_empty() && request.cache_imports.is_empty()
    );
}

#[test]
fn files_and_sources_have_names() {
    let request = read(&[("filename", "a/b.yaml"), ("dockerfilekey", "spec")]);
    assert_eq!(
        (&*request.filename, &*request.spec_source),
        ("a/b.yaml", "spec")
    );
}

#[test]
fn labels_are_taken_whole() {
    let request = read(&[("label:a", "1"), ("label:b.c", "x=y"), ("labels", "no")]);
    let labels: Vec<_> = request.labels.into_iter().collect();
    let expected = [("a", "1"), ("b.c", "x=y")];
    assert_eq!(
        labels,
        expected.map(|(key, value)| (key.to_owned(), value.to_owned()))
    );
}

#[test]
fn proxies_are_build_arguments_in_either_case() {
    let proxy = read(&[("build-arg:HTTP_PROXY", "h"), ("build-arg:no_proxy", "n")])
        .proxy
        .unwrap();
    assert_eq!((&*proxy.http, &*proxy.none, &*proxy.https), ("h", "n", ""));
}

#[test]
fn no_cache_is_all_or_names() {
    assert_eq!(read(&[("no-cache", "")]).rerun, Rerun::All);
    let names = ["a", "b"].map(|name| ExtensionName::new(name).unwrap());
    let filtered = read(&[("no-cache", "A, b")]).rerun;
    assert_eq!(filtered, Rerun::Extensions(BTreeSet::from(names)));
}

#[test]
fn platforms_are_normalized() {
    let platform = read(&[("platform", "linux/aarch64/v8")]).platform;
    assert_eq!(platform.to_string(), "linux/arm64");
}

#[test]
fn images_are_looked_for_as_asked() {
    for (word, mode) in [
        ("pull", ResolveMode::Pull),
        ("local", ResolveMode::Local),
        ("", ResolveMode::Default),
    ] {
        assert_eq!(read(&[("image-resolve-mode", word)]).resolve_mode, mode);
    }
}
