//! The software bill of materials, an SPDX document that lists what extensions consist of.
//!
//! What the plan knows, which is the extensions and what they fetch, is written here. Debian packages are known
//! only once they are installed, so a command adds them. Its root is the base, where it reads dpkg's status. It
//! also reads the status of each root in which packages were installed. Of these roots, only that file is
//! mounted, read-only, so that BuildKit keys the command by the packages. Nothing depends on the command, and
//! the document is not part of the image.

use buildkit_llb::Digest;
use plan::{Fetch, Plan, Planned, Registry};
use reconcile::{SbomJob, SbomOwner, SbomRoot};
use serde_json::{Value, json};
use source::redacted;
use spec::contract::OUT;
use spec::{ExtensionName, PackageName};

use crate::assembly::Assembled;
use crate::config::CREATED;
use crate::parts::program::program;
use crate::recipe::{Command, Label, Mounted, Program, Tree};
use crate::system_layer::{Owner, SystemLayer};
use crate::{ImageSource, Request, joint};

/// The name of the document's file in [`crate::Compiled::sbom`].
pub const SBOM_FILE: &str = "sbom.spdx.json";

const STATUS: &str = "/var/lib/dpkg/status";
const BASE: &str = "SPDXRef-base";
const IMAGE: &str = "SPDXRef-image";

/// A file system that contains the document as [`SBOM_FILE`].
pub(crate) fn document(plan: &Plan, request: &Request, base: &Tree, assembled: &Assembled) -> Tree {
    let mut mounts = Vec::new();
    let mut roots = Vec::new();
    for (number, (tree, mut root)) in installed_roots(plan, assembled).into_iter().enumerate() {
        root.status = format!("/run/inlay/status/{number}");
        mounts.push(Mounted::path(root.status.as_str(), tree, STATUS));
        roots.push(root);
    }
    let job = SbomJob {
        document: begin(plan, request),
        image: IMAGE.to_owned(),
        base: BASE.to_owned(),
        roots,
    };
    let text = serde_json::to_vec(&job).expect("a job is plain data");
    mounts.push(joint::job_file(text, "job of the bill of materials"));
    mounts.push(program());
    mounts.push(Mounted::Kept {
        at: OUT,
        tree: Tree::Empty,
    });
    let arguments = ["/run/inlay/reconcile", "--sbom", "/run/inlay/job"].map(str::to_owned);
    let mut command = Command::new(base.clone(), Program::Arguments(arguments.into()));
    command.root_is_read_only = true;
    command.variables.set("OUT", OUT);
    command.mounts = mounts;
    command.network = spec::Network::None;
    Tree::run(
        Label::shared("[sbom] list the Debian packages", &[]),
        command,
    )
    .at(OUT)
}

/// The roots in which packages were installed, and the extensions that own these packages.
fn installed_roots(plan: &Plan, assembled: &Assembled) -> Vec<(Tree, SbomRoot)> {
    let system = &assembled.system;
    let root_of = |layer: &SystemLayer| {
        let place = |id: &String| system.iter().position(|other| other.id == *id);
        let owners = match &layer.owner {
            Owner::Extension(name) => vec![SbomOwner {
                id: id(name),
                asked: None,
            }],
            Owner::Union => askers(plan),
        };
        let root = SbomRoot {
            status: String::new(),
            below: layer.below.iter().filter_map(place).collect(),
            owners,
        };
        (layer.root.clone(), root)
    };
    let mut roots: Vec<(Tree, SbomRoot)> = system.iter().map(root_of).collect();
    if roots.is_empty() && plan.extensions.iter().any(Planned::changes_system) {
        // If extensions have no system layers, all packages are in the image's root.
        let root = SbomRoot {
            status: String::new(),
            below: Vec::new(),
            owners: askers(plan),
        };
        roots.push((assembled.root.clone(), root));
    }
    roots
}

/// The extensions that ask for packages which are installed together, and the packages that each asks for.
fn askers(plan: &Plan) -> Vec<SbomOwner> {
    let askers = plan.extensions.iter().map(|extension| {
        let packages = extension.packages.keys();
        SbomOwner {
            id: id(&extension.name),
            asked: Some(packages.map(|name| bare(name).to_owned()).collect()),
        }
    });
    askers
        .filter(|owner| owner.asked.as_ref().is_some_and(|asked| !asked.is_empty()))
        .collect()
}

/// The name of a package without an architecture, a version or a release.
fn bare(name: &PackageName) -> &str {
    let name = name.as_str();
    &name[..name.find([':', '=', '/']).unwrap_or(name.len())]
}

