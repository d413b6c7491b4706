//! What options of a build mean, and which are refused.

use std::collections::BTreeSet;

use compile::{Commands, Rerun, ResolveMode};
use spec::ExtensionName;

use crate::request::{BuildRequest, Shape};
use crate::tests::options as given;

fn read(values: &[(&str, &str)]) -> BuildRequest {
    BuildRequest::read(&given(values)).unwrap_or_else(|failure| panic!("{}", failure.message))
}

/// The failure of each option alone, one a line.
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
        ("memory", "1g"),
        ("cpusetcpus", "0"),
        ("cmdline", "example.org/inlay:1 --strict"),
    ]), @"
    --resource memory (`1g`) is not supported by this version of inlay
    --resource cpuset-cpus (`0`) is not supported by this version of inlay
    `# syntax=example.org/inlay:1 --strict`: inlay takes no options after its image, such as `--strict`
    ");
}

#[test]
fn malformed_values_are_refused() {
    insta::assert_snapshot!(refused(&[
        ("platform", "linux"),
        ("platform", "linux/amd64,linux"),
        ("multi-platform", "yes"),
        ("image-resolve-mode", "never"),
        ("no-cache", "a,B c"),
        ("cache-imports", "{"),
        ("add-hosts", "host"),
        ("add-hosts", "a=1.2.3.4,host=nowhere"),
        ("add-hosts", "=1.2.3.4"),
        ("force-network-mode", "bridge"),
        ("shm-size", "64m"),
        ("shm-size", "-1"),
        ("ulimit", "nofile"),
        ("ulimit", "nofile=2:1"),
        ("ulimit", "nofile=-1:1"),
        ("ulimit", "nofile=-2"),
        ("ulimit", "nofiles=1"),
        ("ulimit", "walltime=1"),
        ("hostname", "my host"),
        ("build-arg:BUILDKIT_SANDBOX_HOSTNAME", &"h".repeat(65)),
        ("build-arg:SOURCE_DATE_EPOCH", "yesterday"),
        ("build-arg:SOURCE_DATE_EPOCH", "-1"),
        ("build-arg:SOURCE_DATE_EPOCH", "253402300800"),
    ]), @"
    --platform `linux` is not of the form `linux/amd64`
    --platform `linux` is not of the form `linux/amd64`
    multi-platform must be `true` or `false`, not `yes`
    image-resolve-mode must be `default`, `pull` or `local`, not `never`
    --no-cache-filter `B c` is not a valid extension name: it must consist of at most 64 lowercase letters, digits, `-`, `_` and `.`, and begin with a letter or a digit
    cannot read `cache-imports`: invalid type: map, expected a sequence at line 1 column 0
    --add-host `host` is not of the form `name=192.0.2.1`
    --add-host `host=nowhere` is not of the form `name=192.0.2.1`
    --add-host `=1.2.3.4` is not of the form `name=192.0.2.1`
    --network must be `default`, `none` or `host`, not `bridge`
    --shm-size `64m` is not a number of bytes, such as `134217728`; docker also takes `128m`
    --shm-size `-1` is not a number of bytes, such as `134217728`; docker also takes `128m`
    --ulimit `nofile` is not of the form `nofile=1024:2048`: the name of a limit, its soft value and its hard value; -1 means unlimited
    --ulimit `nofile=2:1` is not of the form `nofile=1024:2048`: the name of a limit, its soft value and its hard value; -1 means unlimited
    --ulimit `nofile=-1:1` is not of the form `nofile=1024:2048`: the name of a limit, its soft value and its hard value; -1 means unlimited
    --ulimit `nofile=-2` is not of the form `nofile=1024:2048`: the name of a limit, its soft value and its hard value; -1 means unlimited
    --ulimit `nofiles`: there is no such limit; did you mean `nofile`?
    --ulimit `walltime`: there is no such limit; the limits are core, cpu, data, fsize, locks, memlock, msgqueue, nice, nofile, nproc, rss, rtprio, rttime, sigpending, stack
    --build-arg BUILDKIT_SANDBOX_HOSTNAME `my host` is not a valid host name: use at most 64 letters, digits, `-`, `_` and `.`
    --build-arg BUILDKIT_SANDBOX_HOSTNAME `hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh` is not a valid host name: use at most 64 letters, digits, `-`, `_` and `.`
    --build-arg SOURCE_DATE_EPOCH `yesterday` is not a whole number of seconds since 1970, such as `$(git log -1 --format=%ct)`
    --build-arg SOURCE_DATE_EPOCH `-1` is not a whole number of seconds since 1970, such as `$(git log -1 --format=%ct)`
    --build-arg SOURCE_DATE_EPOCH `253402300800` is not a whole number of seconds since 1970, such as `$(git log -1 --format=%ct)`
    ");
}

#[test]
fn one_platform_is_a_map_only_if_asked_for() {
    let several = ("platform", "linux/arm64,linux/amd64,linux/aarch64");
    assert_eq!(read(&[several]).shape, Shape::Map);
    let platforms: Vec<_> = read(&[several])
        .platforms
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(platforms, ["linux/arm64", "linux/amd64"]);
    let one = ("platform", "linux/arm64");
    assert_eq!(read(&[one]).shape, Shape::Single);
    for key in ["multi-platform", "build-arg:BUILDKIT_MULTI_PLATFORM"] {
        assert_eq!(read(&[one, (key, "1")]).shape, Shape::Map);
        assert_eq!(read(&[one, (key, "")]).shape, Shape::Single);
        assert_eq!(read(&[one, (key, "false")]).shape, Shape::Single);
        assert!(BuildRequest::read(&given(&[several, (key, "false")])).is_err());
    }
}

#[test]
fn settings_of_all_commands_are_read() {
    let commands = read(&[
        ("force-network-mode", "host"),
        ("add-hosts", "Two=::1,one=192.0.2.1,two=192.0.2.2"),
        ("shm-size", "134217728"),
        ("ulimit", "nofile=1024:-1,core=0"),
        ("cgroup-parent", "docker/buildkit"),
        ("build-arg:BUILDKIT_SANDBOX_HOSTNAME", "argument"),
        ("hostname", "option"),
        ("build-arg:BUILDKIT_CACHE_MOUNT_NS", "mine"),
    ])
    .commands;
    insta::assert_snapshot!(format!("{commands:#?}"), @r#"
Commands {
    network: Host,
    hostname: "option",
    extra_hosts: [
        ExtraHost {
            host: "one",
            address: "192.0.2.1",
        },
        ExtraHost {
            host: "two",
            address: "192.0.2.2",
        },
        ExtraHost {
            host: "two",
            address: "::1",
        },
    ],
    shared_memory_bytes: 134217728,
    ulimits: [
        Ulimit {
            name: "core",
            soft: 0,
            hard: 0,
        },
        Ulimit {
            name: "nofile",
            soft: 1024,
            hard: -1,
        },
    ],
    cgroup_parent: "docker/buildkit",
    cache_namespace: "mine",
}
"#);
    let argument = read(&[("build-arg:BUILDKIT_SANDBOX_HOSTNAME", "argument")]);
    assert_eq!(argument.commands.hostname, "argument");
    for word in ["", "default", "sandbox"] {
        let request = read(&[("force-network-mode", word)]);
        assert_eq!(request.commands, Commands::default());
    }
}

#[test]
fn the_order_of_hosts_and_limits_means_nothing() {
    let hosts = |text| read(&[("add-hosts", text)]).commands;
    assert_eq!(
        hosts("a=192.0.2.1,b=192.0.2.2"),
        hosts("b=192.0.2.2,a=192.0.2.1")
    );
    let limits = |text| read(&[("ulimit", text)]).commands;
    assert_eq!(limits("core=0,nofile=1"), limits("nofile=1,core=0"));
}

#[test]
fn an_epoch_is_in_seconds() {
    let epoch = |text| read(&[("build-arg:SOURCE_DATE_EPOCH", text)]).epoch;
    assert_eq!(epoch(""), None);
    assert_eq!(epoch("0").unwrap().to_string(), "1970-01-01T00:00:00Z");
    assert_eq!(
        epoch("1700000000").unwrap().to_string(),
        "2023-11-14T22:13:20Z"
    );
    assert_eq!(
        epoch("253402300799").unwrap().to_string(),
        "9999-12-31T23:59:59Z"
    );
}

/// The engine or the client handles these itself, whatever the frontend does.
#[test]
fn options_that_engines_and_clients_handle_are_accepted() {
    read(&[
        ("attest:sbom", "generator=example.org/scanner"),
        ("attest:provenance", "mode=max"),
        ("build-arg:BUILDKIT_ATTEST_SBOM", "true"),
        ("build-arg:BUILDKIT_INLINE_CACHE", "1"),
        ("build-arg:BUILDKIT_BUILD_NAME", "x"),
        ("vcs:revision", "12ab"),
        ("source", "example.org/inlay:1"),
        ("cmdline", "example.org/inlay:1"),
    ]);
}

#[test]
fn options_without_a_value_ask_for_nothing() {
    let empty = [
        "target",
        "add-hosts",
        "force-network-mode",
        "shm-size",
        "cgroup-parent",
        "build-arg:SOURCE_DATE_EPOCH",
        "build-arg:BUILDKIT_SANDBOX_HOSTNAME",
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
fn arguments_that_buildkit_reads_itself_are_accepted() {
    for name in [
        "BUILDKIT_SYNTAX",
        "BUILDKIT_INLINE_CACHE",
        "BUILDKIT_ANYTHING",
        "SOURCE_DATE_EPOCH",
        "BUILDKIT_MULTI_PLATFORM",
        "no_proxy",
        "ALL_PROXY",
        "HTTP_PROXY",
    ] {
        read(&[(&format!("build-arg:{name}"), "1")]);
    }
}

#[test]
fn defaults_hold_without_options() {
    let request = read(&[]);
    assert_eq!(
        (&*request.location.filename, &*request.location.spec_source),
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
        (&*request.location.filename, &*request.location.spec_source),
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
fn no_cache_means_everything_or_names_extensions() {
    assert_eq!(read(&[("no-cache", "")]).rerun, Rerun::All);
    let names = ["a", "b"].map(|name| ExtensionName::new(name).unwrap());
    let filtered = read(&[("no-cache", "A, b")]).rerun;
    assert_eq!(filtered, Rerun::Extensions(BTreeSet::from(names)));
}

#[test]
fn platforms_are_normalized() {
    let platforms = read(&[("platform", "linux/aarch64/v8")]).platforms;
    assert_eq!(platforms[0].to_string(), "linux/arm64");
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
