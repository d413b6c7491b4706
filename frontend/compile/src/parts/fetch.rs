//! Mounts the sources of a builder, each fetched and checked in a vertex of its own.

use plan::{ChecksumOrigin, Fetch, PlannedSource, Registry};
use spec::contract::{OUT, SOURCES};
use spec::{ExtensionName, ImageReference, PackageForm, PackageName};

use crate::parts::packages::Packages;
use crate::parts::{Ground, certificates, content, packages};
use crate::recipe::{Command, DOWNLOAD, Label, Line, Mounted, Operation, Tree, Variables};
use crate::scripts::{self, Script};

/// The mount of a file whose checksum is computed.
const FETCHED: &str = "/run/inlay/fetched";

/// How to run the client of a registry.
struct Client {
    /// The Debian packages that it needs.
    packages: &'static [&'static str],
    script: &'static Script,
    /// The secret that contains its settings, and the file where it expects them.
    secret: (&'static str, &'static str),
    /// The common name of the registry.
    title: &'static str,
}

fn client(registry: Registry) -> Client {
    match registry {
        Registry::Pypi => Client {
            packages: &["ca-certificates", "python3-pip"],
            script: &scripts::PYPI,
            secret: ("inlay-pip", "/etc/pip.conf"),
            title: "PyPI",
        },
        Registry::Npm => Client {
            packages: &["ca-certificates", "npm"],
            script: &scripts::NPM,
            secret: ("inlay-npm", "/root/.npmrc"),
            title: "npm",
        },
        Registry::Crate => Client {
            packages: &["ca-certificates", "cargo-web"],
            script: &scripts::CRATE,
            secret: ("inlay-cargo", "/root/.cargo/config.toml"),
            title: "crates.io",
        },
    }
}

/// Mounts one source read-only at its place below `$SOURCES`.
pub(crate) fn mount(
    ground: Ground<'_>,
    extension: &ExtensionName,
    name: &str,
    source: &PlannedSource,
) -> Mounted {
    let spans = [source.place()];
    let download = format!("/{DOWNLOAD}");
    let (tree, path) = match &source.fetch {
        Fetch::Registry {
            registry,
            image,
            package,
            sha256,
        } => {
            let title = format!("[fetch] {package} from {}", client(*registry).title);
            let label = Label::shared(title, &spans).on(Line::Extension(extension.clone()));
            let from = (*registry, image);
            let tree = from_registry(ground, from, (package, sha256.as_deref()), label);
            (tree, download)
        }
        Fetch::Url { url, sha256 } => {
            let operation = Operation::Http {
                url: url.clone(),
                sha256: sha256.clone(),
            };
            let label = Label::shared(format!("[fetch] {url}"), &spans);
            (Tree::made(label, operation), download)
        }
        Fetch::Git { repository, commit } => {
            let operation = Operation::Git {
                repository: repository.clone(),
                commit: commit.clone(),
            };
            let label = Label::shared(format!("[fetch] {repository} {commit}"), &spans);
            (Tree::made(label, operation), String::new())
        }
        Fetch::Image { image, path } => {
            let label = Label::constant(format!("[fetch] {image}"), &spans);
            let tree = Tree::made(label, Operation::Image(image.clone()));
            let path = if path.as_str() == "/" {
                String::new()
            } else {
                path.to_string()
            };
            (tree, path)
        }
        Fetch::Files(files) => content::mountable(files, source.span),
    };
    Mounted::path(format!("{SOURCES}/{name}"), tree, path)
}

/// What a source names and the file system with its checksum as `sha256`, if the checksum has to be looked up.
pub(crate) fn checksum(
    ground: Ground<'_>,
    extension: &ExtensionName,
    image: &ImageReference,
    source: &PlannedSource,
) -> Option<(PackageForm, String, Tree)> {
    let ChecksumOrigin::Missing(span) = source.checksum else {
        return None;
    };
    let Mounted::ReadOnly { tree, path, .. } = mount(ground, extension, "", source) else {
        return None;
    };
    let (form, what, _) = source.fetch.download()?;
    if form != PackageForm::Url {
        // The client of a registry leaves the checksum beside what it fetches.
        return Some((form, what.to_owned(), tree));
    }
    let label = Label::shared(format!("[checksum] {what}"), &[span]);
    let root = ground.image(image, &label.spans);
    let mut command = Command::script(root, &scripts::CHECKSUM, [FETCHED]);
    command.variables = Variables::of(image);
    command.variables.set("OUT", OUT);
    command.network = spec::Network::None;
    command.mounts = vec![
        Mounted::Kept {
            at: OUT,
            tree: Tree::Empty,
        },
        Mounted::path(FETCHED.to_owned(), tree, path),
    ];
    Some((form, what.to_owned(), Tree::run(label, command).at(OUT)))
}

fn from_registry(
    ground: Ground<'_>,
    (registry, image): (Registry, &ImageReference),
    (package, sha256): (&str, Option<&str>),
    label: Label,
) -> Tree {
    let client = client(registry);
    let needed: Packages = client
        .packages
        .iter()
        .map(|name| {
            let name = PackageName::new(*name).expect("a client's packages have valid names");
            (name, label.spans.clone())
        })
        .collect();
    let base = ground.image(image, &label.spans);
    let root = packages::on_builder(ground, base, image, &needed, Line::Own);
    let mut command = Command::script(root, client.script, []);
    command.variables = Variables::of(image);
    for (name, value) in [
        ("HOME", "/root"),
        ("NAME", DOWNLOAD),
        ("OUT", OUT),
        ("PACKAGE", package),
        ("SHA256", sha256.unwrap_or("")),
    ] {
        command.variables.set(name, value);
    }
    command.mounts = vec![
        Mounted::Kept {
            at: OUT,
            tree: Tree::Empty,
        },
        certificates(),
        Mounted::optional_secret(client.secret.0, client.secret.1),
    ];
    Tree::run(label, command).at(OUT)
}