/// The SPDX identifier of an extension.
fn id(extension: &ExtensionName) -> String {
    // Identifiers cannot contain `_`. Names contain no capital letters, so `-5F-` cannot be part of one.
    format!(
        "SPDXRef-extension-{}",
        extension.as_str().replace('_', "-5F-")
    )
}

/// The document without Debian packages, as far as the plan knows it.
fn begin(plan: &Plan, request: &Request) -> Value {
    let base = &plan.base.value;
    let resolved = request.images.get(base);
    let reference = match resolved.map(|resolved| &resolved.source) {
        Some(ImageSource::Reference(reference)) => reference.as_str(),
        _ => base.as_str(),
    };
    let mut packages = vec![
        entry(IMAGE, "image", None, Vec::new()),
        entry(BASE, reference, None, Vec::new()),
    ];
    let mut relationships = vec![
        relation("SPDXRef-DOCUMENT", "DESCRIBES", IMAGE),
        relation(IMAGE, "DESCENDANT_OF", BASE),
    ];
    for extension in &plan.extensions {
        let own = id(&extension.name);
        packages.push(entry(&own, extension.name.as_str(), None, Vec::new()));
        relationships.push(relation(IMAGE, "CONTAINS", &own));
        for required in &extension.requires {
            relationships.push(relation(&own, "DEPENDS_ON", &id(required)));
        }
        let sources = extension.build.iter().flat_map(|build| &build.sources);
        let sources = sources.filter_map(|(_, source)| describe(&source.fetch));
        for (number, described) in sources.enumerate() {
            let source = format!("{own}-source-{number}");
            packages.push(with_id(described, &source));
            relationships.push(relation(&own, "GENERATED_FROM", &source));
        }
    }
    let mut document = json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": "inlay",
        "creationInfo": {
            "created": CREATED,
            "creators": ["Tool: inlay"],
        },
        "packages": packages,
        "relationships": relationships,
    });
    let digest = Digest::of(document.to_string().as_bytes()).to_string();
    let digits = &digest["sha256:".len()..];
    document["documentNamespace"] =
        format!("https://spdx.org/spdxdocs/inlay-{}", &digits[..16]).into();
    document
}

fn relation(from: &str, kind: &str, to: &str) -> Value {
    json!({ "spdxElementId": from, "relationshipType": kind, "relatedSpdxElement": to })
}

fn entry(id: &str, name: &str, version: Option<&str>, locators: Vec<String>) -> Value {
    let mut entry = json!({
        "SPDXID": id,
        "name": name,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": false,
    });
    if let Some(version) = version {
        entry["versionInfo"] = version.into();
    }
    let references = locators.into_iter().map(|locator| {
        json!({
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": locator,
        })
    });
    let references: Vec<Value> = references.collect();
    if !references.is_empty() {
        entry["externalRefs"] = references.into();
    }
    entry
}

fn with_id(mut entry: Value, id: &str) -> Value {
    entry["SPDXID"] = id.into();
    entry
}

/// The entry for a source; `None` = it consists of files of the extension itself.
fn describe(fetch: &Fetch) -> Option<Value> {
    let checked = |mut entry: Value, sha256: &Option<String>| {
        if let Some(sha256) = sha256 {
            entry["checksums"] = json!([{ "algorithm": "SHA256", "checksumValue": sha256 }]);
        }
        entry
    };
    Some(match fetch {
        Fetch::Registry {
            registry,
            package,
            sha256,
            ..
        } => {
            let (kind, separator) = match registry {
                Registry::Pypi => ("pypi", "=="),
                Registry::Npm => ("npm", "@"),
                Registry::Crate => ("cargo", "@"),
            };
            let (name, version) = package.rsplit_once(separator)?;
            // The `@` of a scope is escaped, since package URLs use `@` as a separator.
            let locator = format!("pkg:{kind}/{}@{version}", name.replace('@', "%40"));
            checked(entry("", name, Some(version), vec![locator]), sha256)
        }
        Fetch::Url { url, sha256 } => {
            let url = redacted(url);
            let name = url.rsplit('/').next().unwrap_or(&url);
            let mut entry = entry("", name, None, Vec::new());
            entry["downloadLocation"] = url.as_str().into();
            checked(entry, sha256)
        }
        Fetch::Git { repository, commit } => {
            let repository = redacted(repository);
            let mut entry = entry("", &repository, Some(commit), Vec::new());
            entry["downloadLocation"] = format!("git+{repository}@{commit}").into();
            entry
        }
        Fetch::Image { image, .. } => entry("", image.as_str(), None, Vec::new()),
        Fetch::Files(_) => return None,
    })
}
