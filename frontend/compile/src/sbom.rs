//! The software bill of materials: what extensions are made of, as an SPDX document.
//!
//! What the plan knows (extensions, what they fetch) is written here. Debian packages are known only once they
//! are installed: one command reads dpkg's status of the base, which is its root, and of each root in which
//! packages were installed, mounted read-only and narrowed to that file, so that BuildKit keys it by the
//! packages. Nothing descends from it: it is no part of the image.

use buildkit_llb::{
    Digest, Exec, FileActions, MakeFile, Mount, MountKind, Network, Output, Timestamp,
};
use plan::{Fetch, Registry};
use reconcile::{SbomJob, SbomOwner, SbomRoot};
use serde_json::{Value, json};
use spec::{ExtensionName, PackageName};

use crate::compilation::Compilation;
use crate::layers::Assembled;
use crate::{ImageSource, LAYER_TIME_SECONDS, builder, joint};

/// The document's file in [`crate::Compiled::sbom`].
pub const SBOM_FILE: &str = "sbom.spdx.json";

const STATUS: &str = "/var/lib/dpkg/status";
const BASE: &str = "SPDXRef-base";
const IMAGE: &str = "SPDXRef-image";

/// A file system with the document as [`SBOM_FILE`].
pub(crate) fn document(
    compilation: &mut Compilation<'_>,
    base: Output,
    assembled: &Assembled,
) -> Output {
    let plan = compilation.plan;
    let changes_system = plan.extensions.iter().any(|extension| {
        extension.is_in_union || !extension.packages.is_empty() || !extension.steps.is_empty()
    });
    let mut roots: Vec<(Output, SbomRoot)> = Vec::new();
    for layer in &assembled.system {
        let below = layer.below.iter().filter_map(|id| {
            let mut known = assembled.system.iter();
            known.position(|other| other.id == *id)
        });
        let owner = plan
            .extensions
            .iter()
            .find(|extension| extension.name.as_str() == layer.owner);
        let owners = match owner {
            Some(extension) => vec![SbomOwner {
                id: id(&extension.name),
                asked: None,
            }],
            None => askers(compilation),
        };
        let root = SbomRoot {
            status: String::new(),
            below: below.collect(),
            owners,
        };
        roots.push((layer.root, root));
    }
    if roots.is_empty() && changes_system {
        let root = SbomRoot {
            status: String::new(),
            below: Vec::new(),
            owners: askers(compilation),
        };
        roots.push((assembled.root, root));
    }
    let mut mounts = Vec::new();
    for (number, (input, root)) in roots.iter_mut().enumerate() {
        root.status = format!("/run/inlay/status/{number}");
        mounts.push(Mount {
            destination: root.status.clone(),
            kind: MountKind::Bind {
                input: *input,
                selector: STATUS.to_owned(),
                readonly: true,
                output: false,
            },
        });
    }
    let roots = roots.into_iter().map(|(_, root)| root).collect();
    let job = SbomJob {
        document: begun(compilation),
        image: IMAGE.to_owned(),
        base: BASE.to_owned(),
        roots,
    };
    let text = serde_json::to_vec(&job).expect("a job is plain data");
    let mut file = MakeFile::new("/job", 0o644, text);
    file.time = Some(Timestamp::from_seconds(LAYER_TIME_SECONDS));
    let about = compilation.about("[internal] job of the bill of materials", &[]);
    let input = compilation
        .graph
        .file(FileActions::on(Output::SCRATCH).make_file(file), about);
    mounts.push(joint::mounted(input, "job"));
    mounts.push(joint::program(compilation));
    mounts.push(Mount::output(builder::OUT, Output::SCRATCH));
    let args = ["/run/inlay/reconcile", "--sbom", "/run/inlay/job"];
    let mut exec = Exec::new(base, compilation.request.platform.clone(), args);
    exec.root_readonly = true;
    exec.environment = vec![("OUT".to_owned(), builder::OUT.to_owned())];
    exec.mounts = mounts;
    exec.network = Network::None;
    let about = compilation.about("[sbom] list the Debian packages", &[]);
    let outputs = compilation.exec(exec, about);
    outputs.at(builder::OUT).expect("the mount has an output")
}

/// Who asked for which of the packages that are installed as one set.
fn askers(compilation: &Compilation<'_>) -> Vec<SbomOwner> {
    let plan = compilation.plan;
    let askers = plan.extensions.iter().map(|extension| {
        let packages = extension.packages.keys();
        let asked = packages.map(|name| bare(name).to_owned());
        SbomOwner {
            id: id(&extension.name),
            asked: Some(asked.collect()),
        }
    });
    askers
        .filter(|owner| owner.asked.as_ref().is_some_and(|asked| !asked.is_empty()))
        .collect()
}

/// A package's name without an architecture, a version or a release.
fn bare(name: &PackageName) -> &str {
    let name = name.as_str();
    &name[..name.find([':', '=', '/']).unwrap_or(name.len())]
}

fn id(extension: &ExtensionName) -> String {
    // An identifier has no `_`, and no name has a capital letter.
    format!(
        "SPDXRef-extension-{}",
        extension.as_str().replace('_', "-5F-")
    )
}

/// The document as far as the plan knows it.
fn begun(compilation: &Compilation<'_>) -> Value {
    let plan = compilation.plan;
    let base = &plan.base.value;
    let resolved = compilation.request.images.get(base);
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
        let sources = sources.filter_map(|(_, source)| fetched(&source.fetch));
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
            "created": "1980-01-01T00:00:00Z",
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

/// What a source fetches; none for files of the extension itself.
fn fetched(fetch: &Fetch) -> Option<Value> {
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
            // The `@` of a scope is no separator of a package URL.
            let locator = format!("pkg:{kind}/{}@{version}", name.replace('@', "%40"));
            checked(entry("", name, Some(version), vec![locator]), sha256)
        }
        Fetch::Url { url, sha256 } => {
            let name = url.rsplit('/').next().unwrap_or(url);
            let mut entry = entry("", name, None, Vec::new());
            entry["downloadLocation"] = url.as_str().into();
            checked(entry, sha256)
        }
        Fetch::Git { repository, commit } => {
            let mut entry = entry("", repository, Some(commit), Vec::new());
            entry["downloadLocation"] = format!("git+{repository}@{commit}").into();
            entry
        }
        Fetch::Image { image, .. } => entry("", image.as_str(), None, Vec::new()),
        Fetch::Files(_) => return None,
    })
}
