//! Sources as mounts of a builder, each fetched and checked in a vertex of its own.

use buildkit_llb::{Digest, Exec, Git, Http, Mount, MountKind, Output};
use plan::{Fetch, PlannedSource, Registry};
use source::Span;
use spec::{ImageReference, PackageName};

use crate::compilation::Compilation;
use crate::scripts::Script;
use crate::{builder, content, packages, scripts};

/// How one registry's client is run: its Debian packages, the script, the file of its settings that
/// a secret can bring, and what people are told.
struct Client {
    packages: &'static [&'static str],
    script: Script,
    secret: (&'static str, &'static str),
    title: &'static str,
}

fn client(registry: Registry) -> Client {
    match registry {
        Registry::Pypi => Client {
            packages: &["ca-certificates", "python3-pip"],
            script: scripts::PYPI,
            secret: ("inlay-pip", "/etc/pip.conf"),
            title: "PyPI",
        },
        Registry::Npm => Client {
            packages: &["ca-certificates", "npm"],
            script: scripts::NPM,
            secret: ("inlay-npm", "/root/.npmrc"),
            title: "npm",
        },
        Registry::Crate => Client {
            packages: &["ca-certificates", "cargo-web"],
            script: scripts::CRATE,
            secret: ("inlay-cargo", "/root/.cargo/config.toml"),
            title: "crates.io",
        },
    }
}

/// The name of what a registry's client leaves in its output: the same whatever an extension calls
/// it, so that equal sources of two extensions are one vertex.
const NAME: &str = "source";

/// One source, mounted read-only at its place.
///
/// The selector narrows the mount, and BuildKit keys a read-only mount by the content of what it
/// selects: `ops/exec.go`.
pub(crate) fn mount(
    compilation: &mut Compilation<'_>,
    name: &str,
    source: &PlannedSource,
) -> Mount {
    let (input, selector) = match &source.fetch {
        Fetch::Registry {
            registry,
            image,
            package,
            sha256,
        } => {
            let output = from_registry(
                compilation,
                (*registry, image),
                package,
                sha256.as_deref(),
                source.span,
            );
            (output, format!("/{NAME}"))
        }
        Fetch::Url { url, sha256 } => {
            let mut http = Http::new(url.as_str());
            NAME.clone_into(&mut http.filename);
            http.checksum = sha256.as_ref().map(|digits| {
                let digest: Digest = format!("sha256:{digits}")
                    .parse()
                    .expect("`Sha256` checks its form");
                digest
            });
            let about = compilation.about(format!("[fetch] {url}"), &[source.span]);
            (compilation.graph.http(http, about), format!("/{NAME}"))
        }
        Fetch::Git { repository, commit } => {
            let mut git = Git::new(repository.as_str(), commit.as_str());
            git.checksum.clone_from(commit);
            let about = compilation.about(format!("[fetch] {repository} {commit}"), &[source.span]);
            (compilation.graph.git(git, about), String::new())
        }
        Fetch::Image { image, path } => {
            let output = compilation.image(image, &[source.span], "[fetch]");
            let whole = path.as_str() == "/";
            (
                output,
                if whole {
                    String::new()
                } else {
                    path.to_string()
                },
            )
        }
        Fetch::Files(files) => content::source(compilation, files, source.span),
    };
    Mount {
        destination: format!("{}/{name}", builder::SOURCES),
        kind: MountKind::Bind {
            input,
            selector,
            readonly: true,
            output: false,
        },
    }
}

fn from_registry(
    compilation: &mut Compilation<'_>,
    (registry, image): (Registry, &ImageReference),
    package: &str,
    sha256: Option<&str>,
    span: Span,
) -> Output {
    let client = client(registry);
    let base = compilation.image(image, &[span], "[builder]");
    let needed = client.packages.iter().map(|name| {
        (
            PackageName::new(*name).expect("it is a package's name"),
            vec![span],
        )
    });
    let root = packages::installed(compilation, base, image, &needed.collect());
    let (args, script) = client.script.command(compilation, &[]);
    let mut exec = Exec::new(root, compilation.request.platform.clone(), args);
    exec.environment = compilation.image_environment(image);
    exec.environment.extend(
        [
            ("HOME", "/root"),
            ("NAME", NAME),
            ("OUT", builder::OUT),
            ("PACKAGE", package),
            ("SHA256", sha256.unwrap_or("")),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    exec.mounts = vec![
        script,
        Mount::output(builder::OUT, Output::SCRATCH),
        builder::certificate_secret(),
        builder::optional_secret(client.secret.0, client.secret.1),
    ];
    let about = compilation.about(format!("[fetch] {package} from {}", client.title), &[span]);
    compilation
        .exec(exec, about)
        .at(builder::OUT)
        .expect("the mount has an output")
}
