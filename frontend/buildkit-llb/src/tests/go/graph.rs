//! A graph with every kind of operation and most fields, which the Go program built too.

use crate::tests::linux;
use crate::{
    About, Copy, Device, Differ, Digest, Exec, ExtraHost, FileActions, Git, Graph, Http, Image,
    Local, MakeDirectory, MakeFile, Mount, MountKind, Network, OciLayout, Output, Owner, Principal,
    ProxyEnvironment, Remove, ResolveMode, SecretEnvironment, Security, Sharing, Symlink,
    Timestamp, Ulimit,
};

pub(crate) fn build(graph: &mut Graph) -> Output {
    let mut alpine = Image::new("docker.io/library/alpine:latest", linux());
    alpine.resolve_mode = ResolveMode::Pull;
    let alpine = graph.image(alpine, About::named("alpine"));
    let files = files(graph, alpine);
    let (run, at_z) = run(graph, alpine, files);

    let mut readonly = Exec::new(alpine, linux(), ["/x"]);
    readonly.root_readonly = true;
    readonly.mounts = vec![Mount::output("/out", Output::SCRATCH)];
    let out = graph
        .exec(readonly, About::named("readonly"))
        .at("/out")
        .unwrap();

    let difference = graph.diff(alpine, run, About::named("difference"));
    let same = graph.diff(alpine, alpine, About::named("same"));
    let to_scratch = graph.diff(alpine, Output::SCRATCH, About::named("to scratch"));
    let layers = [
        alpine,
        difference,
        Output::SCRATCH,
        at_z,
        out,
        same,
        to_scratch,
        alpine,
    ];
    graph.merge(&layers, About::named("root"))
}

fn files(graph: &mut Graph, alpine: Output) -> Output {
    let local = Local {
        include_patterns: vec!["i".to_owned()],
        exclude_patterns: vec!["<a> & \"b\"".to_owned()],
        follow_paths: vec!["f".to_owned(), "g".to_owned()],
        shared_key_hint: "hint".to_owned(),
        differ: Differ::None,
        ..Local::new("context", "s1")
    };
    let local = graph.local(local, About::named("local"));
    let http = Http {
        checksum: Some(Digest::of(b"")),
        filename: "name".to_owned(),
        permissions: Some(0o755),
        user: Some(0),
        group: Some(7),
        ..Http::new("https://example.com/f")
    };
    let http = graph.http(http, About::named("http"));
    let copy = Copy {
        mode: Some(0o640),
        owner: Some(Owner {
            user: Principal::Name("me".to_owned()),
            group: Some(Principal::Id(7)),
        }),
        time: Some(Timestamp::from_nanoseconds(5_000_000_006)),
        include_patterns: vec!["x".to_owned()],
        exclude_patterns: vec!["y".to_owned()],
        follow_symlink: true,
        directory_contents: true,
        create_destination: true,
        unpack: true,
        wildcard: true,
        allow_empty_wildcard: true,
        replace_existing: true,
        ..Copy::new(local, "a//b", "c/")
    };
    let time = Some(Timestamp::from_seconds(0));
    let file = MakeFile {
        time,
        ..MakeFile::new("/f", 0o644, "text")
    };
    let owner = Some(Owner::ids(1, 2));
    let actions = FileActions::on(alpine)
        .copy(copy)
        .make_file(file)
        .make_directory(MakeDirectory {
            owner,
            ..MakeDirectory::new("/d/e", 0o755)
        })
        .symlink(Symlink::new("f", "/g"))
        .copy(Copy::new(http, "/name", "/h/."))
        .remove(Remove {
            allow_not_found: true,
            wildcard: true,
            ..Remove::new("/x*")
        });
    graph.file(actions, About::named("files"))
}

/// The root and the output at `/z` of a command in which everything is set.
fn run(graph: &mut Graph, alpine: Output, files: Output) -> (Output, Output) {
    let text = str::to_owned;
    let mut git = Git::new("https://github.com/o/r.git", "v1");
    git.subdirectory = text("sub");
    git.keep_git_dir = true;
    git.checksum = text("c0ffee");
    let git = graph.git(git, About::named("git"));
    let mut ssh = Git::new("git@github.com:o/r.git", "");
    ssh.known_ssh_hosts = text("github.com ssh-ed25519 AAAA\n");
    let ssh = graph.git(ssh, About::named("ssh"));
    let reference = format!("base@{}", Digest::of(b""));
    let mut oci = OciLayout::new(reference, "linux/arm64".parse().unwrap());
    (oci.session, oci.store) = (text("s1"), text("store"));
    let oci = graph.oci_layout(oci, About::named("oci"));
    let mut folder = MakeDirectory::new("/cache", 0o700);
    folder.parents = false;
    let folder = FileActions::on(Output::SCRATCH).make_directory(folder);
    let folder = graph.file(folder, About::named("cache"));

    let secret = MountKind::Secret {
        id: text("t"),
        uid: 1,
        gid: 2,
        mode: 0o440,
        optional: false,
    };
    let cache = MountKind::Cache {
        id: text("pip"),
        sharing: Sharing::Locked,
        input: folder,
        selector: text("/cache"),
    };
    let mount = |destination: &str, kind| Mount {
        destination: text(destination),
        kind,
    };
    let mounts = vec![
        Mount::output("/z", Output::SCRATCH),
        Mount::read_only("/tools", files).select("/bin"),
        Mount::discarded("/d", alpine),
        mount("/tmp", MountKind::Tmpfs { size_bytes: 4096 }),
        mount("/c", cache),
        Mount::cache("/c2", "apt", Sharing::Private),
        Mount::output("/b", git),
        Mount::output("/o", oci),
        Mount::read_only("/s", ssh),
        mount("/run/secrets/t", secret),
        Mount::ssh("/run/ssh", ""),
    ];
    let exec = Exec {
        environment: vec![(text("B"), text("2")), (text("A"), text("1"))],
        cwd: text("/w"),
        user: text("me"),
        network: Network::Host,
        security: Security::Insecure,
        mounts,
        secret_environment: vec![SecretEnvironment {
            name: text("TOKEN"),
            id: text("e"),
            optional: true,
        }],
        extra_hosts: vec![ExtraHost {
            host: text("h"),
            address: text("10.0.0.1"),
        }],
        proxy_environment: Some(ProxyEnvironment {
            http: text("p"),
            ..ProxyEnvironment::default()
        }),
        valid_exit_codes: vec![0, 3],
        ulimits: vec![Ulimit {
            name: text("nofile"),
            soft: 1,
            hard: 2,
        }],
        devices: vec![Device {
            name: text("v/c=n"),
            optional: true,
        }],
        ..Exec::new(alpine, linux(), ["sh", "-c", "true"])
    };
    let outputs = graph.exec(
        exec,
        About {
            ignore_cache: true,
            ..About::named("run")
        },
    );
    (outputs.root, outputs.at("/z").unwrap())
}
