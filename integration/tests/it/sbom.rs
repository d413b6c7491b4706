//! The bill of materials that `--attest type=sbom` attaches.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::{Ground, assert_has};

fn spec(packages: &str) -> String {
    format!(
        "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
packages: {packages}
extensions:
  - {{ name: one, install: {{ packages: [tree, less] }} }}
  - name: two
    install: {{ packages: [less] }}
    build:
      sources:
        - {{ pypi: six==1.16.0, sha256: {SIX}, to: six.whl }}
      steps: [{{ run: 'install -D $SOURCES/six.whl $OUT/opt/six.whl', network: none }}]
"
    )
}

const SIX: &str = "8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254";

/// Builds into a layout, and returns the digest of the image's manifest and its bill of materials.
fn build(ground: &Ground, spec: &str, more: &[&str]) -> (String, Option<Value>) {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("layout");
    std::fs::write(folder.path().join("inlay.yaml"), spec).unwrap();
    let mut docker = ground
        .engine
        .docker(["buildx", "build", "--provenance=false"]);
    docker.args(&ground.flags).args(more);
    docker.arg(format!("--output=type=oci,tar=false,dest={}", to.display()));
    docker.arg("--file").arg(folder.path().join("inlay.yaml"));
    let output = docker.arg(folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let manifests = |path: &Path| {
        let index = json(path);
        index["manifests"].as_array().cloned().unwrap_or_default()
    };
    let mut all = manifests(&to.join("index.json"));
    if all[0]["mediaType"].as_str().unwrap().contains("index") {
        all = manifests(&blob(&to, &all[0]));
    }
    let image = all[0]["digest"].as_str().unwrap().to_owned();
    let statement = all.get(1).map(|manifest| {
        let manifest = json(&blob(&to, manifest));
        let layer = &manifest["layers"][0];
        let kind = &layer["annotations"]["in-toto.io/predicate-type"];
        assert_eq!(kind, "https://spdx.dev/Document");
        json(&blob(&to, layer))["predicate"].clone()
    });
    (image, statement)
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn blob(layout: &Path, descriptor: &Value) -> std::path::PathBuf {
    let digest = descriptor["digest"].as_str().unwrap();
    layout.join("blobs").join(digest.replace(':', "/"))
}

/// The relations of a document in words, without those of the base.
fn relations(document: &Value) -> BTreeSet<String> {
    let name = |id: &Value| {
        let mut packages = document["packages"].as_array().unwrap().iter();
        let package = packages.find(|package| package["SPDXID"] == *id);
        package
            .map_or(id, |package| &package["name"])
            .as_str()
            .unwrap()
            .to_owned()
    };
    let all = document["relationships"].as_array().unwrap().iter();
    all.map(|one| {
        let (from, to) = (
            name(&one["spdxElementId"]),
            name(&one["relatedSpdxElement"]),
        );
        format!("{from} {} {to}", one["relationshipType"].as_str().unwrap())
    })
    .filter(|relation| !relation.contains("/debian:"))
    .collect()
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn every_package_is_related_to_the_extension_that_brings_it() {
    let ground = Ground::get();
    for packages in ["union", "isolated"] {
        let (_, document) = build(ground, &spec(packages), &["--attest", "type=sbom"]);
        let document = document.unwrap();
        assert_eq!(document["spdxVersion"], "SPDX-2.3");
        let relations: Vec<String> = relations(&document).into_iter().collect();
        assert_eq!(
            relations,
            [
                "SPDXRef-DOCUMENT DESCRIBES image",
                "image CONTAINS one",
                "image CONTAINS two",
                "one CONTAINS less",
                "one CONTAINS tree",
                "two CONTAINS less",
                "two GENERATED_FROM six",
            ],
            "{packages}"
        );
        let all = document["packages"].as_array().unwrap();
        let named = |name: &str| {
            let mut found = all.iter().filter(|package| package["name"] == name);
            let first = found.next().unwrap_or_else(|| panic!("no {name}"));
            assert!(found.next().is_none(), "{name} is there twice");
            first
        };
        assert_eq!(named("six")["checksums"][0]["checksumValue"], SIX);
        let locator = &named("tree")["externalRefs"][0]["referenceLocator"];
        assert_has(
            locator.as_str().unwrap(),
            &["pkg:deb/debian/tree@", "distro=debian-12"],
        );
        // The packages of the base are in it too.
        named("libc6");
    }
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_image_is_the_same_with_and_without_a_bill() {
    let ground = Ground::get();
    let (without, none) = build(ground, &spec("union"), &[]);
    assert_eq!(none, None);
    let (with, document) = build(ground, &spec("union"), &["--sbom=true"]);
    assert!(document.is_some());
    assert_eq!(with, without);
}
